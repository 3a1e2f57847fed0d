/** One server of an upstream: its connections, its health and its counters. */
import { Pool } from 'undici';
import type { Candidate } from './balance/candidate.js';
import { connectorOf } from './connector.js';
import type { ProxyFailure } from './failure.js';
import { type Fitness, ServerHealth } from './health/server-health.js';
import type { Complete, ServerOptions } from './options.js';
import { placeOf, type ServerPlace } from './server-url.js';
import { newServerStatistics, type ServerStatistics } from './statistics.js';

/** Tells of a change of a server's health. */
export type HealthListener = (
  server: UpstreamServer,
  change: 'up' | 'down' | 'paused' | 'back',
  reason: string,
) => void;

export class UpstreamServer implements Candidate {
  /** Its URL, as the configuration has it. */
  readonly id: string;
  readonly isBackup: boolean;
  readonly pool: Pool;
  readonly place: ServerPlace;
  /** The Host field that is its own name. */
  readonly host: string;
  readonly statistics: ServerStatistics = newServerStatistics();
  credit = 0;
  /** Its requests, tunnels not among them. */
  active = 0;
  /** Its connections that are something else by now. */
  tunnels = 0;
  /** The group that it belongs to now: a place that becomes free is for those who wait there. */
  owner: { wake(): void } | undefined;
  readonly #weight: number;
  readonly #connections: number;
  readonly #health: ServerHealth;
  readonly #now: () => number;
  readonly #listener: HealthListener;

  constructor(options: ServerOptions, rules: Complete, now: () => number, listener: HealthListener) {
    this.id = options.url;
    this.isBackup = options.backup ?? false;
    this.place = placeOf(options.url);
    this.host = new URL(this.place.origin).host;
    this.#weight = options.weight ?? 1;
    this.#connections = rules.connections;
    this.#health = new ServerHealth(rules);
    this.#now = now;
    this.#listener = listener;
    this.pool = makePool(this.place, rules);
  }

  get weight(): number {
    return this.#weight * this.#health.share(this.#now());
  }

  get fitness(): Fitness {
    return this.#health.fitness(this.#now());
  }

  /** It may take one more request. */
  get hasRoom(): boolean {
    return this.active < this.#connections;
  }

  /** A request begins. */
  begin(isRetry: boolean): void {
    this.active++;
    this.statistics.requests++;
    if (isRetry) this.statistics.retries++;
  }

  /** The head of an answer has come, after `ms`. */
  answered(ms: number): void {
    this.statistics.headMs += ms;
    this.statistics.heads++;
    if (this.#health.succeeded(this.#now())) this.#listener(this, 'back', 'a request was answered');
  }

  /** An attempt failed. */
  failed(failure: ProxyFailure): void {
    count(this.statistics, failure);
    if (!failure.isOfServer) return;
    if (this.#health.failed(this.#now())) this.#listener(this, 'paused', failure.message);
  }

  /** A check of our own has ended; `problem`: what was wrong. */
  checked(problem: string | undefined): void {
    this.statistics.checks++;
    if (problem !== undefined) this.statistics.failedChecks++;
    const change = this.#health.checked(problem === undefined, this.#now());
    if (change !== undefined) this.#listener(this, change, problem ?? 'the checks are answered again');
  }

  /** The counters, with those that are no counts brought up to date. */
  read(): ServerStatistics {
    const health = { up: 1, paused: 0.5, down: 0 }[this.fitness];
    return { ...this.statistics, health, active: this.active, tunnels: this.tunnels };
  }

  /** Ends its idle connections now, and the others when their requests are done. */
  async close(): Promise<void> {
    await this.pool.close();
  }

  /** Ends all connections now. */
  async destroy(): Promise<void> {
    await this.pool.destroy();
  }
}

function count(statistics: ServerStatistics, { kind }: ProxyFailure): void {
  if (kind === 'connect') statistics.connectFailures++;
  else if (kind === 'reset') statistics.resets++;
  else if (kind === 'timeout') statistics.timeouts++;
  else if (kind === 'bad-answer') statistics.badAnswers++;
  else if (kind === 'unavailable') statistics.unavailable++;
  else if (kind === 'client') statistics.abandoned++;
}

/**
 * No time-out of undici's but that of the connect: its clock is coarse, and it counts the time in which a slow client
 * is the one who is waited for. exchange/deadline.ts has ours.
 */
function makePool(place: ServerPlace, rules: Complete): Pool {
  return new Pool(place.origin, {
    connect: connectorOf(place, rules),
    connections: rules.connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: rules.keepAliveMs,
    maxHeaderSize: rules.headerBytes,
    allowH2: false,
  });
}
