/**
 * The record of one request, as a worker writes it and the log thread reads it: a slot of shared memory with fixed
 * fields, and a tail for the texts of the request.
 *
 *     byte 0           64                           192                                  1088
 *     | times, sizes   | words: who, what, how      | line | host | referer | agent      |
 *
 * Texts are the bytes that the client sent, not yet escaped: that is the work of the formats. A text that does not fit
 * is cut, and a bit says so.
 */

import { AnswerReason, CacheResult } from '../http/index.js';

/**
 * A slot: 17 cache lines. Fields take 192 bytes of it. With a power of two the lines that every record has would share
 * a few sets of the processor's caches, and push each other out.
 */
export const SLOT_BYTES = 1088;
export const SLOT_WORDS = SLOT_BYTES / 4;
export const SLOT_DOUBLES = SLOT_BYTES / 8;
/** Where the texts begin, and how many bytes of them there are. */
export const TAIL_FROM = 192;
export const TAIL_BYTES = SLOT_BYTES - TAIL_FROM;

// Doubles, by their index in the slot.
/** When the request began: microseconds since 1970. */
export const STARTED = 0;
/** The same by the stack's clock, from which the durations are measured: the time of day may be set meanwhile. */
export const STARTED_TICK = 1;
/** Microseconds from there until the answer was queued, its first byte acknowledged, its last one; -1: never. */
export const ANSWERED_AFTER = 2;
export const FIRST_AFTER = 3;
export const LAST_AFTER = 4;
/** Microseconds until the record was finished: the last acknowledgment, or the end of the connection. */
export const ENDED_AFTER = 5;
/** Bytes queued: all of the answer, and its payload. */
export const ANSWER_BYTES = 6;
export const PAYLOAD_BYTES = 7;

// Words, by their index in the slot.
const FIRST_WORD = 16;
/** The client's address, four words, and its port. */
export const REMOTE = FIRST_WORD;
export const REMOTE_PORT = FIRST_WORD + 4;
/** The number of the connection in its worker, and of the request on it; both begin with 1. */
export const CONNECTION = FIRST_WORD + 5;
export const REQUEST = FIRST_WORD + 6;
/** 0: the request got no answer. */
export const STATUS = FIRST_WORD + 7;
/** A CacheResult, an AnswerReason and a content-coding by their numbers; the site of the object that answered. */
export const CACHE = FIRST_WORD + 8;
export const REASON = FIRST_WORD + 9;
export const CODING = FIRST_WORD + 10;
export const SITE = FIRST_WORD + 11;
/** The object that answered: its id and generation; 0: none. */
export const OBJECT = FIRST_WORD + 12;
export const GENERATION = FIRST_WORD + 13;
/** `RAW` and the `CUT_` bits. */
export const FLAGS = FIRST_WORD + 14;
/** 0: the answer was acknowledged whole; else 1 more than the place of the reason in `CLOSE_REASONS`. */
export const CLOSE_REASON = FIRST_WORD + 15;
/** Sequence numbers: the answer is [from, to), the client's bytes had come up to `PEER_TO` when it was made. */
export const SEQUENCE_FROM = FIRST_WORD + 16;
export const SEQUENCE_TO = FIRST_WORD + 17;
export const PEER_TO = FIRST_WORD + 18;
/** How many bytes of the answer were acknowledged. */
export const ACKNOWLEDGED = FIRST_WORD + 19;
/** Lengths of the texts in the tail, in their order. The line begins with the method; 0: unknown. */
export const METHOD_LENGTH = FIRST_WORD + 20;
export const LINE_LENGTH = FIRST_WORD + 21;
export const HOST_LENGTH = FIRST_WORD + 22;
export const REFERER_LENGTH = FIRST_WORD + 23;
export const AGENT_LENGTH = FIRST_WORD + 24;
/** The x of HTTP/1.x, which is not in the line unless that is raw. */
export const MINOR_VERSION = FIRST_WORD + 25;
/** The next record of the same connection that waits for an acknowledgment. Only the worker looks at it. */
export const NEXT = FIRST_WORD + 26;
/** The site that the request was for. */
// The words end before TAIL_FROM / 4 = 48: FIRST_WORD + 31 is the last one free.

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

/** Why a connection ended before an answer was acknowledged, by number: TCP's `CloseReason`s. */
export const CLOSE_REASONS = ['closed', 'reset', 'refused', 'aborted', 'timeout', 'unreachable', 'stopped'] as const;

/** What the log calls the `CacheResult`s and `AnswerReason`s of HTTP, by number: `noObject` is `no-object`. */
export const CACHE_NAMES = namesByNumber(CacheResult);
export const REASON_NAMES = namesByNumber(AnswerReason);
export const CODING_NAMES = ['identity', 'gzip', 'br', 'zstd'] as const;

function namesByNumber(numbers: Readonly<Record<string, number>>): readonly string[] {
  const names: string[] = [];
  for (const [name, number] of Object.entries(numbers)) {
    names[number] = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  }
  return names;
}
