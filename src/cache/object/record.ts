/**
 * How an object of the cache describes itself: a few words at the start of its block, in memory that all threads share.
 *
 *     word 0                       31                       39
 *     | the object                 | its first name         | its second name ... |
 *
 * A worker that learns of an object is told where this record lies and nothing more. So an object that no client asks
 * for costs a worker 20 bytes and no JavaScript object. Words are 32 bits in the machine's order. Three values are
 * doubles, since they may pass 2^31. All offsets count bytes from the start of the block (see layout.ts).
 *
 * A record is written before its object is published and never changed while a worker may read it, except for four
 * words: the counters NAMES_LIVE and NAMES_HELD, which only the main thread knows, VARIANTS, and HITS.
 */

/** Length of the block in units of `BLOCK_UNIT` bytes. */
export const BLOCK_UNITS = 0;
/** HTTP status: 200 or 301 (a folder asked for without its slash). */
export const STATUS = 1;
/** One of `OBJECT_KINDS`, by number. */
export const KIND = 2;
export const NAME_COUNT = 3;
export const HEAD_FROM = 4;
/** Bytes of the fixed head; the payload follows it without a gap. */
export const HEAD_LENGTH = 5;
/** Bytes of the first field of the fixed head, always Content-Length, with its CRLF. */
export const LENGTH_FIELD_LENGTH = 6;
export const NOT_MODIFIED_FROM = 7;
/** 0: this object is never answered with 304. */
export const NOT_MODIFIED_LENGTH = 8;
/** Even: a table of 16-bit entries begins here. */
export const NOT_MODIFIED_TABLE_FROM = 9;
/** The entity-tag with its quotes, in the fixed head; length 0: there is none. */
export const ETAG_FROM = 10;
export const ETAG_LENGTH = 11;
/** Value of Content-Type, in the fixed head. */
export const TYPE_FROM = 12;
export const TYPE_LENGTH = 13;
/** Value of Location, in the fixed head of a 301; else length 0. */
export const LOCATION_FROM = 14;
export const LOCATION_LENGTH = 15;
/** The main thread's own: names by which the object can be found, and those found or still being sent. */
export const NAMES_LIVE = 16;
export const NAMES_HELD = 17;

/** Doubles: their index is half that of a word. */
export const PAYLOAD_LENGTH = 9;
/** Even: the prefix sums of head and payload begin here. */
export const TABLE_FROM = 10;
/** Seconds since 1970, or -1 when there is no Last-Modified. */
export const LAST_MODIFIED = 11;

/** The object's number in the queue for eviction (s3-fifo.ts); 0: it is never evicted. */
export const RANK = 24;
/** The number of the file whose pieces are the payload (pieces.ts); 0: the payload follows the fixed head. */
export const STREAM = 25;

/**
 * Of a file's identity: bit n is set while its variant in coding n is published; other bits are those of
 * variants/variant-bits.ts. The main thread changes it, workers read it at each request. So it is only a hint to a
 * worker: the variant itself comes and goes by messages.
 */
export const VARIANTS = 26;

/**
 * Of an answer that was kept for a time (src/shared-cache): the second since 1970 at which its age was 0, and the first
 * one at which it must not be sent any more. Unsigned: they go to the year 2106. `UNTIL` is 0 for all other objects.
 */
export const BORN = 27;
export const UNTIL = 28;
/** 1: the entity-tag is a weak one. `ETAG_FROM` and `ETAG_LENGTH` are those of what stands behind its `W/`. */
export const ETAG_IS_WEAK = 29;

/** How often it was found, modulo 2^32, since it was written. Counted only if somebody looks: `Library.countHits`. */
export const HITS = 30;

/** Where the names begin, and words of each. */
export const FIRST_NAME = 31;
export const NAME_WORDS = 8;

/** Words of a name: the word in the slab at which its object's record begins. */
export const OBJECT_AT = 0;
/** Names this version of this entry; never used again. What "released" refers to. */
export const ID = 1;
/** 1 for the first object under a key, one more with each that replaces it. */
export const GENERATION = 2;
/** Parts of the key: the virtual host, the content-coding, the path. */
export const SITE = 3;
export const CODING = 4;
export const KEY_FROM = 5;
export const KEY_LENGTH = 6;
/** `hashKey` of the three, computed once. */
export const HASH = 7;

