/**
 * What a schema of zod wants, in words, where its author wrote none. The configuration's own schema has words of its
 * own everywhere; a module's may not.
 */
import type { z } from 'zod';
import { alternatives } from './keys.js';

type RawIssue = z.core.$ZodRawIssue;

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  bigint: 'a whole number',
  boolean: 'true or false',
  date: 'a date',
  int: 'a whole number',
  map: 'a mapping',
  null: 'nothing',
  number: 'a number',
  object: 'a mapping',
  record: 'a mapping',
  set: 'a list',
  string: 'text',
  tuple: 'a list',
};

/** For `safeParse(value, { error: plainWords })`. Undefined: zod's own words. */
export function plainWords(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return bound(issue.origin, 'at least', 'more than', issue.minimum, issue.inclusive !== false);
    case 'too_big':
      return bound(issue.origin, 'at most', 'less than', issue.maximum, issue.inclusive !== false);
    case 'invalid_value':
      return `must be ${alternatives(issue.values.map(String))}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return formatWords(issue);
    case 'invalid_union':
      return unionWords(issue.errors);
    case 'custom':
      return 'the module does not take this';
    default:
      return undefined;
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  date: 'a date, such as 2026-01-31',
  email: 'an e-mail address',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  url: 'a URL',
};

function formatWords(issue: Extract<RawIssue, { code: 'invalid_format' }>): string {
  const { format, pattern, prefix, suffix, includes } = issue as Readonly<Record<string, unknown>>;
  if (format === 'regex') return `must have the form ${pattern}`;
  if (format === 'starts_with') return `must begin with ${JSON.stringify(prefix)}`;
  if (format === 'ends_with') return `must end with ${JSON.stringify(suffix)}`;
  if (format === 'includes') return `must contain ${JSON.stringify(includes)}`;
  return `must be ${FORMATS[String(format)] ?? `of the form "${format}"`}`;
}

function bound(origin: string, word: string, strictWord: string, limit: number | bigint, isInclusive: boolean): string {
  const most = isInclusive ? word : strictWord;
  if (origin === 'string') {
    return limit === 1 && word === 'at least' ? 'must not be empty' : `must have ${most} ${limit} characters`;
  }
  if (origin === 'array' || origin === 'set') return `must have ${most} ${limit} ${limit === 1 ? 'item' : 'items'}`;
  return `must be ${most} ${limit}`;
}

/** What each of the choices wants, if that is said of the value itself. */
function unionWords(choices: readonly (readonly { readonly message?: string | undefined }[])[]): string | undefined {
  const wants = choices.map(([first]) => /^must be (.*)$/s.exec(first?.message ?? '')?.[1]);
  return wants.includes(undefined) ? undefined : `must be ${alternatives([...new Set(wants as string[])])}`;
}
