/**
 * Tells the transport that its packet never left, because the neighbour does not answer: RFC 1122 section 2.4, and RFC
 * 4861 section 7.2.2 ("ICMP destination unreachable ... code 3").
 *
 * It looks like the ICMP error that a router would have sent, but is made here from the frame that waited.
 */
import type { OutgoingFrame } from '../device/frame.js';
import { readInt32 } from '../wire/bytes.js';
import * as Icmp from '../wire/icmp.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv4 from '../wire/ipv4.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import { ICMP_ERROR, type IcmpError } from './icmp-error.js';

/**
 * Fills in `error` about `frame`, which begins with the IP header that we gave it. False for a later fragment: no
 * transport knows it, and the first one speaks for it.
 */
export function describeUndeliverable(error: IcmpError, frame: OutgoingFrame): boolean {
  const { header, start } = frame;
  error.kind = ICMP_ERROR.SOFT;
  error.mtu = 0;
  error.bytes = header;
  error.quoteTo = frame.end;
  error.quotedLength = frame.end - start + frame.payloadLength;
  error.isV6 = header[start]! >>> 4 === 6;
  if (error.isV6) {
    error.type = Icmpv6.DESTINATION_UNREACHABLE;
    error.code = Icmpv6.ADDRESS_UNREACHABLE;
    error.protocol = Ipv6.nextHeader(header, start);
    error.quoteFrom = start + Ipv6.HEADER_BYTES;
    setAddresses(error, header, start + Ipv6.SOURCE);
    if (error.protocol !== PROTOCOL.FRAGMENT) return true;
    const fragment = error.quoteFrom;
    error.protocol = Ipv6.nextHeaderOfFragment(header, fragment);
    error.quoteFrom += Ipv6.FRAGMENT_HEADER_BYTES;
    return Ipv6.fragmentOffset(header, fragment) === 0;
  }
  error.type = Icmp.DESTINATION_UNREACHABLE;
  error.code = Icmp.HOST_UNREACHABLE;
  error.protocol = Ipv4.protocol(header, start);
  error.quoteFrom = start + Ipv4.HEADER_BYTES;
  error.local0 = error.local1 = error.remote0 = error.remote1 = 0;
  error.local2 = error.remote2 = 0xffff;
  error.local3 = Ipv4.source(header, start);
  error.remote3 = Ipv4.destination(header, start);
  return Ipv4.fragmentOffset(header, start) === 0;
}

/** Takes the quoted packet's IPv6 source and destination, which stand at `at`. */
export function setAddresses(error: IcmpError, bytes: Uint8Array, at: number): void {
  error.local0 = readInt32(bytes, at);
  error.local1 = readInt32(bytes, at + 4);
  error.local2 = readInt32(bytes, at + 8);
  error.local3 = readInt32(bytes, at + 12);
  error.remote0 = readInt32(bytes, at + 16);
  error.remote1 = readInt32(bytes, at + 20);
  error.remote2 = readInt32(bytes, at + 24);
  error.remote3 = readInt32(bytes, at + 28);
}
