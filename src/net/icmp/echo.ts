/**
 * Answers pings: RFC 792, RFC 1122 section 3.2.2.6; RFC 4443 section 4.2. The same identifier, sequence number and data
 * go back, from the address that was asked.
 *
 * The data is not copied: the answer refers to the bytes in the frame (or in the reassembled datagram). Only the type
 * changes, so the checksum is updated (RFC 1624) and a sum that was good stays good.
 */
import { OutgoingFrame } from '../device/frame.js';
import type { Output } from '../ip/output.js';
import type { IpPacket } from '../ip/packet.js';
import type { Route } from '../ip/route.js';
import * as Icmp from '../wire/icmp.js';
import { SummedBytes } from '../wire/summed-bytes.js';

export class EchoResponder {
  readonly #output: Output;
  readonly #frame = new OutgoingFrame();
  #data = SummedBytes.plain(new Uint8Array(0));

  constructor(output: Output) {
    this.#output = output;
  }

  /** Sends the answer to the request in `packet` over `route`, with this type, code and finished checksum. */
  answer(packet: IpPacket, route: Route, type: number, code: number, checksum: number): void {
    const { bytes, payloadFrom, payloadTo } = packet;
    const frame = this.#frame;
    frame.reset();
    frame.end = frame.start + Icmp.HEADER_BYTES;
    Icmp.emit(frame.header, frame.start, type, code, checksum, Icmp.rest(bytes, payloadFrom));
    const from = payloadFrom + Icmp.HEADER_BYTES;
    if (payloadTo > from) {
      if (this.#data.bytes !== bytes) this.#data = SummedBytes.plain(bytes);
      frame.addFragment(this.#data, from, payloadTo - from);
    }
    // The same DSCP, but no ECN: the answer is not ECN-capable (RFC 3168 section 5).
    this.#output.send(frame, route, packet.protocol, packet.trafficClass & ~3);
  }
}
