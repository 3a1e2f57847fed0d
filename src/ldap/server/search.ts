/** A search under way. It runs in slices, so that no search keeps the worker from its frames. */
import { type Attribute, type Directory, type Entry, encodeAttribute, encodeEntry } from '../directory/directory.js';
import { RESULT, SCOPE } from '../protocol/codes.js';
import type { Paging, SearchRequest } from '../protocol/request.js';
import { isWanted, type Matcher, prepareFilter, type Wanted, wantedOf } from './evaluate.js';

/** The attributes that a request asks for (RFC 4511 section 4.5.1.8). */
export class Selection {
  /** What it costs to look at one attribute. */
  readonly cost: number;
  readonly #typesOnly: boolean;
  readonly #allUser: boolean;
  readonly #allOperational: boolean;
  readonly #wanted: Wanted[] = [];

  constructor({ attributes, typesOnly }: SearchRequest, directory: Directory) {
    this.#typesOnly = typesOnly;
    this.#allUser = attributes.length === 0 || attributes.includes('*');
    this.#allOperational = attributes.includes('+');
    for (const name of attributes) {
      const wanted = wantedOf(name, directory);
      if (wanted !== undefined) this.#wanted.push(wanted);
    }
    this.cost = 1 + this.#wanted.length;
  }

  /** SearchResultEntry in BER. */
  encode(entry: Entry): Uint8Array {
    if (this.#allUser && !this.#typesOnly && !this.#allOperational && this.#wanted.length === 0) return entry.whole;
    const chosen = entry.attributes.filter((attribute) => this.#has(attribute));
    return encodeEntry(
      entry.dn,
      chosen.map((each) => (this.#typesOnly ? encodeAttribute(each.description, []) : each.encoded)),
    );
  }

  #has(attribute: Attribute): boolean {
    if (attribute.type.isOperational ? this.#allOperational : this.#allUser) return true;
    return this.#wanted.some((wanted) => isWanted(attribute, wanted));
  }
}

export interface SearchLimits {
  /** Entries of one response, and of one page. */
  readonly entries: number;
  /** Seconds. */
  readonly seconds: number;
}

/** What a slice led to: it goes on, or its result. */
export const GOES_ON = -1;
const COOKIE_BYTES = 16;

export class Search {
  readonly #directory: Directory;
  readonly #filter: Matcher;
  readonly #selection: Selection;
  readonly #scope: number;
  readonly #base: number;
  readonly #end: number;
  readonly #candidates: readonly number[] | undefined;
  readonly #most: number;
  readonly #code: number;
  readonly #digest: number;
  readonly deadline: number;
  readonly #before: number;
  /** A place in the candidates, or the number of an entry. */
  #at: number;
  #found = 0;

  /**
   * @param base the number of the base entry
   * @param now microseconds
   * @param digest a sum of what was asked, so that a cookie belongs to its search
   */
  constructor(
    request: SearchRequest,
    directory: Directory,
    base: number,
    limits: SearchLimits,
    now: number,
    page?: { readonly paging: Paging; readonly digest: number },
  ) {
    this.#directory = directory;
    this.#filter = prepareFilter(request.filter, directory);
    this.#selection = new Selection(request, directory);
    this.#scope = request.scope;
    this.#base = base;
    this.#end = request.scope === SCOPE.base ? base + 1 : (directory.entries[base]?.end ?? base + 1);
    const isFewer = request.scope !== SCOPE.base && this.#filter.count < this.#end - base;
    this.#candidates = isFewer ? this.#filter.candidates() : undefined;
    this.#at = this.#candidates === undefined ? base : firstAtLeast(this.#candidates, base);
    const seconds = request.timeLimit === 0 ? limits.seconds : Math.min(request.timeLimit, limits.seconds);
    this.deadline = now + seconds * 1_000_000;
    this.#digest = page?.digest ?? 0;
    const cookie = page?.paging.cookie;
    this.#before = cookie?.length === COOKIE_BYTES ? viewOf(cookie).getUint32(8) : 0;
    if (cookie?.length === COOKIE_BYTES) this.#at = Math.max(this.#at, viewOf(cookie).getUint32(4));
    const asked = request.sizeLimit === 0 ? Number.POSITIVE_INFINITY : request.sizeLimit - this.#before;
    const pageSize = page === undefined ? Number.POSITIVE_INFINITY : page.paging.size;
    this.#most = Math.min(asked, limits.entries, pageSize);
    this.#code = page !== undefined && this.#most < asked ? RESULT.success : RESULT.sizeLimitExceeded;
  }

  /** Whether a cookie is one that this search got from this directory. */
  static fits(cookie: Uint8Array, directory: Directory, digest: number): boolean {
    if (cookie.length === 0) return true;
    if (cookie.length !== COOKIE_BYTES) return false;
    const view = viewOf(cookie);
    return view.getUint32(0) === directory.generation && view.getInt32(12) === digest;
  }

  /**
   * Goes on for about `budget` looks at an attribute. `give` gets what was found, and says whether there is room for
   * more.
   */
  run(budget: number, give: (entry: Uint8Array) => boolean): number {
    const { entries } = this.#directory;
    for (let left = budget; left > 0; ) {
      const number = this.#candidates === undefined ? this.#at : (this.#candidates[this.#at] ?? this.#end);
      if (number >= this.#end) return RESULT.success;
      const entry = entries[number];
      if (entry === undefined) return RESULT.success;
      left -= this.#filter.cost * entry.weight;
      if (this.#isInScope(number, entry) && this.#filter.test(entry) === true) {
        if (this.#found >= this.#most) return this.#code;
        this.#found++;
        this.#at++;
        left -= this.#selection.cost * entry.attributes.length;
        if (!give(this.#selection.encode(entry))) return GOES_ON;
      } else this.#at++;
    }
    return GOES_ON;
  }

  /** The cookie of the next page; empty: there is none. */
  cookie(isComplete: boolean): Uint8Array {
    if (isComplete) return new Uint8Array(0);
    const cookie = new Uint8Array(COOKIE_BYTES);
    const view = viewOf(cookie);
    view.setUint32(0, this.#directory.generation);
    view.setUint32(4, this.#at);
    view.setUint32(8, this.#before + this.#found);
    view.setInt32(12, this.#digest);
    return cookie;
  }

  /** What the test of one entry may cost at most, as budgets count. A slice cannot end within it. */
  get mostPerEntry(): number {
    return this.#filter.cost * this.#directory.weight;
  }

  get isComplete(): boolean {
    const end = this.#candidates === undefined ? this.#end : this.#candidates.length;
    return this.#at >= end || (this.#candidates?.[this.#at] ?? 0) >= this.#end;
  }

  #isInScope(number: number, { parent }: Entry): boolean {
    if (this.#scope === SCOPE.one) return parent === this.#base;
    return this.#scope !== SCOPE.children || number !== this.#base;
  }
}

/** The whole answer of the root DSE or the subschema, if the filter fits. */
export function encodeOwn(entry: Entry, request: SearchRequest, directory: Directory): Uint8Array | undefined {
  if (prepareFilter(request.filter, directory).test(entry) !== true) return undefined;
  return new Selection(request, directory).encode(entry);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function firstAtLeast(numbers: readonly number[], least: number): number {
  let from = 0;
  let to = numbers.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((numbers[middle] as number) < least) from = middle + 1;
    else to = middle;
  }
  return from;
}
