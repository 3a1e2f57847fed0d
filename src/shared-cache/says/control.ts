/**
 * What an answer says about caching, read once when it comes: RFC 9111 sections 3, 4.2 and 5.2.2, RFC 5861, RFC 9213.
 * Times are seconds.
 */
import { type Fields, fieldOf, membersOf, valuesOf } from '../fields.js';
import type { Settings } from '../options.js';
import type { Refusal } from '../statistics.js';
import { readDate } from './date.js';
import { type Directives, MOST_SECONDS, readDirectives, secondsOf } from './directives.js';
import { readDictionary } from './structured.js';

/** What an answer allows a shared cache. */
export interface Control {
  readonly mayStore: boolean;
  /** Why it may not be stored; '' if it may. */
  readonly refusal: Refusal | '';
  /** How long it is fresh, from the moment at which its age was 0. */
  readonly lifetime: number;
  /** It must not be sent without asking the origin first (no-cache). */
  readonly alwaysValidate: boolean;
  /** It must never be sent once it is stale (must-revalidate, proxy-revalidate, s-maxage). */
  readonly neverStale: boolean;
  /** For how long after its expiry it may be sent while it is fetched anew. */
  readonly staleWhileRevalidate: number;
  /** For how long after its expiry it may be sent if the origin fails; undefined: it does not say. */
  readonly staleIfError: number | undefined;
  /** Fields that are not to be stored: those that `no-cache` and `private` list. */
  readonly unstored: ReadonlySet<string>;
}

/** What of a request decides whether its answer may be stored. */
export interface Asked {
  readonly hasAuthorization: boolean;
  readonly isNoStore: boolean;
}

/** Statuses whose answers may be stored without an explicit lifetime (RFC 9110 section 15.1). */
const HEURISTIC = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);
/** Statuses of which this cache knows what they ask of it (RFC 9111 section 5.2.2.3). */
const UNDERSTOOD = new Set([...HEURISTIC, 302, 303, 307, 400, 403, 409, 416, 421, 500, 502, 503, 504]);

/** Reads the head of an answer. `now`: when it came, seconds since 1970. */
export function controlOf(status: number, fields: Fields, asked: Asked, settings: Settings, now: number): Control {
  const { directives, isTargeted } = directivesOf(fields, settings);
  const explicit = explicitLifetime(directives, isTargeted, fields, now);
  const isOpen = directives.has('public') || directives.has('s-maxage') || directives.has('must-revalidate');
  const refusal = refusalOf(status, directives, asked, isOpen) || cookieRefusal(fields, settings);
  const lifetime = explicit ?? implicitLifetime(status, directives, fields, settings, now);
  const neverStale = ['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => directives.has(name));
  return {
    mayStore: refusal === '',
    refusal,
    lifetime,
    alwaysValidate: directives.get('no-cache') === '',
    neverStale,
    staleWhileRevalidate: secondsOf(directives, 'stale-while-revalidate') ?? settings.staleWhileRevalidate,
    staleIfError: secondsOf(directives, 'stale-if-error'),
    unstored: listedFields(directives),
  };
}

/** Directives that count: of the first target field that is sound (RFC 9213 section 2.2), else of Cache-Control. */
function directivesOf(fields: Fields, settings: Settings): { directives: Directives; isTargeted: boolean } {
  for (const target of settings.targets) {
    const value = fieldOf(fields, target.toLowerCase());
    const directives = value === undefined ? null : readDictionary(value);
    if (directives !== null && directives.size > 0) return { directives, isTargeted: true };
  }
  const value = fieldOf(fields, 'cache-control');
  if (value !== undefined) return { directives: readDirectives(value), isTargeted: false };
  const isNoCache = /\bno-cache\b/i.test(fieldOf(fields, 'pragma') ?? '');
  return { directives: new Map(isNoCache ? [['no-cache', '']] : []), isTargeted: false };
}

/** RFC 9111 section 3: '' or the reason why this must not be stored. */
function refusalOf(status: number, directives: Directives, asked: Asked, isOpen: boolean): Refusal | '' {
  if (asked.isNoStore) return 'request-no-store';
  const mustUnderstand = directives.has('must-understand');
  if (mustUnderstand && !UNDERSTOOD.has(status)) return 'status';
  if (directives.has('no-store') && !mustUnderstand) return 'no-store';
  if (directives.get('private') === '') return 'private';
  if (asked.hasAuthorization && !isOpen) return 'authorization';
  return status === 304 || status < 200 ? 'status' : '';
}

function cookieRefusal(fields: Fields, settings: Settings): Refusal | '' {
  return settings.setCookie === 'never' && valuesOf(fields, 'set-cookie').length > 0 ? 'set-cookie' : '';
}

/** s-maxage, max-age, Expires, in this order (RFC 9111 section 4.2.1); undefined if there is none. */
function explicitLifetime(
  directives: Directives,
  isTargeted: boolean,
  fields: Fields,
  now: number,
): number | undefined {
  const told = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age');
  if (told !== undefined) return told;
  const expires = isTargeted ? undefined : fieldOf(fields, 'expires');
  if (expires === undefined) return undefined;
  const until = readDate(expires, now);
  return Number.isNaN(until) ? 0 : Math.min(Math.max(0, until - dateOf(fields, now)), MOST_SECONDS);
}

/** The lifetime that the operator gives this status, else a part of the time since Last-Modified (section 4.2.2). */
function implicitLifetime(
  status: number,
  directives: Directives,
  fields: Fields,
  settings: Settings,
  now: number,
): number {
  const given = settings.lifetimes[status];
  if (given !== undefined) return given;
  const modified = readDate(fieldOf(fields, 'last-modified') ?? '', now);
  const isAllowed = HEURISTIC.has(status) || directives.has('public');
  if (!isAllowed || Number.isNaN(modified)) return 0;
  const { fraction, mostSeconds } = settings.heuristic;
  return Math.min(Math.max(0, Math.floor((dateOf(fields, now) - modified) * fraction)), mostSeconds);
}

/** When the answer was made; when it came, if it does not say so. */
export function dateOf(fields: Fields, now: number): number {
  const date = readDate(fieldOf(fields, 'date') ?? '', now);
  return Number.isNaN(date) ? now : date;
}

function listedFields(directives: Directives): ReadonlySet<string> {
  const names = new Set<string>();
  for (const directive of ['no-cache', 'private']) {
    for (const name of membersOf(directives.get(directive) ?? '')) names.add(name.toLowerCase());
  }
  return names;
}

/**
 * The age of an answer when it came (RFC 9111 section 4.2.3). `asked` and `came`: when its request was sent and when
 * its head was there. Of an Age field with several values the first one counts.
 */
export function initialAge(fields: Fields, asked: number, came: number): number {
  const [first = ''] = membersOf(fieldOf(fields, 'age') ?? '');
  const told = /^\d+$/.test(first) ? Math.min(Number(first), MOST_SECONDS) : 0;
  return Math.max(0, came - dateOf(fields, came), told + came - asked);
}
