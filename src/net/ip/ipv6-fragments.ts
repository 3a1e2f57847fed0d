/**
 * IPv6 fragments before reassembly: RFC 8200 section 4.5, RFC 6946 (lone fragments), RFC 7112 (first fragments).
 *
 *     | IPv6 | headers before it | fragment header | data |
 *                                ^ payloadFrom      the data: extension headers and upper layer, a piece of them
 *
 * The fragment header stays in front of the reassembled data, as that of a lone fragment. So an ICMP error quotes a
 * valid packet, and nothing has to be moved.
 */
import { writeUint16 } from '../wire/bytes.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import type { InternetContext } from './context.js';
import { ExtensionHeaders, isExtensionHeader } from './extension-headers.js';
import type { IcmpErrorOutput } from './icmp-error.js';
import { IpPacket } from './packet.js';
import type { Reassembly } from './reassembly.js';

const MAX_PAYLOAD = 65535;
/** Offsets of the fields that a problem points at, in the IPv6 header and in the fragment header. */
const PAYLOAD_LENGTH_AT = 4;
const OFFSET_AT = 2;
/** The shortest whole header of an upper layer that we know. */
const TCP_HEADER_BYTES = 20;
const OTHER_HEADER_BYTES = 8;

export class Ipv6Fragments {
  readonly #context: InternetContext;
  readonly #reassembly: Reassembly;
  readonly #errors: IcmpErrorOutput;
  readonly #probe = new IpPacket();
  readonly #walk = new ExtensionHeaders();

  constructor(context: InternetContext, reassembly: Reassembly, errors: IcmpErrorOutput) {
    this.#context = context;
    this.#reassembly = reassembly;
    this.#errors = errors;
  }

  /**
   * Takes the packet whose fragment header is at `payloadFrom`. Returns the packet to go on with, whose `protocol` and
   * `payloadFrom` are those of the header behind; null if the datagram is not complete, or has a fault.
   */
  receive(packet: IpPacket): IpPacket | null {
    const { bytes } = packet;
    const at = packet.payloadFrom;
    const offset = Ipv6.fragmentOffset(bytes, at);
    const more = Ipv6.moreFragments(bytes, at);
    packet.protocolFrom = at;
    packet.protocol = bytes[at]!;
    packet.payloadFrom = at + Ipv6.FRAGMENT_HEADER_BYTES;
    // RFC 6946: a lone fragment is whole by itself and has nothing to do with others of the same id.
    if (offset === 0 && !more) return packet;
    if (!this.#isSound(packet, at, offset, more)) {
      this.#context.statistics.reassembly.invalid++;
      return null;
    }
    const whole = this.#reassembly.add(packet, Ipv6.fragmentId(bytes, at), offset, more);
    if (whole !== null) makeLone(whole);
    return whole;
  }

  /** Makes the checks of RFC 8200 section 4.5, and sends the parameter problem that each of them asks for. */
  #isSound(packet: IpPacket, at: number, offset: number, more: boolean): boolean {
    const length = packet.payloadTo - packet.payloadFrom;
    if (more && (length & 7) !== 0) {
      return this.#problem(packet, Icmpv6.ERRONEOUS_FIELD, PAYLOAD_LENGTH_AT);
    }
    if (offset + length + (at - packet.headerFrom - Ipv6.HEADER_BYTES) > MAX_PAYLOAD) {
      return this.#problem(packet, Icmpv6.ERRONEOUS_FIELD, at + OFFSET_AT - packet.headerFrom);
    }
    if (offset === 0 && !this.#holdsAllHeaders(packet)) {
      return this.#problem(packet, Icmpv6.INCOMPLETE_FIRST_FRAGMENT, 0);
    }
    return true;
  }

  #problem(packet: IpPacket, code: number, pointer: number): false {
    this.#walk.skipToUpperLayer(packet);
    this.#errors.send(packet, Icmpv6.PARAMETER_PROBLEM, code, pointer);
    return false;
  }

  /** RFC 7112 section 5: the first fragment holds all headers up to and with the upper layer's, or is dropped. */
  #holdsAllHeaders(packet: IpPacket): boolean {
    const probe = this.#probe;
    probe.bytes = packet.bytes;
    probe.protocol = packet.protocol;
    probe.payloadFrom = packet.payloadFrom;
    probe.payloadTo = packet.payloadTo;
    this.#walk.skipToUpperLayer(probe);
    const left = probe.payloadTo - probe.payloadFrom;
    if (probe.protocol === PROTOCOL.NO_NEXT_HEADER) return true;
    if (isExtensionHeader(probe.protocol)) return false;
    return left >= (probe.protocol === PROTOCOL.TCP ? TCP_HEADER_BYTES : OTHER_HEADER_BYTES);
  }
}

/** Turns the header in front of reassembled data into that of a lone fragment. */
function makeLone(whole: IpPacket): void {
  const at = whole.payloadFrom - Ipv6.FRAGMENT_HEADER_BYTES;
  whole.protocolFrom = at;
  writeUint16(whole.bytes, at + OFFSET_AT, 0);
  writeUint16(
    whole.bytes,
    whole.headerFrom + PAYLOAD_LENGTH_AT,
    whole.payloadTo - whole.headerFrom - Ipv6.HEADER_BYTES,
  );
}
