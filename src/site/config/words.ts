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
      return issue.format === 'regex' ? `must have the form ${issue.pattern}` : `must be of the form "${issue.format}"`;
    case 'invalid_union':
      return unionWords(issue.errors);
    default:
      return undefined;
  }
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
