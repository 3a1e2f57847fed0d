/**
 * The building blocks of the schema. A key is a type of `zod` with facts for people: what it does, its default as one
 * would write it in the file, an example. The editors' JSON Schema, `fastpath check`, docs/configuration.md and the
 * messages of errors all come from these.
 *
 * A section of the file is a record of such keys; sections/ has one small file for each.
 */
import { z } from 'zod';
import { DURATION, parseDuration, parseSize, SIZE } from '../values.js';

/** What people are told about a key. */
export interface Facts {
  /** What it does, in a sentence or two. */
  readonly description: string;
  /** The value that counts if the key is left out, as it would stand in the file. */
  readonly default?: unknown;
  /** The default in words, where it is no fixed value. */
  readonly defaultText?: string;
  /** A value that shows the form, where the default does not. */
  readonly example?: unknown;
}

/** A record of keys. */
export type Keys = Readonly<Record<string, z.ZodType>>;

/** An optional key. */
export function key<T extends z.ZodType>(type: T, facts: Facts) {
  return type.exactOptional().meta({ ...facts });
}

/** A key that must be there. */
export function required<T extends z.ZodType>(type: T, facts: Facts): T {
  return type.meta({ ...facts });
}

/** A mapping with exactly these keys. */
export function section<T extends z.core.$ZodShape>(keys: T) {
  return z.strictObject(keys, { error: 'must be a mapping, with a line "key: value" for each of its keys' });
}

/** The facts of a key; undefined: it is not one. */
export function factsOf(type: z.ZodType): Facts | undefined {
  return type.meta() as Facts | undefined;
}

/** Text that `parse` turns into something, or a RangeError that says what would be right. */
export function text<T>(expected: string, parse: (text: string) => T) {
  return z.string({ error: `must be ${expected}` }).transform((value, context) => {
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: 'custom', message: `must be ${expected}` });
      return z.NEVER;
    }
  });
}

/** Text of a form. */
export function pattern(expected: string, form: RegExp) {
  return z.string({ error: `must be ${expected}` }).regex(form, { error: `must be ${expected}`, abort: true });
}

/** Text that is right if `problemOf` finds nothing. It gives what is wrong, beginning with a verb. */
export function checked(expected: string, problemOf: (text: string) => string | undefined) {
  return z.string({ error: `must be ${expected}` }).superRefine((value, context) => {
    const message = problemOf(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** A whole number. */
export function count(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A switch. */
export function toggle() {
  return z.boolean({ error: 'must be true or false' });
}

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(...words: T) {
  return z.enum(words, { error: `must be ${alternatives(words)}` });
}

/**
 * A version: `"1.2"`, or 1.2 without quotes, which YAML reads as a number. The value is the text.
 */
export function version<const T extends readonly [string, ...string[]]>(...words: T) {
  const error = `must be ${alternatives(words)}`;
  const asNumber = z.literal(words.map(Number), { error });
  return z.union([z.enum(words, { error }), asNumber], { error }).transform((given) => String(given) as T[number]);
}

/** `a, b or c` */
export function alternatives(words: readonly string[]): string {
  return words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** One value, or a list of them. */
export function oneOrMany<T extends z.ZodType>(item: T, expected: string) {
  return z
    .union([item, z.array(item).min(1, { error: 'must have at least one item, or be left out' })], {
      error: `must be ${expected}, or a list of them`,
    })
    .transform((value): z.output<T>[] => [value].flat() as z.output<T>[]);
}

/** A list. */
export function list<T extends z.ZodType>(item: T, expected: string) {
  return z.array(item, { error: `must be a list of ${expected}: a line "- …" for each` });
}

/** A size in bytes: 4096, 64k, 256M. */
export function size(min = 1, max = Number.MAX_SAFE_INTEGER, expected = 'a size, such as 4096, 64k or 256M') {
  return amount(expected, SIZE, parseSize, { min, max, unit: '' });
}

/** A duration in milliseconds: 500ms, 15s, 2m; a bare number means seconds. */
export function duration(minMs = 1, maxMs = Number.MAX_SAFE_INTEGER) {
  return amount('a duration, such as 500ms, 15s or 2m', DURATION, parseDuration, {
    min: minMs,
    max: maxMs,
    unit: 'ms',
  });
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Behind a number, so that it means what `min` and `max` are. */
  readonly unit: string;
}

function amount(expected: string, form: RegExp, parse: (text: string) => number, { min, max, unit }: Bounds) {
  const error = `must be ${expected}`;
  const [less, more] = /at (least|most) /.test(expected) // then the bound is said already
    ? ['is too small', 'is too large']
    : [`is less than ${min}${unit}`, `is more than ${max}${unit}`];
  const fromText = z.string({ error }).regex(form, { error });
  return z.union([z.number({ error }).nonnegative({ error }), fromText], { error }).transform((value, context) => {
    const parsed = parse(String(value));
    if (parsed >= min && parsed <= max) return parsed;
    const bound = parsed < min ? less : more;
    context.addIssue({ code: 'custom', message: `${bound}; it must be ${expected}` });
    return z.NEVER;
  });
}
