/**
 * Walks IPv6 extension headers: RFC 8200 section 4 (order, options, routing header), RFC 5095 (routing type 0 is dead).
 *
 *     | IPv6 | hop-by-hop | destination options | routing | fragment | ... | TCP |
 *        next ──▶ next ──────▶ next ───────────────▶ next ──▶ next
 *
 * Each header names the next and (the fragment header aside) gives its own length in eights of bytes, not counting the
 * first. Any order is accepted but for hop-by-hop, which must come first. The chain is bounded: an honest one has at
 * most seven headers (section 4.1), and a longer one only costs us time.
 */
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import type { IpPacket } from './packet.js';

export const STEP = {
  /** `packet.protocol` is the upper layer's, `payloadFrom` its header. */
  FOUND: 0,
  /** `packet.payloadFrom` is a fragment header. */
  FRAGMENT: 1,
  /** Drop in silence. */
  DROP: 2,
  /** Drop and send a parameter problem: `problemCode`, at `problemAt`. */
  PROBLEM: 3,
} as const;

export type Step = (typeof STEP)[keyof typeof STEP];

const MAX_HEADERS = 10;
const PAD1 = 0;

export class ExtensionHeaders {
  problemCode = 0;
  /** The offending byte, as an index into the packet's bytes. */
  problemAt = 0;
  #headers = 0;

  /** Before the first `next` of a packet, whose `protocol` and `payloadFrom` are those of its first header. */
  start(packet: IpPacket): void {
    this.#headers = 0;
    this.problemAt = packet.payloadFrom;
  }

  /** Goes on from the header at `packet.payloadFrom`, which is of type `packet.protocol`. */
  next(packet: IpPacket): Step {
    for (;;) {
      const type = packet.protocol;
      if (type === PROTOCOL.FRAGMENT) return fits(packet, 8) ? STEP.FRAGMENT : STEP.DROP;
      if (!isSelfDescribing(type)) return STEP.FOUND;
      if (++this.#headers > MAX_HEADERS) return STEP.DROP;
      // Hop-by-hop options stand right behind the IPv6 header or are an error (section 4, "unrecognized next header").
      if (type === PROTOCOL.HOP_BY_HOP && packet.payloadFrom !== packet.headerFrom + Ipv6.HEADER_BYTES) {
        return this.#problem(Icmpv6.UNKNOWN_NEXT_HEADER, packet.protocolFrom);
      }
      const { bytes, payloadFrom } = packet;
      const length = fits(packet, 8) ? (bytes[payloadFrom + 1]! + 1) << 3 : 0;
      if (length === 0 || !fits(packet, length)) return STEP.DROP;
      const step = type === PROTOCOL.ROUTING ? this.#routing(packet) : this.#options(packet, payloadFrom + length);
      if (step !== STEP.FOUND) return step;
      advance(packet, length);
    }
  }

  /** Passes over the rest of the chain, so that an error knows which protocol the packet carried. */
  skipToUpperLayer(packet: IpPacket): void {
    for (let count = 0; count < MAX_HEADERS; count++) {
      if (!isExtensionHeader(packet.protocol) || !fits(packet, 8)) return;
      const length = packet.protocol === PROTOCOL.FRAGMENT ? 8 : (packet.bytes[packet.payloadFrom + 1]! + 1) << 3;
      if (!fits(packet, length)) return;
      advance(packet, length);
    }
  }

  /** Section 4.4: with no segments left it is ignored. Otherwise it is a problem, because we know no type of it. */
  #routing(packet: IpPacket): Step {
    const segmentsLeft = packet.bytes[packet.payloadFrom + 3];
    return segmentsLeft === 0 ? STEP.FOUND : this.#problem(Icmpv6.ERRONEOUS_FIELD, packet.payloadFrom + 2);
  }

  /** Section 4.2: we know only padding; the two highest bits of an unknown option say what to do. */
  #options(packet: IpPacket, end: number): Step {
    const { bytes } = packet;
    let at = packet.payloadFrom + 2;
    while (at < end) {
      const type = bytes[at]!;
      if (type === PAD1) {
        at++;
        continue;
      }
      const length = at + 1 < end ? bytes[at + 1]! : 0xff;
      if (at + 2 + length > end) return STEP.DROP;
      const step = this.#option(packet, type, at);
      if (step !== STEP.FOUND) return step;
      at += 2 + length;
    }
    return STEP.FOUND;
  }

  /** Padding (PadN) and router alerts have 00 in these bits, and are skipped like all others that have them. */
  #option(packet: IpPacket, type: number, at: number): Step {
    switch (type >>> 6) {
      case 0:
        return STEP.FOUND;
      case 1:
        return STEP.DROP;
      case 2:
        return this.#problem(Icmpv6.UNKNOWN_OPTION, at);
      default:
        return packet.isMulticast ? STEP.DROP : this.#problem(Icmpv6.UNKNOWN_OPTION, at);
    }
  }

  #problem(code: number, at: number): Step {
    this.problemCode = code;
    this.problemAt = at;
    return STEP.PROBLEM;
  }
}

/** True for the headers that may stand between the IPv6 header and the upper layer's. */
export function isExtensionHeader(type: number): boolean {
  return type === PROTOCOL.FRAGMENT || isSelfDescribing(type);
}

/** Those of them that give their own length. */
function isSelfDescribing(type: number): boolean {
  return type === PROTOCOL.HOP_BY_HOP || type === PROTOCOL.ROUTING || type === PROTOCOL.DESTINATION_OPTIONS;
}

function fits(packet: IpPacket, length: number): boolean {
  return packet.payloadTo - packet.payloadFrom >= length;
}

function advance(packet: IpPacket, length: number): void {
  packet.protocolFrom = packet.payloadFrom;
  packet.protocol = packet.bytes[packet.payloadFrom]!;
  packet.payloadFrom += length;
}
