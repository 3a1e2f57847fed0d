/**
 * Parses a packet of a script: direction, outer headers, IP information, then TCP, UDP or ICMP.
 */
import type { IcmpBody, IpInfo, OuterHeader, Packet, QuotedPacket } from './ast.js';
import { CODE_POINTS } from './code-points.js';
import { parsePorts, parseSequence, parseTcp, parseUdpCarrier } from './tcp-parser.js';
import type { TokenStream } from './token-stream.js';

const UINT32 = 0xffff_ffff;

const ECN_WORDS = ['noecn', 'ect0', 'ect1', 'ce', 'ect01'] as const;

/** Parses a packet; the next token is its direction. */
export function parsePacket(tokens: TokenStream): Packet {
  const at = tokens.peek().at;
  const direction = tokens.next().text === '<' ? 'in' : 'out';
  const outer: OuterHeader[] = [];
  for (let header = parseOuter(tokens); header !== undefined; header = parseOuter(tokens)) outer.push(header);
  const quotesFirst = tokens.at('[') && tokens.peek(1).kind === 'integer';
  if (quotesFirst) return { kind: 'packet', direction, outer, ip: {}, body: parseQuotingIcmp(tokens), at };
  const ip = parseIpInfo(tokens);
  if (ip.ecn === 'ect01' && direction === 'in') tokens.fail('[ect01] is for outbound packets only', at);
  if (tokens.at('encap')) outer.push(parseEncapsulation(tokens));
  const body = parseBody(tokens, direction === 'in');
  return { kind: 'packet', direction, outer, ip, body, at };
}

function parseBody(tokens: TokenStream, inbound: boolean): Packet['body'] {
  if (tokens.at('udp') || tokens.at('udplite')) return parseUdp(tokens);
  if (tokens.at('icmp')) return parseIcmp(tokens);
  if (tokens.at('sctp')) tokens.unsupported('SCTP packets');
  return parseTcp(tokens, inbound);
}

/** `ipv4 1.1.1.1 > 2.2.2.2:`, `gre:`, `mpls (label …):` before the packet itself. */
function parseOuter(tokens: TokenStream): OuterHeader | undefined {
  const token = tokens.peek();
  const kind = token.text;
  if (kind === 'ipv4' || kind === 'ipv6') {
    tokens.next();
    parseIpInfo(tokens);
    tokens.expectKind(kind, `an ${kind} address`);
    tokens.expect('>');
    tokens.expectKind(kind, `an ${kind} address`);
  } else if (kind === 'gre' || kind === 'GREv0') {
    tokens.next();
    if (!tokens.at(':')) skipGreHeader(tokens);
  } else if (kind === 'mpls') {
    tokens.next();
    while (tokens.at('(')) skipMplsEntry(tokens);
  } else return undefined;
  tokens.expect(':');
  return { kind: kind === 'GREv0' ? 'gre' : kind, at: token.at };
}

/** Skips `flags 0x2000, sum 0, off 0, key 1, seq 2`. Only the form is checked, since no such header is ever built. */
function skipGreHeader(tokens: TokenStream): void {
  tokens.accept(',');
  tokens.expectKind('word', '"flags"');
  if (tokens.accept('[')) {
    do while (tokens.peek().kind === 'word') tokens.next();
    while (tokens.accept(','));
    tokens.expect(']');
  } else tokens.integer('GRE flags', 0, 0xffff);
  for (const field of ['sum', 'off', 'key', 'seq']) {
    tokens.accept(',');
    tokens.expect(field);
    if (field === 'key') tokens.accept('=');
    tokens.integer(`GRE ${field}`, 0, UINT32);
  }
}

function skipMplsEntry(tokens: TokenStream): void {
  tokens.expect('(');
  tokens.expect('label');
  tokens.integer('MPLS label', 0, 0xf_ffff);
  tokens.expect(',');
  tokens.expect('tc');
  tokens.integer('MPLS traffic class', 0, 7);
  tokens.expect(',');
  if (tokens.accept('[')) {
    tokens.expect('S');
    tokens.expect(']');
    tokens.expect(',');
  }
  tokens.expect('ttl');
  tokens.integer('MPLS TTL', 0, 255);
  tokens.expect(')');
}

