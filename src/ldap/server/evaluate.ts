/**
 * Filters made ready for a directory: types are looked up and values normalised once, not for each entry. A test has
 * three results (RFC 4511 section 4.5.1.7): an attribute that is not known makes neither a match nor its opposite.
 */
import type { Attribute, Directory, Entry } from '../directory/directory.js';
import { parseDn } from '../directory/dn.js';
import { compareNormalised, equalityRule, normalise, normalisePiece } from '../directory/match.js';
import { type AttributeType, isKindOf, isKnownOid } from '../directory/schema.js';
import type { Filter } from '../protocol/filter.js';

export type Truth = boolean | undefined;

export interface Matcher {
  /** How many attributes a test may look at, roughly: what it costs. */
  readonly cost: number;
  /** How many candidates there are; infinite: any entry could match. */
  readonly count: number;
  test(entry: Entry): Truth;
  /** Numbers of entries in rising order, with all that match among them. Asked only if `count` is finite. */
  candidates(): readonly number[];
}

/** Candidates that an "or" puts together. With more it looks at all entries, in slices. */
const MOST_MERGED = 4_096;
const ANY = Number.POSITIVE_INFINITY;

/** Makes a filter ready. */
export function prepareFilter(filter: Filter, directory: Directory): Matcher {
  switch (filter.kind) {
    case 'and':
      return new And(filter.parts.map((part) => prepareFilter(part, directory)));
    case 'or':
      return new Or(filter.parts.map((part) => prepareFilter(part, directory)));
    case 'not':
      return new Not(prepareFilter(filter.part, directory));
    case 'extensible':
      return prepareExtensible(filter, directory);
    default:
      return prepareAssertion(filter, directory);
  }
}

/** The three-valued "and" and "or" of parts (RFC 4511 section 4.5.1.7): one part that is `decisive` decides. */
function combined(parts: readonly Matcher[], entry: Entry, decisive: boolean): Truth {
  let result: Truth = !decisive;
  for (const part of parts) {
    const truth = part.test(entry);
    if (truth === decisive) return decisive;
    if (truth === undefined) result = undefined;
  }
  return result;
}

class And implements Matcher {
  readonly cost: number;
  readonly count: number;
  /** The part that leaves the fewest entries. */
  readonly #best: Matcher | undefined;

