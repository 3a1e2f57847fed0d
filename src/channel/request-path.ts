/**
 * The slow path of HTTP over channels. A client's connection may have requests for the handler and others for
 * upstreams, and two threads answer them. So it has a socket in each of the two, made when it is first needed.
 *
 *     HttpConnection ── begin(user, '') ────▶ channel 'handler'   ──▶ the handler's thread
 *                    ── begin(user, NAME) ──▶ channel 'upstreams' ──▶ the thread of the proxy
 *
 * One request is under way at a time. The other socket is idle meanwhile; if its thread ends it, nobody has to know.
 */
import type { SlowConnection, SlowPath, SlowUser } from '../http/index.js';
import type { Connection } from '../net/tcp/handler.js';
import type { ChannelUser, WorkerConnection, WorkerEnd } from './worker-end.js';

/** The names of the channels that carry requests. */
export const HANDLER = 'handler';
export const UPSTREAMS = 'upstreams';

export class RequestPath implements SlowPath {
  readonly #channels: ReadonlyMap<string, WorkerEnd>;

  /** @param channels by name; it may change: a thread that ended is started again with a new channel */
  constructor(channels: ReadonlyMap<string, WorkerEnd>) {
    this.#channels = channels;
  }

  open(connection: Connection): SlowConnection {
    return new RequestConnection(connection, this.#channels);
  }
}

class RequestConnection implements SlowConnection {
  readonly #connection: Connection;
  readonly #channels: ReadonlyMap<string, WorkerEnd>;
  /** The one with the request under way, and the idle one. */
  #current: Socket | null = null;
  #other: Socket | null = null;
  #hasEnded = false;

  constructor(connection: Connection, channels: ReadonlyMap<string, WorkerEnd>) {
    this.#connection = connection;
    this.#channels = channels;
  }

  reaches(upstream: string): boolean {
    const channel = upstream === '' ? HANDLER : UPSTREAMS;
    if (this.#current !== null && this.#current.channel !== channel) this.#exchange();
    if (this.#current?.isUsable !== true) {
      this.#current?.opened.destroy(false); // its thread is about to leave
      const opened = this.#channels.get(channel)?.open(this.#connection) ?? null;
      this.#current = opened === null ? null : new Socket(channel, opened);
      if (this.#hasEnded) this.#current?.opened.end();
    }
    return this.#current?.opened.hasRoomFor(upstream) === true;
  }

  begin(user: SlowUser, upstream: string): void {
    this.#current?.opened.begin(user, upstream);
  }

  get room(): number {
    return this.#current?.opened.room ?? 0;
  }

  write(bytes: Uint8Array, from: number, to: number): void {
    this.#current?.opened.write(bytes, from, to);
  }

  endRequest(): void {
    this.#current?.opened.endRequest();
  }

  end(): void {
    this.#hasEnded = true;
    this.#current?.opened.end();
    this.#other?.opened.end();
  }

  destroy(): void {
    this.#current?.opened.destroy();
    this.#other?.opened.destroy();
  }

  /** The idle socket is the current one, and the other way round. */
  #exchange(): void {
    const idle = this.#current;
    idle?.rest();
    this.#current = this.#other;
    this.#other = idle;
  }
}

/** A socket of the connection. While it is idle it hears itself what its thread does. */
class Socket implements ChannelUser {
  readonly channel: string;
  readonly opened: WorkerConnection;

  constructor(channel: string, opened: WorkerConnection) {
    this.channel = channel;
    this.opened = opened;
  }

  get isUsable(): boolean {
    return this.opened.isReusable;
  }

  rest(): void {
    this.opened.use(this);
  }

  /** The thread has ended its side while nothing was under way: the next request gets another socket. */
  finished(): void {
    this.opened.destroy(false);
  }

  failed(): void {}

  writable(): void {}

  data(): void {}

  answered(): void {}

  tunneled(): void {}

  flush(): void {}
}
