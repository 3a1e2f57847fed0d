/**
 * The other thread's end of a channel: makes a socket for each connection that the worker opens, hands it what the
 * client sends, and takes what it writes. It runs in Node's event loop, in a thread of its own or in the main thread.
 */
import { fillPrefixSums } from '../net/wire/summed-bytes.js';
import { OPEN_WORDS, readOpening } from './addresses.js';
import { ChannelSocket } from './channel-socket.js';
import { type ChannelMemory, DOWN_CLASSES, LAYOUT, placeOf, tableOf, UP_CLASSES } from './memory.js';
import { BlockPool, NO_BLOCK } from './pool.js';
import { Down, Up } from './records.js';
import { RecordReader, RecordWriter } from './ring.js';

/** After so many records the event loop has its turn. */
const RECORDS_PER_TURN = 1_024;
/** What one connection may have written that its client has not taken, bytes of blocks. */
const MOST_DOWN_BYTES = 1_048_576;
/** Of what is free, this part is for one connection: so slow clients never take all of it. */
const SHARE = 8;

/** Gets each socket. `purpose` says what it is for (records.ts). */
export type SocketTaker = (socket: ChannelSocket, purpose: number) => void;

export class ThreadEnd {
  readonly #memory: ChannelMemory;
  readonly #up: RecordReader;
  readonly #down: RecordWriter;
  readonly #pool = new BlockPool(DOWN_CLASSES, true);
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #tables: Uint16Array;
  readonly #sockets = new Map<number, ChannelSocket>();
  /** By block of ours: whose content it has. */
  readonly #owners: (ChannelSocket | undefined)[] = [];
  /** Sockets whose writes wait for room, the longest first. */
  readonly #short = new Set<ChannelSocket>();
  readonly #opened: SocketTaker;
  readonly #left: () => void;
  #isLeaving = false;
  #isScheduled = false;
  #isWakeDue = false;

  /**
   * @param wakeWorker makes the worker call its `drain`
   * @param left called when the worker needs this thread no more: another one has taken over
   */
  constructor(memory: ChannelMemory, wakeWorker: () => void, opened: SocketTaker, left: () => void = () => {}) {
    const { buffer } = memory;
    this.#memory = memory;
    this.#opened = opened;
    this.#left = left;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#tables = new Uint16Array(buffer, LAYOUT.tables);
    this.#up = new RecordReader(buffer, LAYOUT.ringUp);
    this.#down = new RecordWriter(buffer, LAYOUT.ringDown, wakeWorker);
  }

  /** Bytes that have crossed, both ways: each was a buffer of this thread for a moment. */
  crossedBytes = 0;

  readonly #wake = (): void => {
    this.#isWakeDue = false;
    this.#down.wake();
    if (this.#down.isBehind) this.#schedule();
  };

  /** Sockets that are open. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Of blocks for answers. */
  get freeBytes(): number {
    return this.#pool.freeBytes;
  }