/** `encap psp spi 1`. */
function parseEncapsulation(tokens: TokenStream): OuterHeader {
  const { at } = tokens.next();
  tokens.expect('psp');
  tokens.expect('spi');
  tokens.integer('PSP index', 0, UINT32);
  return { kind: 'psp', at };
}

/** `[ect0]`, `(tos 0x10)`, `[ttl 64, flowlabel 0x1]`. */
function parseIpInfo(tokens: TokenStream): IpInfo {
  const close = tokens.at('[') ? ']' : ')';
  if (!tokens.accept('[') && !tokens.accept('(')) return {};
  let info: IpInfo = {};
  do info = { ...info, ...parseIpField(tokens) };
  while (tokens.accept(','));
  tokens.expect(close);
  return info;
}

function parseIpField(tokens: TokenStream): IpInfo {
  tokens.accept('ecn');
  const ecn = ECN_WORDS.find((word) => tokens.accept(word));
  if (ecn !== undefined) return { ecn };
  if (tokens.accept('tos') || tokens.accept('class')) return { trafficClass: tokens.integer('traffic class', 0, 255) };
  if (tokens.accept('flowlabel')) return { flowLabel: tokens.integer('flow label', 0, 0xf_ffff) };
  if (tokens.accept('ttl') || tokens.accept('hlim')) return { timeToLive: tokens.integer('TTL', 0, 255) };
  if (!tokens.accept('dscp')) tokens.fail('expected ECN, tos, ttl, flowlabel or dscp');
  const named = CODE_POINTS[tokens.peek().text];
  if (named === undefined) return { dscp: tokens.integer('code point', 0, 63) };
  tokens.next();
  return { dscp: named };
}

function parseUdp(tokens: TokenStream): Packet['body'] {
  const protocol = tokens.next().text as 'udp' | 'udplite';
  const ports = parsePorts(tokens);
  return { protocol, ports, length: parseUdpLength(tokens, protocol) };
}

/** `(100)`, or for UDP-Lite `(100, 8)` with the length that the checksum covers. */
function parseUdpLength(tokens: TokenStream, protocol: string): number {
  tokens.expect('(');
  const length = tokens.integer('payload length', 0, 0xffff);
  if (protocol === 'udplite') {
    tokens.expect(',');
    tokens.integer('checksum coverage', 0, 0xffff);
  }
  tokens.expect(')');
  return length;
}

function parseIcmp(tokens: TokenStream): IcmpBody {
  tokens.expect('icmp');
  const type = tokens.expectKind('word', 'an ICMP type');
  const isCode = tokens.peek().kind === 'word' && !tokens.at('mtu') && !tokens.at('id');
  const code = isCode ? tokens.next().text : undefined;
  const mtu = tokens.accept('mtu') ? tokens.integer('MTU', 0, UINT32) : undefined;
  const identifier = tokens.accept('id') ? tokens.integer('identifier', 0, 0xffff) : undefined;
  const quoted = tokens.accept('[') ? parseQuoted(tokens) : undefined;
  return { protocol: 'icmp', type: type.text, code, mtu, identifier, quoted, typeAt: type.at };
}

/** `[1:1461(1460)] icmp unreachable …`: the order in which the oldest scripts have it. */
function parseQuotingIcmp(tokens: TokenStream): IcmpBody {
  tokens.expect('[');
  const quoted = parseQuoted(tokens);
  return { ...parseIcmp(tokens), quoted };
}

function parseQuoted(tokens: TokenStream): QuotedPacket {
  const word = tokens.peek().text;
  let quoted: QuotedPacket;
  if (word === 'udp' || word === 'udplite' || word === 'raw') {
    tokens.next();
    quoted = { protocol: word, length: parseUdpLength(tokens, word) };
  } else if (word === 'sctp') tokens.unsupported('SCTP packets');
  else {
    quoted = { protocol: 'tcp', sequence: parseSequence(tokens) };
    parseUdpCarrier(tokens);
  }
  tokens.expect(']');
  return quoted;
}
