/**
 * One cached response, as a data-path worker sees it. A response has three parts, under the names that AFPA gives
 * them: a mutable head (made by src/http, a new one each second), a fixed head, and a payload. The last two are here.
 *
 *     HTTP/1.1 200 OK          | mutable head: status line, Date, Connection: not here, made by src/http
 *     Date: ...                |
 *     Content-Type: text/html  | fixed head      \
 *     ...                      |                  } `bytes`: one SummedBytes in shared memory, never changed
 *     <empty line>             |                 /
 *     <!doctype html>...       | payload        /
 *
 * So for a hit TCP gets two pieces: the mutable head, then all of `bytes`. The checksums of both are known.
 *
 * Entries refer to memory that the main thread owns. Nothing in it is changed while any connection may still have to
 * send it, or send it again: a new version of a file is a new entry in other memory, and the old one is *retired*.
 * TCP's retain and release count its readers. When the last reader of a retired entry lets go, the worker tells the
 * main thread. When all workers have done so, the main thread uses the memory again.
 *
 * An entry is made at the first hit. Objects that no client asks for have their record in shared memory (record.ts) and
 * no JavaScript object.
 */
import { latin1Text } from '../../net/wire/latin1.js';
import { SummedBytes } from '../../net/wire/summed-bytes.js';
import * as record from './record.js';
import { NEGOTIATED, PUBLISHED } from './variant-bits.js';

const NOTHING = new Uint8Array(0);

export class Entry {
  // What a hit touches stands first: with 100,000 objects each cache line of an entry is a wait for memory.
  readonly site: number;
  readonly coding: number;
  /** The path's bytes are `memory[keyFrom, keyFrom + keyLength)`. */
  readonly memory: Uint8Array;
  readonly keyFrom: number;
  readonly keyLength: number;
  /** A 200 with its payload in `bytes`: what the fast path sends. */
  readonly isWhole: boolean;
  #bytes: SummedBytes | null = null;
  /** 200; 301 for a folder asked for without its slash. */
  readonly status: number;
  /** Bytes of the payload, whether they are in `bytes` or come in pieces. */
  readonly payloadLength: number;
  /** Its number in the queue for eviction: the place of its used bit (s3-fifo.ts). */
  readonly rank: number;
  /** Whether Accept-Encoding chooses between this and other variants; its heads have Vary then. */
  readonly isNegotiated: boolean;

  readonly id: number;
  readonly generation: number;
  /** The file whose pieces are the payload (pieces.ts); 0: the payload is in `bytes`, as for most objects. */
  readonly stream: number;
  /** Seconds since 1970, or -1 when there is none. */
  readonly lastModifiedSeconds: number;
  /** The second (since 1970) at which its age was 0, and the first at which it must not be sent; `until` 0: no end. */
  readonly born: number;
  readonly until: number;
  /** Offset of the payload in `bytes`, and so the length of the fixed head. */
  readonly payloadFrom: number;
  readonly #view: record.SlabView;
  /** The word at which the object's record begins, and the byte at which its block does. */
  readonly #objectAt: number;
  readonly #blockFrom: number;
  #head: SummedBytes | null = null;
  #partialHead: SummedBytes | null = null;
  #notModified: SummedBytes | null = null;
  #etag: Uint8Array | null = null;
  #onLetGo: ((entry: Entry) => void) | null = null;
  #retired = false;
  /** Of an identity: its variants that have been asked for, so that a hit looks up one name and not two. */
  #gzip: Entry | null = null;
  #brotli: Entry | null = null;
  #zstd: Entry | null = null;

