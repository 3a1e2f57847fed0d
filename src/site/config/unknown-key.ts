/** What to say of a key that does not exist: a slip, a word of other servers, or a key that stands elsewhere. */
import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { itemOf, keysOf, typeAt } from './shape.js';

/** A word is a slip of the pen if at most this part of it is wrong. */
const SLIP = 1 / 3;
/** Shorter words are a part of many. */
const LEAST_PART = 3;

/** Words of other servers and tools, flat, and what they are here. The first counts that may stand in the place. */
const OTHER_WORDS: Readonly<Record<string, readonly string[]>> = {
  ...{ root: ['folder'], dir: ['folder'], directory: ['folder'], documentroot: ['folder'], path: ['match', 'to'] },
  ...{ servername: ['hosts'], domain: ['hosts'], domains: ['hosts'], hostname: ['hosts'] },
  ...{ gzip: ['compress'], brotli: ['compress'], encode: ['compress'], precompressed: ['compress'] },
  ...{ autoindex: ['browse'], listing: ['browse'], mime: ['types'], mimetypes: ['types'], index: ['spa'] },
  ...{ single: ['spa'], tryfiles: ['spa', 'rewrites'], errorpage: ['errorPages'], rewrite: ['rewrites'] },
  ...{ file: ['to', 'folder', 'use'], url: ['servers'], ssl: ['tls'], https: ['tls'], accesslog: ['log'] },
  ...{ maxrequestrate: ['requestsPerSecond'], requestrate: ['requestsPerSecond'], rate: ['requestsPerSecond'] },
  ...{ burst: ['requestBurst'], answerrate: ['minAnswerRate'] },
  ...{ keepalive: ['idleTimeout', 'keepAlive'], metrics: ['admin'], max: ['size'], listen: ['port'] },
};

/** `did you mean "hosts"?`, or where it stands, or what may stand here. */
export function adviceFor(name: string, path: readonly PropertyKey[], schema: z.ZodType): string {
  const known = Object.keys(keysOf(typeAt(schema, path) ?? schema) ?? {});
  const other = OTHER_WORDS[flat(name)]?.find((word) => known.includes(word));
  const meant = other ?? slipOf(name, known) ?? partOf(name, known);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  const where = placeOf(name, path, schema);
  if (where !== undefined) return `it stands ${where}`;
  return `here may stand: ${known.filter((each) => each !== name).join(', ')}`;
}

/** The known word that this one was probably meant to be. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return slipOf(word, known) ?? partOf(word, known);
}

function slipOf(word: string, known: readonly string[]): string | undefined {
  const same = known.find((each) => flat(each) === flat(word));
  if (same !== undefined || known.length === 0) return same;
  const found = closest(word, [...known]);
  const errors = distance(word.toLowerCase(), found.toLowerCase());
  return errors <= Math.max(1, SLIP * found.length) || letters(word) === letters(found) ? found : undefined;
}

/** The only known word that this one is a part of, or that is a part of it: `cert`, `ndjson`. */
function partOf(word: string, known: readonly string[]): string | undefined {
  const flatWord = flat(word);
  const isPart = (part: string, whole: string) => part.length >= LEAST_PART && whole.includes(part);
  const parts = known.filter((each) => isPart(flatWord, flat(each)) || isPart(flat(each), flatWord));
  return parts.length === 1 ? parts[0] : undefined;
}

function flat(text: string): string {
  return text.toLowerCase().replace(/[-_\s]/g, '');
}

/** Letters that changed places are one slip. */
function letters(word: string): string {
  return [...word.toLowerCase()].sort().join('');
}

/** Where the file has a key of this name, if not here. */
function placeOf(name: string, path: readonly PropertyKey[], schema: z.ZodType): string | undefined {
  const top = keysOf(schema) ?? {};
  const hasKey = (type: z.ZodType | undefined) => type !== undefined && Object.hasOwn(keysOf(type) ?? {}, name);
  if (path.length > 0 && Object.hasOwn(top, name)) return 'at the top of the file';
  for (const [section, type] of Object.entries(top)) {
    if (section === path[0]) continue;
    if (hasKey(type)) return `in "${section}"`;
    if (hasKey(itemOf(type))) return `in each of "${section}"`;
  }
  return undefined;
}
