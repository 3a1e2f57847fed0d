/**
 * Compares what a script expects with what came. It looks at every field, so a report shows all differences at once.
 *
 * The rules are packetdrill's: a field that the script does not give (window, TTL, ECN bits) is not compared, and the
 * window is the field on the wire. Addresses are always compared. TCP options are compared in order and
 * with their padding, or by content alone in scripts for a system that orders them in another way. `strict` also wants
 * the usual value in each IP field that the script does not give.
 */

import { formatMac } from '../../net/wire/address.js';
import type { IcmpBody, IpInfo, Packet, TcpBody, TcpOption } from '../language/ast.js';
import { describeEcn, describeFlagBits, describeOptions, flagBits, hex } from './describe.js';
import { type Ends, encodeOptions } from './frame-builder.js';
import { icmpName, icmpNumbers } from './icmp-names.js';
import type { LiveIp, LivePacket, LiveTcp } from './live-packet.js';

export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
}

/** What a host puts into an IP header when its program asks for nothing else. */
export interface UsualIp {
  readonly timeToLive: number;
  /** Differentiated services: the upper six bits of the traffic class. */
  readonly dscp: number;
  /** The connection has negotiated ECN: a packet may be marked as ECN-capable. */
  readonly ecnCapable: boolean;
  /** TCP over IPv4 forbids fragmentation, for path MTU discovery (RFC 1191). */
  readonly dontFragment: boolean;
}

export interface CompareOptions {
  /** Between whom the packet has to travel. */
  readonly ends: Ends;
  /** What the IP fields are that the script does not give; `undefined`: they are not compared. */
  readonly usual: UsualIp | undefined;
  /** PSH of super-segments too. */
  readonly strict: boolean;
  /** TCP options in their order and with their padding. */
  readonly ordered: boolean;
  /** Microseconds of one tick of TSval; 0: TSval is not compared. */
  readonly timestampTick: number;
  /** How far TSval may be off, microseconds. */
  readonly tolerance: number;
  /** More of the written data follows: a PSH that the script has here was the other stack's choice. */
  readonly moreFollows: boolean;
}

const PSH = 8;

/** Lists all differences; none if the packet is the one expected. TCP numbers are already the script's. */
export function comparePacket(expected: Packet, actual: LivePacket, options: CompareOptions): Difference[] {
  const differences = [
    ...compareEnds(actual, options.ends),
    ...compareIp(expected.ip, actual.ip),
    ...compareUsual(expected, actual.ip, options.usual),
  ];
  const { body } = expected;
  if (body.protocol === 'tcp') {
    if (actual.tcp === undefined) return [difference('protocol', 'TCP', `${actual.ip.protocol}`)];
    differences.push(...compareTcp(body, actual.tcp, options));
  } else if (body.protocol === 'icmp') {
    if (actual.icmp === undefined) return [difference('protocol', 'ICMP', `${actual.ip.protocol}`)];
    const numbers = icmpNumbers(actual.ip.version, body.type, body.code);
    if (numbers === undefined) return [unknownIcmp(body, actual.ip.version, actual.icmp)];
    differences.push(...number('ICMP type', numbers.type, actual.icmp.type));
    differences.push(...number('ICMP code', numbers.code, actual.icmp.code));
    // An echo's second word is its identifier and number, which `isAnswerTo` compares with the request's.
    const isEcho = body.type.startsWith('echo_');
    if (!isEcho) differences.push(...number('MTU', body.mtu ?? 0, actual.icmp.rest));
  } else {
    if (actual.udp === undefined) return [difference('protocol', 'UDP', `${actual.ip.protocol}`)];
    differences.push(...number('UDP length', body.length, actual.udp.length));
  }
  return differences;
}

/** The script names a type or code that does not exist: no packet is that. */
function unknownIcmp(
  body: IcmpBody,
  version: 4 | 6,
  actual: { readonly type: number; readonly code: number },
): Difference {
  const wanted = body.code === undefined ? body.type : `${body.type} ${body.code}`;
  return difference('ICMP message', `${wanted}, which there is not`, icmpName(version, actual.type, actual.code));
}

/** A packet of the stack goes from its own addresses to the peer's, on both layers. */
function compareEnds({ link, ip }: LivePacket, ends: Ends): Difference[] {
  return [
    ...text('source MAC', formatMac(ends.link.stackMac), formatMac(link.source)),
    ...text('destination MAC', formatMac(ends.link.peerMac), formatMac(link.destination)),
    ...text('source address', `${ends.local}`, `${ip.source}`),
    ...text('destination address', `${ends.remote}`, `${ip.destination}`),
  ];
}

