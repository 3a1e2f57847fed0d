/**
 * IPv4 options: RFC 791 section 3.1, RFC 1122 section 3.2.1.8, and today's advice in RFC 7126.
 *
 * We need none of them. Unknown ones are skipped; a header whose options do not add up is dropped; so is a packet with
 * a source route, which would make us answer along a path that its sender chose (RFC 7126 sections 4.3.5 and 4.4.5).
 */
import * as Ipv4 from '../wire/ipv4.js';

const END = 0;
const NO_OPERATION = 1;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;

/** True if the options of the header at `from`, which has passed `Ipv4.check`, are sound and without a source route. */
export function optionsAreAcceptable(bytes: Uint8Array, from: number): boolean {
  const end = from + Ipv4.headerLength(bytes, from);
  let at = from + Ipv4.HEADER_BYTES;
  while (at < end) {
    const kind = bytes[at];
    if (kind === END) return true;
    if (kind === NO_OPERATION) {
      at++;
      continue;
    }
    if (kind === LOOSE_SOURCE_ROUTE || kind === STRICT_SOURCE_ROUTE) return false;
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) return false;
    at += length;
  }
  return true;
}
