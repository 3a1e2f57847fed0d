/**
 * A client's connection of a data-path worker, as a stream in another thread. It has the interface of net.Socket, so
 * that node:http, node:tls, node:http2 and ws work on it. Its bytes cross in shared memory (memory.ts).
 *
 *     worker ── blocks ──▶ arrived ── push, a copy ──▶ 'data'
 *     worker ◀── blocks ── write, a copy with sums ◀── write
 *
 * Back-pressure is that of TCP. What the stream does not want stays in its block, and the client's window closes. What
 * the client does not take stays in the blocks of this thread, and the stream's writes wait.
 *
 * The events 'begin' (a request, and the upstream that it is for) and 'request-end' say where the requests of a
 * connection are that HTTP in the worker has read. `answered` and `tunneled` say how they were answered.
 */
import type { Server, SocketReadyState } from 'node:net';
import type { CacheResult } from '../http/index.js';
import type { Ends } from '../socket/endpoints.js';
import { socketError } from '../socket/errors.js';
import { SocketStream } from '../socket/socket-stream.js';
import { ANSWER_CACHE_SHIFT, ANSWER_FAULT_SHIFT, ANSWER_PERSISTS, Down } from './records.js';
import type { ThreadEnd } from './thread-end.js';

type WriteDone = (error?: Error | null) => void;