/** Fields that the script leaves out have their usual value. */
function compareUsual({ ip, body }: Packet, actual: LiveIp, usual: UsualIp | undefined): Difference[] {
  if (usual === undefined) return [];
  const saysClass = ip.trafficClass !== undefined || ip.dscp !== undefined;
  const saysEcn = ip.ecn !== undefined || ip.trafficClass !== undefined;
  const ecn = describeEcn(actual.trafficClass);
  const mayBeMarked = usual.ecnCapable && ecn !== 'ce';
  const ttl = ip.timeToLive === undefined ? number('TTL', usual.timeToLive, actual.timeToLive) : [];
  // An ICMP message takes its class from the packet that it answers.
  if (body.protocol !== 'tcp') return ttl;
  return [
    ...ttl,
    ...(saysClass ? [] : number('DSCP', usual.dscp, actual.trafficClass >> 2)),
    ...(saysEcn || mayBeMarked ? [] : text('ECN', 'noecn', ecn)),
    ...(usual.dontFragment && !actual.dontFragment ? text('fragmentation', 'forbidden', 'allowed') : []),
  ];
}

function compareIp(expected: IpInfo, actual: LiveIp): Difference[] {
  const differences: Difference[] = [];
  const ecn = describeEcn(actual.trafficClass);
  const ecnMatches = expected.ecn === 'ect01' ? ecn === 'ect0' || ecn === 'ect1' : expected.ecn === ecn;
  if (expected.ecn !== undefined && !ecnMatches) differences.push(difference('ECN', expected.ecn, ecn));
  return [
    ...differences,
    ...number('traffic class', expected.trafficClass, actual.trafficClass),
    ...number('DSCP', expected.dscp, actual.trafficClass >> 2),
    ...number('TTL', expected.timeToLive, actual.timeToLive),
  ];
}

function compareTcp(expected: TcpBody, actual: LiveTcp, options: CompareOptions): Difference[] {
  const { sequence } = expected;
  return [
    ...compareFlags(expected, actual, options),
    ...number('sequence number', sequence.any ? undefined : sequence.first, actual.sequence),
    ...number('payload length', sequence.length, actual.payload.length),
    ...number('acknowledgment', expected.acknowledgment ?? 0, actual.acknowledgment),
    ...number('window', expected.window, actual.window),
    ...number('urgent pointer', expected.urgentPointer ?? 0, actual.urgentPointer),
    ...(expected.options === undefined ? [] : compareOptions(expected.options, actual.options, options)),
  ];
}

/**
 * Linux (since 5.0) puts PSH on each super-segment, so its scripts have that flag where the written data goes on. RFC
 * 9293 asks for PSH only on the last segment of what was queued. There it is compared; before that it may be missing.
 */
function compareFlags(expected: TcpBody, actual: LiveTcp, { strict, moreFollows }: CompareOptions): Difference[] {
  const wanted = flagBits(expected.flags);
  let found = actual.flags;
  if (moreFollows && !strict && wanted & PSH) found |= PSH;
  if (wanted === found) return [];
  return [difference('flags', describeFlagBits(wanted), describeFlagBits(actual.flags))];
}

function compareOptions(
  wanted: readonly TcpOption[],
  found: readonly TcpOption[],
  options: CompareOptions,
): Difference[] {
  const [field] = wanted;
  if (field?.kind === 'field') {
    const bytes = encodeOptions(found);
    return hex(bytes) === hex(field.bytes) ? [] : text('TCP options', describeOptions(wanted), hex(bytes));
  }
  const expected = options.ordered ? wanted : byContent(wanted);
  const actual = options.ordered ? found : byContent(found);
  const same = expected.length === actual.length && expected.every((each, i) => sameOption(each, actual[i], options));
  if (same) return [];
  return [difference('TCP options', describeOptions(wanted) || 'none', describeOptions(found) || 'none')];
}

/** The options without padding, in the order of their kinds. */
function byContent(options: readonly TcpOption[]): TcpOption[] {
  const rank = (option: TcpOption) => `${option.kind} ${option.kind === 'raw' ? option.number : ''}`;
  return options
    .filter(({ kind }) => kind !== 'nop' && kind !== 'eol')
    .sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

function sameOption(wanted: TcpOption, found: TcpOption | undefined, options: CompareOptions): boolean {
  if (found === undefined) return false;
  // A script names such an option as it likes (ECN, FO, gen-174): its number and bytes count.
  if (wanted.kind === 'raw' && found.kind === 'raw') {
    return wanted.number === found.number && hex(wanted.bytes) === hex(found.bytes);
  }
  if (wanted.kind !== 'TS' || found.kind !== 'TS') return describeOptions([wanted]) === describeOptions([found]);
  if (wanted.echo !== found.echo) return false;
  if (wanted.anyValue || options.timestampTick === 0) return true;
  return Math.abs((found.value - wanted.value) | 0) * options.timestampTick <= options.tolerance;
}

function text(field: string, expected: string, actual: string): Difference[] {
  return expected === actual ? [] : [difference(field, expected, actual)];
}

function number(field: string, expected: number | undefined, actual: number): Difference[] {
  return expected === undefined || expected === actual ? [] : [difference(field, `${expected}`, `${actual}`)];
}

function difference(field: string, expected: string, actual: string): Difference {
  return { field, expected, actual };
}
