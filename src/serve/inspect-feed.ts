/**
 * What a running server tells the inspector: frames, control blocks, counters, the objects of its cache. It is gathered
 * on the main thread while a page is open, and not otherwise.
 */

import type { Library } from '../cache/library/library.js';
import type { Feed } from '../inspector/page-server.js';
import { latin1Bytes } from '../net/wire/latin1.js';
import type { LoadedSite } from './folders/site-folders.js';
import { LiveLists } from './live-lists.js';
import type { DataPlane } from './worker/data-plane.js';
import type { TcbSnapshot } from './worker/messages.js';

const EVERY_MS = 100;
/** Counters and the cache change slowly: with every tenth of the news. */
const SLOW = 10;
/** Objects that are listed. */
const MOST_OBJECTS = 200;
/** A larger object is not shown byte by byte. */
const MOST_OBJECT_BYTES = 4 * 1024 * 1024;
/** Control blocks that wait for the next news. */
const MOST_BLOCKS = 256;

export class InspectFeed implements Feed {
  readonly #plane: DataPlane;
  readonly #library: Library;
  readonly #sites: () => readonly LoadedSite[];
  readonly #pages = new Set<(json: string) => void>();
  readonly #lists: LiveLists;
  #blocks: TcbSnapshot[] = [];
  #timer: NodeJS.Timeout | undefined;
  #turns = 0;

  constructor(plane: DataPlane, library: Library, sites: () => readonly LoadedSite[]) {
    this.#plane = plane;
    this.#library = library;
    this.#sites = sites;
    this.#lists = new LiveLists(plane.taps.length);
    plane.onBlocks = (worker, { blocks, list }) => {
      this.#blocks = [...this.#blocks, ...blocks].slice(-MOST_BLOCKS);
      if (list !== undefined) this.#lists.add(worker, list);
    };
  }

  watch(tell: (json: string) => void): () => void {
    this.#pages.add(tell);
    if (this.#timer === undefined) {
      for (const tap of this.#plane.taps) tap.watched = true;
      this.#turns = 0;
      this.#lists.clear();
      this.#timer = setInterval(() => this.#tell(), EVERY_MS).unref();
    }
    return () => {
      this.#pages.delete(tell);
      if (this.#pages.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      for (const tap of this.#plane.taps) tap.watched = false;
    };
  }

  object(host: string, path: string): Uint8Array | undefined {
    const site = this.#sites().find(({ number }) => this.#hostOf(number) === host);
    const held = this.#library.hold(latin1Bytes(path), site?.number);
    if (held === undefined) return undefined;
    const bytes = held.payload.length > MOST_OBJECT_BYTES ? undefined : held.payload.slice();
    this.#library.letGo(held);
    return bytes;
  }

  #tell(): void {
    const frames = this.#plane.taps.flatMap((tap) => tap.take()).sort((a, b) => a.time - b.time);
    const isSlow = this.#turns++ % SLOW === 0;
    const live = this.#lists.take();
    if (frames.length === 0 && this.#blocks.length === 0 && live === undefined && !isSlow) return;
    const json = JSON.stringify({
      frames: frames.map(({ time, length, bytes }) => [time, length, Buffer.from(bytes).toString('base64')]),
      missed: this.#plane.taps.reduce((sum, tap) => sum + tap.missed, 0),
      tcbs: this.#blocks,
      ...(live !== undefined && { live: { time: live.time, keys: base64Of(live.keys) } }),
      ...(isSlow && { counters: Object.fromEntries(this.#plane.counters()), cache: this.#objects() }),
    });
    this.#blocks = [];
    for (const tell of this.#pages) tell(json);
  }

  /** The objects that were asked for most. */
  #objects() {
    return this.#library
      .mostAskedFor(MOST_OBJECTS)
      .map(({ name, site, bytes, hits }) => ({ host: this.#hostOf(site), path: name, bytes, hits }));
  }

  /** What the page calls a site. */
  #hostOf(site: number): string {
    const sites = this.#sites();
    return sites.length === 1 ? 'server' : (sites.find(({ number }) => number === site)?.name ?? 'server');
  }
}

/** Words in the order of bytes of this machine, which is that of the page on it. */
function base64Of({ buffer, byteOffset, byteLength }: Uint32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
