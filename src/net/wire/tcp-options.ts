/**
 * TCP options: RFC 9293 section 3.2 (format, MSS), RFC 7323 (window scale, timestamps), RFC 2018 (SACK).
 *
 *     kind 0                     end of list: the rest is padding
 *     kind 1                     no operation
 *     kind 2  length 4           maximum segment size, 16 bits; SYN only
 *     kind 3  length 3           window scale, shift count; SYN only
 *     kind 4  length 2           SACK permitted; SYN only
 *     kind 5  length 8n + 2      SACK blocks: left edge, right edge, 32 bits each
 *     kind 8  length 10          timestamps: TSval, TSecr, 32 bits each
 *
 * All others are skipped by their length byte (MUST-6). A length of 0 or 1, or one that reaches past the header, ends
 * the list: options before it count, options behind it cannot be found (MUST-7).
 */
import { COUNTER_BYTES, COUNTERS, OPTION_ACCURATE_ECN_0, OPTION_ACCURATE_ECN_1 } from './accurate-ecn.js';
import { readInt32, readUint16, writeInt32, writeUint16 } from './bytes.js';

export const OPTION_END = 0;
export const OPTION_NOP = 1;
export const OPTION_MSS = 2;
export const OPTION_WINDOW_SCALE = 3;
export const OPTION_SACK_PERMITTED = 4;
export const OPTION_SACK = 5;
export const OPTION_TIMESTAMPS = 8;

/** As many SACK blocks as the 40 bytes of options can hold. */
export const MAX_SACK_BLOCKS = 4;
/** RFC 7323 section 2.3: a larger shift counts as this. */
export const MAX_WINDOW_SCALE = 14;
/** Two NOPs and the timestamps option: the alignment of RFC 7323 appendix A, which all stacks use. */
export const TIMESTAMPS_BYTES = 12;

/** How it begins: NOP, NOP, kind 8, length 10. */
export const TIMESTAMPS_HEADER = 0x0101080a;

/** The options of one segment, as read. One object serves all segments. */
export class TcpOptions {
  /** -1: absent. */
  mss = -1;
  /** The shift count, at most 14; -1: absent. */
  windowScale = -1;
  sackPermitted = false;
  hasTimestamps = false;
  /** TSval and TSecr as signed 32-bit integers. */
  timestampValue = 0;
  timestampEcho = 0;
  /** Left and right edges, alternating; signed 32-bit integers. */
  readonly sackEdges = new Int32Array(2 * MAX_SACK_BLOCKS);
  sackBlocks = 0;
  /** Accurate ECN (RFC 9768): how many byte counters came; -1: no such option. */
  accurateCounters = -1;
  /** Kind 174: ECT(1), CE, ECT(0); else they are in the opposite order. */
  accurateIsReversed = false;
  readonly accurateBytes = new Int32Array(COUNTERS);

  /** Reads the options in `bytes[from, to)`; never fails. */
  read(bytes: Uint8Array, from: number, to: number): void {
    this.hasTimestamps = false;
    this.sackBlocks = 0;
    this.accurateCounters = -1;
    if (from === to) return;
    // The one layout that nearly every segment of an established connection has.
    if (to - from === TIMESTAMPS_BYTES && readInt32(bytes, from) === TIMESTAMPS_HEADER) {
      this.#readTimestamps(bytes, from + 4);
      return;
    }
    let at = from;
    while (at < to) {
      const kind = bytes[at]!;
      if (kind === OPTION_END) return;
      if (kind === OPTION_NOP) {
        at++;
        continue;
      }
      if (at + 1 >= to) return;
      const length = bytes[at + 1]!;
      if (length < 2 || at + length > to) return;
      this.#readOne(kind, length, bytes, at + 2);
      at += length;
    }
  }

  /** Forgets the options of a SYN; `read` does not, so that other segments need not pay for it. */
  resetSynOptions(): void {
    this.mss = -1;
    this.windowScale = -1;
    this.sackPermitted = false;
  }

