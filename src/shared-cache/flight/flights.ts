/** All requests to the origin that are under way, and those among them that others may wait for. */
import type { WallClock } from '../../net/wall-clock.js';
import type { Fields } from '../fields.js';
import { type Purge, purgeTest } from '../match/purge.js';
import type { Settings } from '../options.js';
import type { Origin } from '../origin/origin.js';
import type { SharedCacheStatistics } from '../statistics.js';
import type { Stored } from '../store/stored.js';
import type { Visit } from '../visit.js';
import { Budget } from './budget.js';
import { Flight, type FlightListener, type FlightPlan } from './flight.js';

/** The part of the cache's memory that answers under way may hold before they are stored. */
const UNDER_WAY = 0.5;

export class Flights {
  readonly #origin: Origin;
  readonly #settings: Settings;
  readonly #clock: WallClock;
  readonly #statistics: SharedCacheStatistics;
  readonly #listener: FlightListener;
  readonly #budget: Budget;
  readonly #all = new Set<Flight>();
  /** Those that others may join, by key. */
  readonly #byKey = new Map<string, Flight[]>();

  constructor(
    origin: Origin,
    settings: Settings,
    clock: WallClock,
    statistics: SharedCacheStatistics,
    listener: FlightListener,
  ) {
    this.#origin = origin;
    this.#settings = settings;
    this.#clock = clock;
    this.#statistics = statistics;
    this.#listener = listener;
    this.#budget = new Budget(settings.memoryBytes * UNDER_WAY);
  }

  get size(): number {
    return this.#all.size;
  }

  /** Those that a request may join, as far as its key decides. */
  of({ key }: Visit): readonly Flight[] {
    return this.#byKey.get(key.whole) ?? [];
  }

  /** Forwards a request as it is, for its client alone. */
  solo(visit: Visit, stored: Stored | null = null): void {
    this.#begin({ kind: 'solo', first: visit, fields: visit.fields, stored, withBody: visit.hasBody }).join(visit);
  }

  /** Asks for an answer that may be stored, and that others may wait for. */
  fill(visit: Visit, fields: Fields, stored: Stored | null): void {
    this.#begin({ kind: 'fill', first: visit, fields, stored, withBody: false }).join(visit);
  }

  /** Asks for a stale answer anew, for those who come later; once at a time. */
  refresh(visit: Visit, fields: Fields, stored: Stored): void {
    if (this.of(visit).some((flight) => flight.plan.stored === stored)) return;
    this.#begin({ kind: 'refresh', first: visit, fields, stored, withBody: false });
  }

  /** What comes for this URL is outdated, but for the answer to the request that changed it. */
  outdate(url: string, by: Flight): void {
    for (const flight of this.#all) if (flight !== by && flight.plan.first.key.url === url) flight.isOutdated = true;
  }

  /** A purge concerns what is under way as well. */
  purge(which: Purge): void {
    const isConcerned = purgeTest(which, this.#settings);
    for (const flight of this.#all) {
      if (which.by === 'tag')
        flight.purgedTags.add(which.tag); // which tags it will have is not known yet
      else if (isConcerned(flight.plan.first.key.url, () => false)) flight.isOutdated = true;
    }
  }

  #begin(plan: FlightPlan): Flight {
    this.#statistics.fetches++;
    const limits = { budget: this.#budget, mostBytes: this.#settings.objectBytes };
    const flight = new Flight(plan, this.#origin, this.#clock.seconds, limits, this.#listener, () => this.#end(flight));
    this.#all.add(flight);
    if (plan.kind !== 'solo') {
      const key = plan.first.key.whole;
      this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), flight]);
    }
    return flight;
  }

  #end(flight: Flight): void {
    this.#all.delete(flight);
    const key = flight.plan.first.key.whole;
    const left = (this.#byKey.get(key) ?? []).filter((each) => each !== flight);
    if (left.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, left);
  }
}
