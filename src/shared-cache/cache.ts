/**
 * A shared HTTP cache (RFC 9111) as a layer in front of an origin: `handler` is a `(req, res)` handler that answers
 * from memory or asks the origin. Read RFC 9111 section 4 first, and docs/shared-cache.md.
 *
 *     request ─▶ key ─▶ stored? ── fresh ─────────────────────────────────────────────▶ answer   (hit)
 *                         │  └──── stale, may be sent ─▶ refresh in the background ───▶ answer   (stale)
 *                         │  └──── stale ─▶ ask with If-None-Match ─┬─ 304 ───────────▶ answer   (revalidated)
 *                         └─ no ──────────▶ ask ────────────────────┴─ anything else ─▶ answer, and store (miss)
 *
 * All who ask for the same while the origin works wait for one answer. Time is given (`wallClock`), and there is no
 * timer: what is stale is found out when it is asked for.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AnswerReason, CacheResult } from '../http/index.js';
import type { WallClock } from '../net/wall-clock.js';
import { forwardStatus, hitStatus } from './answer/cache-status.js';
import { sendFailure, sendHead, sendInterim } from './answer/send-forwarded.js';
import { sendStored, wantedRanges } from './answer/send-stored.js';
import { noteFault } from './fault.js';
import { type Fields, fieldOf } from './fields.js';
import type { Flight } from './flight/flight.js';
import { Flights } from './flight/flights.js';
import { completionFields, fillFields, validationFields } from './flight/request-fields.js';
import { canBeCompleted, completes, isShared, refusalOf } from './flight/rules.js';
import { Lonely } from './lonely.js';
import { isForOrigin, strongTag } from './match/conditional.js';
import { urlOf } from './match/key.js';
import type { Purge, PurgeKind } from './match/purge.js';
import { contentRangeOf } from './match/range.js';
import { type Settings, type SharedCacheOptions, settingsOf } from './options.js';
import type { Origin } from './origin/origin.js';
import { NO_PUBLISHER, type Publisher } from './publisher.js';
import { controlOf } from './says/control.js';
import { countRefusal, type Refusal, SharedCacheStatistics } from './statistics.js';
import { changedPlaces, isSafe } from './store/invalidation.js';
import { Keeper } from './store/keeper.js';
import { type AnswerHead, Stored } from './store/stored.js';
import { speaksOf, updatedFields } from './store/update.js';
import { mayServeStale, usability } from './store/usability.js';
import { type Forward, Visit } from './visit.js';

/** What a cache needs beside its origin. @see {@link SharedCache} */
export interface SharedCacheContext {
  readonly wallClock: WallClock;
  /** Gets what is fresh. Default: nobody. */
  readonly publisher?: Publisher;
}

/** How much a cache holds, and what is under way. @see {@link SharedCache} */
export interface SharedCacheSize {
  readonly answers: number;
  readonly bytes: number;
  readonly evicted: number;
  readonly fetching: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * A shared HTTP cache (RFC 9111) in front of one origin: `handler` is a `(req, res)` handler that answers from memory
 * or asks the origin. What is stale is asked for again with its validator, or sent while it is asked for, as its
 * answer and the options allow.
 *
 * All who ask for the same while the origin works wait for one answer. Time is given (`wallClock`), and there is no
 * timer: the cache finds out that an answer is stale when somebody asks for it.
 *
 * @example
 * ```ts
 * import { type Origin, SharedCache, type WallClock } from 'fastpath';
 *
 * // A cache to RFC 9111 in front of an origin; give `cache.handler` to any server of Node's form.
 * export function inFrontOf(origin: Origin, wallClock: WallClock): SharedCache {
 *   const cache = new SharedCache(origin, { memoryBytes: 2 ** 26, staleWhileRevalidate: 30 }, { wallClock });
 *   console.log(cache.settings.objectBytes, cache.size.answers);
 *   return cache;
 * }
 * ```
 */
export class SharedCache {
  /** Counters since its start. */
  readonly statistics = new SharedCacheStatistics();
  /** Its options, with defaults for what they leave out. */
  readonly settings: Settings;
  readonly #clock: WallClock;
  readonly #keeper: Keeper;
  readonly #flights: Flights;
  readonly #lonely = new Lonely();

