/**
 * From the path of a request-target to the key under which the cache knows it: percent-decoded, without dot segments
 * and empty segments (RFC 3986 sections 2.4, 5.2.4 and 6.2.2).
 *
 * The order makes it safe: escapes are decoded first and once, then dot segments are removed. So no spelling of ".."
 * is left in the result, and no path leads above the root.
 */
import { DOT, hexValue, PERCENT, SLASH } from './grammar.js';

/** What `normalizePath` returns instead of a length: a bad escape or a NUL. Answered with 400. */
export const BAD_PATH = -1;
/**
 * An escaped slash: "a%2Fb" is *one* segment whose name has a slash in it (RFC 3986 section 2.2). No file has such a
 * name, so it is 404, as in Apache. Attacks with "..%2f" count on a server that takes it for two segments.
 */
export const NO_SUCH_PATH = -2;

/**
 * Writes the normal form of the path `bytes[from, to)`, which begins with "/", into `out` and returns its length, or
 * one of the above. The result begins with "/", is never longer than the input, and ends in "/" if the input names a
 * folder. Empty segments are dropped ("//" becomes "/"), as in nginx and Apache. Links often have two slashes by
 * mistake, and a Location that starts with "//" would lead to another host. With `keepsSlashes` an escaped slash stays
 * as it is, for routes to those who know what it means.
 */
export function normalizePath(
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  keepsSlashes = false,
): number {
  let length = 0;
  let at = from;
  while (at < to) {
    at++; // the slash before this segment
    const segmentFrom = length;
    out[length++] = SLASH;
    for (; at < to && bytes[at] !== SLASH; at++) {
      let octet = bytes[at]!;
      if (octet === PERCENT) {
        octet = decodeEscape(bytes, at, to);
        if (octet <= 0) return BAD_PATH;
        if (octet === SLASH && !keepsSlashes) return NO_SUCH_PATH;
        if (octet === SLASH) octet = PERCENT;
        else at += 2;
      }
      out[length++] = octet;
    }
    length = closeSegment(out, segmentFrom, length, at === to);
  }
  return length;
}

/** The octet that "%xx" at `at` stands for, or -1. */
function decodeEscape(bytes: Uint8Array, at: number, to: number): number {
  if (at + 2 >= to) return -1;
  const high = hexValue(bytes[at + 1]!);
  const low = hexValue(bytes[at + 2]!);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/** Keeps the segment `out[segmentFrom, length)`, drops it if it is "/" or "/.", and one more if it is "/..". */
function closeSegment(out: Uint8Array, segmentFrom: number, length: number, isLast: boolean): number {
  const size = length - segmentFrom;
  const isDots = size <= 3 && (size < 2 || out[segmentFrom + 1] === DOT) && (size < 3 || out[length - 1] === DOT);
  if (!isDots) return length;
  let end = segmentFrom;
  if (size === 3) while (end > 0 && out[--end] !== SLASH);
  // A path that ends in a dot segment names the folder: keep the slash. It is still there, or is the first byte.
  if (isLast) out[end++] = SLASH;
  return end;
}
