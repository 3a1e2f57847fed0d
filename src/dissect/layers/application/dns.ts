/** DNS messages (RFC 1035), over UDP, TCP, and as multicast DNS (RFC 6762). */
import { TYPE, typeName } from '../../../dns/wire/types.js';
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { ednsHead, ednsOptions } from './dns-edns.js';
import { dnsName } from './dns-name.js';
import { recordData } from './dns-records.js';

const HEADER = 'RFC 1035 section 4.1.1';
const HEADER_BYTES = 12;
/** A message of 64 KiB could hold ten thousand questions of five bytes. */
const MAX_RECORDS = 100;

const RESULTS: readonly string[] = [
  'NoError',
  'FormErr',
  'ServFail',
  'NXDomain',
  'NotImp',
  'Refused',
  'YXDomain',
  'YXRRSet',
  'NXRRSet',
  'NotAuth',
  'NotZone',
];

/** One message in UDP. Over TCP two bytes of length come first (RFC 1035 section 4.2.2). */
export function dissectDns(frame: Frame, from: number, to: number, isMulticast: boolean, hasLength = false): void {
  const dns = frame.layer(isMulticast ? 'mdns' : 'dns', isMulticast ? 'Multicast DNS' : 'DNS', HEADER, from, to);
  frame.say(`: ${isMulticast ? 'mDNS' : 'DNS'}: `);
  if (hasLength) {
    dns.cite = 'RFC 1035 section 4.2.2';
    dns.uint('dns.length', -2, 2, 'Length', 'bytes of the message, over TCP');
    dns.cite = HEADER;
  }
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

/** DNS in a TCP segment that begins with a whole message; more may follow it (RFC 7766). False if it does not. */
export function dissectDnsOverTcp(frame: Frame, from: number, to: number): boolean {
  let at = from;
  for (let end = messageEnd(frame, at, to); end > 0 && !frame.isFull; end = messageEnd(frame, at, to)) {
    dissectDns(frame, at + 2, end, false, true);
    at = end;
  }
  if (at === from) return false;
  if (at < to) frame.data(at, to, 'Data');
  return true;
}

/** Where the message ends whose length stands at `at`; 0 if it is not all there. */
function messageEnd(frame: Frame, at: number, to: number): number {
  const length = ((frame.bytes[at] ?? 0) << 8) | (frame.bytes[at + 1] ?? 0);
  return to - at < 2 + HEADER_BYTES || length < HEADER_BYTES || at + 2 + length > to ? 0 : at + 2 + length;
}

function header(dns: LayerBuilder): boolean {
  dns.hex('dns.id', 0, 2, 'Identifier', 'the same in question and answer');
  dns.flag('dns.flags.response', 2, 2, 15, 'Response', 'an answer, not a question');
  dns.bits('dns.flags.opcode', 2, 2, 11, 15, 'Operation', '0 is a query');
  dns.flag('dns.flags.authoritative', 2, 2, 10, 'Authoritative', 'by a server that owns the name');
  dns.flag('dns.flags.truncated', 2, 2, 9, 'Truncated', 'ask again over TCP');
  dns.flag('dns.flags.recdesired', 2, 2, 8, 'Recursion desired', 'ask other servers if need be');
  dns.flag('dns.flags.recavail', 2, 2, 7, 'Recursion available', 'this server asks others');
  dns.flag('dns.flags.z', 2, 2, 6, 'Reserved', 'always 0');
  dns.flag('dns.flags.authenticated', 2, 2, 5, 'Authenticated', 'the server has verified it (RFC 4035 section 3.2.3)');
  dns.flag('dns.flags.checkdisable', 2, 2, 4, 'Checking disabled', 'do not verify (RFC 4035 section 3.2.2)');
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
    if (type === TYPE.OPT) ednsHead(dns, at);
    else {
      dns.hex('dns.resp.class', at + 2, 2, 'Class', '1 is the Internet');
      dns.uint('dns.resp.ttl', at + 4, 4, 'Time to live', 'seconds');
    }
    const length = dns.uint('dns.resp.len', at + 8, 2, 'Data length', 'bytes');
    if (!dns.has(at, 10 + length)) return;
    if (type === TYPE.OPT) ednsOptions(dns, at + 10, at + 10 + length);
    const text = type === TYPE.OPT ? '' : recordData(dns, type, at + 10, length);
    if (count < answers) texts.push(`${typeName(type)} ${text}`.trimEnd());
    at += 10 + length;
  }
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
