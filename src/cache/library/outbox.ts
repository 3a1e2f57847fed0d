/**
 * The changes that the workers have not been told yet, in order. Neighbours of one kind share a message. Used by
 * library.ts.
 */
import { type CacheMessage, NAMES_PER_MESSAGE, WORDS_PER_NAME } from './published.js';

export class Outbox {
  #messages: CacheMessage[] = [];
  /** Pairs of slab and place that go into the next message, and whether they are published or retired. */
  #names: number[] = [];
  #kind: 'publish' | 'retire' = 'publish';

  slabAdded(slab: number, buffer: SharedArrayBuffer): void {
    this.#close();
    this.#messages.push({ kind: 'memory', slab, buffer });
  }

  slabDropped(slab: number): void {
    this.#close();
    this.#messages.push({ kind: 'forget', slab });
  }

  used(used: Uint8Array, countsHits: boolean): void {
    this.#messages.push({ kind: 'used', used, countsHits });
  }

  catalogue(site: number, isLazy: boolean): void {
    this.#close();
    this.#messages.push({ kind: 'catalogue', site, isLazy });
  }

  publish(slab: number, nameAt: number): void {
    this.#add('publish', slab, nameAt);
  }

  retire(slab: number, nameAt: number): void {
    this.#add('retire', slab, nameAt);
  }

  /** All messages so far, which are forgotten here. */
  take(): readonly CacheMessage[] {
    this.#close();
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  #add(kind: 'publish' | 'retire', slab: number, nameAt: number): void {
    if (kind !== this.#kind || this.#names.length === NAMES_PER_MESSAGE * WORDS_PER_NAME) this.#close();
    this.#kind = kind;
    this.#names.push(slab, nameAt);
  }

  #close(): void {
    if (this.#names.length === 0) return;
    this.#messages.push({ kind: this.#kind, names: Int32Array.from(this.#names) });
    this.#names = [];
  }
}
