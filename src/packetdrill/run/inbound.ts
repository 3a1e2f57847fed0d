/**
 * Makes the frame that the peer sends from a packet of the script, with the numbers of the live connection in it.
 */
import type { IpAddress } from '../../net/wire/address.js';
import * as tcpWire from '../../net/wire/tcp.js';
import type { IcmpBody, IpInfo, Packet, QuotedPacket, TcpBody, TcpOption } from '../language/ast.js';
import type { Position } from '../language/script-error.js';
import { pattern } from '../sockets/stream-pattern.js';
import { flagBits } from '../wire/describe.js';
import {
  buildFrame,
  buildIcmp,
  buildPacket,
  buildTcp,
  buildUdp,
  encodeOptions,
  type IpFields,
  icmpProtocol,
} from '../wire/frame-builder.js';
import { icmpNumbers } from '../wire/icmp-names.js';
import { TCP, UDP } from '../wire/live-packet.js';
import type { Conversation } from './conversation.js';

const ECN_BITS = { noecn: 0, ect1: 1, ect0: 2, ce: 3, ect01: 2 } as const;
/** The TTL of the scripted peer's packets. */
const TIME_TO_LIVE = 255;
const UDP_CHECKSUM_AT = 6;
const ICMP_CHECKSUM_AT = 2;
/** The ports of a UDP datagram that names none. */
const UDP_PORTS = { source: 9, destination: 9 };

/** A packet that cannot be built. */
export class PacketError extends Error {
  override readonly name = 'PacketError';

  constructor(
    message: string,
    readonly at: Position,
    readonly unsupported: boolean,
  ) {
    super(message);
  }
}

/** The frame for a packet from the peer. @throws {PacketError} for what this peer cannot send. */
export function inboundFrame(packet: Packet, conversation: Conversation): Uint8Array {
  rejectEncapsulation(packet);
  const { ends } = conversation;
  const ip = ipFields(packet.ip, ends.remote, ends.local);
  const { body } = packet;
  if (body.protocol === 'tcp') {
    return buildFrame(ends.link, ip, TCP, buildTcp(tcpFields(body, conversation)), tcpWire.TCP_CHECKSUM_AT);
  }
  if (body.protocol === 'icmp') {
    const message = icmpMessage(body, conversation);
    return buildFrame(ends.link, ip, icmpProtocol(ends.local), message, ICMP_CHECKSUM_AT);
  }
  if (body.protocol === 'udplite') throw new PacketError('UDP-Lite is not supported', packet.at, true);
  const { source, destination } = body.ports ?? UDP_PORTS;
  return buildFrame(ends.link, ip, UDP, buildUdp(source, destination, body.length), UDP_CHECKSUM_AT);
}

/** Outer headers are parsed, but nothing in this stack reads them. */
export function rejectEncapsulation(packet: Packet): void {
  const outer = packet.outer[0];
  if (outer !== undefined) throw new PacketError(`packets inside ${outer.kind} are not supported`, outer.at, true);
  if (packet.body.protocol !== 'tcp') return;
  if (packet.body.inUdp !== undefined) throw new PacketError('TCP inside UDP is not supported', packet.at, true);
  if (packet.body.diagnosis !== undefined)
    throw new PacketError('diagnostic payload is not supported', packet.at, true);
}

function ipFields(info: IpInfo, source: IpAddress, destination: IpAddress): IpFields {
  const ecn = info.ecn === undefined ? 0 : ECN_BITS[info.ecn];
  return {
    source,
    destination,
    trafficClass: info.trafficClass ?? ((info.dscp ?? 0) << 2) | ecn,
    timeToLive: info.timeToLive ?? TIME_TO_LIVE,
    flowLabel: info.flowLabel ?? 0,
  };
}

function tcpFields(body: TcpBody, conversation: Conversation): Parameters<typeof buildTcp>[0] {
  const { syn } = body.flags;
  const absolute = syn || body.sequence.absolute;
  const { mapping } = conversation;
  const sequence = mapping.remoteToLive(body.sequence.first, absolute);
  const offset = mapping.remoteOffset(sequence) + (syn ? 1 : 0);
  const options = body.options ?? [];
  return {
    sourcePort: mapping.remotePort,
    destinationPort: mapping.localPort,
    sequence,
    acknowledgment: body.flags.ack ? mapping.localToLive(body.acknowledgment ?? 0, syn) : (body.acknowledgment ?? 0),
    flags: flagBits(body.flags),
    window: body.window ?? 0,
    urgentPointer: body.urgentPointer ?? 0,
    options: encodeOptions(options.map((option) => liveOption(option, body, mapping))),
    payload: pattern(offset, body.sequence.length),
  };
}

function liveOption(option: TcpOption, body: TcpBody, mapping: Conversation['mapping']): TcpOption {
  if (option.kind === 'sack') {
    const edge = (sequence: number) => mapping.localToLive(sequence, body.flags.syn);
    return { ...option, blocks: option.blocks.map(([left, right]) => [edge(left), edge(right)] as const) };
  }
  const maps = option.kind === 'TS' && body.flags.ack && !option.absoluteEcho;
  return maps ? { ...option, echo: mapping.echoToLive(option.echo) } : option;
}

function icmpMessage(body: IcmpBody, conversation: Conversation): Uint8Array {
  const version = conversation.ends.local.isV4 ? 4 : 6;
  const numbers = icmpNumbers(version, body.type, body.code);
  if (numbers === undefined) {
    const name = body.code === undefined ? body.type : `${body.type} ${body.code}`;
    throw new PacketError(`ICMP${version === 6 ? 'v6' : ''} has no "${name}"`, body.typeAt, false);
  }
  const isEcho = body.type.startsWith('echo_');
  const rest = isEcho ? (body.identifier ?? 0) << 16 : (body.mtu ?? 0);
  const length = body.quoted?.protocol === 'raw' ? body.quoted.length : 0;
  const content = isEcho ? pattern(0, length) : quotedPacket(body.quoted, conversation);
  return buildIcmp(numbers.type, numbers.code, rest, content);
}

/** The IP header, and eight bytes more, of the packet that the stack is said to have sent. */
function quotedPacket(quoted: QuotedPacket | undefined, { mapping, ends }: Conversation): Uint8Array {
  const ip = { ...ipFields({}, ends.local, ends.remote), timeToLive: 64 };
  if (quoted !== undefined && quoted.protocol !== 'tcp') {
    return buildPacket(ip, UDP, buildUdp(mapping.localPort, mapping.remotePort, quoted.length), UDP_CHECKSUM_AT);
  }
  const { first, length, absolute } = quoted?.sequence ?? { first: 0, length: 0, absolute: false };
  const segment = buildTcp({
    sourcePort: mapping.localPort,
    destinationPort: mapping.remotePort,
    sequence: mapping.localToLive(first, absolute),
    acknowledgment: 0,
    flags: 0,
    window: 0,
    urgentPointer: 0,
    options: new Uint8Array(0),
    payload: new Uint8Array(length),
  });
  const packet = buildPacket(ip, TCP, segment, tcpWire.TCP_CHECKSUM_AT);
  return packet.subarray(0, (ends.local.isV4 ? 20 : 40) + 8);
}