  constructor(readonly parts: readonly Matcher[]) {
    this.cost = parts.reduce((sum, { cost }) => sum + cost, 1);
    for (const part of parts) if (part.count < (this.#best?.count ?? ANY)) this.#best = part;
    this.count = this.#best?.count ?? ANY;
  }

  test(entry: Entry): Truth {
    return combined(this.parts, entry, false);
  }

  candidates(): readonly number[] {
    return this.#best?.candidates() ?? [];
  }
}

class Or implements Matcher {
  readonly cost: number;
  readonly count: number;

  constructor(readonly parts: readonly Matcher[]) {
    this.cost = parts.reduce((sum, { cost }) => sum + cost, 1);
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    this.count = count > MOST_MERGED ? ANY : count;
  }

  test(entry: Entry): Truth {
    return combined(this.parts, entry, true);
  }

  candidates(): readonly number[] {
    const all = new Set(this.parts.flatMap((part) => part.candidates()));
    return [...all].sort((a, b) => a - b);
  }
}

class Not implements Matcher {
  readonly count = ANY;

  constructor(readonly part: Matcher) {}

  get cost(): number {
    return this.part.cost;
  }

  test(entry: Entry): Truth {
    const truth = this.part.test(entry);
    return truth === undefined ? undefined : !truth;
  }

  candidates(): readonly number[] {
    return [];
  }
}

const UNKNOWN: Matcher = { cost: 1, count: 0, test: () => undefined, candidates: () => [] };

/** What an attribute description in a request names. */
export interface Wanted {
  readonly type: AttributeType;
  readonly options: readonly string[];
}

/** Reads `cn;lang-en`; undefined: there is no such type. */
export function wantedOf(description: string, directory: Directory): Wanted | undefined {
  const [name = '', ...options] = description.toLowerCase().split(';');
  const type = directory.typeOf(name);
  return type === undefined ? undefined : { type, options };
}

/** The attribute is of the type or under it, and has the options (RFC 4512 section 2.5). */
export function isWanted(attribute: Attribute, { type, options }: Wanted): boolean {
  if (!isKindOf(attribute.type, type)) return false;
  return options.every((option) => attribute.options.includes(option));
}

/** An assertion about the values of an attribute. */
class ValueTest implements Matcher {
  readonly cost = 8;
  readonly #found: readonly number[] | undefined;

  /** @param found the candidates; left out: any entry */
  constructor(
    readonly wanted: Wanted,
    readonly matches: (normalised: string) => boolean,
    found?: readonly number[],
  ) {
    this.#found = found;
  }

  get count(): number {
    return this.#found?.length ?? ANY;
  }

  test(entry: Entry): Truth {
    for (const attribute of entry.attributes) {
      if (!isWanted(attribute, this.wanted)) continue;
      for (const value of attribute.normalised) if (value !== undefined && this.matches(value)) return true;
    }
    return false;
  }

  candidates(): readonly number[] {
    return this.#found ?? [];
  }
}

function prepareAssertion(
  filter: Exclude<Filter, { kind: 'and' | 'or' | 'not' | 'extensible' }>,
  directory: Directory,
) {
  const wanted = wantedOf(filter.attribute, directory);
  if (wanted === undefined) return UNKNOWN;
  if (filter.kind === 'present') {
    const test = (entry: Entry) => entry.attributes.some((attribute) => isWanted(attribute, wanted));
    return { cost: 8, count: ANY, test, candidates: () => [] } satisfies Matcher;
  }
  const rule = wanted.type.equality;
  if (rule === undefined) return UNKNOWN;
  if (filter.kind === 'substrings') {
    if (!wanted.type.hasSubstrings) return UNKNOWN;
    const matches = substringsTest(rule, filter);
    return matches === undefined ? UNKNOWN : new ValueTest(wanted, matches);
  }
  const value = normalise(rule, filter.value);
  if (value === undefined) return UNKNOWN;
  if (filter.kind === 'equal' || filter.kind === 'approx') {
    const found = directory.withValue(wanted.type, value);
    // RFC 4517 section 4.2.26: a name of an object class that nobody knows is neither equal nor unequal.
    if (rule === 'objectIdentifierMatch' && found.length === 0 && !isKnownOid(value)) return UNKNOWN;
    return new ValueTest(wanted, (each) => each === value, found);
  }
  if (!wanted.type.hasOrdering) return UNKNOWN;
  const sign = filter.kind === 'atLeast' ? 1 : -1;
  return new ValueTest(wanted, (each) => sign * compareNormalised(rule, each, value) >= 0);
}

function substringsTest(rule: string, filter: Extract<Filter, { kind: 'substrings' }>) {
  const initial = filter.initial === undefined ? '' : normalisePiece(rule, filter.initial, 'initial');
  const final = filter.final === undefined ? '' : normalisePiece(rule, filter.final, 'final');
  const any = filter.any.map((piece) => normalisePiece(rule, piece, 'any'));
  if (initial === undefined || final === undefined || any.includes(undefined)) return undefined;
  return (value: string): boolean => {
    if (!value.startsWith(initial)) return false;
    let at = initial.length;
    for (const piece of any as readonly string[]) {
      const found = value.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return value.length - final.length >= at && value.endsWith(final);
  };
}

/** RFC 4511 section 4.5.1.7.7: a rule of its own, all attributes that the rule fits, the attributes of the DN too. */
function prepareExtensible(filter: Extract<Filter, { kind: 'extensible' }>, directory: Directory): Matcher {
  const wanted = filter.attribute === undefined ? undefined : wantedOf(filter.attribute, directory);
  const rule = filter.rule === undefined ? wanted?.type.equality : equalityRule(filter.rule);
  if (rule === undefined || (filter.attribute !== undefined && wanted === undefined)) return UNKNOWN;
  if (wanted !== undefined && !isSameFamily(wanted.type.equality, rule)) return UNKNOWN;
  const value = normalise(rule, filter.value);
  if (value === undefined) return UNKNOWN;
  const hits = (attribute: Attribute): boolean => {
    if (wanted === undefined ? !isSameFamily(attribute.type.equality, rule) : !isWanted(attribute, wanted))
      return false;
    if (attribute.type.equality === rule) return attribute.normalised.includes(value);
    return attribute.values.some((each) => normalise(rule, each) === value);
  };
  const test = (entry: Entry): Truth =>
    entry.attributes.some(hits) || (filter.dnAttributes && dnHits(entry, directory, wanted, rule, value));
  const isIndexed = wanted !== undefined && wanted.type.equality === rule && !filter.dnAttributes;
  const found = isIndexed ? directory.withValue(wanted.type, value) : undefined;
  // Another rule than the attribute's own brings every value into its form, and names are taken apart.
  return { cost: isIndexed ? 8 : 256, count: found?.length ?? ANY, test, candidates: () => found ?? [] };
}

/** A rule is for the attributes whose values it can read: those of its kind, in any case. */
function isSameFamily(own: string | undefined, rule: string): boolean {
  const family = (name: string | undefined) => name?.replace(/^case(Ignore|Exact)/, 'case');
  return own === rule || family(own) === family(rule);
}

function dnHits(entry: Entry, directory: Directory, wanted: Wanted | undefined, rule: string, value: string): boolean {
  for (const name of parseDn(entry.dn) ?? []) {
    for (const part of name) {
      const type = directory.typeOf(part.attribute);
      if (type === undefined) continue;
      const fits = wanted === undefined ? isSameFamily(type.equality, rule) : isKindOf(type, wanted.type);
      if (fits && normalise(rule, part.value) === value) return true;
    }
  }
  return false;
}
