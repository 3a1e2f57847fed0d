/**
 * Ethernet and IP headers that stay in the frame from one answer to the next: of an answer to the same host, only the
 * length and the IPv4 checksum differ. What ip/output.ts writes, field by field, is written here once a route. It is
 * written anew as soon as anything else was sent from the frame (`OutgoingFrame.reset`), or the route, our Ethernet
 * address, the traffic class or the hop limit is another one. The neighbour's Ethernet address is copied each time:
 * to compare it would cost the same.
 */
import { type OutgoingFrame, TRANSPORT_AT } from '../device/frame.js';
import type { InternetContext } from '../ip/context.js';
import type { Output } from '../ip/output.js';
import type { InternetParts } from '../ip/parts.js';
import type { Route } from '../ip/route.js';
import { readUint16, writeUint16 } from '../wire/bytes.js';
import { finish } from '../wire/checksum.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Ipv4 from '../wire/ipv4.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';

const IPV4_AT = TRANSPORT_AT - Ipv4.HEADER_BYTES;
const IPV6_AT = TRANSPORT_AT - Ipv6.HEADER_BYTES;

export class PrefilledHeaders {
  readonly #context: InternetContext;
  readonly #output: Output;
  readonly #frame: OutgoingFrame;
  /** What stands in the headers now, while the frame's `prefilledFor` is not null. */
  #mac: Uint8Array | null = null;
  #trafficClass = 0;
  #hopLimit = 0;
  /** IPv4: the partial sum of all fields but the length. */
  #sum = 0;

  constructor({ context, output }: InternetParts, frame: OutgoingFrame) {
    this.#context = context;
    this.#output = output;
    this.#frame = frame;
  }

  /**
   * Puts both headers in front of `length` bytes of TCP header and payload. The route's neighbour has an Ethernet
   * address, and IPv4 packets on this route are never cut. @param hopLimit TTL or hop limit; 0: the host's
   */
  put(route: Route, trafficClass: number, hopLimit: number, length: number): void {
    const frame = this.#frame;
    const hops = hopLimit || (route.isV6 ? this.#output.hopLimit6 : this.#context.options.hopLimit);
    const isSame = trafficClass === this.#trafficClass && hops === this.#hopLimit;
    if (frame.prefilledFor !== route || !isSame || this.#mac !== this.#context.device.mac) {
      this.#fill(route, trafficClass, hops);
    }
    const { header } = frame;
    const ipAt = route.isV6 ? IPV6_AT : IPV4_AT;
    frame.start = ipAt - Ethernet.HEADER_BYTES;
    Ethernet.copyAddress(route.neighbor.mac, 0, header, frame.start);
    if (route.isV6) {
      writeUint16(header, ipAt + Ipv6.PAYLOAD_LENGTH, length);
      return;
    }
    // Linux's "BIG TCP": a packet too long for the field has 0 there.
    const total = length + Ipv4.HEADER_BYTES > Ipv4.MAX_PACKET_BYTES ? 0 : length + Ipv4.HEADER_BYTES;
    writeUint16(header, ipAt + Ipv4.TOTAL_LENGTH, total);
    writeUint16(header, ipAt + Ipv4.CHECKSUM, finish(this.#sum + total));
  }

  #fill(route: Route, trafficClass: number, hops: number): void {
    const frame = this.#frame;
    const { header } = frame;
    const { mac } = this.#context.device;
    if (route.isV6) {
      Ethernet.emit(header, IPV6_AT - Ethernet.HEADER_BYTES, route.neighbor.mac, mac, Ethernet.TYPE_IPV6);
      Ipv6.emit(header, IPV6_AT, trafficClass, route.flowLabel, 0, PROTOCOL.TCP, hops);
      route.local.writeV6(header, IPV6_AT + Ipv6.SOURCE);
      route.remote.writeV6(header, IPV6_AT + Ipv6.DESTINATION);
    } else {
      Ethernet.emit(header, IPV4_AT - Ethernet.HEADER_BYTES, route.neighbor.mac, mac, Ethernet.TYPE_IPV4);
      const [local, remote] = [route.local.word3, route.remote.word3];
      const flags = Ipv4.DONT_FRAGMENT;
      Ipv4.emit(header, IPV4_AT, trafficClass, 0, 0, flags, hops, PROTOCOL.TCP, local, remote, route.addressSum);
      // The checksum over a length of 0 says what the other fields add up to.
      this.#sum = ~readUint16(header, IPV4_AT + Ipv4.CHECKSUM) & 0xffff;
    }
    frame.prefilledFor = route;
    this.#mac = mac;
    this.#trafficClass = trafficClass;
    this.#hopLimit = hops;
  }
}