export class ChannelSocket extends SocketStream {
  /** The http server whose connection this is; it sets it itself. */
  server: Server | null = null;
  readonly autoSelectFamilyAttemptedAddresses: string[] = [];
  /** The client speaks TLS with us, as on a `tls.TLSSocket`: programs make the scheme of an address of it. */
  encrypted = false;
  readonly connecting = false;
  readonly pending = false;
  /** Gets what arrives in place of the stream, while it is set. What comes then must be wanted. */
  intake: ((bytes: Buffer) => void) | undefined;
  /** Why the request under way gets no whole answer, for the access log: a number of AnswerReason; 0: not told. */
  fault = 0;
  readonly id: number;
  protected override readonly ends: Ends;
  readonly #end: ThreadEnd;
  /** Blocks that the stream has not wanted yet: number and length by turns. */
  #arrived: number[] = [];
  #isReading = false;
  #hasPeerEnded = false;
  #isPeerGone = false;
  #isReset = false;
  /** What is being written: the chunks, how far they are copied, and whom to tell. */
  #chunks: readonly Uint8Array[] = [];
  #chunk = 0;
  #chunkAt = 0;
  #done: WriteDone | null = null;
  /** What our blocks that the client has not taken count for. */
  #underWay = 0;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor(id: number, end: ThreadEnd, ends: Ends) {
    super({ allowHalfOpen: true, highWaterMark: 65_536, emitClose: false });
    this.id = id;
    this.#end = end;
    this.ends = ends;
  }

  // ── from the worker ──────────────────────────────────────────────────────────────────────────────────────────

  arrived(block: number, length: number): void {
    this.idle.touch();
    if (this.intake !== undefined) this.intake(this.#take(block, length));
    else if (!this.#isReading || this.#arrived.length > 0) this.#arrived.push(block, length);
    else this.#give(block, length);
  }

  /** The client has sent its last byte. */
  peerEnded(): void {
    this.#hasPeerEnded = true;
    this.#pushEnd();
  }

  /** The client's connection is gone. Nothing that is written from here on reaches it. */
  peerGone(isBroken: boolean): void {
    this.#isPeerGone = true;
    this.destroy(isBroken ? socketError('read', 'ECONNRESET') : undefined);
  }

  /** Blocks of ours that count for so much were taken by the client. */
  released(capacity: number): void {
    this.#underWay -= capacity;
    this.idle.touch();
    this.writeOn();
  }

  /** There may be room for what is being written. */
  writeOn(): void {
    while (this.#done !== null && !this.destroyed) {
      const chunk = this.#chunks[this.#chunk];
      if (chunk === undefined) {
        const done = this.#done;
        this.#done = null;
        this.#chunks = [];
        done();
        return;
      }
      if (this.#chunkAt === chunk.length) {
        this.#chunk++;
        this.#chunkAt = 0;
        continue;
      }
      const written = this.#end.write(this, chunk, this.#chunkAt, chunk.length, this.#underWay);
      if (written === undefined) return;
      this.#chunkAt += written[0];
      this.#underWay += written[1];
      this.#bytesWritten += written[0];
    }
  }

  // ── how requests are answered ────────────────────────────────────────────────────────────────────────────────

  /** A request begins, for this upstream. */
  began(upstream: string): void {
    this.fault = 0;
    this.emit('begin', upstream);
  }

  /**
   * All of an answer has been written. `headBytes`: of its heads, interim ones included. `cache`: its CacheResult.
   * `fault`: why no server has sent it, an AnswerReason; 0: one has.
   */
  answered(status: number, headBytes: number, persists: boolean, cache: CacheResult, fault = 0): void {
    if (this.destroyed) return;
    const flags = (persists ? ANSWER_PERSISTS : 0) | (cache << ANSWER_CACHE_SHIFT) | (fault << ANSWER_FAULT_SHIFT);
    this.#end.put(Down.answered, this.id, (status & 0xffff) | flags, headBytes);
  }

  /** The protocol has changed (Upgrade, CONNECT): from here on all bytes of the connection cross. */
  tunneled(): void {
    if (!this.destroyed) this.#end.put(Down.tunnel, this.id);
  }

  // ── from the stream ──────────────────────────────────────────────────────────────────────────────────────────

  override _read(): void {
    this.#isReading = true;
    while (this.#isReading && this.#arrived.length > 0) {
      const [block = 0, length = 0] = this.#arrived.splice(0, 2);
      this.#give(block, length);
    }
    this.#pushEnd();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: WriteDone): void {
    this.#begin([chunk], done);
  }

  /** Small writes that came together go into one block. */
  override _writev(writes: { chunk: Buffer }[], done: WriteDone): void {
    const chunks = writes.map(({ chunk }) => chunk);
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#begin(length <= JOINED_BYTES ? [Buffer.concat(chunks, length)] : chunks, done);
  }

  override _final(done: WriteDone): void {
    this.#end.put(Down.end, this.id);
    done();
  }

  override _destroy(error: Error | null, done: WriteDone): void {
    this.idle.stop();
    this.#isReading = false;
    for (let i = 0; i < this.#arrived.length; i += 2) this.#end.freeBlock(this.#arrived[i] ?? 0);
    this.#arrived = [];
    const hasEnded = this.writableFinished;
    if (!this.#isPeerGone) this.#end.forget(this.id, this.#isReset || (error !== null && !hasEnded), this.fault);
    done(error);
    const waiting = this.#done;
    this.#done = null;
    this.#chunks = [];
    setImmediate(() => {
      waiting?.(error ?? socketError('write', 'ECANCELED'));
      this.emit('close', error !== null);
    });
  }

  #begin(chunks: readonly Uint8Array[], done: WriteDone): void {
    this.idle.touch();
    if (this.#isPeerGone) {
      done(socketError('write', 'EPIPE'));
      return;
    }
    this.#chunks = chunks;
    this.#chunk = 0;
    this.#chunkAt = 0;
    this.#done = done;
    this.writeOn();
  }

  #give(block: number, length: number): void {
    const chunk = this.#take(block, length);
    this.#isReading = false;
    // A listener may read on inside `push`, which then asks for more by `_read`.
    const wantsMore = this.push(chunk);
    this.#isReading ||= wantsMore;
  }

  #take(block: number, length: number): Buffer {
    this.#bytesRead += length;
    return this.#end.takeBlock(block, length);
  }

  #pushEnd(): void {
    if (!this.#hasPeerEnded || this.#arrived.length > 0 || this.readableEnded || this.destroyed) return;
    this.#hasPeerEnded = false;
    this.push(null);
    if (this.readableLength === 0) this.read(0); // 'end' comes without a reader, too
  }

  // ── what net.Socket has beyond a Duplex ──────────────────────────────────────────────────────────────────────

  /** Closes with RST. */
  resetAndDestroy(): this {
    this.#isReset = true;
    return this.destroy();
  }

  /** Nagle's algorithm off, or on again (RFC 9293 section 3.7.4). */
  setNoDelay(noDelay = true): this {
    if (!this.destroyed) this.#end.put(Down.noDelay, this.id, noDelay ? 1 : 0);
    return this;
  }

  /** Probes a client that has been silent for `initialDelay` ms (0: two hours). */
  setKeepAlive(enable = false, initialDelay = 0): this {
    const seconds = initialDelay > 0 ? Math.ceil(initialDelay / 1000) : DEFAULT_KEEP_ALIVE_SECONDS;
    if (!this.destroyed) this.#end.put(Down.keepAlive, this.id, enable ? seconds : 0);
    return this;
  }

  /** The client's connection uses the bandwidth of this group (net/tcp/handler.ts). */
  setPacingGroup(group: number): void {
    if (!this.destroyed) this.#end.put(Down.pacingGroup, this.id, group);
  }

  /** A socket of a channel holds no event loop: the channel does. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  get readyState(): SocketReadyState {
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.#bytesWritten + this.writableLength;
  }
}

/** Up to this, one copy more costs less than one more block. */
const JOINED_BYTES = 8_192;
const DEFAULT_KEEP_ALIVE_SECONDS = 7_200;
