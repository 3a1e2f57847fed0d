/**
 * What the workers have yet to be told, in order, with neighbours of one kind put into one message. Used by library.ts.
 */
import type { CacheMessage, PublishedEntry } from './published.js';
import type { Slab } from './slab.js';

/** Entries or ids a message carries at most: applying one (3 µs each) then holds up a worker's frames for 0.4 ms. */
const ITEMS_PER_MESSAGE = 128;

export class Outbox {
  #messages: CacheMessage[] = [];
  #entries: PublishedEntry[] = [];
  #ids: number[] = [];

  slabAdded(slab: Slab): void {
    this.#close();
    this.#messages.push({ kind: 'memory', slab: slab.id, buffer: slab.buffer });
  }

  slabDropped(slab: Slab): void {
    this.#close();
    this.#messages.push({ kind: 'forget', slab: slab.id });
  }

  publish(entry: PublishedEntry): void {
    if (this.#ids.length > 0 || this.#entries.length === ITEMS_PER_MESSAGE) this.#close();
    this.#entries.push(entry);
  }

  retire(id: number): void {
    if (this.#entries.length > 0 || this.#ids.length === ITEMS_PER_MESSAGE) this.#close();
    this.#ids.push(id);
  }

  /** All messages so far, which are forgotten here. */
  take(): readonly CacheMessage[] {
    this.#close();
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  #close(): void {
    if (this.#entries.length > 0) this.#messages.push({ kind: 'publish', entries: this.#entries });
    if (this.#ids.length > 0) this.#messages.push({ kind: 'retire', ids: this.#ids });
    this.#entries = [];
    this.#ids = [];
  }
}
