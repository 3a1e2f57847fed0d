/**
 * The data of DNS records, field by field: a table with a row for each type, and a reader for each kind of field. The
 * names of fields are Wireshark's where it has them.
 */
import { typeName } from '../../../dns/wire/types.js';
import type { FieldName } from '../../catalogue.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { dnsName } from './dns-name.js';
import { serviceParameters } from './dns-service.js';

/** Where the reading of a record stands: `at` of the layer, and where the data ends. */
export interface Cursor {
  readonly dns: LayerBuilder;
  at: number;
  readonly end: number;
  /** What the line says of the record. */
  readonly texts: string[];
}

type Part = (cursor: Cursor) => void;

/** Adds a number of so many bytes, big-endian. */
const number =
  (field: FieldName, bytes: number, label: string, meaning: string): Part =>
  (cursor) => {
    const { dns, at, end, texts } = cursor;
    if (at + bytes > end) return;
    texts.push(String(dns.uint(field, at, bytes, label, meaning)));
    cursor.at += bytes;
  };

const u8 = (field: FieldName, label: string, meaning: string) => number(field, 1, label, meaning);
const u16 = (field: FieldName, label: string, meaning: string) => number(field, 2, label, meaning);
const u32 = (field: FieldName, label: string, meaning: string) => number(field, 4, label, meaning);

/** A number that is a type. */
const typed =
  (field: FieldName, label: string): Part =>
  (cursor) => {
    const { dns, at, end, texts } = cursor;
    if (at + 2 > end) return;
    const name = typeName(dns.peek(at, 2));
    dns.uint(field, at, 2, label, name);
    texts.push(name);
    cursor.at += 2;
  };

const name =
  (field: FieldName, label: string, meaning: string): Part =>
  (cursor) => {
    const { dns, at, end, texts } = cursor;
    const found = at < end ? dnsName(dns, at) : undefined;
    if (found === undefined || at + found.length > end) {
      cursor.at = end;
      return;
    }
    dns.add(field, at, found.length, label, found.text, meaning);
    texts.push(found.text);
    cursor.at += found.length;
  };

const ipv4 =
  (field: FieldName): Part =>
  (cursor) => {
    if (cursor.at + 4 > cursor.end) return;
    cursor.dns.ipv4(field, cursor.at, 'Address', 'of the name');
    cursor.texts.push(cursor.dns.ipv4Text(cursor.at));
    cursor.at += 4;
  };

const ipv6 =
  (field: FieldName): Part =>
  (cursor) => {
    if (cursor.at + 16 > cursor.end) return;
    cursor.dns.ipv6(field, cursor.at, 'Address', 'of the name');
    cursor.texts.push(cursor.dns.ipv6Text(cursor.at));
    cursor.at += 16;
  };

/** A string behind its length (RFC 1035 section 3.3). */
const string =
  (field: FieldName, label: string, meaning: string): Part =>
  (cursor) => {
    const { dns, at, end, texts } = cursor;
    if (at >= end) return;
    const size = Math.min(dns.peek(at, 1), end - at - 1);
    texts.push(`"${dns.text(field, at + 1, size, label, meaning)}"`);
    cursor.at += 1 + size;
  };

const strings =
  (field: FieldName): Part =>
  (cursor) => {
    while (cursor.at < cursor.end) string(field, 'Text', 'free text')(cursor);
  };

/** So many bytes, or all that are left. */
const bytes =
  (field: FieldName, label: string, meaning: string, size = Number.POSITIVE_INFINITY): Part =>
  (cursor) => {
    const { dns, at, end } = cursor;
    const length = Math.min(size, end - at);
    if (length > 0) dns.raw(field, at, length, label, meaning);
    cursor.at += length;
  };

/** Bytes behind a byte of length. */
const counted =
  (lengthField: FieldName, field: FieldName, label: string, meaning: string): Part =>
  (cursor) => {
    const length = cursor.at < cursor.end ? cursor.dns.peek(cursor.at, 1) : 0;
    u8(lengthField, `${label} length`, 'bytes')(cursor);
    cursor.texts.pop();
    bytes(field, label, meaning, length)(cursor);
  };

const text =
  (field: FieldName, label: string, meaning: string): Part =>
  (cursor) => {
    const { dns, at, end, texts } = cursor;
    texts.push(`"${dns.text(field, at, end - at, label, meaning)}"`);
    cursor.at = end;
  };

