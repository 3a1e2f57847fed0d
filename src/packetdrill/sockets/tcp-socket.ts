/**
 * A socket as programs know it, on the stack's public API: bind, listen, accept, connect, read, write, shutdown, close.
 * Each call has a result now or has to wait; the caller tries again when the stack has done something.
 *
 * The stack keeps what a program has not read, and closes its window accordingly. A `read` here asks the stack for it.
 */
import type { ErrorCode } from '../../net/network-error.js';
import type { CloseReason, Connection, ConnectionHandler } from '../../net/tcp/handler.js';
import type { IpAddress } from '../../net/wire/address.js';
import { latin1Bytes } from '../../net/wire/latin1.js';
import { SummedBytes } from '../../net/wire/summed-bytes.js';
import { type ListeningPort, Refusal, type SocketHost } from './socket-host.js';
import type { SocketOptions } from './socket-options.js';
import { pattern, patternByte, WrittenStream } from './stream-pattern.js';

/** The result of a call; `errno` goes with the value -1. */
export interface Outcome {
  readonly value: number;
  readonly errno?: string | undefined;
  /** How something else that the call returns differs from what the script says. */
  readonly difference?: string | undefined;
}

/** A call that cannot be finished yet. */
export const BLOCKS = 'blocks';
/** Tries a call. It may be repeated until it has a result. */
export type Attempt = () => Outcome | typeof BLOCKS;

export type SocketState = 'new' | 'listening' | 'connecting' | 'connected' | 'gone';

export const fail = (errno: string): Outcome => ({ value: -1, errno });
export const success = (value = 0): Outcome => ({ value });

export class TcpSocket implements ConnectionHandler {
  state: SocketState = 'new';
  nonBlocking = false;
  localPort = 0;
  /** The address that the program has bound; `undefined`: any. */
  localAddress: IpAddress | undefined;
  readonly options: SocketOptions;
  connection: Connection | undefined;
  /** Everything that was written, to compare with what is sent. */
  readonly written = new WrittenStream();
  /** SO_ERROR. The first call that can report it does, once. */
  pendingError: string | undefined;
  /** Counts the events that epoll's edge-triggered mode reports. */
  edges = 0;

  readonly #host: SocketHost;
  readonly #acceptQueue: TcpSocket[] = [];
  #port: ListeningPort | undefined;
  #backlog = 0;
  #atEnd = false;
  #readShut = false;
  #writeShut = false;
  #established = false;
  #readTotal = 0;
  #corrupted = false;
  /** How many bytes the `read` in progress still wants; 0 if there is none. */
  #wanted = 0;
  #reading = false;
  #peeking = false;
  #taken = 0;

  constructor(host: SocketHost, options: SocketOptions) {
    this.#host = host;
    this.options = options;
  }

  // --- calls -------------------------------------------------------------------------------------------------------

  bind(port: number, address?: IpAddress): Outcome {
    this.localPort = port;
    this.localAddress = address?.isUnspecified ? undefined : address;
    return success();
  }

  listen(backlog: number): Outcome {
    if (this.state !== 'new' && this.state !== 'listening') return fail('EINVAL');
    this.#backlog = backlog;
    if (this.#port !== undefined) {
      this.#port.change(backlog);
      return success();
    }
    const port = this.#host.listen(this, backlog, (connection) => this.#accepted(connection));
    if (port instanceof Refusal) return fail(port.code);
    this.#port = port;
    this.state = 'listening';
    this.#host.listening(this);
    return success();
  }

  /** The options of a listening socket have changed: they hold for the SYNs to come. */
  optionsChanged(): void {
    this.#port?.change(this.#backlog);
  }

  /** The next connection waiting to be accepted. */
  accept(): TcpSocket | undefined {
    return this.#acceptQueue.shift();
  }

  /** True if `accept` has something. */
  get hasWaiting(): boolean {
    return this.#acceptQueue.length > 0;
  }

