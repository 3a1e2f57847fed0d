/**
 * The record of one request, as a worker writes it and the log thread reads it: a slot of shared memory with fixed
 * fields, and room for the texts of the request.
 *
 *     byte 0           48                           128                                 320
 *     | times, size    | words: who, what, how      | line | host | referer | agent      |
 *
 * Texts that are longer than that room stand in another one, which each slot has far from the slots. So slots lie close
 * together: a worker and the log thread need fewer pages and cache lines for them.
 *
 * Texts are the bytes that the client sent, not yet escaped: that is the work of the formats. A text that does not fit
 * is cut, and a bit says so.
 *
 * This file imports nothing, and its numbers come before its functions. So the bundle has the numbers themselves where
 * they are used (scripts/program.ts).
 */

/**
 * A slot: five cache lines. Fields take two of them. With a power of two the lines that every record has would share a
 * few sets of the processor's caches, and push each other out.
 */
export const SLOT_BYTES = 320;
export const SLOT_WORDS = SLOT_BYTES / 4;
export const SLOT_DOUBLES = SLOT_BYTES / 8;
/** Where the texts begin in a slot, and how many bytes of them have room there. */
export const NEAR_FROM = 128;
export const NEAR_BYTES = SLOT_BYTES - NEAR_FROM;
/** The room for longer texts: 15 cache lines. */
export const FAR_BYTES = 960;
/** Each text begins at a multiple of this, so that words can be copied. */
export const ALIGNMENT = 4;

// Doubles, by their index in the slot.
/** When the request began: microseconds of the stack's clock. The ring knows what time of day that is. */
export const STARTED_TICK = 0;
/** Microseconds from there until the first byte of the answer was acknowledged, if others came later; else -1. */
export const FIRST_AFTER = 1;
/** Microseconds until its last byte was acknowledged; -1: never. */
export const LAST_AFTER = 2;
/** Microseconds until the connection ended, if it ended before that. */
export const ENDED_AFTER = 3;
/** Bytes of payload that were queued. */
export const PAYLOAD_BYTES = 4;
/** Microseconds until the answer was queued. */
export const ANSWERED_AFTER = 5;

// Words, by their index in the slot.
const FIRST_WORD = 12;
/** The client's address, four words, and its port. */
export const REMOTE = FIRST_WORD;
export const REMOTE_PORT = FIRST_WORD + 4;
/** The number of the connection in its worker, and of the request on it; both begin with 1. */
export const CONNECTION = FIRST_WORD + 5;
export const REQUEST = FIRST_WORD + 6;
/** What the answer was: see `packAnswer`. */
export const ANSWER = FIRST_WORD + 7;
/** The site that the request was for, or that of the object that answered. */
export const SITE = FIRST_WORD + 8;
/** The object that answered: its id and generation; 0: none. */
export const OBJECT = FIRST_WORD + 9;
export const GENERATION = FIRST_WORD + 10;
/** Bytes of the answer that are no payload. */
export const HEAD_BYTES = FIRST_WORD + 11;
/** Sequence numbers: the answer ends before the first, the client's bytes had come up to the second by then. */
export const SEQUENCE_TO = FIRST_WORD + 12;
export const PEER_TO = FIRST_WORD + 13;
/** How many bytes of the answer were never acknowledged. */
export const UNACKNOWLEDGED = FIRST_WORD + 14;
/** 0: the answer was acknowledged whole; else 1 more than the place of the reason in `CLOSE_REASONS`. */
export const CLOSE_REASON = FIRST_WORD + 15;
/** Lengths of the texts: see `packLine` and `packFields`. */
export const LINE_LENGTHS = FIRST_WORD + 16;
export const FIELD_LENGTHS = FIRST_WORD + 17;
/** The next record of the same connection that waits for an acknowledgment. Only the worker looks at it. */
export const NEXT = FIRST_WORD + 18;
/** There is no slot. */
export const NO_SLOT = -1;
// The words end at NEAR_FROM / 4 = 32: one is free.

// Small numbers share a word: a store less for each.
const CACHE_SHIFT = 10;
const REASON_SHIFT = 14;
const CODING_SHIFT = 20;
const MINOR_SHIFT = 23;
const FLAGS_SHIFT = 27;

/** The line is the request line as it came, whole or not: it could not be read. */
export const RAW = 1;
export const CUT_LINE = 2;
export const CUT_HOST = 4;
export const CUT_REFERER = 8;
export const CUT_AGENT = 16;

/** The most bytes of each text, so that a long one leaves room for those behind it. */
export const MOST_LINE = 512;
export const MOST_HOST = 64;
export const MOST_REFERER = 128;

/**
 * The word of the answer: status (0: none), a CacheResult, an AnswerReason and a content-coding by their numbers, the x
 * of HTTP/1.x (which is not in the line unless that is raw), `RAW` and the `CUT_` bits.
 */
export function packAnswer(
  status: number,
  cache: number,
  reason: number,
  coding: number,
  minorVersion: number,
  flags: number,
): number {
  return (
    status |
    (cache << CACHE_SHIFT) |
    (reason << REASON_SHIFT) |
    (coding << CODING_SHIFT) |
    (minorVersion << MINOR_SHIFT) |
    (flags << FLAGS_SHIFT)
  );
}

export const statusOf = (answer: number): number => answer & 0x3ff;
export const cacheOf = (answer: number): number => (answer >> CACHE_SHIFT) & 15;
export const reasonOf = (answer: number): number => (answer >> REASON_SHIFT) & 63;
export const codingOf = (answer: number): number => (answer >> CODING_SHIFT) & 7;
export const minorVersionOf = (answer: number): number => (answer >> MINOR_SHIFT) & 15;
export const flagsOf = (answer: number): number => answer >>> FLAGS_SHIFT;

/** The lengths of the line, of the method that it begins with (0: unknown), and of the host. */
export const packLine = (method: number, line: number, host: number): number => method | (line << 10) | (host << 20);
export const methodLengthOf = (lengths: number): number => lengths & 0x3ff;
export const lineLengthOf = (lengths: number): number => (lengths >> 10) & 0x3ff;
export const hostLengthOf = (lengths: number): number => lengths >> 20;

export const packFields = (referer: number, agent: number): number => referer | (agent << 8);
export const refererLengthOf = (lengths: number): number => lengths & 0xff;
export const agentLengthOf = (lengths: number): number => lengths >> 8;
