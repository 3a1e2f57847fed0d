/**
 * One cached response, as a data-path worker sees it: what AFPA calls a mutable head (made by src/http, a new one each
 * second), a fixed head, and a payload.
 *
 *     HTTP/1.1 200 OK          | mutable head: status line, Date, Connection: not here, made by src/http
 *     Date: ...                |
 *     Content-Type: text/html  | fixed head      \
 *     ...                      |                  } `bytes`: one SummedBytes in shared memory, never changed
 *     <empty line>             |                 /
 *     <!doctype html>...       | payload        /
 *
 * So a hit is two pieces for TCP: the mutable head, then `bytes` from 0 to its length. The checksums of both are known.
 *
 * Entries refer to memory that the main thread owns. Nothing in it is changed while any connection may still have to
 * send it, or send it again: a new version of a file is a new entry in other memory, and the old one is *retired*.
 * TCP's retain and release count its readers; when the last one of a retired entry lets go, the worker says so, and
 * the main thread uses the memory again once all workers have.
 *
 * The views of the memory are made at the first hit, so that the 99,000 of 100,000 objects that nobody asks for cost
 * no more than their description.
 */
import { SummedBytes } from '../net/wire/summed-bytes.js';
import type { PublishedEntry } from './published.js';

const NOTHING = new Uint8Array(0);

export class Entry {
  readonly id: number;
  readonly generation: number;
  readonly site: number;
  readonly coding: number;
  /** 200; 301 for a folder asked for without its slash; 503 for a file over a limit. */
  readonly status: number;
  readonly contentType: string;
  /** Seconds since 1970, or -1 when there is none. */
  readonly lastModifiedSeconds: number;
  /** Value of Location in the fixed head of a 301 (an absolute path, percent-encoded), else ''. */
  readonly location: string;
  /** Offset of the payload in `bytes`, and so the length of the fixed head. */
  readonly payloadFrom: number;
  readonly payloadLength: number;
  /** The path's bytes are `memory[keyFrom, keyTo)`. */
  readonly memory: Uint8Array;
  readonly keyFrom: number;
  readonly keyTo: number;

  readonly #where: PublishedEntry;
  #bytes: SummedBytes | null = null;
  #head: SummedBytes | null = null;
  #partialHead: SummedBytes | null = null;
  #notModified: SummedBytes | null = null;
  #etag: Uint8Array | null = null;
  #onLetGo: ((entry: Entry) => void) | null = null;
  #retired = false;

  /** `memory` is the whole slab. Throws RangeError if the description points out of it. */
  constructor(where: PublishedEntry, memory: Uint8Array) {
    checkBounds(where, memory.length);
    this.id = where.id;
    this.generation = where.generation;
    this.site = where.site;
    this.coding = where.coding;
    this.status = where.status;
    this.contentType = where.contentType;
    this.lastModifiedSeconds = where.lastModifiedSeconds;
    this.location = where.location;
    this.payloadFrom = where.headLength;
    this.payloadLength = where.payloadLength;
    this.memory = memory;
    this.keyFrom = where.keyFrom;
    this.keyTo = where.keyFrom + where.keyLength;
    this.#where = where;
  }

  /** Fixed head and payload, one behind the other: the answer to GET after the mutable head. */
  get bytes(): SummedBytes {
    if (this.#bytes === null) {
      const { bytesFrom, headLength, payloadLength, tableFrom } = this.#where;
      this.#bytes = this.#view(bytesFrom, headLength + payloadLength, tableFrom);
    }
    return this.#bytes;
  }

  /**
   * The fixed head alone: the answer to HEAD. The same memory as the start of `bytes`, with a table of its own, since
   * `payloadFrom` is no block edge of the other.
   */
  get head(): SummedBytes {
    if (this.#head === null) {
      const from = this.#where.bytesFrom;
      this.#head = this.#watched(SummedBytes.of(this.memory.subarray(from, from + this.#where.headLength)));
    }
    return this.#head;
  }

