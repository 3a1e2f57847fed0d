/**
 * The worker's end of a channel: opens connections in the other thread, writes what clients send, and gives what the
 * thread answers to TCP by reference. All of it runs in the worker's loop, one call at a time.
 *
 * `drain` is called when the worker's bell has rung. It takes the thread's records and then tells each connection that
 * had news, once, to send what was queued.
 */
import { AnswerReason, type CacheResult, type SlowAnswer, SlowFailure, type SlowUser } from '../http/index.js';
import type { Connection } from '../net/tcp/handler.js';
import { latin1Bytes } from '../net/wire/latin1.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { OPEN_WORDS, writeOpening } from './addresses.js';
import { type ChannelMemory, DOWN_CLASSES, LAYOUT, placeOf, tableEntries, tableOf, UP_CLASSES } from './memory.js';
import { BlockPool, NO_BLOCK } from './pool.js';
import {
  ANSWER_CACHE_MASK,
  ANSWER_CACHE_SHIFT,
  ANSWER_FAULT_MASK,
  ANSWER_FAULT_SHIFT,
  ANSWER_PERSISTS,
  Down,
  Purpose,
  Up,
} from './records.js';
import { RecordReader, RecordWriter } from './ring.js';

/** Connections in the other thread at a time. */
const MOST_CONNECTIONS = 16_384;
/** What one connection may have written that the thread has not taken, bytes of blocks. */
const MOST_UP_BYTES = 256 * 1024;
/** After so many records it is the frames' turn again. */
const RECORDS_PER_TURN = 1_024;

/** Counters of one channel: plain numbers. */
export class ChannelStatistics {
  /** Connections opened in the other thread, those that are open now, and those that it refused for want of room. */
  opened = 0;
  open = 0;
  refused = 0;
  /** Bytes that crossed to the thread, and from it. */
  bytesUp = 0;
  bytesDown = 0;
  /** Times that the thread was woken. */
  wakeUps = 0;
}

export class WorkerEnd {
  readonly statistics: ChannelStatistics;
  readonly #memory: ChannelMemory;
  readonly #up: RecordWriter;
  readonly #down: RecordReader;
  readonly #pool = new BlockPool(UP_CLASSES, false);
  readonly #bytes: Uint8Array;
  readonly #connections = new Map<number, WorkerConnection>();
  /** By block of ours: whose content it has. */
  readonly #owners: (WorkerConnection | undefined)[] = [];
  /** By block of the thread's: what TCP sends from. Each is made when it first comes. */
  readonly #blocks: (SummedBytes | undefined)[] = [];
  /** Those that found too little room. */
  readonly #short = new Set<WorkerConnection>();
  readonly #news = new Set<WorkerConnection>();
  #nextId = 1;
  #hasFailed = false;
  #isLeaving = false;

