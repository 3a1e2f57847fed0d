/**
 * One attempt to forward a request to one server, as undici calls it: the request's body goes there and the answer
 * comes back, both without being buffered. An attempt ends once, with an outcome.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { type Dispatcher, errors } from 'undici';
import { fieldOf } from '../../shared-cache/fields.js';
import { failureOf, ProxyFailure } from '../failure.js';
import { answerFields, interimFields, reasonPhrase, textOf, trailerFields } from '../fields/answer-head.js';
import { pairs } from '../fields/hop-by-hop.js';
import type { RequestHead } from '../fields/request-head.js';
import { LeanResponse } from '../lean/lean-response.js';
import type { Complete } from '../options.js';
import type { UpstreamServer } from '../server.js';
import type { ServerStatistics } from '../statistics.js';
import { Deadline } from './deadline.js';
import { sendInterim } from './interim.js';
import type { RequestBody } from './request-body.js';

/** More interim answers than that are a flood. */
const MOST_INTERIM = 32;

const NOTHING = Buffer.alloc(0);

/** What an attempt is made of. */
export interface AttemptPlan {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly head: RequestHead;
  /** Undefined: the request has none. */
  readonly body: RequestBody | undefined;
  readonly server: UpstreamServer;
  readonly options: Complete;
  /** The protocol that the client wants to change to. */
  readonly upgrade: string | undefined;
  /** An answer of this status may be tried elsewhere instead. */
  maySkip(status: number): boolean;
  now(): number;
}

/** How an attempt ended. `sent`: something of an answer has gone to the client. */
export type Outcome =
  | { readonly kind: 'answered' }
  | { readonly kind: 'upgraded'; readonly socket: Duplex; readonly protocol: string; readonly fields: string[] }
  | {
      readonly kind: 'failed';
      readonly failure: ProxyFailure;
      readonly wasSent: boolean;
      readonly wasStarted: boolean;
    };

export class Attempt implements Dispatcher.DispatchHandler {
  readonly #plan: AttemptPlan;
  readonly #ended: (outcome: Outcome) => void;
  readonly #deadline = new Deadline((phase, ms) => this.#expired(phase, ms));
  readonly #began: number;
  #abort: ((reason?: Error) => void) | undefined;
  #resume: () => void = () => {};
  #failure: ProxyFailure | undefined;
  #stream: Readable | undefined;
  #interim = 0;
  #wasSent = false;
  #hasHead = false;
  #isOver = false;
  readonly #onDrain = () => this.#drained();

  constructor(plan: AttemptPlan, ended: (outcome: Outcome) => void) {
    this.#plan = plan;
    this.#ended = ended;
    this.#began = plan.now();
  }

  /** Begins. The outcome may come before this returns. */
  start(): void {
    const { head, body, server, options, upgrade } = this.#plan;
    if (body !== undefined) this.#stream = body.open(this);
    const host = options.host === 'keep' && head.host !== '' ? head.host : server.host;
    const length =
      head.bodyLength === undefined || head.bodyLength === 0 ? [] : ['content-length', `${head.bodyLength}`];
    const dispatch: Dispatcher.DispatchOptions = {
      method: head.method as Dispatcher.HttpMethod,
      path: head.target,
      headers: ['host', host, ...length, ...head.fields],
      body: this.#stream ?? null,
      ...(upgrade !== undefined && { upgrade }),
    };
    try {
      server.pool.dispatch(dispatch, this);
    } catch (error) {
      this.onError(error as Error);
    }
  }

  /** Ends the attempt: the client has gone, or the proxy ends. */
  abort(failure: ProxyFailure): void {
    if (this.#isOver) return;
    this.#failure ??= failure;
    this.#abort?.(failure);
  }

  get #statistics(): ServerStatistics {
    return this.#plan.server.statistics;
  }

  // What undici tells.

  /** A connection is there, and the head is written next. */
  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#failure !== undefined) abort(this.#failure);
    else if (this.#stream === undefined) this.sent();
  }

  onUpgrade(status: number, bytes: readonly (Buffer | string)[] | null, socket: Duplex): void {
    const raw = textOf(bytes);
    this.#answered(status);
    const protocol = fieldOf(raw, 'upgrade') ?? this.#plan.upgrade ?? '';
    this.#end({ kind: 'upgraded', socket, protocol, fields: interimFields(raw) });
  }

