/**
 * Keeps stored answers, and tells the publisher what is fresh: one place that stores, freshens, invalidates and purges,
 * so that nothing is published that is not stored.
 */
import { keptName } from '../../http/index.js';
import type { WallClock } from '../../net/wall-clock.js';
import type { Fields } from '../fields.js';
import type { Place } from '../match/key.js';
import { type Purge, type PurgeKind, purgeTest } from '../match/purge.js';
import type { Settings } from '../options.js';
import type { Publisher } from '../publisher.js';
import { controlOf } from '../says/control.js';
import type { SharedCacheStatistics } from '../statistics.js';
import type { Visit } from '../visit.js';
import { Storage } from './storage.js';
import { NEVER, Stored } from './stored.js';
import { updatedFields } from './update.js';

/** Asked for by no one in particular: what was allowed to be stored once. */
const NOBODY = { hasAuthorization: false, isNoStore: false };

/** Where the data path looks for it. */
function publishedName({ scheme, host, target }: Place): string {
  return keptName(scheme, host, target);
}

export class Keeper {
  readonly #settings: Settings;
  readonly #clock: WallClock;
  readonly #publisher: Publisher;
  readonly #statistics: SharedCacheStatistics;
  readonly #storage: Storage;

  constructor(settings: Settings, clock: WallClock, publisher: Publisher, statistics: SharedCacheStatistics) {
    this.#settings = settings;
    this.#clock = clock;
    this.#publisher = publisher;
    this.#statistics = statistics;
    this.#storage = new Storage(settings.memoryBytes, settings.variants, (gone) => this.#withdraw(gone));
  }

  get storage(): Pick<Storage, 'count' | 'bytes' | 'evicted'> {
    return this.#storage;
  }

  /** The stored answer for a request, as far as key and Vary decide. */
  find({ key, fields }: Visit): Stored | undefined {
    return this.#storage.find(key.whole, fields);
  }

  /** The newest stored answer with the key of a request, whichever variant it is. */
  anyVariant({ key }: Visit): Stored | undefined {
    return this.#storage.candidates(key.whole)[0];
  }

  store(stored: Stored): boolean {
    if (!this.#storage.put(stored)) return false;
    this.#statistics.stored++;
    this.#publish(stored);
    return true;
  }

  remove(stored: Stored): void {
    this.#storage.remove(stored);
  }

  /** It has to be validated before it is sent again. */
  expire(stored: Stored): void {
    stored.invalidSince ??= this.#clock.seconds;
    this.#withdraw(stored);
  }

  /**
   * The stored answer with the fields of a 304 or of the answer to a HEAD (RFC 9111 section 3.2), which was asked for
   * at the second `asked`. `mayStore`: it takes the place of the old one.
   */
  freshen(stored: Stored, fields: Fields, asked: number, mayStore: boolean): Stored {
    const merged = updatedFields(stored.fields, fields);
    const { status, message, body, part, askedFor } = stored;
    const came = this.#clock.seconds;
    const control = controlOf(status, merged, NOBODY, this.#settings, came);
    const head = { status, message, fields: merged, control, asked, came };
    const fresh = new Stored(askedFor, head, body, part, this.#settings);
    this.#storage.remove(stored);
    if (mayStore && control.mayStore) this.store(fresh);
    return fresh;
  }

  /** What is stored under a URL (key.ts) is of no use any more (RFC 9111 section 4.4). */
  invalidate(url: string): void {
    for (const stored of this.#storage.withUrl(url)) {
      this.#storage.remove(stored);
      this.#statistics.invalidated++;
    }
  }

  /** Purges. Returns how many stored answers it concerned. */
  purge(which: Purge, how: PurgeKind): number {
    const found = this.#named(which);
    for (const stored of found) {
      if (how === 'hard') this.remove(stored);
      else this.expire(stored);
    }
    this.#statistics.purged += found.length;
    return found.length;
  }

  #named(which: Purge): Stored[] {
    if (which.by === 'tag') return this.#storage.withTag(which.tag);
    const isConcerned = purgeTest(which, this.#settings);
    return this.#storage.withUrls((url) => isConcerned(url, () => false));
  }

  /**
   * A fresh answer was sent from here. If every client may have it, the data path has lost it: it gave way to other
   * objects, or all copies were dropped with the table of sites. It gets it again, at most once a second.
   */
  wasHit(stored: Stored, place: Place): void {
    const isSame = publishedName(stored.askedFor) === publishedName(place);
    if (isSame && this.#clock.seconds > stored.publishedAt) this.#publish(stored);
  }

  /** Publishes what every request for its target may get, until it has to be asked for again. */
  #publish(stored: Stored): void {
    const { honorRequests, key } = this.#settings;
    const isForAll = !stored.isVariant && key.headers.length === 0 && key.cookies.length === 0 && !honorRequests;
    if (!isForAll || stored.part !== null || stored.control.alwaysValidate || stored.invalidSince !== null) return;
    const born = stored.came - stored.initialAge;
    const until = born + stored.control.lifetime;
    if (until <= this.#clock.seconds) return;
    const { scheme, host, target } = stored.askedFor;
    const { status, message, sentFields: fields, body } = stored;
    stored.publishedAt = this.#clock.seconds;
    if (this.#publisher.put({ scheme, host, target, status, message, fields, body, born, until })) {
      this.#statistics.published++;
    }
  }

  #withdraw({ askedFor, publishedAt }: Stored): void {
    if (publishedAt !== NEVER) this.#publisher.remove(askedFor);
  }
}