  /** @param wakeThread makes the thread call its `drain` */
  constructor(memory: ChannelMemory, wakeThread: () => void, statistics = new ChannelStatistics()) {
    this.statistics = statistics;
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#down = new RecordReader(memory.buffer, LAYOUT.ringDown);
    this.#up = new RecordWriter(memory.buffer, LAYOUT.ringUp, () => {
      this.statistics.wakeUps++;
      wakeThread();
    });
  }

  /** Of blocks for what clients send. */
  get freeBytes(): number {
    return this.#pool.freeBytes;
  }

  /** Connections that have a socket in the other thread. */
  get size(): number {
    return this.#connections.size;
  }

  /** Another thread takes over: a connection without a request under way looks for a socket there. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** The thread has ended. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Some records for the thread have not reached the ring yet. */
  get isBehind(): boolean {
    return this.#up.isBehind;
  }

  /** A socket in the other thread. Null: there is no room for one, or the thread has ended. */
  open(connection: Connection, purpose: number = Purpose.requests): WorkerConnection | null {
    const block = this.#hasFailed || this.#connections.size >= MOST_CONNECTIONS ? NO_BLOCK : this.#pool.take(1);
    if (block === NO_BLOCK) {
      this.statistics.refused++;
      return null;
    }
    const id = this.#nextId;
    this.#nextId = id === 0x7fff_ffff ? 1 : id + 1;
    writeOpening(new Int32Array(this.#memory.buffer, this.#place(block), OPEN_WORDS), purpose, connection);
    this.put(Up.open, id, block, 4 * OPEN_WORDS);
    const opened = new WorkerConnection(id, this, connection);
    this.#connections.set(id, opened);
    this.statistics.opened++;
    this.statistics.open++;
    return opened;
  }

  /** Takes what the thread has sent. Returns whether there is more: call it again after the next frames. */
  drain(): boolean {
    this.#up.flush();
    const hasMore = this.#down.drain(this.#take, RECORDS_PER_TURN);
    if (this.#short.size > 0) for (const connection of [...this.#short]) connection.tellWritable();
    for (const connection of this.#news) connection.flush();
    this.#news.clear();
    return hasMore || this.#up.isBehind;
  }

  /** Requests under way go on to their end. When the last one is over, the thread ends by itself. */
  leave(): void {
    this.#isLeaving = true;
    this.put(Up.leave, 0);
    for (const connection of [...this.#connections.values()]) connection.leaveIfIdle();
  }

  /** The thread has ended: all its connections have failed. There are no new ones. What it has sent still counts. */
  fail(failure: SlowFailure = SlowFailure.died): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    while (this.#down.drain(this.#take, RECORDS_PER_TURN));
    for (const connection of [...this.#connections.values()]) connection.failed(true, failure);
    for (const connection of this.#news) connection.flush();
    this.#news.clear();
  }

  /** What is for a thread that has ended goes nowhere: TCP may let go of its blocks much later. */
  put(kind: number, id: number, a = 0, b = 0): void {
    if (!this.#hasFailed) this.#up.put(kind, id, a, b);
  }

  forget(connection: WorkerConnection): void {
    if (this.#connections.delete(connection.id)) this.statistics.open--;
    this.#short.delete(connection);
  }

  /** How much a connection may write that has so much under way. */
  room(underWay: number): number {
    if (!this.#up.hasRoom()) return 0;
    return Math.max(0, Math.min(MOST_UP_BYTES - underWay, this.#pool.freeBytes >> 1));
  }

  runShort(connection: WorkerConnection): void {
    this.#short.add(connection);
  }

  noLongerShort(connection: WorkerConnection): void {
    this.#short.delete(connection);
  }

  /** Copies into a block and sends its record. Returns how much it took, and what the block counts for. */
  write(connection: WorkerConnection, kind: number, bytes: Uint8Array, from: number, to: number): [number, number] {
    const block = this.#pool.take(to - from);
    if (block === NO_BLOCK) throw new Error('channel: written without room'); // the caller has asked for `room`
    const capacity = this.#pool.capacityOf(block);
    const length = Math.min(capacity, to - from);
    this.#bytes.set(bytes.subarray(from, from + length), this.#place(block));
    this.#owners[block] = connection;
    this.put(kind, connection.id, block, length);
    this.statistics.bytesUp += length;
    return [length, capacity];
  }

  #place(block: number): number {
    return LAYOUT.blocksUp + placeOf(UP_CLASSES, block).from;
  }

  readonly #take = (kind: number, id: number, a: number, b: number): void => {
    if (kind === Down.free) {
      this.#freed(a);
      return;
    }
    const connection = this.#connections.get(id);
    if (connection !== undefined) this.#news.add(connection);
    if (kind === Down.data) this.#data(connection, a, b);
    else if (connection === undefined) return;
    else if (kind === Down.answered) connection.answered(a, b);
    else if (kind === Down.tunnel) connection.tunneled();
    else if (kind === Down.end) connection.ended();
    else if (kind === Down.destroy) connection.failed(a !== 0, SlowFailure.destroyed, b as AnswerReason);
    else if (kind === Down.noDelay) connection.connection.noDelay = a !== 0;
    else if (kind === Down.pacingGroup) connection.connection.pacingGroup = a;
    else if (kind === Down.keepAlive) connection.keepAlive(a);
  };

  #freed(block: number): void {
    const owner = this.#owners[block];
    this.#owners[block] = undefined;
    this.#pool.give(block);
    owner?.taken(this.#pool.capacityOf(block));
  }

  /** If nobody sends from the block, it is free again at once. */
  #data(connection: WorkerConnection | undefined, block: number, length: number): void {
    const bytes = this.#blocks[block] ?? this.#makeBlock(block);
    bytes.retain();
    this.statistics.bytesDown += length;
    connection?.data(bytes, length);
    bytes.release();
  }

  #makeBlock(block: number): SummedBytes {
    const { buffer, isSummed } = this.#memory;
    const { from, bytes } = placeOf(DOWN_CLASSES, block);
    const content = new Uint8Array(buffer, LAYOUT.blocksDown + from, bytes);
    const tableAt = LAYOUT.tables + 2 * tableOf(DOWN_CLASSES, block);
    const made = isSummed
      ? SummedBytes.withTable(content, new Uint16Array(buffer, tableAt, tableEntries(bytes)))
      : SummedBytes.plain(content);
    made.onUnused = () => this.put(Up.free, 0, block);
    this.#blocks[block] = made;
    return made;
  }
}

/** Who is told what comes back: a request that was handed over, or the owner of a connection of which all crosses. */
export interface ChannelUser extends Omit<SlowUser, 'failed'> {
  /** The socket is gone. `isReset`: with an error, so that the client is to learn of it. `fault`: see SlowAnswer. */
  failed(failure: SlowFailure, fault: AnswerReason, isReset: boolean): void;
}

/** One connection's socket in the other thread, as the worker sees it. */
export class WorkerConnection {
  readonly id: number;
  readonly connection: Connection;
  readonly #end: WorkerEnd;
  #user: ChannelUser | null = null;
  #underWay = 0;
  #isOver = false;
  /** A request was begun, and not all of it has gone over, or its answer is not complete. */
  #isSending = false;
  #isAwaiting = false;

  constructor(id: number, end: WorkerEnd, connection: Connection) {
    this.id = id;
    this.connection = connection;
    this.#end = end;
  }

  /** The socket is gone. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Another request may begin. */
  get isReusable(): boolean {
    return !this.#isOver && !this.#end.isLeaving && !this.#end.hasFailed;
  }

  /** Who is told what comes back. For a connection of which all bytes cross; requests are begun by `begin`. */
  use(user: ChannelUser): void {
    this.#user = user;
  }

  /** Whether the channel has room for the name of an upstream now. The handler needs none. */
  hasRoomFor(upstream: string): boolean {
    return upstream.length === 0 || this.room >= upstream.length;
  }

  /** @param upstream one that there is room for */
  begin(user: SlowUser, upstream: string): void {
    this.#user = user;
    if (this.#isOver) return;
    this.#isSending = this.#isAwaiting = true;
    const name = latin1Bytes(upstream);
    if (name.length === 0) this.#end.put(Up.begin, this.id, -1, 0);
    else this.#underWay += this.#end.write(this, Up.begin, name, 0, name.length)[1];
  }

  get room(): number {
    if (this.#isOver) return 0;
    const room = this.#end.room(this.#underWay);
    this.#noteShortage(room);
    return room;
  }

  write(bytes: Uint8Array, from: number, to: number): void {
    if (this.#isOver) return;
    for (let at = from; at < to; ) {
      const [length, capacity] = this.#end.write(this, Up.data, bytes, at, to);
      this.#underWay += capacity;
      at += length;
    }
    this.#noteShortage(this.#end.room(this.#underWay));
  }

  endRequest(): void {
    if (this.#isOver) return;
    this.#end.put(Up.requestEnd, this.id);
    this.#isSending = false;
    if (this.#end.isLeaving) this.leaveIfIdle();
  }

  end(): void {
    if (!this.#isOver) this.#end.put(Up.end, this.id);
  }

  /** @param isBroken the client's connection was reset, or has failed */
  destroy(isBroken = true): void {
    if (this.#isOver) return;
    this.#end.put(Up.destroy, this.id, isBroken ? 1 : 0);
    this.#over();
  }

  // ── from the thread ──────────────────────────────────────────────────────────────────────────────────────────

  /** Blocks of ours that count for so much are free again. */
  taken(capacity: number): void {
    this.#underWay -= capacity;
  }

  tellWritable(): void {
    if (this.#end.room(this.#underWay) === 0) return;
    this.#end.noLongerShort(this);
    this.#user?.writable();
  }

  data(bytes: SummedBytes, length: number): void {
    this.#user?.data(bytes, 0, length);
  }

  answered(word: number, headBytes: number): void {
    const answer: SlowAnswer = {
      status: word & 0xffff,
      headBytes,
      persists: (word & ANSWER_PERSISTS) !== 0,
      cache: ((word >>> ANSWER_CACHE_SHIFT) & ANSWER_CACHE_MASK) as CacheResult,
      fault: ((word >>> ANSWER_FAULT_SHIFT) & ANSWER_FAULT_MASK) as AnswerReason,
    };
    this.#isAwaiting = false;
    this.#user?.answered(answer);
    if (this.#end.isLeaving) this.leaveIfIdle();
  }

  /** Lets go of the socket unless a request is under way, or all bytes of the connection cross. */
  leaveIfIdle(): void {
    if (!this.#isSending && !this.#isAwaiting) this.destroy(false);
  }

  tunneled(): void {
    this.#user?.tunneled();
  }

  ended(): void {
    this.#user?.finished();
  }

  failed(isReset: boolean, failure: SlowFailure, fault: AnswerReason = AnswerReason.none): void {
    const user = this.#user;
    this.#over();
    user?.failed(failure, fault, isReset);
    user?.flush();
  }

  /** Probes a client that has been silent for so many seconds; 0: never. */
  keepAlive(seconds: number): void {
    const idle = seconds * 1_000_000;
    this.connection.keepAlive = seconds === 0 ? null : { idle, interval: 1_000_000, probes: 10 };
  }

  flush(): void {
    this.#user?.flush();
  }

  /** Whoever wanted to write more than there was room for has left less than half of it. */
  #noteShortage(room: number): void {
    if (room < MOST_UP_BYTES >> 1) this.#end.runShort(this);
  }

  #over(): void {
    this.#isOver = true;
    this.#end.forget(this);
    this.#user = null;
  }
}