/** RFC 4034 section 4.1.2: a bitmap of types. */
const types: Part = (cursor) => {
  const { dns, end, texts } = cursor;
  const from = cursor.at;
  const names: string[] = [];
  let at = from;
  while (at + 2 <= end) {
    const window = dns.peek(at, 1);
    const size = Math.min(dns.peek(at + 1, 1), 32, end - at - 2);
    for (let bit = 0; bit < 8 * size; bit++) {
      const byte = dns.peek(at + 2 + (bit >>> 3), 1);
      if (byte & (0x80 >>> (bit & 7))) names.push(typeName((window << 8) | bit));
    }
    at += 2 + size;
  }
  if (end > from) dns.add('dns.type_bitmap', from, end - from, 'Types', names.join(' '), 'that the name has');
  texts.push(names.join(' '));
  cursor.at = end;
};

/** RFC 3123: prefixes with a family, a length and the bytes that are not zero. */
const prefixes: Part = (cursor) => {
  while (cursor.at + 4 <= cursor.end) {
    const size = cursor.dns.peek(cursor.at + 3, 1) & 0x7f;
    u16('dns.apl.address_family', 'Family', '1 is IPv4, 2 is IPv6')(cursor);
    u8('dns.apl.coded_prefix', 'Prefix length', 'bits')(cursor);
    cursor.dns.flag('dns.apl.negation', cursor.at, 1, 7, 'Negation', 'all but these');
    cursor.dns.bits('dns.apl.afdlength', cursor.at, 1, 0, 0x7f, 'Address length', 'bytes');
    cursor.at++;
    bytes('dns.apl.afdpart.data', 'Address', 'without the zeros at its end', size)(cursor);
  }
};

/** RFC 8659 section 4.1. */
const authority: Part = (cursor) => {
  const { dns } = cursor;
  u8('dns.caa.flags', 'Flags', '128: who does not know the tag issues nothing')(cursor);
  string('dns.caa.tag', 'Tag', 'what the value is about')(cursor);
  dns.cite = 'RFC 8659 section 4.1';
  text('dns.caa.value', 'Value', 'who may issue certificates')(cursor);
};

const ALGORITHM = 'see IANA, DNS Security Algorithm Numbers';
const SIGNATURE: readonly Part[] = [
  typed('dns.rrsig.type_covered', 'Type covered'),
  u8('dns.rrsig.algorithm', 'Algorithm', ALGORITHM),
  u8('dns.rrsig.labels', 'Labels', 'of the owner, without a wildcard'),
  u32('dns.rrsig.original_ttl', 'Original TTL', 'seconds'),
  u32('dns.rrsig.expiration', 'Expiration', 'seconds since 1970'),
  u32('dns.rrsig.inception', 'Inception', 'seconds since 1970'),
  u16('dns.rrsig.key_tag', 'Key tag', 'which key has signed'),
  name('dns.rrsig.signers_name', 'Signer', 'the zone'),
  bytes('dns.rrsig.signature', 'Signature', 'over the set of records'),
];
const KEY: readonly Part[] = [
  u16('dns.dnskey.flags', 'Flags', '256: a key of the zone; 1: a secure entry point'),
  u8('dns.dnskey.protocol', 'Protocol', 'always 3'),
  u8('dns.dnskey.algorithm', 'Algorithm', ALGORITHM),
  bytes('dns.dnskey.public_key', 'Public key', 'of the signer'),
];
const DELEGATION: readonly Part[] = [
  u16('dns.ds.key_id', 'Key tag', 'which key of the zone below'),
  u8('dns.ds.algorithm', 'Algorithm', ALGORITHM),
  u8('dns.ds.digest_type', 'Digest type', '2 is SHA-256'),
  bytes('dns.ds.digest', 'Digest', 'of that key'),
];
const PIN: readonly Part[] = [
  u8('dns.tlsa.certificate_usage', 'Usage', 'which certificate has to match'),
  u8('dns.tlsa.selector', 'Selector', '0: the certificate; 1: its key'),
  u8('dns.tlsa.matching_type', 'Matching type', '0: all of it; 1: SHA-256; 2: SHA-512'),
  bytes('dns.tlsa.certificate_association_data', 'Data', 'to match'),
];
const HASHING: readonly Part[] = [
  u8('dns.nsec3.algo', 'Hash algorithm', '1 is SHA-1'),
  u8('dns.nsec3.flags', 'Flags', '1: opt-out'),
  u16('dns.nsec3.iterations', 'Iterations', 'beyond the first'),
  counted('dns.nsec3.salt_length', 'dns.nsec3.salt_value', 'Salt', 'of the hash'),
];
const SERVICE: readonly Part[] = [
  u16('dns.svcb.svcpriority', 'Priority', '0 is an alias'),
  name('dns.svcb.targetname', 'Target', 'the root: the owner itself'),
  serviceParameters,
];

