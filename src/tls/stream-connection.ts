/**
 * A connection that is not TCP's, for a program that is made for TCP's (net/tcp/handler.ts). HTTP runs on it as it runs
 * on port 80, so there is one HTTP. What it sends goes by reference into an outlet: the decrypted side of a TLS socket,
 * or the answers to requests of HTTP/2.
 *
 * "Acknowledged" means that the outlet has taken the bytes. So a slow client is an outlet that takes nothing, and the
 * handler's bounds hold as over TCP.
 */
import type { ConnectionInfo } from '../net/tcp/connection-info.js';
import type { CloseReason, Connection, ConnectionHandler, KeepAlive } from '../net/tcp/handler.js';
import type { IpAddress } from '../net/wire/address.js';
import { canBeSent, type SummedBytes, sendError } from '../net/wire/summed-bytes.js';
import type { Outlet } from './outlet.js';

/** Both ends of a connection. */
export interface Endpoints {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  /** Left out: nobody paces it. */
  readonly pacing?: PacingGroup;
}

/** How much a handler may queue of an answer in pieces. */
const WINDOW_BYTES = 262_144;
/** What TCP takes at once; the stream in front of us bounds itself. */
const SEGMENT_BYTES = 65_536;
const MICROSECONDS_A_MS = 1_000;

class Piece {
  constructor(
    readonly bytes: SummedBytes,
    public at: number,
    readonly to: number,
    /** Where its end lies in the stream, as `queuedTo` counts. */
    readonly endsAt: number,
  ) {}
}

/**
 * The bandwidth that a TLS connection uses. Its HTTP/2 requests share it. TCP, which keeps to it, is in another thread.
 */
export class PacingGroup {
  #group = 0;
  readonly #tell: (group: number) => void;

  /** @param tell called with each change */
  constructor(tell: (group: number) => void = () => {}) {
    this.#tell = tell;
  }

  get group(): number {
    return this.#group;
  }

  set group(group: number) {
    if (group === this.#group) return;
    this.#group = group;
    this.#tell(group);
  }
}

export class StreamConnection implements Connection {
  noDelay = true;
  cork = false;
  maxSegment = SEGMENT_BYTES;
  receiveBuffer = SEGMENT_BYTES;
  trafficClass = 0;
  timeToLive = 0;
  minimumTimeToLive = 0;
  pacingRate = 0;
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
  readonly #outlet: Outlet;
  /** Sets the clock: called before the handler is. */
  readonly #tick: () => void;
  readonly #pacing: PacingGroup;
  #handler: ConnectionHandler | null = null;
  /** Not given to the outlet yet, and given but not taken. */
  readonly #queue: Piece[] = [];
  readonly #out: Piece[] = [];
  #unread: Uint8Array | null = null;
  #hasEnded = false;
  #isEndReported = false;
  #isClosing = false;
  #isPumping = false;
  #isGone = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(outlet: Outlet, endpoints: Endpoints, tick: () => void) {
    const { localAddress, localPort, remoteAddress, remotePort, pacing = new PacingGroup() } = endpoints;
    this.#outlet = outlet;
    this.localAddress = localAddress;
    this.localPort = localPort;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.#pacing = pacing;
    this.#tick = tick;
  }

  get pacingGroup(): number {
    return this.#pacing.group;
  }

  set pacingGroup(group: number) {
    this.#pacing.group = group;
  }

  /** It is gone, or sends no more once all is out. */
  get isOver(): boolean {
    return this.#isClosing || this.#isGone;
  }

  /** Gives the connection to its program. */
  use(accept: (connection: Connection) => ConnectionHandler): void {
    this.#tick();
    const handler = accept(this);
    if (!this.#isGone) this.#handler = handler;
  }

  /** Bytes have come. They are this connection's from here on. */
  deliver(chunk: Uint8Array): void {
    this.receivedTo = (this.receivedTo + chunk.length) | 0;
    this.#unread = this.#unread === null ? chunk : Buffer.concat([this.#unread, chunk]);
    this.#offer();
  }

  /** The first `length` of these bytes have come, which are used again: what is not taken is copied. Nothing waits. */
  lend(bytes: Uint8Array, length: number): void {
    const handler = this.#handler;
    if (handler === null) return;
    this.receivedTo = (this.receivedTo + length) | 0;
    this.#tick();
    const taken = handler.received(bytes, 0, length);
    if (taken < length) {
      this.#unread = this.#joined(Buffer.from(bytes.subarray(taken, length)));
      this.onPause(true);
    }
    this.#pump();
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
    for (const { bytes } of this.#out.splice(0)) bytes.release();
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
    if (!canBeSent(bytes, from, to)) throw sendError(bytes, from, to);
    if (this.#isClosing || this.#isGone || from === to) return;
    bytes.retain();
    this.queuedTo = (this.queuedTo + to - from) | 0;
    this.#queue.push(new Piece(bytes, from, to, this.queuedTo));
  }

  flush(): void {
    this.#pump();
  }

  get queuedBytes(): number {
    return (this.queuedTo - this.acknowledgedTo) | 0;
  }

  get queuedPieces(): number {
    return this.#queue.length + this.#out.length;
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
    this.#outlet.destroy();
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

  /** Gives the outlet what it takes. */
  #pump(): void {
    if (this.#isPumping || this.#isGone) return;
    this.#isPumping = true;
    const outlet = this.#outlet;
    while (this.#queue.length > 0 && !outlet.isFull) {
      let length = 0;
      while (length < outlet.sliceBytes && this.#queue.length > 0) length += this.#write(outlet.sliceBytes - length);
      outlet.flush(length, this.taken);
    }
    this.#isPumping = false;
    if (this.#isClosing && this.#queue.length === 0 && !this.#isGone) outlet.end();
  }

  #write(room: number): number {
    const [piece] = this.#queue;
    if (piece === undefined) return room;
    const { bytes, at, to } = piece;
    const end = Math.min(to, at + room);
    piece.at = end;
    if (end === to) {
      this.#queue.shift();
      this.#out.push(piece);
    }
    this.#outlet.write(bytes, at, end);
    return end - at;
  }

  /** The outlet has taken so many bytes more. */
  readonly taken = (length: number): void => {
    if (this.#isGone) return;
    this.acknowledgedTo = (this.acknowledgedTo + length) | 0;
    const out = this.#out;
    while (out[0] !== undefined && ((this.acknowledgedTo - out[0].endsAt) | 0) >= 0) out.shift()?.bytes.release();
    if (this.#handler === null) return;
    this.#tick();
    this.#handler.acknowledged();
    this.#pump();
  };
}
