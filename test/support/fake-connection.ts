/**
 * TCP as a handler sees it, without a network: bytes go in by hand, what is sent is collected, time stands still until
 * it is moved. Follows the contract of src/net/tcp/handler.ts, and complains where a handler breaks it.
 */
import type { Clock } from '../../src/net/clock.js';
import { MILLISECOND } from '../../src/net/clock.js';
import type { Acceptor, CloseReason, Connection, ConnectionHandler, KeepAlive } from '../../src/net/tcp/handler.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { fold, sum } from '../../src/net/wire/checksum.js';
import type { PayloadAccount, SummedBytes } from '../../src/net/wire/summed-bytes.js';

/** A piece that was sent and not acknowledged yet. */
interface Piece {
  readonly bytes: SummedBytes;
  readonly length: number;
}

export class FakeConnection implements Connection {
  readonly localAddress = IpAddress.parse('192.0.2.1');
  readonly localPort = 80;
  readonly remoteAddress = IpAddress.parse('192.0.2.2');
  readonly remotePort = 40000;

  /** Options of TCP, which nothing here looks at but tests. */
  noDelay = false;
  cork = false;
  maxSegment = 1460;
  receiveBuffer = 65536;
  trafficClass = 0;
  timeToLive = 0;
  minimumTimeToLive = 0;
  pacingRate = 0;
  pacingGroup = 0;
  readonly urgentBytes = 0;
  congestionWindow = 14_600;
  userTimeout = 0;
  keepAlive: KeepAlive | null = null;

  /** All that was sent, as Latin-1 text. */
  sent = '';
  /** What summing the sent pieces had to read of them. */
  readonly account: PayloadAccount = { payloadBytesRead: 0 };
  /** FIN was queued. */
  closing = false;
  /** RST was sent, or the connection ended otherwise. */
  gone = false;
  /** How often `resume` was called. */
  resumes = 0;
  /** Acknowledge at once whatever is sent during `deliver`. */
  acknowledges = true;

  readonly #clock: Clock;
  readonly #handler: ConnectionHandler;
  readonly #pieces: Piece[] = [];
  #waiting: Uint8Array = new Uint8Array(0);
  /** Acknowledged bytes of the first piece; bytes that were never acknowledged when the connection went. */
  #partly = 0;
  #lost = 0;
  #ended = false;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(acceptor: Acceptor, clock: Clock) {
    this.#clock = clock;
    this.#handler = acceptor(this);
  }

  /** Bytes that came and were not taken. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get unreadBytes(): number {
    return this.#waiting.length;
  }

  info(): never {
    throw new Error('there is no TCP behind a fake connection');
  }

  get queuedBytes(): number {
    return this.#pieces.reduce((total, piece) => total + piece.length, 0);
  }

  /** Sequence numbers begin shortly before they wrap, so that every test meets the wrap. */
  queuedTo = -20;
  receivedTo = 0;

  get acknowledgedTo(): number {
    return (this.queuedTo - this.queuedBytes - this.#lost + this.#partly) | 0;
  }

  get queuedPieces(): number {
    return this.#pieces.length;
  }

  send(bytes: SummedBytes, from: number, to: number): void {
    if (this.closing || this.gone) throw new Error('send after close');
    if (!(from >= 0 && from <= to && to <= bytes.length))
      throw new RangeError(`send [${from}, ${to}) of ${bytes.length}`);
    if (from === to) return;
    const known = bytes.sum(from, to, this.account);
    const computed = fold(sum(bytes.bytes, from, to));
    if (known % 0xffff !== computed % 0xffff)
      throw new Error(`wrong sum of [${from}, ${to}): ${known}, not ${computed}`);
    for (let at = from; at < to; at++) this.sent += String.fromCharCode(bytes.bytes[at]!);
    bytes.retain();
    this.#pieces.push({ bytes, length: to - from });
    this.queuedTo = (this.queuedTo + to - from) | 0;
  }

  flush(): void {}

  close(): void {
    if (this.closing) throw new Error('closed twice');
    this.closing = true;
  }

  detach(): void {
    this.closing = true;
    this.gone = true;
  }

  abort(): void {
    this.disappear('aborted');
  }

  resume(): void {
    this.resumes++;
    this.#offer();
  }

  setTimeout(microseconds: number): void {
    this.#deadline = microseconds === 0 ? Number.POSITIVE_INFINITY : this.#clock.now + microseconds;
  }

  /**
   * Bytes arrive, in one piece. They lie in the middle of a larger buffer, as in a frame, which is then overwritten.
   */
  deliver(data: string | Uint8Array): void {
    if (this.#ended) throw new Error('bytes after FIN');
    if (this.gone) return;
    const bytes = typeof data === 'string' ? Uint8Array.from(data, (character) => character.charCodeAt(0)) : data;
    const all = new Uint8Array(this.#waiting.length + bytes.length);
    all.set(this.#waiting);
    all.set(bytes, this.#waiting.length);
    this.#waiting = all;
    this.receivedTo += bytes.length;
    this.#offer();
    if (this.acknowledges) this.acknowledgeAll();
  }

  /** The peer's FIN arrives. */
  end(): void {
    this.#ended = true;
    if (this.#waiting.length === 0) this.#handler.ended();
  }

  /** The host shuts down. */
  stop(isPatient = false): void {
    if (this.#handler.stopping === undefined) this.close();
    else this.#handler.stopping(isPatient);
  }

  /** All that was sent is acknowledged. */
  acknowledgeAll(): void {
    while (this.#pieces.length > 0 && !this.gone) this.acknowledge(this.#pieces.length);
  }

  /** The first `count` pieces are acknowledged. */
  acknowledge(count: number): void {
    for (const piece of this.#pieces.splice(0, count)) piece.bytes.release();
    this.#partly = 0;
    this.#handler.acknowledged();
  }

  /** So many bytes of the first piece are acknowledged: TCP keeps the piece until all of it is. */
  acknowledgeBytes(count: number): void {
    this.#partly = count;
    this.#handler.acknowledged();
  }

  /** Moves the clock by this much, in steps, so that a timer that is armed again fires again. */
  pass(milliseconds: number): void {
    const until = this.#clock.now + milliseconds * MILLISECOND;
    while (!this.gone && this.#deadline <= until) {
      this.#clock.now = this.#deadline;
      this.#deadline = Number.POSITIVE_INFINITY;
      this.#handler.timedOut();
    }
    this.#clock.now = until;
  }

  /** The connection is gone, for whatever reason. */
  disappear(reason: CloseReason): void {
    if (this.gone) throw new Error('gone twice');
    this.gone = true;
    this.#lost = this.queuedBytes;
    for (const piece of this.#pieces.splice(0)) piece.bytes.release();
    // While the handler is made, TCP knows none that it could tell.
    (this.#handler as ConnectionHandler | undefined)?.closed(reason);
  }

  #offer(): void {
    const margin = 7;
    const frame = new Uint8Array(this.#waiting.length + 2 * margin).fill(0xa5);
    frame.set(this.#waiting, margin);
    const taken = this.#handler.received(frame, margin, margin + this.#waiting.length);
    if (!(taken >= 0 && taken <= this.#waiting.length))
      throw new RangeError(`took ${taken} of ${this.#waiting.length}`);
    frame.fill(0xa5);
    this.#waiting = this.#waiting.slice(taken);
    if (this.#ended && this.#waiting.length === 0) this.#handler.ended();
  }
}
