/**
 * What the main thread tells a data-path worker about the cache: plain objects that survive `postMessage`.
 *
 * The bytes themselves never travel. They lie in slabs of SharedArrayBuffer memory that every thread sees; a message
 * names a slab and offsets within it. A slab is sent once to each worker and has a number from then on (a second
 * `postMessage` of one SharedArrayBuffer would make a second JavaScript object for it).
 *
 * One cached object is one block of a slab, laid out so (see layout.ts):
 *
 *     bytesFrom      payloadFrom                     tableFrom        notModifiedFrom ...          keyFrom
 *     | fixed head   | payload                       | prefix sums    | fixed head of 304 | sums   | path
 *     |<------------- one SummedBytes ------------->|                 |<-- another ------>|
 */

/** The variant of a representation: its content-coding (RFC 9110 section 8.4.1), as the number used in keys. */
export const Coding = { identity: 0, gzip: 1, brotli: 2, zstd: 3 } as const;

/** The site (virtual host) of every object for which no other is named. */
export const DEFAULT_SITE = 0;

/** One entry: where its bytes lie, and what a responder wants to know of it. All offsets are into its slab. */
export interface PublishedEntry {
  /** Names this version of this entry; never used again. What `retire` and "released" refer to. */
  readonly id: number;
  /** 1 for the first object under a key, one more with each that replaces it. */
  readonly generation: number;
  /** Part of the key: which virtual host. */
  readonly site: number;
  /** Part of the key: one of `Coding`. */
  readonly coding: number;
  /** Number of the slab, as given in a `memory` message. */
  readonly slab: number;
  readonly keyFrom: number;
  readonly keyLength: number;
  readonly bytesFrom: number;
  /** Bytes of the fixed head; the payload follows it without a gap. */
  readonly headLength: number;
  /** Bytes of the first field of the fixed head, always Content-Length, with its CRLF. */
  readonly lengthFieldLength: number;
  readonly payloadLength: number;
  /** Even: a table of 16-bit entries begins here. */
  readonly tableFrom: number;
  readonly notModifiedFrom: number;
  /** 0: this entry is never answered with 304. */
  readonly notModifiedLength: number;
  readonly notModifiedTableFrom: number;
  /** HTTP status: 200, 301 (a folder asked for without its slash) or 503 (over a limit). */
  readonly status: number;
  /** The entity-tag with its quotes lies here in the fixed head; length 0: there is none. */
  readonly etagFrom: number;
  readonly etagLength: number;
  /** Seconds since 1970, or -1 when there is no Last-Modified. */
  readonly lastModifiedSeconds: number;
  readonly contentType: string;
  /** Value of the Location field of a 301, else ''. */
  readonly location: string;
}

/** Messages from the main thread to a worker's `Store`, applied between two frames. */
export type CacheMessage =
  /** A new slab; comes before the entries that lie in it. */
  | { readonly kind: 'memory'; readonly slab: number; readonly buffer: SharedArrayBuffer }
  /** Nothing lies in this slab any more and nothing will. */
  | { readonly kind: 'forget'; readonly slab: number }
  /** New entries. One whose key is taken replaces the old entry, which is thereby retired. */
  | { readonly kind: 'publish'; readonly entries: readonly PublishedEntry[] }
  /** Entries that are no longer to be found. */
  | { readonly kind: 'retire'; readonly ids: readonly number[] };
