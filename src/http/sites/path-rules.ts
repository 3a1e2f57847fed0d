/**
 * Redirects and rewrites by pattern. They are looked at only when no object has the path of a request, so they may make
 * strings.
 *
 *     from: /blog/:year/*      to: /archive/:year/:splat
 *
 * A `*` at the end of `from` stands for the rest of the path, and `:name` for one segment. `to` may use them as
 * `:splat` and `:name`. Rules are tried in their order, and the first that fits is taken.
 *
 * A pattern is compared with the normal form of the path (path.ts): decoded, without dot segments. So no spelling of a
 * path slips past a rule. In an address, what is put in for `:name` is encoded again.
 */

import { encodePath, encodeQuery } from '../../cache/head/heads.js';
import { latin1Bytes, latin1Text } from '../../net/wire/latin1.js';

/** One rule as the configuration has it: plain data. */
export interface PathRule {
  /** A path pattern, from '/' on. */
  readonly from: string;
  /** A redirect: a path or a whole address, as it stands in a URI. A rewrite: a path of this site, not encoded. */
  readonly to: string;
  /** The status of a redirect; 0 for a rewrite. */
  readonly status: number;
}

interface CompiledRule {
  /** What the path must begin with. It is compared first, and is all of most patterns. */
  readonly prefix: string;
  readonly pattern: RegExp;
  /** `to`, cut at its placeholders: text, name, text, name … */
  readonly parts: readonly string[];
  readonly status: number;
}

/** What a rule made of a path. */
export interface PathAnswer {
  /** A Location, or the name of an object; a character for each byte. */
  readonly to: string;
  /** Of a redirect; 0 for a rewrite. */
  readonly status: number;
}

/** The rules of one site, in their order. */
export class PathRules {
  readonly #rules: readonly CompiledRule[];

  /** @throws {RangeError} for a rule that cannot be: a pattern without '/', or a placeholder that `from` has not. */
  constructor(rules: readonly PathRule[]) {
    this.#rules = rules.map(compile);
  }

  /** What becomes of the path `bytes[from, to)`, in its normal form; null if no rule fits. */
  apply(bytes: Uint8Array, from: number, to: number): PathAnswer | null {
    if (this.#rules.length === 0) return null;
    const path = latin1Text(bytes, from, to);
    for (const { prefix, pattern, parts, status } of this.#rules) {
      if (!path.startsWith(prefix)) continue;
      const match = pattern.exec(path);
      if (match !== null) return { to: fill(parts, match.groups ?? {}, status !== 0), status };
    }
    return null;
  }
}

/** The name under which the rest of a path is known, which a `*` stands for. */
const SPLAT = 'splat';
const PLACEHOLDER = /:([A-Za-z_]\w*)/;

/** Cuts a target at its placeholders: text, name, text, name … */
export function cutTarget(to: string): string[] {
  return to.split(PLACEHOLDER);
}

/** The same for a pattern. Its `*` is a placeholder, too. */
export function cutPattern(from: string): string[] {
  return cutTarget(from.replace(/\*$/, `:${SPLAT}`));
}

/** The names among such pieces. */
export function namesAmong(pieces: readonly string[]): string[] {
  return pieces.filter((_, i) => i % 2 === 1);
}

function compile({ from, to, status }: PathRule): CompiledRule {
  if (!from.startsWith('/')) throw new RangeError(`a path pattern begins with "/": ${from}`);
  if (status === 0 && !to.startsWith('/')) throw new RangeError(`a rewrite leads to a path: ${to}`);
  const pieces = cutPattern(octets(from));
  const names = namesAmong(pieces);
  if (new Set(names).size < names.length) throw new RangeError(`a name stands twice in ${from}`);
  const source = pieces.map((piece, i) => (i % 2 === 0 ? literal(piece) : group(piece))).join('');
  // The colon of "https://" and that of a port are no placeholders: no name follows them.
  const parts = cutTarget(octets(to)).map((part, i) => (i % 2 === 0 && status !== 0 ? visible(part) : part));
  const unknown = namesAmong(parts).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new RangeError(`":${unknown}" in ${to} is not in ${from}`);
  return { prefix: pieces[0] ?? '', pattern: new RegExp(`^${source}$`, 's'), parts, status };
}

function group(name: string): string {
  return name === SPLAT ? `(?<${SPLAT}>.*)` : `(?<${name}>[^/]+)`;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

function fill(parts: readonly string[], values: Readonly<Record<string, string>>, isAddress: boolean): string {
  return parts
    .map((part, i) => {
      if (i % 2 === 0) return part;
      const value = values[part] ?? '';
      return isAddress ? encodePath(latin1Bytes(value)) : value;
    })
    .join('');
}

/** Fit for a field value: what is no visible ASCII is percent-encoded. */
function visible(text: string): string {
  return encodeQuery(latin1Bytes(text));
}

/** UTF-8, a character for each byte: as paths stand in the cache. */
function octets(text: string): string {
  return latin1Text(new TextEncoder().encode(text));
}