  /** @throws {RangeError} for options that make no sense */
  constructor(
    origin: Origin,
    options: SharedCacheOptions,
    { wallClock, publisher = NO_PUBLISHER }: SharedCacheContext,
  ) {
    this.settings = settingsOf(options);
    this.#clock = wallClock;
    this.#keeper = new Keeper(this.settings, wallClock, publisher, this.statistics);
    this.#flights = new Flights(origin, this.settings, wallClock, this.statistics, {
      interim: (flight, status, fields) => this.#interim(flight, status, fields),
      head: (flight, ...head) => this.#head(flight, ...head),
      done: (flight) => this.#done(flight),
      failed: (flight, error) => this.#failed(flight, error),
    });
  }

  /** Answers a request. Can be given to `http.createServer`. */
  readonly handler = (request: IncomingMessage, response: ServerResponse): void => {
    const visit = new Visit(request, response, this.settings);
    const isLookedUp = visit.method === 'GET' || visit.isHead;
    if (!isLookedUp) this.#pass(visit, 'method');
    else if (visit.hasBody || isForOrigin(visit.fields)) this.#pass(visit, 'bypass');
    else this.#lookUp(visit);
  };

  /** How full it is. */
  get size(): SharedCacheSize {
    const { count, bytes, evicted } = this.#keeper.storage;
    return { answers: count, bytes, evicted, fetching: this.#flights.size };
  }

  /** Takes stored answers away, or has them validated before they are sent again. Returns how many. */
  purge(which: Purge, how: PurgeKind = 'hard'): number {
    this.#flights.purge(which);
    return this.#keeper.purge(which, how);
  }

  // What a request gets.

  #lookUp(visit: Visit): void {
    const stored = this.#keeper.find(visit);
    if (stored === undefined) {
      this.#miss(visit, this.#keeper.anyVariant(visit) === undefined ? 'uri-miss' : 'vary-miss');
      return;
    }
    const use = usability(stored, visit.directives, this.#clock.seconds);
    if (stored.part !== null) this.#usePart(visit, stored, use === 'fresh');
    else if (use === 'fresh') this.#hit(visit, stored, '');
    else if (use === 'validate') this.#validate(visit, stored);
    else {
      this.#hit(visit, stored, use === 'refresh' ? 'stale-while-revalidate' : 'max-stale');
      if (use === 'refresh') this.#flights.refresh(visit, validationFields(visit.fields, stored), stored);
    }
  }

  #hit(visit: Visit, stored: Stored, detail: string): void {
    const now = this.#clock.seconds;
    if (detail === '') this.statistics.hits++;
    else this.statistics.staleHits++;
    visit.outcome = detail === '' ? CacheResult.hit : CacheResult.stale;
    if (!visit.isGone) sendStored(visit, stored, now, hitStatus(this.settings, stored.ttlAt(now), detail));
    if (detail === '') this.#keeper.wasHit(stored, visit);
  }

  #miss(visit: Visit, forward: Forward): void {
    visit.forward = forward;
    visit.outcome = CacheResult.miss;
    this.statistics.misses++;
    if (this.#refused(visit)) return;
    const isLonely = this.#lonely.has(visit.key.whole, this.#clock.seconds);
    const isAlone = visit.isHead || visit.hasRange || visit.isNoStore || visit.hasAuthorization || isLonely;
    if (isAlone) this.#flights.solo(visit);
    else this.#join(visit, fillFields(visit.fields), null);
  }

  #validate(visit: Visit, stored: Stored): void {
    visit.forward = stored.staleForAt(this.#clock.seconds) < 0 ? 'request' : 'stale';
    visit.outcome = CacheResult.miss; // until the origin says that it is still good
    this.statistics.expired++;
    if (this.#refused(visit)) return;
    if (visit.isHead) this.#flights.solo(visit, stored);
    else this.#join(visit, validationFields(visit.fields, stored), stored);
  }

  /** Only a part is stored: it answers a range within it, or is completed (RFC 9111 section 3.4). */
  #usePart(visit: Visit, stored: Stored, isFresh: boolean): void {
    const part = stored.part as NonNullable<Stored['part']>;
    const ranges = visit.hasRange ? wantedRanges(visit, stored) : 'whole';
    const isHeld = typeof ranges !== 'string' && ranges.every(({ from, to }) => part.from <= from && to <= part.to);
    if (isFresh && isHeld && !visit.isHead) this.#hit(visit, stored, '');
    else if (visit.hasRange || visit.isHead || !canBeCompleted(stored)) this.#miss(visit, 'partial');
    else {
      visit.forward = 'partial';
      visit.outcome = CacheResult.miss;
      this.statistics.misses++;
      if (!this.#refused(visit)) this.#join(visit, completionFields(visit.fields, stored), stored);
    }
  }

  /** A request that does not concern the cache, or changes what it holds. */
  #pass(visit: Visit, forward: Forward): void {
    visit.forward = forward;
    visit.outcome = CacheResult.bypass;
    this.statistics.passes++;
    this.#flights.solo(visit);
  }

  /** only-if-cached (RFC 9111 section 5.2.1.7). */
  #refused(visit: Visit): boolean {
    if (!visit.directives.has('only-if-cached')) return false;
    sendFailure(visit, 504, forwardStatus(this.settings, visit, 0, false, 'only-if-cached'));
    return true;
  }

  /** Waits with others for an answer that is under way, or asks for it. */
  #join(visit: Visit, fields: Fields, stored: Stored | null): void {
    const underWay = this.#flights.of(visit).find((flight) => this.#canJoin(flight, visit));
    if (underWay === undefined) {
      this.#flights.fill(visit, fields, stored);
      return;
    }
    visit.isCollapsed = true;
    if (underWay.answer === null) underWay.join(visit);
    else this.#send(underWay, underWay.answer, visit);
  }

  /** Whether what a flight brings will, as far as is known, answer this request as well. */
  #canJoin(flight: Flight, visit: Visit): boolean {
    if (!flight.isJoinable) return false;
    const { answer } = flight;
    if (answer !== null) return isShared(answer) && this.#wouldFit(flight, answer, visit);
    const example = flight.plan.stored ?? this.#keeper.anyVariant(visit);
    return example === undefined || example.selectsSame(flight.plan.first.fields, visit.fields);
  }

  #wouldFit(flight: Flight, answer: AnswerHead, visit: Visit): boolean {
    return this.#storedOf(flight, answer, NOTHING, null).fits(visit.fields);
  }

  // What the origin answers.

  #interim(flight: Flight, status: number, fields: Fields): void {
    for (const visit of flight.waiting) sendInterim(visit, status, fields);
  }

  #head(flight: Flight, status: number, message: string, fields: Fields, fault: AnswerReason): void {
    const { first, stored, kind } = flight.plan;
    const came = this.#clock.seconds;
    const control = controlOf(status, fields, first, this.settings, came);
    const answer = { status, message, fields, control, asked: flight.asked, came, fault };
    if (stored === null || kind === 'solo') this.#answered(flight, answer);
    else if (status === 304) this.#validated(flight, stored, fields);
    else if (mayServeStale(stored, status, came, this.settings)) this.#serveStale(flight, stored);
    else if (status === 206) this.#partCame(flight, stored, answer);
    else this.#answered(flight, answer);
  }

  /** The origin has said that the stored answer is still right (RFC 9111 section 4.3.3). */
  #validated(flight: Flight, stored: Stored, fields: Fields): void {
    if (!speaksOf(fields, stored)) {
      this.#askAgain(flight, stored, 'stale');
      return;
    }
    const waiting = flight.land();
    const fresh = this.#keeper.freshen(stored, fields, flight.asked, !flight.isOutdated);
    for (const visit of waiting) {
      this.statistics.revalidated++;
      visit.outcome = CacheResult.revalidated;
      if (visit.isCollapsed) this.statistics.collapsed++;
      sendStored(visit, fresh, this.#clock.seconds, forwardStatus(this.settings, visit, 304, true));
    }
  }

  #serveStale(flight: Flight, stored: Stored): void {
    for (const visit of flight.land()) this.#hit(visit, stored, 'stale-if-error');
  }

  /** The rest of a stored part: the answer becomes the whole, and its body begins with what is stored. */
  #partCame(flight: Flight, stored: Stored, answer: AnswerHead): void {
    if (stored.part === null || !completes(answer, stored)) {
      this.#askAgain(flight, stored, 'partial');
      return;
    }
    const merged = [...updatedFields(stored.fields, answer.fields), 'Content-Length', String(stored.part.length)];
    const control = controlOf(200, merged, flight.plan.first, this.settings, answer.came);
    this.#answered(flight, { ...answer, status: 200, message: 'OK', fields: merged, control }, stored.body);
  }

  /** What came does not fit what is stored: that is dropped, and everything asked for. */
  #askAgain(flight: Flight, stored: Stored, forward: Forward): void {
    this.#keeper.remove(stored);
    for (const visit of flight.land()) this.#miss(visit, forward);
  }

  /** The head of an answer that is sent on, and perhaps kept. `seed`: its body begins with these bytes. */
  #answered(flight: Flight, answer: AnswerHead, seed: Buffer = NOTHING): void {
    const { plan } = flight;
    this.#changes(flight, answer);
    flight.answer = answer;
    const refusal = this.#refusalOf(flight, answer);
    const isKept = refusal === '';
    if (isKept) flight.body.keep();
    else if (refusal !== 'no-request') this.#notStored(flight, refusal);
    if (seed.length > 0) flight.body.add(seed);
    const isForAll = isKept && isShared(answer);
    if (plan.kind === 'fill' && !isForAll) this.#lonely.add(plan.first.key.whole, this.#clock.seconds);
    for (const visit of flight.takeWaiting()) {
      const isItsOwn = visit === plan.first;
      if (isItsOwn || (isForAll && this.#wouldFit(flight, answer, visit))) this.#send(flight, answer, visit);
      else this.#alone(visit, answer);
    }
    if (!isKept && !flight.body.hasReaders) flight.abort();
  }

  #refusalOf(flight: Flight, answer: AnswerHead): Refusal | 'no-request' | '' {
    const refusal = refusalOf(flight.plan, answer, this.settings.objectBytes);
    return refusal === '' && this.#isOutdated(flight, answer) ? 'outdated' : refusal;
  }

  /** Each answer is counted once. */
  #notStored(flight: Flight, refusal: Refusal): void {
    if (flight.refusal !== '') return;
    flight.refusal = refusal;
    countRefusal(this.statistics, refusal);
  }

  /** A purge or a change came while the answer was under way. */
  #isOutdated(flight: Flight, answer: AnswerHead): boolean {
    const { tags } = this.#storedOf(flight, answer, NOTHING, null);
    return flight.isOutdated || tags.some((tag) => flight.purgedTags.has(tag));
  }

  /** Someone who waited for an answer that is for another one. An origin that fails is not asked by each of them. */
  #alone(visit: Visit, { status }: AnswerHead): void {
    if (status >= 500) {
      sendFailure(visit, status, forwardStatus(this.settings, visit, status, false, 'failed-together'));
      return;
    }
    visit.isCollapsed = false;
    this.#lookUp(visit);
  }

  /** What the answer says about what is stored: an unsafe method changes it, a newer answer takes its place. */
  #changes(flight: Flight, answer: AnswerHead): void {
    const { first, kind, stored } = flight.plan;
    if (!isSafe(first.method)) {
      if (answer.status < 400) this.#invalidate(flight, answer);
    } else if (kind === 'solo') {
      if (stored !== null && first.isHead) this.#headCame(flight, stored, answer);
    } else if (answer.status < 500) {
      const old = this.#keeper.find(first);
      if (old !== undefined) this.#keeper.remove(old);
      if (stored !== null) this.#keeper.remove(stored);
    }
  }

  #invalidate(flight: Flight, answer: AnswerHead): void {
    for (const place of changedPlaces(flight.plan.first, answer.fields)) {
      const url = urlOf(place, this.settings);
      this.#flights.outdate(url, flight);
      this.#keeper.invalidate(url);
    }
  }

  /** The answer to a HEAD freshens what is stored, or says that it has changed (RFC 9111 section 4.3.5). */
  #headCame(flight: Flight, stored: Stored, { status, fields }: AnswerHead): void {
    if (status === 200 && speaksOf(fields, stored)) {
      this.#keeper.freshen(stored, fields, flight.asked, !flight.isOutdated);
    } else if (status < 500) {
      this.#keeper.expire(stored);
    }
  }

  /** One client's answer: its head now, its body as it comes. */
  #send(flight: Flight, answer: AnswerHead, visit: Visit): void {
    if (visit.isGone) return;
    if (visit.isCollapsed) {
      this.statistics.collapsed++;
      visit.outcome = CacheResult.collapsed;
    }
    if (answer.fault) noteFault(visit.response, answer.fault);
    const { refusal } = flight;
    const status = forwardStatus(this.settings, visit, answer.status, flight.body.isKept, refusal);
    const part = sendHead(visit, answer, status, flight.plan.kind === 'solo', this.settings);
    if (part !== null) flight.body.attach(visit.response, part.from, part.to);
  }

  #done(flight: Flight): void {
    const { answer, body } = flight;
    if (answer === null) return;
    if (body.refusal !== '') this.#notStored(flight, body.refusal);
    else if (body.isKept && flight.isOutdated) this.#notStored(flight, 'outdated');
    if (!body.isKept || flight.isOutdated) return;
    const told = fieldOf(answer.fields, 'content-length');
    if (told !== undefined && Number(told) !== body.length && answer.status !== 204) {
      this.#storeBroken(flight, answer);
      return;
    }
    const range = answer.status === 206 ? contentRangeOf(fieldOf(answer.fields, 'content-range')) : null;
    if (range !== null && range.to - range.from !== body.length) {
      this.#notStored(flight, 'broken');
      return;
    }
    this.#store(flight, this.#storedOf(flight, answer, body.whole(), range));
  }

  #failed(flight: Flight, error: Error): void {
    this.statistics.failures++;
    const { answer } = flight;
    if (answer !== null) {
      if (flight.body.isKept && !flight.isOutdated) this.#storeBroken(flight, answer);
      return;
    }
    const { stored } = flight.plan;
    const mayBeStale = stored !== null && mayServeStale(stored, 0, this.#clock.seconds, this.settings);
    const detail = error.name === 'TimeoutError' ? 'timeout' : 'origin-failed';
    for (const visit of flight.takeWaiting()) {
      if (mayBeStale) this.#hit(visit, stored, 'stale-if-error');
      else {
        const status = stored?.control.neverStale ? 504 : 502; // RFC 9111 section 5.2.2.2
        sendFailure(visit, status, forwardStatus(this.settings, visit, 0, false, detail));
      }
    }
  }

  /** An answer that broke off is a part of itself, if the rest can be asked for (RFC 9111 section 3.3). */
  #storeBroken(flight: Flight, answer: AnswerHead): void {
    const length = Number(fieldOf(answer.fields, 'content-length'));
    const had = flight.body.length;
    if (answer.status !== 200 || strongTag(answer.fields) === null || !(had > 0 && had < length)) {
      this.#notStored(flight, 'broken');
      return;
    }
    this.#store(flight, this.#storedOf(flight, answer, flight.body.whole(), { from: 0, to: had, length }));
  }

  #storedOf(flight: Flight, answer: AnswerHead, body: Buffer, part: Stored['part']): Stored {
    const { key, scheme, host, target, fields } = flight.plan.first;
    const head = part === null ? answer : { ...answer, status: 200, message: 'OK' };
    return new Stored({ key, scheme, host, target, fields }, head, body, part, this.settings);
  }

  #store(flight: Flight, stored: Stored): void {
    if (this.#keeper.store(stored)) this.#lonely.delete(stored.key.whole);
    else this.#notStored(flight, 'no-room');
  }
}