  /** The entry of the name whose record begins at word `nameAt`: one that `isSound`. */
  constructor(view: record.SlabView, nameAt: number) {
    this.#view = view;
    this.#objectAt = view.word(nameAt + record.OBJECT_AT);
    this.#blockFrom = record.blockAt(this.#objectAt);
    this.memory = view.bytes;
    this.keyFrom = this.#blockFrom + view.word(nameAt + record.KEY_FROM);
    this.keyLength = view.word(nameAt + record.KEY_LENGTH);
    this.id = view.word(nameAt + record.ID);
    this.generation = view.word(nameAt + record.GENERATION);
    this.site = view.word(nameAt + record.SITE);
    this.coding = view.word(nameAt + record.CODING);
    this.status = this.#word(record.STATUS);
    this.rank = this.#word(record.RANK);
    this.stream = this.#word(record.STREAM);
    this.isWhole = this.status === 200 && this.stream === 0;
    this.lastModifiedSeconds = unboxed(view.double(this.#objectAt, record.LAST_MODIFIED));
    this.born = this.#word(record.BORN) >>> 0;
    this.until = this.#word(record.UNTIL) >>> 0;
    this.payloadFrom = this.#word(record.HEAD_LENGTH);
    this.payloadLength = unboxed(view.double(this.#objectAt, record.PAYLOAD_LENGTH));
    this.isNegotiated = (this.#word(record.VARIANTS) & NEGOTIATED) !== 0;
  }

  /** Whether its key is this one. Compares in place: once for each request. */
  matches(bytes: Uint8Array, from: number, to: number, site: number, coding: number): boolean {
    const length = to - from;
    if (this.keyLength !== length || this.site !== site || this.coding !== coding) return false;
    const memory = this.memory;
    const keyFrom = this.keyFrom;
    for (let i = 0; i < length; i++) {
      if (memory[keyFrom + i] !== bytes[from + i]) return false;
    }
    return true;
  }

  /** It was found once more. All workers count in the same word. */
  countHit(): void {
    Atomics.add(this.#view.words, this.#objectAt + record.HITS, 1);
  }

  /** Bit n: the variant in coding n is published. The main thread may change it at any time. */
  get variants(): number {
    return this.#word(record.VARIANTS) & PUBLISHED;
  }

  /** All bits of that word (variants/variant-bits.ts). */
  get variantBits(): number {
    return this.#word(record.VARIANTS);
  }

  /** The variant in this coding, if it has been linked: store.ts does it when it is first asked for. */
  linked(coding: number): Entry | null {
    if (coding === record.Coding.brotli) return this.#brotli;
    return coding === record.Coding.gzip ? this.#gzip : this.#zstd;
  }

  /** Links a variant, or with null undoes it. */
  link(coding: number, variant: Entry | null): void {
    if (coding === record.Coding.brotli) this.#brotli = variant;
    else if (coding === record.Coding.gzip) this.#gzip = variant;
    else this.#zstd = variant;
  }

  /** A redirect or a short text of the site, for a path that has no page of its own. */
  get isStandIn(): boolean {
    return record.OBJECT_KINDS[this.#word(record.KIND)] === 'redirect';
  }

  /** Value of Content-Type. */
  get contentType(): string {
    return this.#text(record.TYPE_FROM, record.TYPE_LENGTH);
  }

  /** Value of Location in the fixed head of a 301 (an absolute path, percent-encoded), else ''. */
  get location(): string {
    return this.#text(record.LOCATION_FROM, record.LOCATION_LENGTH);
  }

  /**
   * Fixed head and payload, one behind the other: the answer to GET after the mutable head. Of an object whose payload
   * comes in pieces it is the fixed head alone.
   */
  get bytes(): SummedBytes {
    if (this.#bytes === null) {
      const tableFrom = this.#view.double(this.#objectAt, record.TABLE_FROM);
      const here = this.stream === 0 ? this.payloadLength : 0;
      this.#bytes = this.#summed(this.#word(record.HEAD_FROM), this.payloadFrom + here, tableFrom);
    }
    return this.#bytes;
  }

  /**
   * The fixed head alone: the answer to HEAD. The same memory as the start of `bytes`, with a table of its own, since
   * `payloadFrom` is no block edge of the other.
   */
  get head(): SummedBytes {
    if (this.#head === null) {
      this.#head = this.#watched(SummedBytes.of(this.#part(this.#word(record.HEAD_FROM), this.payloadFrom)));
    }
    return this.#head;
  }

  /**
   * The fixed head without its first field, Content-Length: for 206, after a mutable head that has Content-Range and a
   * Content-Length of its own (RFC 9110 section 15.3.7). With its empty line.
   */
  get partialHead(): SummedBytes {
    if (this.#partialHead === null) {
      const left = this.#word(record.LENGTH_FIELD_LENGTH);
      const rest = this.#part(this.#word(record.HEAD_FROM) + left, this.payloadFrom - left);
      this.#partialHead = this.#watched(SummedBytes.of(rest));
    }
    return this.#partialHead;
  }

  /** The fixed head of 304 (RFC 9110 section 15.4.5) with its empty line; null where there is no validator. */
  get notModified(): SummedBytes | null {
    const length = this.#word(record.NOT_MODIFIED_LENGTH);
    if (this.#notModified === null && length > 0) {
      const tableFrom = this.#word(record.NOT_MODIFIED_TABLE_FROM);
      this.#notModified = this.#summed(this.#word(record.NOT_MODIFIED_FROM), length, tableFrom);
    }
    return this.#notModified;
  }

  /** The entity-tag is a weak one: only weak comparison is allowed (RFC 9110 section 8.8.3.2). */
  get hasWeakTag(): boolean {
    return this.#word(record.ETAG_IS_WEAK) !== 0;
  }

  /** The entity-tag with its quotes (RFC 9110 section 8.8.3), without `W/`; empty when there is none. */
  get etag(): Uint8Array {
    if (this.#etag === null) {
      const length = this.#word(record.ETAG_LENGTH);
      this.#etag = length === 0 ? NOTHING : this.#part(this.#word(record.ETAG_FROM), length);
    }
    return this.#etag;
  }

  /** How many send queues hold bytes of this entry. */
  get readers(): number {
    let readers = 0;
    if (this.#bytes !== null) readers += this.#bytes.readers;
    if (this.#head !== null) readers += this.#head.readers;
    if (this.#partialHead !== null) readers += this.#partialHead.readers;
    if (this.#notModified !== null) readers += this.#notModified.readers;
    return readers;
  }

  /** Whether it has been replaced or removed. It can still be sent, but is not found any more. */
  get retired(): boolean {
    return this.#retired;
  }

  /** Marks it as retired. `onLetGo` is called once, when no reader is left: at once, or later. */
  retire(onLetGo: (entry: Entry) => void): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#onLetGo = onLetGo;
    this.#gzip = this.#brotli = this.#zstd = null; // a slow download must not keep their memory
    for (const bytes of [this.#bytes, this.#head, this.#partialHead, this.#notModified]) {
      if (bytes !== null) this.#watched(bytes);
    }
    this.#letGoIfUnused();
  }

  #word(index: number): number {
    return this.#view.word(this.#objectAt + index);
  }

  #part(from: number, length: number): Uint8Array {
    const start = this.#blockFrom + from;
    return this.#view.bytes.subarray(start, start + length);
  }

  #text(from: number, length: number): string {
    const start = this.#blockFrom + this.#word(from);
    return latin1Text(this.#view.bytes, start, start + this.#word(length));
  }

  #summed(from: number, length: number, tableFrom: number): SummedBytes {
    const { buffer } = this.#view.bytes;
    const table = new Uint16Array(buffer, this.#blockFrom + tableFrom, SummedBytes.tableLength(length));
    return this.#watched(SummedBytes.withTable(this.#part(from, length), table));
  }

  // Only a retired entry needs to know: a live one would be told after every response.
  #watched(bytes: SummedBytes): SummedBytes {
    if (this.#retired) bytes.onUnused = () => this.#letGoIfUnused();
    return bytes;
  }

  #letGoIfUnused(): void {
    const onLetGo = this.#onLetGo;
    if (onLetGo === null || this.readers > 0) return;
    this.#onLetGo = null;
    onLetGo(this);
  }
}

/** The same number as a small integer if it is one: V8 keeps any other as an object of its own, a cache line more. */
function unboxed(value: number): number {
  return value === (value | 0) ? value | 0 : value;
}

/**
 * Whether the name whose record begins at word `nameAt` can be used: everything that it and its object refer to lies
 * within the object's block, the block within the slab, and the tables at even places.
 */
export function isSound(view: record.SlabView, nameAt: number): boolean {
  const { words, bytes } = view;
  if (!isIndex(nameAt, words.length - record.NAME_WORDS)) return false;
  const objectAt = view.word(nameAt + record.OBJECT_AT);
  if (!isIndex(objectAt, words.length - record.FIRST_NAME) || objectAt % 2 !== 0) return false;
  const size = view.word(objectAt + record.BLOCK_UNITS) * record.BLOCK_UNIT;
  if (!fits(record.blockAt(objectAt), size, bytes.length)) return false;
  return partsFit(view, objectAt, size) && rangeFits(view, nameAt + record.KEY_FROM, size);
}

function partsFit(view: record.SlabView, objectAt: number, size: number): boolean {
  const headLength = view.word(objectAt + record.HEAD_LENGTH);
  const isStreamed = view.word(objectAt + record.STREAM) !== 0;
  const payloadLength = isStreamed ? 0 : view.double(objectAt, record.PAYLOAD_LENGTH);
  const tableFrom = view.double(objectAt, record.TABLE_FROM);
  const notModifiedLength = view.word(objectAt + record.NOT_MODIFIED_LENGTH);
  const notModifiedTableFrom = view.word(objectAt + record.NOT_MODIFIED_TABLE_FROM);
  return (
    rangeFits(view, objectAt + record.HEAD_FROM, size) &&
    fits(view.word(objectAt + record.HEAD_FROM) + headLength, payloadLength, size) &&
    fits(view.word(objectAt + record.LENGTH_FIELD_LENGTH), 0, headLength) &&
    fits(tableFrom, 2 * SummedBytes.tableLength(headLength + payloadLength), size) &&
    rangeFits(view, objectAt + record.NOT_MODIFIED_FROM, size) &&
    fits(notModifiedTableFrom, 2 * SummedBytes.tableLength(notModifiedLength), size) &&
    rangeFits(view, objectAt + record.ETAG_FROM, size) &&
    rangeFits(view, objectAt + record.TYPE_FROM, size) &&
    rangeFits(view, objectAt + record.LOCATION_FROM, size) &&
    tableFrom % 2 === 0 &&
    notModifiedTableFrom % 2 === 0
  );
}

/** Whether the range whose offset and length are the words at `at` lies within `size` bytes. */
function rangeFits(view: record.SlabView, at: number, size: number): boolean {
  return fits(view.word(at), view.word(at + 1), size);
}

function isIndex(index: number, last: number): boolean {
  return Number.isInteger(index) && index >= 0 && index <= last;
}

function fits(from: number, length: number, size: number): boolean {
  return Number.isInteger(from) && Number.isInteger(length) && from >= 0 && length >= 0 && from + length <= size;
}
