/**
 * Answers pings: RFC 792, RFC 1122 section 3.2.2.6; RFC 4443 section 4.2. The same identifier, sequence number and data
 * go back, from the address that was asked.
 *
 * The data is not copied: the answer refers to the bytes in the frame (or in the reassembled datagram). The checksum is
 * computed from all of them. Updating the request's by RFC 1624 would be cheaper, but it cannot tell a reply of nothing
 * but zeros, whose checksum is 0xffff, from others whose checksum is 0x0000.
 */
import { OutgoingFrame } from '../device/frame.js';
import type { Output } from '../ip/output.js';
import type { IpPacket } from '../ip/packet.js';
import type { Route } from '../ip/route.js';
import { finish, sum } from '../wire/checksum.js';
import * as IcmpHeader from '../wire/icmp-header.js';
import { PROTOCOL } from '../wire/protocol.js';
import { SummedBytes } from '../wire/summed-bytes.js';

export class EchoResponder {
  readonly #output: Output;
  readonly #frame = new OutgoingFrame();
  #data = SummedBytes.plain(new Uint8Array(0));

  constructor(output: Output) {
    this.#output = output;
  }

  /** Answers the request in `packet` over `route` with a message of type `reply`. */
  answer(packet: IpPacket, route: Route, reply: number): void {
    const { bytes, payloadFrom, payloadTo } = packet;
    // "The type code changed" (RFC 792) and nothing else: a code other than 0 goes back too, as in Linux.
    const code = IcmpHeader.code(bytes, payloadFrom);
    const pseudo = packet.isV6 ? route.addressSum + PROTOCOL.ICMPV6 + payloadTo - payloadFrom : 0;
    const checksum = finish(pseudo + ((reply << 8) | code) + sum(bytes, payloadFrom + IcmpHeader.REST, payloadTo));
    const frame = this.#frame;
    frame.reset();
    frame.end = frame.start + IcmpHeader.HEADER_BYTES;
    IcmpHeader.emit(frame.header, frame.start, reply, code, checksum, IcmpHeader.rest(bytes, payloadFrom));
    const from = payloadFrom + IcmpHeader.HEADER_BYTES;
    if (payloadTo > from) {
      if (this.#data.bytes !== bytes) this.#data = SummedBytes.plain(bytes);
      frame.addFragment(this.#data, from, payloadTo - from);
    }
    // The same DSCP, but no ECN: the answer is not ECN-capable (RFC 3168 section 5).
    this.#output.send(frame, route, packet.protocol, packet.trafficClass & ~3);
  }
}