  /**
   * The fixed head without its first field, Content-Length: for 206, after a mutable head that has Content-Range and a
   * Content-Length of its own (RFC 9110 section 15.3.7). With its empty line.
   */
  get partialHead(): SummedBytes {
    if (this.#partialHead === null) {
      const { bytesFrom, lengthFieldLength, headLength } = this.#where;
      const rest = this.memory.subarray(bytesFrom + lengthFieldLength, bytesFrom + headLength);
      this.#partialHead = this.#watched(SummedBytes.of(rest));
    }
    return this.#partialHead;
  }

  /** The fixed head of 304 (RFC 9110 section 15.4.5) with its empty line; null where there is no validator. */
  get notModified(): SummedBytes | null {
    const { notModifiedFrom, notModifiedLength, notModifiedTableFrom } = this.#where;
    if (this.#notModified === null && notModifiedLength > 0) {
      this.#notModified = this.#view(notModifiedFrom, notModifiedLength, notModifiedTableFrom);
    }
    return this.#notModified;
  }

  /** The entity-tag with its quotes (RFC 9110 section 8.8.3), always strong; empty when there is none. */
  get etag(): Uint8Array {
    if (this.#etag === null) {
      const { etagFrom, etagLength } = this.#where;
      this.#etag = etagLength === 0 ? NOTHING : this.memory.subarray(etagFrom, etagFrom + etagLength);
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

  /** Whether the key's path is `bytes[from, to)`. Compares in place. */
  matches(bytes: Uint8Array, from: number, to: number, site: number, coding: number): boolean {
    const keyFrom = this.keyFrom;
    const length = to - from;
    if (this.keyTo - keyFrom !== length || this.site !== site || this.coding !== coding) return false;
    const memory = this.memory;
    for (let i = 0; i < length; i++) {
      if (memory[keyFrom + i] !== bytes[from + i]) return false;
    }
    return true;
  }

  /** Marks it as not to be found any more; `onLetGo` is called once, when no reader is left: at once, or later. */
  retire(onLetGo: (entry: Entry) => void): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#onLetGo = onLetGo;
    for (const bytes of [this.#bytes, this.#head, this.#partialHead, this.#notModified]) {
      if (bytes !== null) this.#watched(bytes);
    }
    this.#letGoIfUnused();
  }

  #view(from: number, length: number, tableFrom: number): SummedBytes {
    const buffer = this.memory.buffer;
    const table = new Uint16Array(buffer, tableFrom, SummedBytes.tableLength(length));
    return this.#watched(SummedBytes.withTable(this.memory.subarray(from, from + length), table));
  }

  // Only a retired entry wants to know: a live one would be told after every response.
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

/** Throws RangeError unless everything that `where` names lies within `size` bytes, and the tables at even places. */
function checkBounds(where: PublishedEntry, size: number): void {
  const bytesLength = where.headLength + where.payloadLength;
  const inside =
    fits(where.bytesFrom, where.headLength, size) &&
    fits(where.bytesFrom + where.headLength, where.payloadLength, size) &&
    fits(where.lengthFieldLength, 0, where.headLength) &&
    fits(where.tableFrom, 2 * SummedBytes.tableLength(bytesLength), size) &&
    fits(where.notModifiedFrom, where.notModifiedLength, size) &&
    fits(where.notModifiedTableFrom, 2 * SummedBytes.tableLength(where.notModifiedLength), size) &&
    fits(where.etagFrom, where.etagLength, size) &&
    fits(where.keyFrom, where.keyLength, size);
  if (!inside || (where.tableFrom | where.notModifiedTableFrom) & 1) {
    throw new RangeError(`cache entry ${where.id} points out of its slab`);
  }
}

function fits(from: number, length: number, size: number): boolean {
  return Number.isInteger(from) && Number.isInteger(length) && from >= 0 && length >= 0 && from + length <= size;
}
