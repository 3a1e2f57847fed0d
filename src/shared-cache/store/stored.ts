/** A stored answer: immutable but for its place in the storage. An update makes a new one (update.ts). */
import type { AnswerReason } from '../../http/index.js';
import { connectionFields, type Fields, fieldOf, linesOf, membersOf, without } from '../fields.js';
import type { CacheKey, Place } from '../match/key.js';
import type { Part } from '../match/range.js';
import { fits, selectingValues, varyNames } from '../match/vary.js';
import type { Settings } from '../options.js';
import { type Control, initialAge } from '../says/control.js';

/** The head of an answer that may be stored, and when it was asked for and came (seconds since 1970). */
export interface AnswerHead {
  readonly status: number;
  readonly message: string;
  readonly fields: Fields;
  readonly control: Control;
  readonly asked: number;
  readonly came: number;
  /** Why no server has sent it; `none`: one has (fault.ts). */
  readonly fault?: AnswerReason;
}

/** Most tags of one answer, and letters of one tag. */
const MOST_TAGS = 128;
const MOST_TAG_LETTERS = 1_024;
/** Memory for the objects and the maps that hold one answer, bytes, about. */
const OVERHEAD_BYTES = 1_024;

/** The request that an answer answers. */
export interface AskedFor extends Place {
  readonly key: CacheKey;
  readonly fields: Fields;
}

/** `publishedAt` of what was never given to the data path. */
export const NEVER = -1;

export class Stored {
  readonly askedFor: AskedFor;
  readonly status: number;
  readonly message: string;
  /** End-to-end fields as they came, and those of them that clients get. */
  readonly fields: Fields;
  readonly sentFields: Fields;
  readonly control: Control;
  /** Age when it came, and when that was. */
  readonly initialAge: number;
  readonly came: number;
  readonly body: Buffer;
  /** Of a part: which bytes `body` is. Null: the whole representation. */
  readonly part: (Part & { readonly length: number }) | null;
  readonly tags: readonly string[];
  /** Memory that it takes, bytes, about. */
  readonly bytes: number;
  /** Since when it has to be validated before it is sent: softly purged, or a HEAD has said that it changed. */
  invalidSince: number | null = null;
  /** The second at which it was given to the data path last. */
  publishedAt = NEVER;
  /** Its number in the eviction queue. */
  rank = 0;
  readonly #varyNames: readonly string[];
  readonly #selected: readonly (string | undefined)[];
  readonly #language: string | undefined;

  /** `part`: which bytes `body` is, null if it is the whole. */
  constructor(askedFor: AskedFor, head: AnswerHead, body: Buffer, part: Stored['part'], settings: Settings) {
    this.askedFor = askedFor;
    this.status = head.status;
    this.message = head.message;
    this.control = head.control;
    this.initialAge = initialAge(head.fields, head.asked, head.came);
    this.came = head.came;
    this.body = body;
    this.part = part;
    this.fields = storedFields(head, body, part);
    this.sentFields = without(this.fields, droppedFields(settings));
    this.tags = tagsOf(head.fields, settings);
    const letters = [askedFor.key.whole, ...askedFor.fields, ...this.fields].join('').length;
    this.bytes = OVERHEAD_BYTES + 2 * letters + body.length;
    this.#varyNames = varyNames(head.fields) ?? [];
    this.#selected = selectingValues(this.#varyNames, askedFor.fields);
    this.#language = fieldOf(head.fields, 'content-language');
  }

  get key(): CacheKey {
    return this.askedFor.key;
  }

  /** Seconds since it has become stale or invalid; below 0: it is fresh. */
  staleForAt(now: number): number {
    const staleFor = -this.ttlAt(now);
    return this.invalidSince === null ? staleFor : Math.max(staleFor, now - this.invalidSince);
  }

  /** Whether it answers a request with these fields, as far as Vary is concerned. */
  fits(request: Fields): boolean {
    return fits(this.#varyNames, this.#selected, this.#language, request);
  }

  /** Whether another answer was selected by the same values, so that only one of the two is of use. */
  isSameVariantAs(other: Stored): boolean {
    return (
      this.#varyNames.join() === other.#varyNames.join() &&
      this.#selected.every((value, i) => value === other.#selected[i])
    );
  }

  /** Whether the fields that Vary names are the same in both requests. */
  selectsSame(one: Fields, other: Fields): boolean {
    const values = selectingValues(this.#varyNames, other);
    return selectingValues(this.#varyNames, one).every((value, i) => value === values[i]);
  }

  /** Whether requests choose between this and others. */
  get isVariant(): boolean {
    return this.#varyNames.length > 0;
  }

  /** Seconds (RFC 9111 section 4.2.3). */
  ageAt(now: number): number {
    return this.initialAge + Math.max(0, now - this.came);
  }

  /** Seconds for which it is still fresh; 0 or less: it is stale for so long. */
  ttlAt(now: number): number {
    return this.control.lifetime - this.ageAt(now);
  }
}

/** What is kept of the fields: no connection's, none that the answer forbids; Date and the length always. */
function storedFields(head: AnswerHead, body: Buffer, part: Stored['part']): string[] {
  const unstored = connectionFields(head.fields);
  for (const name of [...head.control.unstored, 'age']) unstored.add(name);
  if (part !== null) for (const name of ['content-length', 'content-range']) unstored.add(name);
  const fields = without(head.fields, unstored);
  const names = new Set([...linesOf(fields)].map(([name]) => name));
  const hasBody = head.status !== 204 && head.status !== 304;
  if (part === null && hasBody && !names.has('content-length')) fields.push('Content-Length', String(body.length));
  if (!names.has('date')) fields.push('Date', new Date(head.came * 1000).toUTCString());
  return fields;
}

/** Fields that are for this cache alone, and Set-Cookie where it is stripped. In lower case. */
export function droppedFields(settings: Settings): ReadonlySet<string> {
  const names = [...settings.tagFields, 'surrogate-control'].map((name) => name.toLowerCase());
  return new Set(settings.setCookie === 'strip' ? [...names, 'set-cookie'] : names);
}

/** Tags in Surrogate-Key are divided by spaces, in Cache-Tag by commas. */
export function tagsOf(fields: Fields, settings: Settings): string[] {
  const tags = new Set<string>();
  for (const name of settings.tagFields) {
    for (const member of membersOf(fieldOf(fields, name.toLowerCase()) ?? '')) {
      for (const tag of member.split(/[ \t]+/)) if (tag !== '' && tag.length <= MOST_TAG_LETTERS) tags.add(tag);
    }
  }
  return [...tags].slice(0, MOST_TAGS);
}
