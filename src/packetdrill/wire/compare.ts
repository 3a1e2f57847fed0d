/**
 * What a script expects against what came. All fields are looked at, so that a report shows all differences at once.
 *
 * Compared as packetdrill does: what the script does not say is not looked at (window, TTL, ECN bits…), the window is
 * the field on the wire. TCP options are compared by content; with `strict` in order and with their padding too.
 */
import type { IpInfo, Packet, TcpBody, TcpOption } from '../language/ast.js';
import { describeEcn, describeFlagBits, describeOptions, flagBits } from './describe.js';
import { icmpNumbers } from './icmp-names.js';
import { AE, type LiveIp, type LivePacket, type LiveTcp } from './live-packet.js';

export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
}

export interface CompareOptions {
  /** Options in their order, PSH of super-segments too. */
  readonly strict: boolean;
  /** Microseconds of one tick of TSval; 0: TSval is not compared. */
  readonly timestampTick: number;
  /** How far TSval may be off, microseconds. */
  readonly tolerance: number;
  /** More of the written data follows: a PSH that the script has here was the other stack's choice. */
  readonly moreFollows: boolean;
}

const PSH = 8;

/** All differences; none if the packet is what the script expects. TCP numbers are the script's already. */
export function comparePacket(expected: Packet, actual: LivePacket, options: CompareOptions): Difference[] {
  const differences = compareIp(expected.ip, actual.ip);
  const { body } = expected;
  if (body.protocol === 'tcp') {
    if (actual.tcp === undefined) return [difference('protocol', 'TCP', `${actual.ip.protocol}`)];
    differences.push(...compareTcp(body, actual.tcp, options));
  } else if (body.protocol === 'icmp') {
    if (actual.icmp === undefined) return [difference('protocol', 'ICMP', `${actual.ip.protocol}`)];
    const numbers = icmpNumbers(actual.ip.version, body.type, body.code);
    differences.push(...number('ICMP type', numbers?.type, actual.icmp.type));
    if (body.code !== undefined) differences.push(...number('ICMP code', numbers?.code, actual.icmp.code));
    if (body.mtu !== undefined) differences.push(...number('MTU', body.mtu, actual.icmp.rest));
  } else {
    if (actual.udp === undefined) return [difference('protocol', 'UDP', `${actual.ip.protocol}`)];
    differences.push(...number('UDP length', body.length, actual.udp.length));
  }
  return differences;
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
    ...number('acknowledgment', expected.acknowledgment, actual.acknowledgment),
    ...number('window', expected.window, actual.window),
    ...number('urgent pointer', expected.urgentPointer ?? 0, actual.urgentPointer),
    ...(expected.options === undefined ? [] : compareOptions(expected.options, actual.options, options)),
  ];
}

/**
 * Linux (since 5.0) puts PSH on each super-segment, so scripts written for it have that flag where no data ends. A stack
 * without it is no worse: RFC 9293 asks for it on the last segment of what was queued, and there it is compared.
 */
function compareFlags(expected: TcpBody, actual: LiveTcp, { strict, moreFollows }: CompareOptions): Difference[] {
  let wanted = flagBits(expected.flags);
  let found = actual.flags;
  if (moreFollows && !strict && wanted & PSH) found |= PSH;
  // An ACE count is three bits that stand for ECE, CWR and AE together.
  if (expected.flags.aceCount === undefined && !expected.flags.ae) found &= ~AE;
  if (wanted === found) return [];
  wanted &= 0x1ff;
  return [difference('flags', describeFlagBits(wanted), describeFlagBits(actual.flags))];
}

function compareOptions(
  wanted: readonly TcpOption[],
  found: readonly TcpOption[],
  options: CompareOptions,
): Difference[] {
  const expected = options.strict ? wanted : byContent(wanted);
  const actual = options.strict ? found : byContent(found);
  const same = expected.length === actual.length && expected.every((each, i) => sameOption(each, actual[i]!, options));
  if (same) return [];
  return [difference('TCP options', describeOptions(wanted) || 'none', describeOptions(found) || 'none')];
}

/** Options without padding, in the order of their kinds. */
function byContent(options: readonly TcpOption[]): TcpOption[] {
  const rank = (option: TcpOption) => `${option.kind} ${option.kind === 'raw' ? option.number : ''}`;
  return options
    .filter(({ kind }) => kind !== 'nop' && kind !== 'eol')
    .sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

function sameOption(wanted: TcpOption, found: TcpOption, options: CompareOptions): boolean {
  if (wanted.kind !== 'TS' || found.kind !== 'TS') return describeOptions([wanted]) === describeOptions([found]);
  if (wanted.echo !== found.echo) return false;
  if (wanted.anyValue || options.timestampTick === 0) return true;
  return Math.abs((found.value - wanted.value) | 0) * options.timestampTick <= options.tolerance;
}

function number(field: string, expected: number | undefined, actual: number): Difference[] {
  return expected === undefined || expected === actual ? [] : [difference(field, `${expected}`, `${actual}`)];
}

function difference(field: string, expected: string, actual: string): Difference {
  return { field, expected, actual };
}
