/** Programs for the hosts of a world: a client of few words, and a sender with its receiver. */

import type { CloseReason, Connection, ConnectionHandler } from '../net/tcp/handler.js';
import { latin1Text } from '../net/wire/latin1.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { bytesOf } from './files.js';
import type { Host } from './host.js';
import type { FileContent } from './options.js';

/** How to fetch. @see {@link HttpFetch} */
export interface FetchOptions {
  /** Sends all requests at once (RFC 9112 section 9.3.2). Default: each one waits for the answer before it. */
  readonly pipelined?: boolean;
  /** Closes after the last answer; default true. */
  readonly close?: boolean;
  /** Further fields of each request: `Range: bytes=0-99`. */
  readonly fields?: readonly string[];
  readonly localPort?: number;
}

/** One answer. Times are microseconds of the world's clock; undefined: not yet. @see {@link HttpFetch} */
export interface Answer {
  readonly path: string;
  askedAt: number | undefined;
  firstByteAt: number | undefined;
  doneAt: number | undefined;
  status: number;
  head: string;
  /** Bytes of the body so far. */
  bytes: number;
}

/** A head is no longer than this; a longer one ends the fetch. */
const MOST_HEAD_CHARACTERS = 65_536;

/**
 * A client: fetches paths over HTTP/1.1, one connection.
 *
 * @example
 * ```ts
 * import { World } from 'fastpath/browser';
 *
 * const world = new World({ hosts: { a: {}, b: { files: { '/': 'hello' } } } });
 * const fetch = world.do((world) => world.get('a', 'b', ['/', '/none'], { pipelined: true }));
 * world.runUntil(() => fetch.done);
 * console.log(fetch.answers.map(({ path, status }) => `${path} ${status}`).join(', ')); // / 200, /none 404
 * ```
 */
export class HttpFetch implements ConnectionHandler {
  readonly answers: Answer[];
  /** The connection; undefined before it is established. */
  connection: Connection | undefined;
  /** Why it is gone. */
  reason: CloseReason | undefined;
  readonly #clock: { readonly now: number };
  readonly #options: FetchOptions;
  readonly #host: string;
  /** The answer that comes now, and what is missing of its body; -1: its head is not complete. */
  #current = 0;
  #missing = -1;
  #asked = 0;

  constructor(client: Host, server: { host: Host; port: number }, paths: readonly string[], options: FetchOptions) {
    this.#clock = client.stack.clock;
    this.#options = options;
    this.#host = server.host.name;
    this.answers = paths.map((path) => ({
      path,
      askedAt: undefined,
      firstByteAt: undefined,
      doneAt: undefined,
      status: 0,
      head: '',
      bytes: 0,
    }));
    const { localPort } = options;
    const to = { address: server.host.address, port: server.port, noDelay: true };
    client.stack.connect(localPort === undefined ? to : { ...to, localPort }, {
      connected: (connection) => this.#connected(connection),
      failed: (reason) => this.closed(reason),
    });
  }

  /** All answers have come. */
  get done(): boolean {
    return this.#current === this.answers.length;
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to) {
      const answer = this.answers[this.#current];
      if (answer === undefined) break; // bytes behind the last answer: nobody asked for them
      answer.firstByteAt ??= this.#clock.now;
      at = this.#missing < 0 ? this.#takeHead(answer, bytes, at, to) : this.#takeBody(answer, at, to);
      if (this.#missing === 0) this.#complete(answer);
    }
    return to - from;
  }

  acknowledged(): void {}

  ended(): void {
    this.connection?.close();
  }

  timedOut(): void {}

  closed(reason: CloseReason): void {
    this.reason = reason;
  }

  #connected(connection: Connection): ConnectionHandler {
    this.connection = connection;
    const first = this.#options.pipelined === true ? this.answers.length : 1;
    for (let i = 0; i < first; i++) this.#ask();
    if (this.answers.length === 0) connection.close();
    connection.flush();
    return this;
  }

