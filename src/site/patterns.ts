/**
 * What may stand in the redirects and rewrites of a configuration. What they mean is in src/http/sites/path-rules.ts: a
 * `*` at the end stands for the rest of a path (`:splat`), and `:name` for one segment.
 */

import { cutPattern, cutTarget, namesAmong } from '../http/sites/path-rules.js';

/** Whether a pattern fits one path only. */
export function isExact(from: string): boolean {
  return namesOf(from).length === 0;
}

/** What is wrong with a pattern; undefined: nothing. */
export function patternProblem(from: string): string | undefined {
  if (!from.startsWith('/')) return 'must be a path that begins with /, such as /old or /old/*';
  if (/[\s?#\\]/.test(from)) return 'must be a path without a query, a fragment, white space or a backslash';
  if (/%[0-9a-f]{2}/i.test(from)) return 'must be written without percent-encoding: paths are decoded before';
  if (/\*./.test(from)) return 'may have one *, at its end: /old/*';
  const names = namesOf(from);
  return new Set(names).size < names.length ? 'has the same :name twice' : undefined;
}

/** What is wrong with the glob of a header rule; undefined: nothing. rules/globs.ts says what it means. */
export function globProblem(glob: string): string | undefined {
  if (glob === '') return 'must not be empty';
  if (/[\s#\\]/.test(glob)) return 'must be a glob without a fragment, white space or a backslash';
  if (/\?.*[=&]/.test(glob)) return 'must be a glob over the path: queries do not count';
  if (/^https?:/i.test(glob)) return 'must be a glob over the path, such as /assets/**: the site names its hosts';
  const [first = ''] = glob;
  if (glob.includes('/') && !'/*{'.includes(first)) return 'must begin with / if it has one: /assets/**';
  return openBracket(glob);
}

/** Such a glob would be compared as plain text, which is never meant. */
function openBracket(glob: string): string | undefined {
  const rest = glob.replace(/\[[^\]]+\]/g, '');
  if (rest.includes('[')) return 'has a [ that no ] closes';
  const closed = glob.split('}').length;
  return glob.split('{').length > closed ? 'has a { that no } closes' : undefined;
}

/** What is wrong with the path of a route; undefined: nothing. src/http/routes/glob.ts says what it means. */
export function routePathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must be a path that begins with /, such as /api/ or /*.png';
  if (/[\s#\\]/.test(path)) return 'must be a path without a fragment, white space or a backslash';
  if (/%[0-9a-f]{2}/i.test(path)) return 'must be written without percent-encoding: paths are decoded before';
  if (/[{}[\]]/.test(path)) return 'may have the wildcards *, ** and ? only: write a route for each alternative';
  return /\*{3}/.test(path) ? 'has three * in a row: * is within a segment, ** over segments' : undefined;
}

/** What is wrong with a target for a pattern; undefined: nothing. `isPath`: it may not be a whole address. */
export function targetProblem(from: string, to: string, isPath: boolean): string | undefined {
  const isAddress = /^https?:\/\/[^/\s]+/i.test(to);
  if (isPath && !to.startsWith('/')) return 'must be a path of this site that begins with /';
  if (!isPath && !to.startsWith('/') && !isAddress)
    return 'must be a path that begins with /, or an http(s):// address';
  if (to.startsWith('//')) return 'must not begin with //, which browsers take for another host';
  if (!/^[\x21-\x7e]+$/.test(to)) return 'must be printable ASCII without white space: percent-encode other characters';
  const known = namesOf(from);
  const unknown = namesAmong(cutTarget(to)).find((name) => !known.includes(name));
  return unknown === undefined ? undefined : `names :${unknown}, which "from" does not have`;
}

/** A path that the pattern fits. */
export function sampleOf(from: string, part: string): string {
  return cutPattern(from)
    .map((piece, i) => (i % 2 === 0 ? piece : part))
    .join('');
}

/** The names that a pattern gives to parts of a path. */
function namesOf(from: string): string[] {
  return namesAmong(cutPattern(from));
}
