/**
 * The shared memory between one data-path worker and one other thread. It has two rings of records, one in each
 * direction (ring.ts), and two pools of blocks for the bytes (pool.ts).
 *
 *     worker ── records ──▶ thread       blocks "up": what clients send. The worker fills them, the thread frees.
 *     worker ◀── records ── thread       blocks "down": answers. The thread fills them, the worker frees.
 *
 * The side that fills a block takes it from its own free list. The other side gives it back with a record. So neither
 * side ever waits for a lock. Pages that nobody has touched cost addresses and no memory.
 */
import { BLOCK_BYTES, SummedBytes } from '../net/wire/summed-bytes.js';

/** A class of blocks: all have the same size. */
export interface BlockClass {
  readonly bytes: number;
  readonly count: number;
}

/**
 * The end of a block stays empty. So only the entries of its prefix table (SummedBytes) that belong to block edges are
 * used. The last one depends on the length of the content, and a block has one content after another.
 */
export const SPARE_BYTES = BLOCK_BYTES;

/** What the thread writes: short answers, usual ones, and the 64 KiB of a stream. */
export const DOWN_CLASSES: readonly BlockClass[] = [
  { bytes: 2_048 + SPARE_BYTES, count: 8_192 },
  { bytes: 8_192 + SPARE_BYTES, count: 4_096 },
  { bytes: 65_536 + SPARE_BYTES, count: 1_024 },
];
/** What clients send: heads, and the pieces of a body as TCP offers them. */
export const UP_CLASSES: readonly BlockClass[] = [
  { bytes: 2_048, count: 4_096 },
  { bytes: 65_536, count: 256 },
];

/** Words of a ring's control block; each counter has a cache line of its own. */
export const RING_CONTROL_WORDS = 48;
/** Words of a record: kind, connection, and two more. */
export const RECORD_WORDS = 4;
export const RING_RECORDS = 16_384;

/** The parts of the memory, as byte offsets. All are multiples of 64. */
export interface ChannelLayout {
  readonly ringUp: number;
  readonly ringDown: number;
  readonly blocksUp: number;
  readonly blocksDown: number;
  readonly tables: number;
  readonly bytes: number;
}

/** What both sides get. It survives structured cloning. */
export interface ChannelMemory {
  readonly buffer: SharedArrayBuffer;
  /** The thread makes prefix sums. Not needed where the device computes checksums. */
  readonly isSummed: boolean;
}

const align = (bytes: number) => (bytes + 63) & ~63;

/** Bytes that all blocks of these classes take, each aligned to a cache line. */
export function bytesOf(classes: readonly BlockClass[]): number {
  return classes.reduce((sum, { bytes, count }) => sum + align(bytes) * count, 0);
}

/** Where block `number` of these classes begins, and how large it is. Blocks count through all classes. */
export function placeOf(classes: readonly BlockClass[], number: number): { from: number; bytes: number } {
  let from = 0;
  let rest = number;
  for (const { bytes, count } of classes) {
    if (rest < count) return { from: from + align(bytes) * rest, bytes };
    rest -= count;
    from += align(bytes) * count;
  }
  throw new RangeError(`no block ${number}`);
}

/** Entries of the prefix table of a block. */
export function tableEntries(bytes: number): number {
  return SummedBytes.tableLength(bytes);
}

/** Where the table of block `number` begins: an index of 16-bit entries behind `tables`. */
export function tableOf(classes: readonly BlockClass[], number: number): number {
  let from = 0;
  let rest = number;
  for (const { bytes, count } of classes) {
    const entries = tableEntries(bytes);
    if (rest < count) return from + entries * rest;
    rest -= count;
    from += entries * count;
  }
  throw new RangeError(`no block ${number}`);
}

function layoutOf(): ChannelLayout {
  const ring = align(4 * (RING_CONTROL_WORDS + RECORD_WORDS * RING_RECORDS));
  const ringDown = ring;
  const blocksUp = ringDown + ring;
  const blocksDown = blocksUp + bytesOf(UP_CLASSES);
  const tables = blocksDown + bytesOf(DOWN_CLASSES);
  const entries = DOWN_CLASSES.reduce((sum, { bytes, count }) => sum + tableEntries(bytes) * count, 0);
  return { ringUp: 0, ringDown, blocksUp, blocksDown, tables, bytes: align(tables + 2 * entries) };
}

export const LAYOUT = layoutOf();

/** Fresh memory. */
export function createChannelMemory(isSummed: boolean): ChannelMemory {
  return { buffer: new SharedArrayBuffer(LAYOUT.bytes), isSummed };
}
