/**
 * Publishes stored answers to the data path: each becomes an object of src/cache, in shared memory and with its sums,
 * in the key space of its cache (src/http/routes/kept-names.ts). From then on a request for it is a hit of the fast
 * path, until the second at which it expires: the worker compares that with its clock. Main thread.
 */
import type { Answer } from '../cache/head/heads.js';
import type { Library } from '../cache/library/library.js';
import { keptName } from '../http/index.js';
import { latin1Bytes } from '../net/wire/latin1.js';
import type { Place } from './match/key.js';
import type { PublishedAnswer, Publisher } from './publisher.js';
import { answerOf, measuresOf } from './stored-object.js';

/**
 * Puts the stored answers of one cache into the memory of the data path.
 *
 * @example
 * ```ts
 * import { type Library, LibraryPublisher, type Origin, SharedCache, type WallClock } from 'fastpath';
 *
 * // Answers that are kept become objects of the library, so that the fast path sends them.
 * export function cacheInFront(origin: Origin, library: Library, wallClock: WallClock): SharedCache {
 *   const publisher = new LibraryPublisher(library, 1, 'app'); // 1: a key space of its own
 *   return new SharedCache(origin, { name: 'app' }, { wallClock, publisher });
 * }
 * ```
 */
export class LibraryPublisher implements Publisher {
  readonly #library: Library;
  readonly #space: number;
  readonly #cacheStatus: string;

  /** `space`: the key space of the cache. `name`: of the cache, in Cache-Status. */
  constructor(library: Library, space: number, name: string) {
    this.#library = library;
    this.#space = space;
    this.#cacheStatus = `${name}; hit`;
  }

  put(published: PublishedAnswer): boolean {
    const { scheme, host, target, body } = published;
    const answer = answerOf(published, this.#cacheStatus);
    const name = keptName(scheme, host, target);
    return answer !== null && putKept(this.#library, this.#space, { name, answer, body });
  }

  remove({ scheme, host, target }: Place): void {
    removeKept(this.#library, this.#space, keptName(scheme, host, target));
  }
}

/** A stored answer as an object of the data path. It survives structured cloning. */
export interface KeptAnswer {
  /** `keptName` of the request that it answers. */
  readonly name: string;
  readonly answer: Answer;
  readonly body: Uint8Array;
}

/** Publishes an answer. What had its name gives way, also if there is no memory for it. Returns whether there was. */
export function putKept(library: Library, space: number, { name, answer, body }: KeptAnswer): boolean {
  const measures = measuresOf(name, answer, body);
  const reserve = () => library.reserve(measures, 'stored', space);
  let draft = reserve();
  if (draft === undefined && library.canHold(measures) && library.makeRoom(measures)) draft = reserve();
  if (draft === undefined) {
    removeKept(library, space, name); // there may be memory when it is asked for next
    return false;
  }
  draft.payload.set(body);
  draft.seal([name], answer);
  library.publish(draft, true);
  library.flush();
  return true;
}

/** Takes a kept answer out of the cache, if it is there. */
export function removeKept(library: Library, space: number, name: string): void {
  if (library.remove(latin1Bytes(name), space)) library.flush();
}
