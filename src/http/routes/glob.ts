/**
 * Globs over paths as they lie in a request: `*` is any characters within a segment, `**` any characters, `?` one
 * character within a segment. Nothing is allocated to compare one, and the time is bounded: only the last `*` and the
 * last `**` are ever tried again.
 */
import { ASTERISK, QUESTION, SLASH } from '../grammar/grammar.js';

/** Tokens of a compiled glob, beside octets. */
const ONE = 256;
const STAR = 257;
const GLOBSTAR = 258;

export class Glob {
  /** The octets in front of the first wildcard: what every path that fits begins with. */
  readonly prefix: Uint8Array;
  readonly #tokens: Uint16Array;

  /** `pattern`: a character for each byte. */
  constructor(pattern: Uint8Array) {
    const tokens: number[] = [];
    for (let i = 0; i < pattern.length; i++) {
      const octet = pattern[i];
      if (octet === ASTERISK && pattern[i + 1] === ASTERISK) {
        tokens.push(GLOBSTAR);
        i++;
      } else if (octet === ASTERISK) tokens.push(STAR);
      else if (octet === QUESTION) tokens.push(ONE);
      else if (octet !== undefined) tokens.push(octet);
    }
    const firstWildcard = tokens.findIndex((token) => token >= ONE);
    const literal = firstWildcard < 0 ? tokens.length : firstWildcard;
    this.prefix = Uint8Array.from(tokens.slice(0, literal));
    this.#tokens = Uint16Array.from(tokens.slice(literal));
  }

  /** Whether `bytes[from, to)`, what follows the prefix of a path, fits the rest of the glob. */
  fits(bytes: Uint8Array, from: number, to: number): boolean {
    const tokens = this.#tokens;
    let token = 0;
    let at = from;
    let star = -1;
    let starAt = 0;
    let globstar = -1;
    let globstarAt = 0;
    for (;;) {
      const wanted = token < tokens.length ? tokens[token]! : -1;
      if (wanted === STAR) {
        star = ++token;
        starAt = at;
      } else if (wanted === GLOBSTAR) {
        globstar = ++token;
        globstarAt = at;
        star = -1;
      } else if (at < to && wanted >= 0 && (wanted === ONE ? bytes[at] !== SLASH : bytes[at] === wanted)) {
        token++;
        at++;
      } else if (at === to && wanted < 0) {
        return true;
      } else if (star >= 0 && starAt < to && bytes[starAt] !== SLASH) {
        token = star;
        at = ++starAt;
      } else if (globstar >= 0 && globstarAt < to) {
        token = globstar;
        at = ++globstarAt;
        star = -1;
      } else {
        return false;
      }
    }
  }
}
