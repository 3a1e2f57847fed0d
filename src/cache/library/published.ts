/**
 * The messages by which the main thread tells a data-path worker of the cache: plain objects, fit for `postMessage`.
 *
 * The bytes themselves never travel, and neither do their descriptions (record.ts). Both lie in slabs of
 * SharedArrayBuffer memory that every thread sees. A slab is sent once to each worker and has a number from then on:
 * a second `postMessage` of one SharedArrayBuffer would make a second JavaScript object for it.
 */

/** The most names in one message. A worker needs 2 µs for a new name, so a quarter of a millisecond for a message. */
export const NAMES_PER_MESSAGE = 128;

/**
 * Messages from the main thread to a worker's `Store`, applied between two frames.
 *
 * @example
 * ```ts
 * import { parentPort } from 'node:worker_threads';
 * import { type CacheMessage, Store } from 'fastpath';
 *
 * // In a worker: each message of the main thread's library changes the store.
 * const store = new Store((id) => parentPort?.postMessage({ released: id }));
 * parentPort?.on('message', (message: CacheMessage) => store.apply(message));
 * ```
 */
export type CacheMessage =
  /** A new slab; comes before the names that lie in it. */
  | { readonly kind: 'memory'; readonly slab: number; readonly buffer: SharedArrayBuffer }
  /** Nothing lies in this slab any more. Its number may be given to another one later. */
  | { readonly kind: 'forget'; readonly slab: number }
  /** New names. One whose key is taken replaces the old one, which is thereby retired. */
  | { readonly kind: 'publish'; readonly names: Int32Array }
  /** Names that are no longer to be found. */
  | { readonly kind: 'retire'; readonly names: Int32Array }
  /** The used bits of all objects. Comes first. `countsHits`: each object counts how often it is found. */
  | { readonly kind: 'used'; readonly used: Uint8Array; readonly countsHits: boolean }
  /** What the bodies in pieces of this worker may hold of the cache's memory, bytes. */
  | { readonly kind: 'share'; readonly bytes: number }
  /** Whether a site has names that are not in memory: then a miss is no 404 yet, and the worker asks. */
  | { readonly kind: 'catalogue'; readonly site: number; readonly isLazy: boolean }
  /** Answers to what this worker has asked for: pairs of the ask's number and an outcome. */
  | { readonly kind: 'settled'; readonly outcomes: Int32Array };

/** `names` holds pairs: the slab's number, and the word in it at which the name's record begins. */
export const WORDS_PER_NAME = 2;
