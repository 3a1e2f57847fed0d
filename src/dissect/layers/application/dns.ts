/** DNS messages (RFC 1035), over UDP, TCP, and as multicast DNS (RFC 6762). */
import type { FieldName } from '../../catalogue.js';
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { dnsName } from './dns-name.js';

const HEADER = 'RFC 1035 section 4.1.1';
const HEADER_BYTES = 12;
/** A message of 64 KiB could hold ten thousand questions of five bytes. */
const MAX_RECORDS = 100;
const OPT = 41;

export const DNS_TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  41: 'OPT',
  43: 'DS',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
};

const RESULTS: readonly string[] = ['NoError', 'FormErr', 'ServFail', 'NXDomain', 'NotImp', 'Refused'];

/** One message in UDP. Over TCP two bytes of length come first (RFC 1035 section 4.2.2). */
export function dissectDns(frame: Frame, from: number, to: number, isMulticast: boolean): void {
  const dns = frame.layer(isMulticast ? 'mdns' : 'dns', isMulticast ? 'Multicast DNS' : 'DNS', HEADER, from, to);
  frame.say(`: ${isMulticast ? 'mDNS' : 'DNS'}: `);
  if (!header(dns)) {
    frame.say('[|dns]');
    return;
  }
  const flags = dns.peek(2, 2);
  const isResponse = (flags & 0x8000) !== 0;
  const texts: string[] = [];
  const end = questions(dns, texts);
  const answers: string[] = [];
  if (end >= 0) records(dns, end, answers);
  frame.say(lineOf(dns, isResponse, flags, isResponse && answers.length > 0 ? answers : texts));
}

/** DNS in a TCP segment that begins with a whole message. False if it does not. */
export function dissectDnsOverTcp(frame: Frame, from: number, to: number): boolean {
  const length = ((frame.bytes[from] ?? 0) << 8) | (frame.bytes[from + 1] ?? 0);
  if (to - from < 2 + HEADER_BYTES || length < HEADER_BYTES || from + 2 + length > to) return false;
  dissectDns(frame, from + 2, from + 2 + length, false);
  frame.data(from + 2 + length, to, 'Data');
  return true;
}

function header(dns: LayerBuilder): boolean {
  dns.hex('dns.id', 0, 2, 'Identifier', 'the same in question and answer');
  dns.flag('dns.flags.response', 2, 2, 15, 'Response', 'an answer, not a question');
  dns.bits('dns.flags.opcode', 2, 2, 11, 15, 'Operation', '0 is a query');
  dns.flag('dns.flags.authoritative', 2, 2, 10, 'Authoritative', 'by a server that owns the name');
  dns.flag('dns.flags.truncated', 2, 2, 9, 'Truncated', 'ask again over TCP');
  dns.flag('dns.flags.recdesired', 2, 2, 8, 'Recursion desired', 'ask other servers if need be');
  dns.flag('dns.flags.recavail', 2, 2, 7, 'Recursion available', 'this server asks others');
  dns.bits('dns.flags.rcode', 2, 2, 0, 15, 'Result', RESULTS[dns.peek(2, 2) & 15] ?? 'see RFC 6895');
  dns.uint('dns.count.queries', 4, 2, 'Questions', 'how many');
  dns.uint('dns.count.answers', 6, 2, 'Answers', 'how many records');
  dns.uint('dns.count.auth_rr', 8, 2, 'Authority', 'how many records about who knows');
  dns.uint('dns.count.add_rr', 10, 2, 'Additional', 'how many records beside');
  return dns.has(0, HEADER_BYTES);
}

/** Adds the questions; returns where they end, or -1 if they cannot be read. */
function questions(dns: LayerBuilder, texts: string[]): number {
  dns.cite = 'RFC 1035 section 4.1.2';
  let at = HEADER_BYTES;
  for (let count = Math.min(dns.peek(4, 2), MAX_RECORDS); count > 0; count--) {
    const name = dnsName(dns, at);
    if (name === undefined) return -1;
    dns.add('dns.qry.name', at, name.length, 'Name', name.text, 'what is asked about');
    at += name.length;
    const type = dns.uint('dns.qry.type', at, 2, 'Type', typeName(dns.peek(at, 2)));
    dns.hex('dns.qry.class', at + 2, 2, 'Class', '1 is the Internet');
    if (!dns.has(at, 4)) return -1;
    texts.push(`${typeName(type)}? ${name.text}`);
    at += 4;
  }
  return at;
}

