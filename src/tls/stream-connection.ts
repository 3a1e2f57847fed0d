/**
 * A connection that is not TCP's, for a program that is made for TCP's (net/tcp/handler.ts). HTTP runs on it as it runs
 * on port 80, so there is one HTTP. What it sends goes by reference into a writable stream: the decrypted side of a TLS
 * socket, or the answer to one request of HTTP/2.
 *
 * "Acknowledged" means that the stream has taken the bytes. So a slow client is a stream that takes nothing, and the
 * handler's bounds hold as over TCP.
 */
import type { Writable } from 'node:stream';
import type { ConnectionInfo } from '../net/tcp/connection-info.js';
import type { CloseReason, Connection, ConnectionHandler, KeepAlive } from '../net/tcp/handler.js';
import type { IpAddress } from '../net/wire/address.js';
import type { SummedBytes } from '../net/wire/summed-bytes.js';

/** Both ends of a connection. */
export interface Endpoints {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
}

/** What the stream gets at once: about four TLS records. So no long answer lies encrypted in memory. */
const SLICE_BYTES = 65_536;
/** How much a handler may queue of an answer in pieces. */
const WINDOW_BYTES = 262_144;
const MICROSECONDS_A_MS = 1_000;

class Piece {
  constructor(
    readonly bytes: SummedBytes,
    public at: number,
    readonly to: number,
  ) {}
}

export class StreamConnection implements Connection {
  noDelay = true;
  cork = false;
  maxSegment = SLICE_BYTES;
  receiveBuffer = SLICE_BYTES;
  trafficClass = 0;
  timeToLive = 0;
  minimumTimeToLive = 0;
  pacingRate = 0;
  pacingGroup = 0;
  userTimeout = 0;
  keepAlive: KeepAlive | null = null;
  readonly urgentBytes = 0;
  readonly congestionWindow = WINDOW_BYTES;

  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  queuedTo = 0;
  acknowledgedTo = 0;
  receivedTo = 0;
  /** The stream that the bytes came from pauses while the handler takes none. */
  onPause: (isPaused: boolean) => void = () => {};
  readonly #writable: Writable;
  /** Sets the clock: called before the handler is. */
  readonly #tick: () => void;
  #handler: ConnectionHandler | null = null;
  /** Not given to the stream yet, and given but not taken. */
  readonly #queue: Piece[] = [];
  #piecesOut = 0;
  #unread: Uint8Array | null = null;
  #hasEnded = false;
  #isEndReported = false;
  #isClosing = false;
  #isPumping = false;
  #isGone = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(writable: Writable, { localAddress, localPort, remoteAddress, remotePort }: Endpoints, tick: () => void) {
    this.#writable = writable;
    this.localAddress = localAddress;
    this.localPort = localPort;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.#tick = tick;
    writable.on('drain', () => this.#pump());
  }