/** The rows: type, where it is specified, its fields. A type without a row has bytes. */
const ROWS: Readonly<Record<number, readonly [cite: string, ...parts: Part[]]>> = {
  1: ['RFC 1035 section 3.4.1', ipv4('dns.a')],
  2: ['RFC 1035 section 3.3.11', name('dns.ns', 'Name', 'of a server')],
  3: ['RFC 1035 section 3.3.4', name('dns.md', 'Name', 'of a mail destination')],
  4: ['RFC 1035 section 3.3.5', name('dns.mf', 'Name', 'of a mail forwarder')],
  5: ['RFC 1035 section 3.3.1', name('dns.cname', 'Name', 'what the record points to')],
  6: [
    'RFC 1035 section 3.3.13',
    name('dns.soa.mname', 'Primary server', 'where the zone comes from'),
    name('dns.soa.rname', 'Mailbox', 'of who is responsible'),
    u32('dns.soa.serial_number', 'Serial number', 'of this version of the zone'),
    u32('dns.soa.refresh_interval', 'Refresh', 'seconds'),
    u32('dns.soa.retry_interval', 'Retry', 'seconds'),
    u32('dns.soa.expire_limit', 'Expire', 'seconds'),
    u32('dns.soa.minimum_ttl', 'Negative TTL', 'seconds (RFC 2308 section 4)'),
  ],
  7: ['RFC 1035 section 3.3.3', name('dns.mb', 'Name', 'of a host with the mailbox')],
  8: ['RFC 1035 section 3.3.6', name('dns.mg', 'Name', 'of a mailbox')],
  9: ['RFC 1035 section 3.3.8', name('dns.mr', 'Name', 'the new one of the mailbox')],
  12: ['RFC 1035 section 3.3.12', name('dns.ptr.domain_name', 'Name', 'what the record points to')],
  13: [
    'RFC 1035 section 3.3.2',
    string('dns.hinfo.cpu', 'CPU', 'of the host'),
    string('dns.hinfo.os', 'System', 'of the host'),
  ],
  14: [
    'RFC 1035 section 3.3.7',
    name('dns.minfo.r', 'Mailbox', 'of who is responsible'),
    name('dns.minfo.e', 'Mailbox for errors', 'of a list'),
  ],
  15: [
    'RFC 1035 section 3.3.9',
    u16('dns.mx.preference', 'Preference', 'the lowest is tried first'),
    name('dns.mx.mail_exchange', 'Name', 'what the record points to'),
  ],
  16: ['RFC 1035 section 3.3.14', strings('dns.txt')],
  17: [
    'RFC 1183 section 2.2',
    name('dns.rp.mailbox', 'Mailbox', 'of who is responsible'),
    name('dns.rp.txt_rr', 'Name', 'with more as TXT'),
  ],
  18: [
    'RFC 1183 section 1',
    u16('dns.afsdb.subtype', 'Subtype', '1 is AFS'),
    name('dns.afsdb.hostname', 'Host', 'with the database'),
  ],
  24: ['RFC 2931', ...SIGNATURE],
  25: ['RFC 2931', ...KEY],
  28: ['RFC 3596 section 2.2', ipv6('dns.aaaa')],
  29: [
    'RFC 1876 section 2',
    u8('dns.loc.version', 'Version', 'always 0'),
    u8('dns.loc.size', 'Size', 'mantissa and exponent, in centimetres'),
    u8('dns.loc.horizontal_precision', 'Horizontal precision', 'mantissa and exponent, in centimetres'),
    u8('dns.loc.vertical_precision', 'Vertical precision', 'mantissa and exponent, in centimetres'),
    u32('dns.loc.latitude', 'Latitude', 'thousandths of a second of arc, 2^31 is the equator'),
    u32('dns.loc.longitude', 'Longitude', 'thousandths of a second of arc, 2^31 is the prime meridian'),
    u32('dns.loc.altitude', 'Altitude', 'centimetres from 100 km below the reference'),
  ],
  35: [
    'RFC 3403 section 4.1',
    u16('dns.naptr.order', 'Order', 'the lowest comes first'),
    u16('dns.naptr.preference', 'Preference', 'among those of one order'),
    string('dns.naptr.flags', 'Flags', 'what the result is'),
    string('dns.naptr.service', 'Service', 'what it is for'),
    string('dns.naptr.regex', 'Expression', 'that rewrites the name'),
    name('dns.naptr.replacement', 'Replacement', 'the next name'),
  ],
  36: [
    'RFC 2230',
    u16('dns.kx.preference', 'Preference', 'the lowest is tried first'),
    name('dns.kx.key_exchange', 'Host', 'that exchanges keys'),
  ],
  37: [
    'RFC 4398 section 2',
    u16('dns.cert.type', 'Type', '1 is X.509'),
    u16('dns.cert.key_tag', 'Key tag', 'of its key'),
    u8('dns.cert.algorithm', 'Algorithm', ALGORITHM),
    bytes('dns.cert.certificate', 'Certificate', 'or its URL'),
  ],
  39: ['RFC 6672', name('dns.dname', 'Name', 'that stands for the owner in names below it')],
  42: ['RFC 3123', prefixes],
  43: ['RFC 4034 section 5.1', ...DELEGATION],
  44: [
    'RFC 4255 section 3.1',
    u8('dns.sshfp.algorithm', 'Algorithm', '4 is Ed25519'),
    u8('dns.sshfp.fingerprint.type', 'Fingerprint type', '2 is SHA-256'),
    bytes('dns.sshfp.fingerprint', 'Fingerprint', 'of the host key'),
  ],
  46: ['RFC 4034 section 3.1', ...SIGNATURE],
  47: ['RFC 4034 section 4.1', name('dns.nsec.next_domain_name', 'Next name', 'nothing lies between'), types],
  48: ['RFC 4034 section 2.1', ...KEY],
  49: ['RFC 4701', bytes('dns.dhcid.rdata', 'Identity', 'of the DHCP client')],
  50: [
    'RFC 5155 section 3.2',
    ...HASHING,
    counted('dns.nsec3.hash_length', 'dns.nsec3.next_hash', 'Next hash', 'nothing lies between'),
    types,
  ],
  51: ['RFC 5155 section 4.2', ...HASHING],
  52: ['RFC 6698 section 2.1', ...PIN],
  53: ['RFC 8162 section 2', ...PIN],
  59: ['RFC 7344 section 3.1', ...DELEGATION],
  60: ['RFC 7344 section 3.2', ...KEY],
  61: ['RFC 7929 section 2', bytes('dns.openpgpkey', 'Key', 'as OpenPGP has it')],
  62: [
    'RFC 7477 section 2.1',
    u32('dns.csync.soa', 'Serial number', 'from which on it holds'),
    u16('dns.csync.flags', 'Flags', '1: at once; 2: not below the serial number'),
    types,
  ],
  63: [
    'RFC 8976 section 2.2',
    u32('dns.zonemd.serial', 'Serial number', 'of the zone'),
    u8('dns.zonemd.scheme', 'Scheme', '1: all records'),
    u8('dns.zonemd.hash_algo', 'Hash algorithm', '1 is SHA-384'),
    bytes('dns.zonemd.digest', 'Digest', 'of the zone'),
  ],
  64: ['RFC 9460 section 2.2', ...SERVICE],
  65: ['RFC 9460 section 9', ...SERVICE],
  99: ['RFC 7208 section 3.1', strings('dns.spf')],
  256: [
    'RFC 7553 section 4.5',
    u16('dns.uri.priority', 'Priority', 'the lowest is tried first'),
    u16('dns.uri.weight', 'Weight', 'how often among equals'),
    text('dns.uri.target', 'URI', 'of the service'),
  ],
  257: ['RFC 8659 section 4.1', authority],
};

