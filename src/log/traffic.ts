/**
 * What the records of the access log add up to: histograms of time and size, and counts by site, status, cache result,
 * reason and coding. The log thread gathers them, since it reads every record anyway, so they cost a worker nothing.
 * The main thread gets a copy once a second (src/admin/traffic-metrics.ts makes metrics of it).
 *
 * The numbers of a site are in one array, at the places below.
 */
import type { RecordView } from './format/record-view.js';
import * as record from './record.js';
import * as names from './record-names.js';

/** Upper bounds of the buckets, seconds. */
export const SECONDS_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60,
] as const;
/** Upper bounds of the buckets, bytes. */
export const BYTES_BUCKETS = [
  256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864, 268_435_456, 1_073_741_824,
] as const;

/** Sites with numbers of their own; what comes beyond is counted together. */
export const MOST_SITES = 64;

/** Classes of status by their first digit; `none`: the request got no answer. */
export const CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** One histogram in an array: a count for each bucket, one for what is larger, and the sum. */
export interface HistogramPlace {
  readonly at: number;
  readonly bounds: readonly number[];
}

const placeOf = (at: number, bounds: readonly number[]): HistogramPlace => ({ at, bounds });
const endOf = ({ at, bounds }: HistogramPlace): number => at + bounds.length + 2;

/** From the first byte of a request until the last byte (a first one) of its answer is acknowledged. */
export const LAST_BYTE = placeOf(0, SECONDS_BUCKETS);
export const FIRST_BYTE = placeOf(endOf(LAST_BYTE), SECONDS_BUCKETS);
/** All bytes of the answer that were acknowledged, its head included. */
export const SIZE = placeOf(endOf(FIRST_BYTE), BYTES_BUCKETS);
/** Counts, one for each name of a list. */
export const BY_CLASS = endOf(SIZE);
export const BY_CACHE = BY_CLASS + CLASSES.length;
export const BY_REASON = BY_CACHE + names.CACHE_NAMES.length;
export const BY_CODING = BY_REASON + names.REASON_NAMES.length;
const LENGTH = BY_CODING + names.CODING_NAMES.length;
/** Behind them: answers whose first and last byte were acknowledged at once. A copy has them in both histograms. */
const BOTH_BYTES = placeOf(LENGTH, SECONDS_BUCKETS);
const ALL_LENGTH = endOf(BOTH_BYTES);

/** The numbers of one site. */
export interface SiteTraffic {
  /** The number of the site; undefined: those beyond the bound. */
  readonly site: number | undefined;
  readonly values: Float64Array;
}

/** The numbers of a site that had no request. */
export function noTraffic(): Float64Array {
  return new Float64Array(LENGTH);
}

/** Adds records up. */
export class Traffic {
  readonly #sites: Float64Array[] = [];
  readonly #others = new Float64Array(ALL_LENGTH);
  /** Records like the last one, which are not in its counts yet: most requests are like the one before. */
  #like = 0;
  #site = MOST_SITES;
  #answer = 0;
  #size = 0;
  #values: Float64Array = this.#others;

  take(view: RecordView): void {
    const site = view.word(record.SITE);
    const answer = view.word(record.ANSWER);
    const size = view.acknowledged;
    if (answer !== this.#answer || size !== this.#size || site !== this.#site) this.#begin(site, answer, size);
    this.#like++;
    const first = view.firstAfter;
    const last = view.lastAfter;
    if (first < 0) return;
    if (first === last) {
      observe(this.#values, BOTH_BYTES.at, SECONDS_BUCKETS, last / 1e6, 1);
      return;
    }
    observe(this.#values, FIRST_BYTE.at, SECONDS_BUCKETS, first / 1e6, 1);
    if (last >= 0) observe(this.#values, LAST_BYTE.at, SECONDS_BUCKETS, last / 1e6, 1);
  }

  /** Records of another kind come. */
  #begin(site: number, answer: number, size: number): void {
    this.#count();
    this.#site = site;
    this.#answer = answer;
    this.#size = size;
    this.#values = this.#valuesOf(site);
  }

  #count(): void {
    const [values, answer, like] = [this.#values, this.#answer, this.#like];
    if (like === 0) return;
    this.#like = 0;
    observe(values, SIZE.at, BYTES_BUCKETS, this.#size, like);
    values[BY_CLASS + classOf(record.statusOf(answer))]! += like;
    values[BY_CACHE + record.cacheOf(answer)]! += like;
    values[BY_REASON + record.reasonOf(answer)]! += like;
    values[BY_CODING + record.codingOf(answer)]! += like;
  }

  /** A copy. Sites that had no request are left out. */
  snapshot(): SiteTraffic[] {
    this.#count();
    const sites = [...this.#sites.entries()].map(([site, values]) => ({ site, values: copyOf(values) }));
    const all: SiteTraffic[] = [...sites, { site: undefined, values: copyOf(this.#others) }];
    return all.filter(({ values }) => values.some((value) => value > 0));
  }

  #valuesOf(site: number): Float64Array {
    if (site >= MOST_SITES) return this.#others;
    while (this.#sites.length <= site) this.#sites.push(new Float64Array(ALL_LENGTH));
    return this.#sites[site] ?? this.#others;
  }
}

/** What others see: `BOTH_BYTES` is added to the histograms of the first and of the last byte. */
function copyOf(values: Float64Array): Float64Array {
  const copy = values.slice(0, LENGTH);
  for (let i = 0; i < endOf(BOTH_BYTES) - BOTH_BYTES.at; i++) {
    const both = values[BOTH_BYTES.at + i]!;
    copy[FIRST_BYTE.at + i]! += both;
    copy[LAST_BYTE.at + i]! += both;
  }
  return copy;
}

/** Counts a value that came so often in the first bucket that it is not larger than. */
function observe(values: Float64Array, at: number, bounds: readonly number[], value: number, times: number): void {
  const { length } = bounds;
  let bucket = 0;
  while (bucket < length && value > bounds[bucket]!) bucket++;
  values[at + bucket]! += times;
  values[at + length + 1]! += times * value;
}

function classOf(status: number): number {
  const first = (status / 100) | 0;
  return first < CLASSES.length ? first : 0;
}
