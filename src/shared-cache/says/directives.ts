/**
 * Cache-Control (RFC 9111 section 5.2) as names and values. Quoted strings are read as such: a `max-age` within the
 * quotes of another directive is none. (The package http-cache-semantics splits at every comma, and is not used for
 * this and other reasons: docs/shared-cache.md has them.)
 */
import { membersOf } from '../fields.js';

/** Directives by their names in lower case. '' stands for a directive without a value, or with one that is no value. */
export type Directives = ReadonlyMap<string, string>;

/** Ages and lifetimes end here (RFC 9111 section 1.2.2). */
export const MOST_SECONDS = 2 ** 31;

const DIRECTIVE = /^([!#$%&'*+.^_`|~0-9a-z-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9a-z-]+)))?$/i;
const LEADING_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+/i;

/** Reads a field value. Of a directive that stands there twice, the first counts (RFC 9111 section 4.2.1). */
export function readDirectives(value: string): Directives {
  const directives = new Map<string, string>();
  for (const member of membersOf(value)) {
    const [, name, quoted, token] = DIRECTIVE.exec(member) ?? [];
    const found = name ?? LEADING_NAME.exec(member)?.[0];
    if (found === undefined) continue;
    const lower = found.toLowerCase();
    if (!directives.has(lower)) directives.set(lower, quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  return directives;
}

/**
 * The seconds that a directive gives; undefined if it is not there. One that is no number is 0: RFC 9111 section
 * 4.2.1 encourages to take an answer with invalid freshness as stale.
 */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const value = directives.get(name);
  if (value === undefined) return undefined;
  return /^\d+$/.test(value) ? Math.min(Number(value), MOST_SECONDS) : 0;
}
