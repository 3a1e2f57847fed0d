/**
 * A datagram on its way out: header, checksum, and down to IP. RFC 768, RFC 1122 section 4.1.3.4, RFC 8200 section 8.1.
 * It allocates nothing and reads no payload whose sum is known.
 */
import { TRANSPORT_AT } from '../device/frame.js';
import type { Route } from '../ip/route.js';
import type { ErrorCode } from '../network-error.js';
import { writeUint16 } from '../wire/bytes.js';
import { finish, fold } from '../wire/checksum.js';
import * as Ipv4 from '../wire/ipv4.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import { MAX_PAYLOAD_V4, MAX_PAYLOAD_V6, UDP_CHECKSUM, UDP_HEADER_BYTES, writeHeader } from '../wire/udp.js';
import type { UdpHost } from './host.js';
import type { Message } from './message.js';
import type { UdpPort } from './udp-port.js';

const CHECKSUM_AT = TRANSPORT_AT + UDP_CHECKSUM;

/** Sends `message` over `route`. Returns why it did not leave; undefined: it did, as far as we know. */
export function sendDatagram(
  host: UdpHost,
  port: UdpPort,
  message: Message,
  route: Route,
  remotePort: number,
): ErrorCode | undefined {
  const { frame, length } = message;
  if (length > (route.isV6 ? MAX_PAYLOAD_V6 : MAX_PAYLOAD_V4)) return 'EMSGSIZE';
  const fits = length <= largestWhole(route);
  if (!fits && port.neverFragments) return 'EMSGSIZE';
  frame.start = TRANSPORT_AT;
  frame.hopLimit = route.isGroup && isMulticast(route) ? port.multicastTimeToLive : port.timeToLive;
  frame.dontFragment = fits;
  writeHeader(frame.header, TRANSPORT_AT, port.localPort, remotePort, length + UDP_HEADER_BYTES);
  putChecksum(host, message, route, fits, port.omitsChecksum);
  host.statistics.sent++;
  if (host.internet.send(frame, route, PROTOCOL.UDP, port.trafficClass)) return undefined;
  host.statistics.sendFailures++;
  return 'ENOBUFS';
}

/** The most payload in a datagram that needs no fragments on this route, bytes (RFC 8085 section 3.2). */
export function largestWhole(route: Route): number {
  return route.mtu - (route.isV6 ? Ipv6.HEADER_BYTES : Ipv4.HEADER_BYTES) - UDP_HEADER_BYTES;
}

/** A device cannot sum what leaves in fragments, so those are summed here. */
function putChecksum(host: UdpHost, message: Message, route: Route, fits: boolean, isOmitted: boolean): void {
  const { frame } = message;
  frame.checksumFrom = 0;
  if (isOmitted && !route.isV6) return;
  const pseudoSum = route.addressSum + PROTOCOL.UDP + message.length + UDP_HEADER_BYTES;
  if (fits && host.device.offload.checksum) {
    frame.checksumFrom = TRANSPORT_AT;
    frame.checksumOffset = UDP_CHECKSUM;
    writeUint16(frame.header, CHECKSUM_AT, fold(pseudoSum));
    return;
  }
  const checksum = finish(pseudoSum + message.sum(host.statistics));
  // A computed zero goes as all ones, because zero means "none" (RFC 768).
  writeUint16(frame.header, CHECKSUM_AT, checksum === 0 ? 0xffff : checksum);
}

function isMulticast({ isV6, remote }: Route): boolean {
  return isV6 || Ipv4.isMulticast(remote.word3);
}
