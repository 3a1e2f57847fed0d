/** The settings of a connection that may not be there yet. They are kept until it is; after that they apply at once. */
import { MILLISECOND, SECOND } from '../net/clock.js';
import type { Connection } from '../net/tcp/handler.js';
import type { SocketOptions } from './options.js';

/**
 * Times of keep-alive probes as Node sets them: the first after two hours or after the time that the program gives,
 * then one each second, ten in all.
 */
const KEEP_ALIVE_IDLE = 7200 * SECOND;
const KEEP_ALIVE_INTERVAL = 1 * SECOND;
const KEEP_ALIVE_PROBES = 10;

export class ConnectionSettings {
  #noDelay: boolean | undefined;
  #keepAlive: boolean;
  #initialDelayMs: number;
  readonly #receiveBufferBytes: number | undefined;
  #connection: Connection | null = null;

  constructor(options: SocketOptions) {
    this.#noDelay = options.noDelay;
    this.#keepAlive = options.keepAlive ?? false;
    this.#initialDelayMs = options.keepAliveInitialDelay ?? 0;
    this.#receiveBufferBytes = options.receiveBufferBytes;
  }

  /** The connection is there. A setting that the program never gave stays as the stack has it. */
  applyTo(connection: Connection): void {
    this.#connection = connection;
    if (this.#noDelay !== undefined) connection.noDelay = this.#noDelay;
    if (this.#receiveBufferBytes !== undefined) connection.receiveBuffer = this.#receiveBufferBytes;
    if (this.#keepAlive) this.#applyKeepAlive(connection);
  }

  setNoDelay(noDelay: boolean): void {
    this.#noDelay = noDelay;
    if (this.#connection !== null) this.#connection.noDelay = noDelay;
  }

  setKeepAlive(enable: boolean, initialDelayMs: number): void {
    this.#keepAlive = enable;
    this.#initialDelayMs = initialDelayMs;
    if (this.#connection !== null) this.#applyKeepAlive(this.#connection);
  }

  #applyKeepAlive(connection: Connection): void {
    // Whole seconds, as the socket option has them.
    const idle = Math.floor(this.#initialDelayMs / 1000) * 1000 * MILLISECOND || KEEP_ALIVE_IDLE;
    const times = { idle, interval: KEEP_ALIVE_INTERVAL, probes: KEEP_ALIVE_PROBES };
    connection.keepAlive = this.#keepAlive ? times : null;
  }
}