/** SRV, whose text has the port behind the target as clients write it. */
function service(cursor: Cursor): void {
  const { dns, texts } = cursor;
  dns.cite = 'RFC 2782';
  u16('dns.srv.priority', 'Priority', 'the lowest is tried first')(cursor);
  u16('dns.srv.weight', 'Weight', 'how often among equals')(cursor);
  u16('dns.srv.port', 'Port', 'of the service')(cursor);
  name('dns.srv.target', 'Name', 'what the record points to')(cursor);
  const [, , port = '', target = ''] = texts;
  texts.splice(0, texts.length, `${target}:${port}`);
}

/** Adds what a record says; returns it as text, for the line. `[at, at + length)` is its data. */
export function recordData(dns: LayerBuilder, type: number, at: number, length: number): string {
  const cursor: Cursor = { dns, at, end: at + length, texts: [] };
  const row = ROWS[type];
  if (type === 33) service(cursor);
  else if (row !== undefined) {
    const [cite, ...parts] = row;
    dns.cite = cite;
    for (const part of parts) part(cursor);
  }
  if (cursor.at < cursor.end) bytes('dns.data', 'Data', 'not taken apart')(cursor);
  const said = cursor.texts.join(' ');
  return said.length > 120 ? `${said.slice(0, 119)}…` : said;
}
