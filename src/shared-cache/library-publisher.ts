/**
 * Publishes stored answers to the data path: each becomes an object of src/cache, in shared memory and with its sums,
 * under the target as it was sent, in a key space beside the site's folder. From then on a request for it is a hit of
 * the fast path, until the second at which it expires: the worker compares that with its clock. Main thread.
 */
import type { Library } from '../cache/library.js';
import { storedSite } from '../http/routes/route.js';
import { latin1Bytes } from '../net/wire/latin1.js';
import type { PublishedAnswer, Publisher } from './publisher.js';
import { answerOf, measuresOf } from './stored-object.js';

/** Puts stored answers into the memory of the data path. */
export class LibraryPublisher implements Publisher {
  readonly #library: Library;
  readonly #siteOf: (host: string) => number | undefined;
  readonly #cacheStatus: string;

  /**
   * `siteOf`: the number of the site whose requests for this host the answer is for; undefined: nobody's, as when
   * several hosts with answers of their own share a site. `name`: of the cache, in Cache-Status.
   */
  constructor(library: Library, siteOf: (host: string) => number | undefined, name: string) {
    this.#library = library;
    this.#siteOf = siteOf;
    this.#cacheStatus = `${name}; hit`;
  }

  put(published: PublishedAnswer): boolean {
    const { host, target, body } = published;
    const site = this.#siteOf(host);
    const answer = answerOf(published, this.#cacheStatus);
    if (site === undefined || answer === null || !target.startsWith('/')) {
      this.remove(host, target);
      return false;
    }
    const measures = measuresOf(target, answer, body);
    const library = this.#library;
    const reserve = () => library.reserve(measures, 'stored', storedSite(site));
    let draft = reserve();
    if (draft === undefined && library.canHold(measures) && library.makeRoom(measures)) draft = reserve();
    if (draft === undefined) {
      this.remove(host, target); // there may be memory when it is fetched next
      return false;
    }
    draft.payload.set(body);
    draft.seal([target], answer);
    library.publish(draft, true);
    library.flush();
    return true;
  }

  remove(host: string, target: string): void {
    const site = this.#siteOf(host);
    if (site === undefined) return;
    this.#library.remove(latin1Bytes(target), storedSite(site));
    this.#library.flush();
  }
}