  /** Gives the connection to its program. */
  use(accept: (connection: Connection) => ConnectionHandler): void {
    this.#tick();
    const handler = accept(this);
    if (!this.#isGone) this.#handler = handler;
  }

  /** Bytes have come. */
  deliver(chunk: Uint8Array): void {
    this.receivedTo = (this.receivedTo + chunk.length) | 0;
    this.#unread = this.#unread === null ? chunk : Buffer.concat([this.#unread, chunk]);
    this.#offer();
  }

  /** The other side has sent its last byte. */
  end(): void {
    this.#hasEnded = true;
    this.#reportEnd();
    this.#pump();
  }

  /** The connection is gone. It may be told so more than once. */
  gone(reason: CloseReason): void {
    clearTimeout(this.#timer);
    for (const { bytes } of this.#queue.splice(0)) bytes.release();
    const handler = this.#handler;
    this.#handler = null;
    this.#isGone = true;
    this.#tick();
    handler?.closed(reason);
  }
  /** The server stops. */
  stopping(isPatient: boolean): void {
    this.#tick();
    if (this.#handler?.stopping !== undefined) this.#handler.stopping(isPatient);
    else this.close();
    this.#pump();
  }

  send(bytes: SummedBytes, from: number, to: number): void {
    if (this.#isClosing || this.#isGone || from >= to) return;
    bytes.retain();
    this.#queue.push(new Piece(bytes, from, to));
    this.queuedTo = (this.queuedTo + to - from) | 0;
  }

  flush(): void {
    this.#pump();
  }

  get queuedBytes(): number {
    return (this.queuedTo - this.acknowledgedTo) | 0;
  }

  get queuedPieces(): number {
    return this.#queue.length + this.#piecesOut;
  }

  get unreadBytes(): number {
    return this.#unread === null ? 0 : this.#unread.length;
  }

  close(): void {
    this.#isClosing = true;
    queueMicrotask(() => this.#pump());
  }

  detach(): void {
    this.#handler = null;
    this.close();
  }

  abort(): void {
    if (this.#isGone) return;
    this.#writable.destroy();
    this.gone('aborted');
  }

  resume(): void {
    queueMicrotask(() => this.#offer());
  }

  setTimeout(microseconds: number): void {
    clearTimeout(this.#timer);
    if (microseconds === 0 || this.#isGone) return;
    this.#timer = setTimeout(() => {
      this.#tick();
      this.#handler?.timedOut();
      this.#pump();
    }, microseconds / MICROSECONDS_A_MS);
  }

  info(): ConnectionInfo {
    throw new Error('there is no TCP behind this connection in this thread');
  }

  /** Offers the handler what it has not taken; the stream pauses while it takes none. */
  #offer(): void {
    const bytes = this.#unread;
    if (bytes === null || this.#isGone) return;
    if (this.#handler === null) {
      this.#unread = null; // nobody reads any more
      return;
    }
    this.#unread = null;
    this.#tick();
    const taken = this.#handler.received(bytes, 0, bytes.length);
    if (taken < bytes.length) this.#unread = this.#joined(bytes.subarray(taken));
    this.onPause(this.#unread !== null);
    this.#reportEnd();
    this.#pump();
  }

  /** What is left of a chunk goes in front of what came during the call. */
  #joined(rest: Uint8Array): Uint8Array {
    return this.#unread === null ? rest : Buffer.concat([rest, this.#unread]);
  }

  #reportEnd(): void {
    if (!this.#hasEnded || this.#isEndReported || this.#unread !== null || this.#handler === null) return;
    this.#isEndReported = true;
    this.#tick();
    this.#handler.ended();
  }

  /** Gives the stream what it takes. Pieces that follow each other share its records (RFC 8446 section 5.1). */
  #pump(): void {
    if (this.#isPumping || this.#isGone) return;
    this.#isPumping = true;
    const stream = this.#writable;
    while (this.#queue.length > 0 && !stream.writableNeedDrain) {
      stream.cork();
      for (let room = SLICE_BYTES; room > 0 && this.#queue.length > 0; ) room -= this.#write(room);
      stream.uncork();
    }
    this.#isPumping = false;
    if (this.#isClosing && this.#queue.length === 0 && !stream.writableEnded) stream.end();
  }

  #write(room: number): number {
    const [piece] = this.#queue;
    if (piece === undefined) return room;
    const { bytes, at, to } = piece;
    const end = Math.min(to, at + room);
    const isLast = end === to;
    piece.at = end;
    if (isLast) {
      this.#queue.shift();
      this.#piecesOut++;
    }
    this.#writable.write(bytes.bytes.subarray(at, end), () => this.#taken(end - at, isLast ? bytes : null));
    return end - at;
  }

  /** The stream has taken bytes; `finished`: those of a piece that is out now. */
  #taken(length: number, finished: SummedBytes | null): void {
    this.acknowledgedTo = (this.acknowledgedTo + length) | 0;
    if (finished !== null) {
      this.#piecesOut--;
      finished.release();
    }
    if (this.#handler === null) return;
    this.#tick();
    this.#handler.acknowledged();
    this.#pump();
  }
}
