/** Two stacks on one link in virtual time: a client of few words, and our HTTP server with its cache. */
import type { Store } from '../../src/cache/library/store.js';
import { createHttpAcceptor, DerivedWallClock, type HttpLimits, HttpStatistics } from '../../src/http/index.js';
import type { CloseReason, Connection, ConnectionHandler } from '../../src/net/tcp/handler.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { TcpWorld, type WorldOptions } from './tcp-world.js';

export class HttpWorld extends TcpWorld {
  readonly http = new HttpStatistics();

  constructor(store: Store, options: WorldOptions = {}, limits: Partial<HttpLimits> = {}) {
    super(options);
    const { clock } = this.network;
    const wallClock = new DerivedWallClock(clock, 784_111_777_000);
    const acceptor = createHttpAcceptor({ store, clock, wallClock, statistics: this.http, limits });
    this.server.listen(80, acceptor, { noDelay: true, backlog: 10_000 });
  }

  /** Opens a connection to the server; the download begins when it is established. */
  download(path: string, expected: Uint8Array, fields: readonly string[] = []): Download {
    const download = new Download(path, expected, fields);
    this.client.connect({ address: this.address, port: 80 }, download);
    return download;
  }
}

/** One GET and its answer, compared with what is expected byte by byte as it comes. */
export class Download implements ConnectionHandler {
  /** The answer has come, whole and right. */
  done = false;
  /** What was wrong with it. */
  problem: string | undefined;
  reason: CloseReason | undefined;
  status = 0;
  connection!: Connection;
  #head = '';
  #body = -1;

  constructor(
    readonly path: string,
    readonly expected: Uint8Array,
    readonly fields: readonly string[] = [],
  ) {}

  connected(connection: Connection): ConnectionHandler {
    this.connection = connection;
    this.request();
    return this;
  }

  /** Asks (again, on the same connection). */
  request(): void {
    this.done = false;
    this.#head = '';
    this.#body = -1;
    const text = [`GET ${this.path} HTTP/1.1`, 'Host: test', ...this.fields, '', ''].join('\r\n');
    const bytes = new TextEncoder().encode(text);
    this.connection.send(SummedBytes.plain(bytes), 0, bytes.length);
    this.connection.flush();
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && this.#body < 0) this.#takeHeadByte(bytes[at++]!);
    if (at < to) this.#takeBody(bytes, at, to);
    else if (this.#body === 0 && this.expected.length === 0) this.done = true;
    return to - from;
  }

  acknowledged(): void {}

  ended(): void {
    this.connection.close();
  }

  timedOut(): void {}

  closed(reason: CloseReason): void {
    this.reason = reason;
  }

  failed(reason: CloseReason): void {
    this.reason = reason;
    this.problem = `not connected: ${reason}`;
  }

  #takeHeadByte(byte: number): void {
    this.#head += String.fromCharCode(byte);
    if (!this.#head.endsWith('\r\n\r\n')) return;
    this.#body = 0;
    this.status = Number(this.#head.slice(9, 12));
    const length = Number(/content-length: (\d+)/i.exec(this.#head)?.[1]);
    if (length !== this.expected.length) this.problem ??= `Content-Length is ${length}, not ${this.expected.length}`;
  }

  #takeBody(bytes: Uint8Array, from: number, to: number): void {
    const end = this.#body + to - from;
    const wanted = Buffer.from(
      this.expected.buffer,
      this.expected.byteOffset + this.#body,
      Math.min(to - from, this.expected.length - this.#body),
    );
    if (wanted.compare(bytes, from, to) !== 0) this.problem ??= `differs within bytes ${this.#body} to ${end}`;
    this.#body = end;
    if (end >= this.expected.length) this.done = true;
  }
}