  /** Takes what the worker has sent. Called when it has woken this thread. */
  drain(): void {
    this.#isScheduled = false;
    this.#down.flush();
    const hasMore = this.#up.drain(this.#take, RECORDS_PER_TURN);
    this.#writeOn();
    if (hasMore || this.#down.isBehind) this.#schedule();
    else if (this.#isLeaving && this.#sockets.size === 0) this.#leave();
  }

  #leave(): void {
    this.#isLeaving = false; // once
    this.#left();
  }

  /** Those that wait for room and do not get it now are the last in the line. */
  #writeOn(): void {
    if (this.#short.size === 0) return;
    for (const socket of [...this.#short]) {
      if (!this.#down.hasRoom() || this.#pool.freeBytes === 0) return;
      this.#short.delete(socket);
      socket.writeOn();
    }
  }

  /** Destroys all sockets: the thread ends. Their clients are reset. */
  close(): void {
    for (const socket of this.#sockets.values()) socket.resetAndDestroy();
  }

  // ── from the sockets ─────────────────────────────────────────────────────────────────────────────────────────

  /** The worker is woken once for all records of a turn of the event loop: that is a system call. */
  put(kind: number, id: number, a = 0, b = 0): void {
    this.#down.putQuietly(kind, id, a, b);
    if (this.#isWakeDue) return;
    this.#isWakeDue = true;
    setImmediate(this.#wake);
  }

  /** The socket is destroyed. `fault`: why the answer under way breaks off, an AnswerReason; 0: nobody says. */
  forget(id: number, isReset: boolean, fault: number): void {
    const socket = this.#sockets.get(id);
    if (socket === undefined) return;
    this.#sockets.delete(id);
    this.#short.delete(socket);
    this.put(Down.destroy, id, isReset ? 1 : 0, fault);
    if (this.#isLeaving) this.#schedule();
  }

  /**
   * Copies as much of `bytes[from, to)` as one block takes and sends its record. Returns how much it took and what the
   * block counts for; undefined: there is no room, and `writeOn` follows once there is.
   * @param underWay what the socket's blocks count for already
   */
  write(
    socket: ChannelSocket,
    bytes: Uint8Array,
    from: number,
    to: number,
    underWay: number,
  ): [length: number, capacity: number] | undefined {
    const most = Math.min(MOST_DOWN_BYTES, Math.floor(this.#pool.freeBytes / SHARE));
    const mayWrite = this.#down.hasRoom() && (underWay === 0 || underWay < most);
    const block = mayWrite ? this.#pool.take(to - from) : NO_BLOCK;
    if (block === NO_BLOCK) {
      this.#short.add(socket);
      if (!this.#down.hasRoom()) this.#schedule();
      return undefined;
    }
    const capacity = this.#pool.capacityOf(block);
    const length = Math.min(capacity, to - from);
    const place = LAYOUT.blocksDown + placeOf(DOWN_CLASSES, block).from;
    this.#bytes.set(bytes.subarray(from, from + length), place);
    if (this.#memory.isSummed) {
      fillPrefixSums(this.#view, place, length, this.#tables, tableOf(DOWN_CLASSES, block));
    }
    this.#owners[block] = socket;
    this.crossedBytes += length;
    this.put(Down.data, socket.id, block, length);
    return [length, capacity];
  }

  /** The content of a block of the worker's, as a copy. The block is free then. */
  takeBlock(block: number, length: number): Buffer {
    const place = LAYOUT.blocksUp + placeOf(UP_CLASSES, block).from;
    const copy = Buffer.allocUnsafe(length);
    this.crossedBytes += length;
    copy.set(this.#bytes.subarray(place, place + length));
    this.freeBlock(block);
    return copy;
  }

  freeBlock(block: number): void {
    this.put(Down.free, 0, block);
  }

  // ── from the worker ──────────────────────────────────────────────────────────────────────────────────────────

  readonly #take = (kind: number, id: number, a: number, b: number): void => {
    if (kind === Up.open) this.#open(id, a);
    else if (kind === Up.free) this.#freed(a);
    else if (kind === Up.destroy) this.#destroyed(id, a !== 0);
    else if (kind === Up.leave) this.#isLeaving = true;
    else this.#tell(this.#sockets.get(id), kind, a, b);
  };

  /** @param socket undefined: it is gone, and what still comes for it only gives its block back */
  #tell(socket: ChannelSocket | undefined, kind: number, a: number, b: number): void {
    if (kind === Up.data && socket === undefined) this.freeBlock(a);
    else if (kind === Up.data) socket?.arrived(a, b);
    else if (kind === Up.begin) {
      const upstream = a < 0 ? '' : this.takeBlock(a, b).toString('latin1');
      socket?.began(upstream);
    } else if (kind === Up.requestEnd) socket?.emit('request-end');
    else if (kind === Up.end) socket?.peerEnded();
  }

  #open(id: number, block: number): void {
    const place = LAYOUT.blocksUp + placeOf(UP_CLASSES, block).from;
    const { purpose, ends } = readOpening(new Int32Array(this.#memory.buffer, place, OPEN_WORDS));
    this.freeBlock(block);
    const socket = new ChannelSocket(id, this, ends);
    this.#sockets.set(id, socket);
    this.#opened(socket, purpose);
  }

  #destroyed(socketId: number, isBroken: boolean): void {
    const socket = this.#sockets.get(socketId);
    this.#sockets.delete(socketId); // so that `forget` tells the worker nothing
    if (socket === undefined) return;
    this.#short.delete(socket);
    socket.peerGone(isBroken);
  }

  #freed(block: number): void {
    const owner = this.#owners[block];
    this.#owners[block] = undefined;
    this.#pool.give(block);
    owner?.released(this.#pool.capacityOf(block));
  }

  /** Without a word of the worker: once the event loop has had its turn. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.drain());
  }
}