  /** An option whose length is not the one its kind must have is skipped. */
  #readOne(kind: number, length: number, bytes: Uint8Array, at: number): void {
    switch (kind) {
      case OPTION_MSS:
        if (length === 4) this.mss = readUint16(bytes, at);
        break;
      case OPTION_WINDOW_SCALE:
        if (length === 3) this.windowScale = Math.min(bytes[at]!, MAX_WINDOW_SCALE);
        break;
      case OPTION_SACK_PERMITTED:
        if (length === 2) this.sackPermitted = true;
        break;
      case OPTION_SACK:
        if (length >= 10 && (length - 2) % 8 === 0) this.#readSack(bytes, at, (length - 2) / 8);
        break;
      case OPTION_TIMESTAMPS:
        if (length === 10) this.#readTimestamps(bytes, at);
        break;
      case OPTION_ACCURATE_ECN_0:
      case OPTION_ACCURATE_ECN_1:
        this.#readAccurateEcn(kind, length - 2, bytes, at);
        break;
    }
  }

  #readTimestamps(bytes: Uint8Array, at: number): void {
    this.hasTimestamps = true;
    this.timestampValue = readInt32(bytes, at);
    this.timestampEcho = readInt32(bytes, at + 4);
  }

  /**
   * More than three counters, or a part of one, are of some future: what is known of it counts (RFC 9768 section
   * 3.2.3).
   */
  #readAccurateEcn(kind: number, length: number, bytes: Uint8Array, at: number): void {
    this.accurateCounters = Math.min(COUNTERS, Math.floor(length / COUNTER_BYTES));
    this.accurateIsReversed = kind === OPTION_ACCURATE_ECN_1;
    for (let i = 0; i < this.accurateCounters; i++) {
      const from = at + COUNTER_BYTES * i;
      this.accurateBytes[i] = (bytes[from]! << 16) | (bytes[from + 1]! << 8) | bytes[from + 2]!;
    }
  }

  #readSack(bytes: Uint8Array, at: number, blocks: number): void {
    this.sackBlocks = Math.min(blocks, MAX_SACK_BLOCKS);
    for (let i = 0; i < 2 * this.sackBlocks; i++) this.sackEdges[i] = readInt32(bytes, at + 4 * i);
  }
}

/** Writes kind 2; returns the index after it. */
export function writeMss(bytes: Uint8Array, at: number, mss: number): number {
  bytes[at] = OPTION_MSS;
  bytes[at + 1] = 4;
  writeUint16(bytes, at + 2, mss);
  return at + 4;
}

/** Writes NOP, kind 3; returns the index after it. */
export function writeWindowScale(bytes: Uint8Array, at: number, shift: number): number {
  bytes[at] = OPTION_NOP;
  bytes[at + 1] = OPTION_WINDOW_SCALE;
  bytes[at + 2] = 3;
  bytes[at + 3] = shift;
  return at + 4;
}

/** Writes kind 4 (two bytes, not padded); returns the index after it. */
export function writeSackPermitted(bytes: Uint8Array, at: number): number {
  bytes[at] = OPTION_SACK_PERMITTED;
  bytes[at + 1] = 2;
  return at + 2;
}

/** Writes two NOPs; returns the index after them. */
export function writeTwoNops(bytes: Uint8Array, at: number): number {
  bytes[at] = OPTION_NOP;
  bytes[at + 1] = OPTION_NOP;
  return at + 2;
}

/** Writes kind 8 (ten bytes, not padded); returns the index after it. */
export function writeTimestamps(bytes: Uint8Array, at: number, value: number, echo: number): number {
  bytes[at] = OPTION_TIMESTAMPS;
  bytes[at + 1] = 10;
  writeInt32(bytes, at + 2, value);
  writeInt32(bytes, at + 6, echo);
  return at + 10;
}

/** Writes two NOPs and kind 5 with `blocks` pairs of edges; returns the index after it. */
export function writeSack(bytes: Uint8Array, at: number, edges: Int32Array, blocks: number): number {
  let next = writeTwoNops(bytes, at);
  bytes[next] = OPTION_SACK;
  bytes[next + 1] = 2 + 8 * blocks;
  next += 2;
  for (let i = 0; i < 2 * blocks; i++, next += 4) writeInt32(bytes, next, edges[i]!);
  return next;
}