  /** False: no more until `resume`. */
  onHeaders(status: number, bytes: readonly Buffer[], resume: () => void, words: string): boolean {
    const raw = textOf(bytes);
    this.#resume = resume;
    if (status < 200) {
      this.#interimAnswer(status, raw);
      return true;
    }
    if (this.#plan.maySkip(status)) {
      this.#abort?.(new ProxyFailure('unavailable', `the answer is ${status}`, status));
      return true;
    }
    const fields = answerFields(status, raw);
    this.#answered(status);
    this.#sendHead(status, words, fields);
    this.#deadline.set('the rest of the answer', this.#plan.options.bodyTimeoutMs);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#statistics.bytesReceived += chunk.length;
    if (this.#plan.res.write(chunk)) {
      this.#deadline.set('the rest of the answer', this.#plan.options.bodyTimeoutMs);
      return true;
    }
    // It is the client that we wait for now.
    this.#deadline.clear();
    this.#plan.res.once('drain', this.#onDrain);
    return false;
  }

  onComplete(bytes: readonly (Buffer | string)[] | null): void {
    const { res } = this.#plan;
    const trailers = trailerFields(textOf(bytes));
    if (trailers.length > 0 && res.req.httpVersion !== '1.0') res.addTrailers(trailers);
    res.end();
    this.#end({ kind: 'answered' });
  }

  onError(error: Error): void {
    const wasStarted = this.#abort !== undefined;
    if (this.#hasHead && isBodiless(this.#plan.res.statusCode) && !this.#isOver && isLengthFault(error)) {
      this.#plan.res.end();
      this.#end({ kind: 'answered' });
      return;
    }
    const failure = this.#failure ?? failureOf(error, wasStarted, this.#hasHead);
    this.#end({ kind: 'failed', failure, wasSent: this.#wasSent, wasStarted });
  }

  // What the body tells.

  sending(bytes: number): void {
    this.#statistics.bytesSent += bytes;
    if (!this.#hasHead) this.#deadline.set('the server to take the body', this.#plan.options.sendTimeoutMs);
  }

  waitingForClient(): void {
    if (!this.#hasHead) this.#deadline.clear();
  }

  sent(): void {
    if (!this.#hasHead) this.#deadline.set('an answer', this.#plan.options.headTimeoutMs);
  }

  #interimAnswer(status: number, raw: string[]): void {
    this.#statistics.informational++;
    if (++this.#interim > MOST_INTERIM) {
      this.#abort?.(new ProxyFailure('bad-answer', `more than ${MOST_INTERIM} interim answers`));
      return;
    }
    if (status !== 101 && sendInterim(this.#plan.res, status, interimFields(raw))) this.#wasSent = true;
    if (this.#stream === undefined || this.#stream.readableEnded) this.sent();
  }

  /** The server works. */
  #answered(status: number): void {
    const { server, now } = this.#plan;
    this.#hasHead = true;
    this.#wasSent = true;
    server.answered(now() - this.#began);
    const statistics = this.#statistics;
    if (status < 200) statistics.upgrades++;
    else if (status < 300) statistics.success++;
    else if (status < 400) statistics.redirection++;
    else if (status < 500) statistics.clientErrors++;
    else statistics.serverErrors++;
  }

  /** The head goes with the first bytes of the body if both have come together, else by itself. */
  #sendHead(status: number, words: string | undefined, fields: string[]): void {
    const { req, res } = this.#plan;
    // An upload that was refused half-way: the client is told not to send the rest.
    const isRefused = status >= 400 && !req.complete && this.#stream !== undefined;
    if (req.httpVersionMajor > 1) {
      sendHead2(res, status, fields);
      return;
    }
    if (isRefused) fields.push('Connection', 'close');
    const phrase = reasonPhrase(words);
    if (phrase === undefined) res.writeHead(status, fields);
    else res.writeHead(status, phrase, fields);
    if (res instanceof LeanResponse) return;
    const { socket } = res;
    socket?.cork();
    // Not flushHeaders, which writes in UTF-8 what came in ISO 8859-1.
    res.write(NOTHING);
    process.nextTick(() => socket?.uncork());
  }

  #drained(): void {
    if (this.#isOver) return;
    this.#deadline.set('the rest of the answer', this.#plan.options.bodyTimeoutMs);
    this.#resume();
  }

  #expired(phase: string, ms: number): void {
    this.abort(new ProxyFailure('timeout', `waited ${ms} ms for ${phase}`));
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deadline.clear();
    this.#plan.res.off('drain', this.#onDrain);
    this.#stream?.destroy();
    this.#ended(outcome);
  }
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}

/**
 * undici misses the body whose length a 304 tells, although a 304 has none (RFC 9110 section 8.6: it is the length that
 * the answer 200 would have had). All of the answer has come.
 */
function isLengthFault(error: Error): boolean {
  return error instanceof errors.ResponseContentLengthMismatchError;
}

/** HTTP/2 takes a field once, with all its values. */
function sendHead2(res: ServerResponse, status: number, fields: readonly string[]): void {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs(fields)) {
    const lower = name.toLowerCase();
    values.set(lower, [...(values.get(lower) ?? []), value]);
  }
  for (const [name, all] of values) res.setHeader(name, all.length === 1 ? (all[0] as string) : all);
  res.writeHead(status);
  res.flushHeaders();
}