/** The variant of a representation: its content-coding (RFC 9110 section 8.4.1), as the number used in keys. */
export const Coding = { identity: 0, gzip: 1, brotli: 2, zstd: 3 } as const;

/** The site (virtual host) of every object for which no other is named. */
export const DEFAULT_SITE = 0;

/**
 * The kind of an object decides whether the limit applies to it, and where it counts in the statistics. A notice is a
 * short answer of the server's own. A piece is a part of a large file. A page is the list of a folder, an error page or
 * the page of a single-page application. What is stored is the answer of a handler or an upstream.
 */
export const OBJECT_KINDS = ['file', 'redirect', 'notice', 'variant', 'piece', 'page', 'stored'] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** Blocks begin on cache lines: the head of one object shares none with the tail of another. */
export const BLOCK_UNIT = 64;
const WORD_BYTES = 4;

/** One slab of shared memory, as bytes, 16-bit sums, words and doubles. */
export class SlabView {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly data: DataView;
  readonly sums: Uint16Array;
  readonly words: Int32Array;
  readonly doubles: Float64Array;

  /** @throws {RangeError} if the length is no multiple of `BLOCK_UNIT`, or more than a typed array can have. */
  constructor(id: number, buffer: SharedArrayBuffer) {
    if (buffer.byteLength % BLOCK_UNIT !== 0) throw new RangeError(`slab ${id} ends within a block`);
    this.id = id;
    this.bytes = new Uint8Array(buffer);
    this.data = new DataView(buffer);
    this.sums = new Uint16Array(buffer);
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
  }

  /** Writes text, a byte for each character (Latin-1). Names and heads are too short for a Buffer to pay. */
  write(text: string, from: number): void {
    const { bytes } = this;
    for (let i = 0; i < text.length; i++) bytes[from + i] = text.charCodeAt(i);
  }

  /** The word at `index`, which the caller knows to lie in the slab. */
  word(index: number): number {
    return this.words[index] as number;
  }

  /** The double at `index` of the record that begins at word `objectAt`. */
  double(objectAt: number, index: number): number {
    return this.doubles[objectAt / 2 + index] as number;
  }
}

/** The word at which the record of a block begins, from the block's offset in bytes. */
export function recordAt(blockFrom: number): number {
  return blockFrom / WORD_BYTES;
}

/** The offset in bytes of the block whose record begins at this word. */
export function blockAt(objectAt: number): number {
  return objectAt * WORD_BYTES;
}

/** Bytes of a record with so many names. */
export function recordBytes(names: number): number {
  return WORD_BYTES * (FIRST_NAME + NAME_WORDS * names);
}

/** What the hash of a path begins with. */
export const HASH_SEED = 0x811c9dc5 | 0;

/** FNV-1a, one octet on: the hash of a path with one more octet, as an int32. */
export function hashOctet(hash: number, octet: number): number {
  return Math.imul(hash ^ octet, 0x01000193);
}

/** The hash of a path, as the scanner of a request makes it on its way. */
export function hashPath(bytes: Uint8Array, from: number, to: number): number {
  let hash = HASH_SEED;
  for (let at = from; at < to; at++) hash = hashOctet(hash, bytes[at] as number);
  return hash;
}

/**
 * The hash of a key, from the hash of its path. Site and coding come last, since a request's site is known only after
 * its path. The top bits are folded down for the mask. Never 0, which is what an empty slot has.
 */
export function hashOfKey(pathHash: number, site: number, coding: number): number {
  const hash = hashOctet(hashOctet(pathHash, site), coding);
  return hash ^ (hash >>> 15) || 1;
}

/** `hashOfKey` for the path `bytes[from, to)`. */
export function hashKey(bytes: Uint8Array, from: number, to: number, site: number, coding: number): number {
  return hashOfKey(hashPath(bytes, from, to), site, coding);
}