/** Adds the records of all three sections; the answers' text goes to `texts`. */
function records(dns: LayerBuilder, from: number, texts: string[]): void {
  const answers = dns.peek(6, 2);
  const all = Math.min(answers + dns.peek(8, 2) + dns.peek(10, 2), MAX_RECORDS);
  let at = from;
  for (let count = 0; count < all; count++) {
    dns.cite = 'RFC 1035 section 4.1.3';
    const name = dnsName(dns, at);
    if (name === undefined) return;
    dns.add('dns.resp.name', at, name.length, 'Name', name.text, 'what the record is about');
    at += name.length;
    const type = dns.uint('dns.resp.type', at, 2, 'Type', typeName(dns.peek(at, 2)));
    if (type === OPT) extended(dns, at);
    else {
      dns.hex('dns.resp.class', at + 2, 2, 'Class', '1 is the Internet');
      dns.uint('dns.resp.ttl', at + 4, 4, 'Time to live', 'seconds');
    }
    const length = dns.uint('dns.resp.len', at + 8, 2, 'Data length', 'bytes');
    if (!dns.has(at, 10 + length)) return;
    const text = recordData(dns, type, at + 10, length);
    if (count < answers) texts.push(`${typeName(type)} ${text}`.trimEnd());
    at += 10 + length;
  }
}

/** RFC 6891 section 6.1: in the pseudo-record of EDNS, class and time to live have other meanings. */
function extended(dns: LayerBuilder, at: number): void {
  dns.cite = 'RFC 6891 section 6.1';
  dns.uint('dns.rr.udp_payload_size', at + 2, 2, 'UDP payload', 'the largest answer that the sender takes');
  dns.uint('dns.resp.edns0_version', at + 5, 1, 'EDNS version', 'always 0');
  dns.cite = 'RFC 1035 section 4.1.3';
}

const NAMES: Readonly<Record<number, FieldName>> = {
  2: 'dns.ns',
  5: 'dns.cname',
  6: 'dns.soa.mname',
  12: 'dns.ptr.domain_name',
};

/** Adds what the record says; returns it as text, empty where its type is not taken apart. */
function recordData(dns: LayerBuilder, type: number, at: number, length: number): string {
  const nameField = NAMES[type];
  if (nameField !== undefined) return nameData(dns, nameField, at);
  switch (type) {
    case 1:
      if (length !== 4) return '';
      dns.ipv4('dns.a', at, 'Address', 'of the name');
      return dns.ipv4Text(at);
    case 28:
      if (length !== 16) return '';
      dns.cite = 'RFC 3596 section 2.2';
      dns.ipv6('dns.aaaa', at, 'Address', 'of the name');
      return dns.ipv6Text(at);
    case 15: {
      const preference = dns.uint('dns.mx.preference', at, 2, 'Preference', 'the lowest is tried first');
      return `${preference} ${nameData(dns, 'dns.mx.mail_exchange', at + 2)}`;
    }
    case 16:
      return text(dns, at, length);
    case 33:
      return service(dns, at, length);
    default:
      return '';
  }
}

function nameData(dns: LayerBuilder, field: FieldName, at: number): string {
  const name = dnsName(dns, at);
  if (name === undefined) return '';
  dns.add(field, at, name.length, 'Name', name.text, 'what the record points to');
  return name.text;
}

/** RFC 1035 section 3.3.14: strings, each behind its length. */
function text(dns: LayerBuilder, from: number, length: number): string {
  const parts: string[] = [];
  for (let at = from; at < from + length; ) {
    const size = Math.min(dns.peek(at, 1), from + length - at - 1);
    parts.push(dns.text('dns.txt', at + 1, size, 'Text', 'free text'));
    at += 1 + size;
  }
  return parts.map((part) => `"${part}"`).join(' ');
}

/** RFC 2782. */
function service(dns: LayerBuilder, at: number, length: number): string {
  if (length < 7) return '';
  dns.cite = 'RFC 2782';
  dns.uint('dns.srv.priority', at, 2, 'Priority', 'the lowest is tried first');
  dns.uint('dns.srv.weight', at + 2, 2, 'Weight', 'how often among equals');
  const port = dns.uint('dns.srv.port', at + 4, 2, 'Port', 'of the service');
  return `${nameData(dns, 'dns.srv.target', at + 6)}:${port}`;
}

function typeName(type: number): string {
  return DNS_TYPES[type] ?? `TYPE${type}`;
}

/** As tcpdump: the identifier, flags, then questions or answers. `4711+ A? example.com` */
function lineOf(dns: LayerBuilder, isResponse: boolean, flags: number, texts: readonly string[]): string {
  const id = dns.peek(0, 2);
  const shown = texts.slice(0, 4).join(', ') + (texts.length > 4 ? ', …' : '');
  if (!isResponse) return `${id}${flags & 0x100 ? '+' : ''} ${shown}`;
  const result = flags & 15;
  const name = result === 0 ? '' : ` ${RESULTS[result] ?? `rcode ${result}`}`;
  const counts = [6, 8, 10].map((at) => dns.peek(at, 2)).join('/');
  return `${id}${flags & 0x400 ? '*' : ''}${name} ${counts} ${shown}`.trimEnd();
}