  #ask(): void {
    const answer = this.answers[this.#asked++];
    if (answer === undefined || this.connection === undefined) return;
    answer.askedAt = this.#clock.now;
    const lines = [`GET ${answer.path} HTTP/1.1`, `Host: ${this.#host}`, ...(this.#options.fields ?? []), '', ''];
    const bytes = new TextEncoder().encode(lines.join('\r\n'));
    this.connection.send(SummedBytes.plain(bytes), 0, bytes.length);
  }

  #takeHead(answer: Answer, bytes: Uint8Array, from: number, to: number): number {
    const known = answer.head.length;
    answer.head += latin1Text(bytes.subarray(from, to));
    const end = answer.head.indexOf('\r\n\r\n', Math.max(0, known - 3));
    if (end < 0) {
      if (answer.head.length > MOST_HEAD_CHARACTERS) this.connection?.abort();
      return to;
    }
    answer.head = answer.head.slice(0, end + 4);
    answer.status = Number(answer.head.slice(9, 12));
    const hasBody = answer.status !== 304 && answer.status !== 204;
    this.#missing = hasBody ? Number(/^content-length: *(\d+)/im.exec(answer.head)?.[1] ?? 0) : 0;
    return from + end + 4 - known;
  }

  #takeBody(answer: Answer, from: number, to: number): number {
    const taken = Math.min(to - from, this.#missing);
    answer.bytes += taken;
    this.#missing -= taken;
    return from + taken;
  }

  #complete(answer: Answer): void {
    answer.doneAt = this.#clock.now;
    this.#missing = -1;
    this.#current++;
    if (!this.done) this.#ask();
    else if (this.#options.close !== false) this.connection?.close();
  }
}

/** What to send, and how the receiver reads it. @see {@link Transfer} */
export interface TransferOptions {
  /** What is sent: bytes, text, or a number: so many bytes of a pattern. Default: a million bytes. */
  readonly content?: FileContent;
  /** Default: 9 (discard, RFC 863). A second transfer to the same host needs another port. */
  readonly port?: number;
  /** The sender closes behind the last byte; default true. */
  readonly close?: boolean;
  /** How many bytes the receiver reads before it stops; default: all. `Transfer.read` lets it go on. */
  readonly appetite?: number;
  /** Of the receiver: bytes kept while the program does not read; default: the host's setting. */
  readonly receiveBuffer?: number;
}

const MILLION = 1_000_000;
const DISCARD = 9;

/**
 * A sender and a receiver.
 *
 * @example
 * ```ts
 * import { World } from 'fastpath/browser';
 *
 * const world = new World({ hosts: { a: {}, b: {} }, link: { both: { delay: 10_000, rate: 8_000_000 } } });
 * const transfer = world.do((world) => world.transfer('a', 'b', { content: 1_000_000 }));
 * world.runUntil(() => transfer.done);
 * console.log(transfer.received, world.now > 1_000_000); // 1000000 true
 * ```
 */
export class Transfer {
  /** Bytes to send, and bytes that the receiver has read. */
  readonly length: number;
  received = 0;
  /** When the receiver had the first and the last byte, microseconds; undefined: not yet. */
  firstByteAt: number | undefined;
  doneAt: number | undefined;
  /** The two ends of the connection, once each is established. */
  sender: Connection | undefined;
  receiver: Connection | undefined;
  /** Why the sender's end is gone. */
  reason: CloseReason | undefined;
  #appetite: number;
  readonly #clock: { readonly now: number };

  constructor(from: Host, to: Host, options: TransferOptions) {
    const { content = MILLION, port = DISCARD, close = true, appetite = Number.POSITIVE_INFINITY } = options;
    const bytes = SummedBytes.of(bytesOf(content));
    this.length = bytes.length;
    this.#appetite = appetite;
    this.#clock = from.stack.clock;
    to.stack.listen(port, (connection) => this.#accepted(connection), {
      ...(options.receiveBuffer !== undefined && { receiveBuffer: options.receiveBuffer }),
    });
    from.stack.connect(
      { address: to.address, port },
      {
        connected: (connection) => {
          this.sender = connection;
          connection.send(bytes, 0, bytes.length);
          if (close) connection.close();
          connection.flush();
          return this.#quiet();
        },
        failed: (reason) => {
          this.reason = reason;
        },
      },
    );
  }

  get done(): boolean {
    return this.received === this.length;
  }

  /** Lets the receiver read so many bytes more. Call it within `World.do` or `World.at`. */
  read(bytes = Number.POSITIVE_INFINITY): void {
    this.#appetite += bytes;
    this.receiver?.resume();
  }

  #accepted(connection: Connection): ConnectionHandler {
    this.receiver = connection;
    return {
      received: (_bytes, from, to) => {
        const taken = Math.min(to - from, this.#appetite);
        this.#appetite -= taken;
        this.received += taken;
        if (taken > 0) this.firstByteAt ??= this.#clock.now;
        if (this.done) this.doneAt ??= this.#clock.now;
        return taken;
      },
      acknowledged: () => {},
      ended: () => connection.close(),
      timedOut: () => {},
      closed: () => {},
    };
  }

  #quiet(): ConnectionHandler {
    return {
      received: (_bytes, from, to) => to - from,
      acknowledged: () => {},
      ended: () => {},
      timedOut: () => {},
      closed: (reason) => {
        this.reason = reason;
      },
    };
  }
}
