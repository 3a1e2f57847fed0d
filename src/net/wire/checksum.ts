/**
 * The Internet checksum: RFC 1071 (how to compute it), RFC 1624 (how to update it).
 *
 * A sum here is a *partial* sum: 16-bit ones'-complement words added up, not yet inverted. Partial sums add (`+`) in
 * any order, because ones'-complement addition is commutative and associative; `fold` brings one back to 16 bits and
 * `finish` inverts it for the wire. A part that starts at an odd offset of the whole counts with its two bytes swapped
 * (RFC 1071 section 2.B), which is what `swap` is for.
 *
 * Ones' complement has two zeros, 0x0000 and 0xffff. Bytes sum to 0x0000 only if all of them are zero; any other
 * multiple of 0xffff sums to 0xffff. That matters in `subtract` and `update`; see there.
 */

/** Adds the carries of `sum` back in until it fits 16 bits (RFC 1071 section 1). `sum` is below 2^32. */
export function fold(sum: number): number {
  let folded = (sum & 0xffff) + (sum >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}

/** The checksum field for a partial `sum`: folded and inverted. */
export function finish(sum: number): number {
  return ~fold(sum) & 0xffff;
}

/** Swaps the two bytes of a folded sum: the sum of the same bytes shifted by one place. */
export function swap(folded: number): number {
  return ((folded & 0xff) << 8) | (folded >>> 8);
}

/**
 * The ones'-complement difference `a - b` of two folded sums: with `a` the sum of a prefix and `b` the sum of a shorter
 * one, it is the sum of the bytes between. For zeros that may be 0xffff instead of 0x0000. Added to a sum that is not
 * zero, as that of every pseudo-header, both give the same.
 */
export function subtract(a: number, b: number): number {
  return fold(a + (~b & 0xffff));
}

/**
 * The folded partial sum of `bytes` from `from` up to `to`; a last odd byte counts as the high byte of a word.
 */
export function sum(bytes: Uint8Array, from: number, to: number): number {
  // Four bytes a turn, in plain byte loads: on Node 20 as fast for the 40 to 600 bytes of a request as any view of
  // wider words, which would have to be aligned first. The accumulator stays below 2^32 for 64 KiB. For longer ranges
  // it is folded on the way.
  let total = 0;
  let at = from;
  while (at < to) {
    const stop = Math.min(to, at + 65532);
    let part = 0;
    for (; at + 3 < stop; at += 4) {
      part += ((bytes[at]! << 8) | bytes[at + 1]!) + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    }
    // Only the very last stretch is not a multiple of four.
    for (; at + 1 < stop; at += 2) part += (bytes[at]! << 8) | bytes[at + 1]!;
    if (at < stop) {
      part += bytes[at]! << 8;
      at++;
    }
    total = fold(part + total);
  }
  return total;
}

/**
 * The new checksum field after a 16-bit word under it changed from `was` to `is`: RFC 1624 equation 3,
 * HC' = ~(~HC + ~m + m').
 *
 * It equals a full computation wherever some word under the checksum is not zero, before and after: always below a
 * pseudo-header (the protocol number) and in an IP header. Where all words may be zero (an ICMP message), compute the
 * sum anew: zeros sum to zero and need 0xffff in the field, and this gives 0x0000.
 */
export function update(checksum: number, was: number, is: number): number {
  return finish((~checksum & 0xffff) + (~was & 0xffff) + (is & 0xffff));
}
