/**
 * Which packet of the peer an ICMP message of the stack is about: an echo reply gives all of the request back, an error
 * quotes the beginning of the packet that caused it (RFC 792, RFC 1122 section 3.2.2, RFC 4443 section 2.4).
 */
import * as ethernet from '../../net/wire/ethernet.js';
import * as icmp from '../../net/wire/icmp.js';
import * as icmpv6 from '../../net/wire/icmpv6.js';
import { type LivePacket, parseFrame } from './live-packet.js';

/** Bytes that an error quotes: all that fits (RFC 1812 section 4.3.2.3, RFC 4443 section 2.4). */
const QUOTE_V4 = 576 - 20 - 8;
const QUOTE_V6 = 1280 - 40 - 8;

/** True if the ICMP message in `packet` answers the packet in `frame`, and carries what it has to carry of it. */
export function isAnswerTo(packet: LivePacket, frame: Uint8Array): boolean {
  const { icmp: message, ip } = packet;
  if (message === undefined) return false;
  const [request, reply] =
    ip.version === 4 ? [icmp.ECHO_REQUEST, icmp.ECHO_REPLY] : [icmpv6.ECHO_REQUEST, icmpv6.ECHO_REPLY];
  if (message.type === reply) {
    const asked = parseFrame(frame, 0)?.icmp;
    return asked?.type === request && asked.rest === message.rest && sameBytes(asked.body, message.body);
  }
  const most = ip.version === 4 ? QUOTE_V4 : QUOTE_V6;
  return sameBytes(frame.subarray(ethernet.HEADER_BYTES, ethernet.HEADER_BYTES + most), message.body);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
