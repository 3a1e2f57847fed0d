/**
 * Where the transport header and its data are in an IP packet: a plain way for `describe` and the dissector. The stack
 * has its own, faster one in `ip/`.
 *
 * IPv6 extension headers (RFC 8200 section 4) are passed over as far as the frame has them.
 */
import * as ipv6 from './ipv6.js';
import { PROTOCOL } from './protocol.js';

const NAMES: Readonly<Record<number, string>> = {
  0: 'hop-by-hop options',
  1: 'ICMP',
  2: 'IGMP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  43: 'routing header',
  44: 'fragment header',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMP6',
  59: 'no next header',
  60: 'destination options',
  89: 'OSPF',
  132: 'SCTP',
};

/** The name of an IP protocol number, or `ip-proto-99`. */
export function protocolName(protocol: number): string {
  return NAMES[protocol] ?? `ip-proto-${protocol}`;
}

/** One transport header with its data. */
export class TransportSpan {
  protocol = 0;
  /** The part of it that is in the frame: `[from, to)`. */
  from = 0;
  to = 0;
  /** Its full length, bytes: more than `to - from` in a frame that was cut. */
  length = 0;
  fragmentOffset = 0;
  moreFragments = false;
  /** An IPv6 fragment header was passed. */
  isFragment = false;
}

/** True for the extension headers that `walkExtensions` passes over. */
export function isExtension(protocol: number): boolean {
  return (
    protocol === PROTOCOL.HOP_BY_HOP ||
    protocol === PROTOCOL.ROUTING ||
    protocol === PROTOCOL.FRAGMENT ||
    protocol === PROTOCOL.AUTHENTICATION ||
    protocol === PROTOCOL.DESTINATION_OPTIONS ||
    protocol === PROTOCOL.MOBILITY
  );
}

/** Bytes of the extension header at `at`, of which at least two are there. */
export function extensionBytes(protocol: number, bytes: Uint8Array, at: number): number {
  if (protocol === PROTOCOL.FRAGMENT) return ipv6.FRAGMENT_HEADER_BYTES;
  if (protocol === PROTOCOL.AUTHENTICATION) return (bytes[at + 1]! + 2) * 4; // RFC 4302 section 2.2: in words, less two
  return (bytes[at + 1]! + 1) * 8;
}

/** Fills `span` from the IPv6 packet `bytes[from, to)`, whose fixed header is there. */
export function walkExtensions(bytes: Uint8Array, from: number, to: number, span: TransportSpan): void {
  const payload = ipv6.payloadLength(bytes, from);
  const end = payload === 0 ? to : from + ipv6.HEADER_BYTES + payload;
  span.to = Math.min(end, to);
  span.protocol = ipv6.nextHeader(bytes, from);
  let at = from + ipv6.HEADER_BYTES;
  while (isExtension(span.protocol) && span.to - at >= 8) {
    const length = extensionBytes(span.protocol, bytes, at);
    if (span.protocol === PROTOCOL.FRAGMENT) {
      span.isFragment = true;
      span.fragmentOffset = ipv6.fragmentOffset(bytes, at);
      span.moreFragments = ipv6.moreFragments(bytes, at);
    }
    span.protocol = bytes[at]!;
    at += length;
    if (span.fragmentOffset > 0) break; // what follows is the middle of something
  }
  span.from = Math.min(at, span.to);
  span.length = Math.max(0, end - at);
}
