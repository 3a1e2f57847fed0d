/** ICMPv6 and neighbour discovery: RFC 4443, RFC 4861. The messages about multicast listeners are in listener.ts. */
import { describeIcmpV6 } from '../../../net/wire/describe-icmp.js';
import { TYPE_IPV6 } from '../../../net/wire/ethernet.js';
import * as icmpv6 from '../../../net/wire/icmpv6.js';
import { transportChecksum } from '../../checksum-field.js';
import type { Frame, Packet } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { spanOf } from '../transport/span.js';
import { listenerQuery, listenerReport } from './listener.js';

const TYPES: Readonly<Record<number, string>> = {
  [icmpv6.DESTINATION_UNREACHABLE]: 'destination unreachable',
  [icmpv6.PACKET_TOO_BIG]: 'packet too big',
  [icmpv6.TIME_EXCEEDED]: 'time exceeded',
  [icmpv6.PARAMETER_PROBLEM]: 'parameter problem',
  [icmpv6.ECHO_REQUEST]: 'echo request',
  [icmpv6.ECHO_REPLY]: 'echo reply',
  [icmpv6.LISTENER_QUERY]: 'multicast listener query: who listens?',
  [icmpv6.ROUTER_SOLICITATION]: 'router solicitation: are there routers?',
  [icmpv6.ROUTER_ADVERTISEMENT]: 'router advertisement',
  [icmpv6.NEIGHBOR_SOLICITATION]: 'neighbour solicitation: who has the target address?',
  [icmpv6.NEIGHBOR_ADVERTISEMENT]: 'neighbour advertisement: the target is here',
  [icmpv6.REDIRECT]: 'redirect: a better first hop',
  [icmpv6.LISTENER_REPORT_V2]: 'multicast listener report (RFC 3810)',
};

const OPTIONS: Readonly<Record<number, string>> = {
  [icmpv6.OPTION_SOURCE_MAC]: 'source link-layer address',
  [icmpv6.OPTION_TARGET_MAC]: 'target link-layer address',
  [icmpv6.OPTION_PREFIX]: 'prefix information',
  4: 'redirected header',
  [icmpv6.OPTION_MTU]: 'MTU',
  14: 'nonce (RFC 3971)',
  [icmpv6.OPTION_RDNSS]: 'DNS servers (RFC 8106)',
  31: 'DNS search list (RFC 8106)',
};

/** An ICMPv6 message in `[from, to)` (RFC 4443), neighbor discovery included (RFC 4861). */
export function dissectIcmpV6(frame: Frame, from: number, to: number, packet: Packet): void {
  const message = frame.layer('icmpv6', 'ICMPv6', 'RFC 4443 section 2.1', from, to);
  const span = spanOf(from, to, packet);
  frame.say(`${packet.source} > ${packet.destination}: ${describeIcmpV6(frame.bytes, span)}`);
  const type = message.uint('icmpv6.type', 0, 1, 'Type', TYPES[message.peek(0, 1)] ?? 'unknown');
  message.uint('icmpv6.code', 1, 1, 'Code', 'details; depends on the type');
  transportChecksum(message, 'icmpv6.checksum', 2, packet);
  if (!message.has(0, icmpv6.HEADER_BYTES)) return;
  const data = from + icmpv6.HEADER_BYTES;
  if (type === icmpv6.ECHO_REQUEST || type === icmpv6.ECHO_REPLY) {
    message.cite = 'RFC 4443 section 4.1';
    message.uint('icmpv6.echo.identifier', 4, 2, 'Identifier', 'tells one pinging program from another');
    message.uint('icmpv6.echo.sequence_number', 6, 2, 'Sequence number', 'tells one ping from the next');
    frame.data(data, to, 'Echo data');
    return;
  }
  if (type === icmpv6.PACKET_TOO_BIG) {
    message.cite = 'RFC 4443 section 3.2';
    message.uint('icmpv6.mtu', 4, 4, 'MTU', 'the largest packet that would have passed');
  }
  if (type === icmpv6.LISTENER_QUERY) listenerQuery(message, span.length);
  else if (type === icmpv6.LISTENER_REPORT_V2) listenerReport(message);
  else if (!icmpv6.isError(type)) discovery(message, type, frame.isCut || packet.isFragment);
  else if (!frame.isFull) frame.carried.etherType(frame.quoting(), TYPE_IPV6, data, to);
}