  connect(remote: IpAddress, port: number): Outcome | typeof BLOCKS {
    if (this.pendingError !== undefined) return this.#takeError();
    if (this.#established) return this.state === 'connected' ? success() : fail('EISCONN');
    if (this.state === 'connecting') return BLOCKS;
    if (this.state !== 'new') return fail('EINVAL');
    this.state = 'connecting';
    const connection = this.#host.connect(this, remote, port);
    if (connection instanceof Refusal) {
      this.state = 'new';
      return fail(connection.code);
    }
    this.connection = connection;
    return this.#established ? success() : BLOCKS;
  }

  /** Takes up to `max` bytes. `BLOCKS` means that there are none yet and more can come. */
  read(max: number, peek = false): Outcome | typeof BLOCKS {
    if (this.state === 'listening' || (this.state === 'new' && !this.#established)) return fail('ENOTCONN');
    const taken = max > 0 ? this.#take(max, peek) : 0;
    if (taken > 0 || max === 0) {
      const difference = this.#corrupted ? 'the bytes read are not those that the peer sent' : undefined;
      return { value: taken, difference };
    }
    if (this.pendingError !== undefined) return this.#takeError();
    if (this.#atEnd || this.#readShut || this.state === 'gone') return success(0);
    return BLOCKS;
  }

  /** Queues up to `length` bytes, of `text` or of the pattern. The result says how many found room; 0: none now. */
  write(length: number, text: string | undefined, more: boolean): Outcome {
    if (this.pendingError !== undefined) return this.#takeError();
    if (this.#writeShut || this.state === 'gone') return fail('EPIPE');
    const connection = this.connection;
    if (connection === undefined || !this.#established) return fail(this.state === 'connecting' ? 'EAGAIN' : 'EPIPE');
    const count = Math.min(length, this.writeRoom);
    if (count === 0) return success(0);
    const bytes = text === undefined ? pattern(this.written.length, count) : latin1Bytes(text.slice(0, count));
    this.written.append(bytes);
    connection.send(SummedBytes.plain(bytes), 0, count, more);
    connection.flush();
    return success(count);
  }

  /** How many bytes a write may queue now. */
  get writeRoom(): number {
    const queued = this.connection?.queuedBytes ?? 0;
    return Math.max(0, this.options.sendBuffer - queued);
  }

  shutdown(how: number): Outcome {
    if (!this.#established || this.state === 'gone') return fail('ENOTCONN');
    if (how !== 1) this.#readShut = true;
    if (how !== 0 && !this.#writeShut) {
      this.#writeShut = true;
      this.connection?.close();
    }
    return success();
  }

  close(): Outcome {
    this.#port?.close();
    for (const waiting of this.#acceptQueue.splice(0)) waiting.connection?.abort();
    this.#writeShut = true;
    this.#readShut = true;
    if (this.state === 'gone') return success();
    if (this.options.lingerSeconds === 0) this.connection?.abort();
    else this.connection?.detach();
    return success();
  }

  /** SO_ERROR: takes the pending error, by name. */
  takeError(): string | undefined {
    const errno = this.pendingError;
    this.pendingError = undefined;
    return errno;
  }

  /** Bytes that were received and not read. */
  get unread(): number {
    return this.connection?.unreadBytes ?? 0;
  }

  get readable(): boolean {
    const { lowWater } = this.options;
    return this.hasWaiting || this.unread >= Math.max(1, lowWater) || this.atEnd || this.pendingError !== undefined;
  }

  get writable(): boolean {
    return (
      this.#established && (this.#writeShut || this.state === 'gone' || this.writeRoom >= this.options.sendBuffer / 3)
    );
  }

  /** True if the peer has sent its last byte, or reading was shut down. */
  get atEnd(): boolean {
    return this.#atEnd || this.#readShut || this.state === 'gone';
  }

  /** True if neither direction is open any more. */
  get hungUp(): boolean {
    return this.state === 'gone' || (this.atEnd && this.#writeShut);
  }

  // --- what the stack calls ----------------------------------------------------------------------------------------

  received(bytes: Uint8Array, from: number, to: number): number {
    if (!this.#reading) this.edges++;
    const count = Math.min(this.#wanted, to - from);
    for (let i = 0; i < count; i++) {
      if (bytes[from + i] !== patternByte(this.#readTotal + this.#taken + i)) this.#corrupted = true;
    }
    this.#wanted -= count;
    this.#taken += count;
    return this.#peeking ? 0 : count;
  }

  acknowledged(): void {
    this.edges++;
  }

  ended(): void {
    this.#atEnd = true;
    this.edges++;
  }

  timedOut(): void {}

  closed(reason: CloseReason, code?: ErrorCode): void {
    // What ended by our own doing is no error of the socket.
    this.pendingError = reason === 'aborted' ? undefined : code;
    this.state = 'gone';
    this.#atEnd = true;
    this.edges++;
  }

  /** The handshake is complete. */
  established(connection: Connection): void {
    this.connection = connection;
    this.#established = true;
    this.state = 'connected';
    this.edges++;
    this.options.apply(connection);
  }

  #accepted(connection: Connection): ConnectionHandler {
    const child = new TcpSocket(this.#host, this.options.inherit());
    child.localPort = this.localPort;
    child.established(connection);
    this.#acceptQueue.push(child);
    this.edges++;
    this.#host.accepted(child, connection);
    return child;
  }

  #take(max: number, peek: boolean): number {
    this.#wanted = max;
    this.#peeking = peek;
    this.#taken = 0;
    this.#reading = true;
    this.connection?.resume();
    this.#reading = false;
    const taken = this.#taken;
    this.#wanted = 0;
    if (!peek) this.#readTotal += taken;
    this.#taken = 0;
    return taken;
  }

  #takeError(): Outcome {
    return fail(this.takeError() ?? 'EIO');
  }
}
