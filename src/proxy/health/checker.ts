/**
 * Active health checks: a GET to each server now and then, on a connection of its own, so that it also shows whether
 * the server takes connections.
 */
import { Client } from 'undici';
import type { Complete } from '../options.js';
import type { UpstreamServer } from '../server.js';

/** More of a check's answer is not read. */
const MOST_BYTES = 64 * 1024;

/** Checks one server until it is stopped. */
export class HealthChecker {
  readonly #server: UpstreamServer;
  readonly #check: NonNullable<Complete['check']>;
  readonly #done: () => void;
  #timer: NodeJS.Timeout | undefined;
  #client: Client | undefined;
  #isStopped = false;

  /** `done`: called after each check. */
  constructor(server: UpstreamServer, check: NonNullable<Complete['check']>, done: () => void) {
    this.#server = server;
    this.#check = check;
    this.#done = done;
  }

  /** The first check begins at once. */
  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    void this.#client?.destroy();
  }

  async #run(): Promise<void> {
    const problem = await this.#ask();
    if (this.#isStopped) return;
    this.#server.checked(problem);
    this.#done();
    this.#timer = setTimeout(() => void this.#run(), this.#check.everyMs);
    this.#timer.unref();
  }

  /** What is wrong; undefined: nothing. */
  async #ask(): Promise<string | undefined> {
    const { path, timeoutMs, statuses, host } = this.#check;
    const { origin, socketPath } = this.#server.place;
    const client = new Client(origin, {
      ...(socketPath !== undefined && { socketPath }),
      connectTimeout: timeoutMs,
      maxResponseSize: MOST_BYTES,
      allowH2: false,
    });
    this.#client = client;
    try {
      const headers = { host: host ?? this.#server.host, 'user-agent': 'fastpath health check' };
      const signal = AbortSignal.timeout(timeoutMs);
      const { statusCode, body } = await client.request({ method: 'GET', path, headers, reset: true, signal });
      await body.dump({ limit: MOST_BYTES });
      const [least, most] = statuses;
      return statusCode >= least && statusCode <= most ? undefined : `the check was answered by ${statusCode}`;
    } catch (error) {
      const { name, message } = error as Error;
      return name === 'TimeoutError' ? `no answer to the check within ${timeoutMs} ms` : `the check failed: ${message}`;
    } finally {
      this.#client = undefined;
      await client.destroy();
    }
  }
}