/** RFC 4861 section 4: fixed fields by type, then options. */
function discovery(message: LayerBuilder, type: number, isCut: boolean): void {
  switch (type) {
    case icmpv6.ROUTER_SOLICITATION:
      message.cite = 'RFC 4861 section 4.1';
      options(message, icmpv6.ROUTER_SOLICITATION_BYTES, isCut);
      return;
    case icmpv6.ROUTER_ADVERTISEMENT:
      routerAdvertisement(message, isCut);
      return;
    case icmpv6.NEIGHBOR_SOLICITATION:
      message.cite = 'RFC 4861 section 4.3';
      message.ipv6('icmpv6.nd.ns.target_address', 8, 'Target', 'the address that is asked for');
      options(message, icmpv6.NEIGHBOR_MESSAGE_BYTES, isCut);
      return;
    case icmpv6.NEIGHBOR_ADVERTISEMENT:
      message.cite = 'RFC 4861 section 4.4';
      message.flag('icmpv6.nd.na.flag.r', 4, 4, 31, 'Router', 'the sender is a router');
      message.flag('icmpv6.nd.na.flag.s', 4, 4, 30, 'Solicited', 'it was asked for');
      message.flag('icmpv6.nd.na.flag.o', 4, 4, 29, 'Override', 'replace what is known');
      message.ipv6('icmpv6.nd.na.target_address', 8, 'Target', 'the address that is here');
      options(message, icmpv6.NEIGHBOR_MESSAGE_BYTES, isCut);
      return;
    case icmpv6.REDIRECT:
      message.cite = 'RFC 4861 section 4.5';
      message.ipv6('icmpv6.rd.na.target_address', 8, 'Target', 'the better first hop');
      message.ipv6('icmpv6.rd.na.destination_address', 24, 'Destination', 'for packets to this address');
      options(message, icmpv6.REDIRECT_BYTES, isCut);
      return;
  }
}

/** RFC 4861 section 4.2. */
function routerAdvertisement(message: LayerBuilder, isCut: boolean): void {
  message.cite = 'RFC 4861 section 4.2';
  message.uint('icmpv6.nd.ra.cur_hop_limit', 4, 1, 'Hop limit', 'the hop limit for packets of hosts; 0: unspecified');
  message.flag('icmpv6.nd.ra.flag.m', 5, 1, 7, 'Managed', 'addresses by DHCPv6');
  message.flag('icmpv6.nd.ra.flag.o', 5, 1, 6, 'Other', 'other settings by DHCPv6');
  message.uint('icmpv6.nd.ra.router_lifetime', 6, 2, 'Router lifetime', 'seconds as a default router; 0: not one');
  message.uint('icmpv6.nd.ra.reachable_time', 8, 4, 'Reachable time', 'milliseconds; 0: unspecified');
  message.uint('icmpv6.nd.ra.retrans_timer', 12, 4, 'Retransmission timer', 'milliseconds; 0: unspecified');
  options(message, icmpv6.ROUTER_ADVERTISEMENT_BYTES, isCut);
}

/** RFC 4861 section 4.6: type, length in units of 8 bytes, data. A length of 0 is an error that ends the list. */
function options(message: LayerBuilder, start: number, isCut: boolean): void {
  message.cite = 'RFC 4861 section 4.6';
  for (let offset = start; offset + 2 <= message.available; ) {
    const type = message.peek(offset, 1);
    const length = message.peek(offset + 1, 1) * 8;
    if (length === 0 || offset + length > message.available) {
      if (length === 0 || !isCut) message.problem(`option ${type} claims to have ${length} bytes`);
      return;
    }
    message.uint('icmpv6.opt.type', offset, 1, 'Option', OPTIONS[type] ?? 'unknown');
    if (type === icmpv6.OPTION_SOURCE_MAC || type === icmpv6.OPTION_TARGET_MAC) {
      message.mac('icmpv6.opt.linkaddr', offset + 2, 'Link address', "the station's own");
    } else if (type === icmpv6.OPTION_PREFIX && length === icmpv6.PREFIX_OPTION_BYTES) prefix(message, offset);
    else if (type === icmpv6.OPTION_MTU) message.uint('icmpv6.opt.mtu', offset + 4, 4, 'MTU', 'for this link');
    else if (type === icmpv6.OPTION_RDNSS && length >= 24) dnsServers(message, offset, length);
    else message.raw('icmpv6.opt.data', offset + 2, length - 2, 'Option data', 'raw bytes');
    offset += length;
  }
}

/** RFC 4861 section 4.6.2. */
function prefix(message: LayerBuilder, offset: number): void {
  message.uint('icmpv6.opt.prefix.length', offset + 2, 1, 'Prefix length', 'bits');
  message.flag('icmpv6.opt.prefix.flag.l', offset + 3, 1, 7, 'On-link', 'addresses with this prefix are on this link');
  message.flag(
    'icmpv6.opt.prefix.flag.a',
    offset + 3,
    1,
    6,
    'Autonomous',
    'hosts may make an address from it (RFC 4862)',
  );
  message.uint('icmpv6.opt.prefix.valid_lifetime', offset + 4, 4, 'Valid lifetime', 'seconds');
  message.uint('icmpv6.opt.prefix.preferred_lifetime', offset + 8, 4, 'Preferred lifetime', 'seconds');
  message.ipv6('icmpv6.opt.prefix', offset + 16, 'Prefix', 'the network');
}

/** RFC 8106 section 5.1. */
function dnsServers(message: LayerBuilder, offset: number, length: number): void {
  const cite = message.cite;
  message.cite = 'RFC 8106 section 5.1';
  message.uint('icmpv6.opt.rdnss.lifetime', offset + 4, 4, 'Lifetime', 'seconds; 0: not to be asked any more');
  for (let at = offset + 8; at + 16 <= offset + length; at += 16) {
    message.ipv6('icmpv6.opt.rdnss', at, 'DNS server', 'answers questions about names');
  }
  message.cite = cite;
}
