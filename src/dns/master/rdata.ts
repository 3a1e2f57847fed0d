/** What the data of each type is made of, in a zone file. Types without a row have only the form of RFC 3597. */
import { isSoundData } from '../wire/layout.js';
import { TYPE, type TypeName } from '../wire/types.js';
import {
  base64,
  Draft,
  duration,
  type Field,
  generic,
  hash,
  hex,
  ipv4,
  ipv6,
  name,
  named,
  optionalBase64,
  optionalString,
  salt,
  string,
  strings,
  text,
  time,
  ttl,
  type,
  types,
  u8,
  u16,
  u32,
} from './fields.js';
import type { Token } from './lexer.js';
import { EntryError } from './problem.js';
import {
  addressPrefixes,
  hardware,
  hostIdentity,
  identifier,
  ipsecKey,
  location,
  multicastRelay,
  networkService,
  serviceParameters,
  wellKnownServices,
} from './special.js';
import { parseBase64 } from './values.js';

/** DNSSEC algorithms: IANA "DNS Security Algorithm Numbers". */
const ALGORITHMS = {
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  RSASHA1: 5,
  'DSA-NSEC3-SHA1': 6,
  'RSASHA1-NSEC3-SHA1': 7,
  RSASHA256: 8,
  RSASHA512: 10,
  'ECC-GOST': 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
  INDIRECT: 252,
  PRIVATEDNS: 253,
  PRIVATEOID: 254,
};
/** RFC 4398 section 2.1. */
const CERTIFICATES = {
  PKIX: 1,
  SPKI: 2,
  PGP: 3,
  IPKIX: 4,
  ISPKI: 5,
  IPGP: 6,
  ACPKIX: 7,
  IACPKIX: 8,
  URI: 253,
  OID: 254,
};

const algorithm = named('an algorithm', 1, ALGORITHMS);
const DELEGATION: readonly Field[] = [u16('a key tag'), algorithm, u8('a digest type'), hex('a digest')];
const KEY: readonly Field[] = [u16('flags'), u8('a protocol'), algorithm, optionalBase64('a key')];
const SIGNATURE: readonly Field[] = [
  type,
  algorithm,
  u8('a count of labels'),
  ttl,
  time('the expiration'),
  time('the inception'),
  u16('a key tag'),
  name('a signer'),
  base64('a signature'),
];
const PIN: readonly Field[] = [u8('a usage'), u8('a selector'), u8('a matching type'), hex('data')];
const SERVICE: readonly Field[] = [u16('a priority'), name('a target'), serviceParameters];
const PREFERRED: readonly Field[] = [u16('a preference'), name('a host')];
const HASHING: readonly Field[] = [u8('a hash algorithm'), u8('flags'), u16('iterations'), salt];

const FIELDS: Readonly<Partial<Record<TypeName, readonly Field[]>>> = {
  A: [ipv4],
  NS: [name('a server')],
  MD: [name()],
  MF: [name()],
  CNAME: [name()],
  SOA: [
    name('the primary server'),
    name('a mailbox'),
    u32('the serial number'),
    duration('refresh'),
    duration('retry'),
    duration('expire'),
    duration('the negative TTL'),
  ],
  MB: [name()],
  MG: [name()],
  MR: [name()],
  WKS: [ipv4, wellKnownServices],
  PTR: [name()],
  HINFO: [string, string],
  MINFO: [name('a mailbox'), name('a mailbox for errors')],
  MX: PREFERRED,
  TXT: [strings],
  RP: [name('a mailbox'), name('a name with TXT')],
  AFSDB: [u16('a subtype'), name('a host')],
  X25: [string],
  ISDN: [string, optionalString],
  RT: PREFERRED,
  NSAP: [networkService],
  'NSAP-PTR': [name()],
  SIG: SIGNATURE,
  KEY,
  PX: [u16('a preference'), name('an RFC 822 name'), name('an X.400 name')],
  GPOS: [string, string, string],
  AAAA: [ipv6],
  LOC: [location],
  EID: [hex('data')],
  NIMLOC: [hex('data')],
  SRV: [u16('a priority'), u16('a weight'), u16('a port'), name('a target')],
  NAPTR: [u16('an order'), u16('a preference'), string, string, string, name('a replacement')],
  KX: PREFERRED,
  CERT: [named('a type', 2, CERTIFICATES), u16('a key tag'), algorithm, base64('a certificate')],
  DNAME: [name()],
  APL: [addressPrefixes],
  DS: DELEGATION,
  SSHFP: [u8('an algorithm'), u8('a fingerprint type'), hex('a fingerprint')],
  IPSECKEY: [ipsecKey],
  RRSIG: SIGNATURE,
  NSEC: [name('the next name'), types],
  DNSKEY: KEY,
  DHCID: [base64('data')],
  NSEC3: [...HASHING, hash, types],
  NSEC3PARAM: HASHING,
  TLSA: PIN,
  SMIMEA: PIN,
  HIP: [hostIdentity],
  NINFO: [strings],
  RKEY: KEY,
  TALINK: [name('the previous name'), name('the next name')],
  CDS: DELEGATION,
  CDNSKEY: KEY,
  OPENPGPKEY: [base64('a key')],
  CSYNC: [u32('the serial number'), u16('flags'), types],
  ZONEMD: [u32('the serial number'), u8('a scheme'), u8('a hash algorithm'), hex('a digest')],
  SVCB: SERVICE,
  HTTPS: SERVICE,
  DSYNC: [type, named('a scheme', 1, { NOTIFY: 1 }), u16('a port'), name('a target')],
  SPF: [strings],
  NID: [u16('a preference'), identifier],
  L32: [u16('a preference'), ipv4],
  L64: [u16('a preference'), identifier],
  LP: [u16('a preference'), name('a host')],
  EUI48: [hardware(6)],
  EUI64: [hardware(8)],
  URI: [u16('a priority'), u16('a weight'), text],
  CAA: [u8('flags'), tag, text],
  AVC: [strings],
  DOA: [u32('an enterprise'), u32('a type'), u8('a location'), string, dashOrBase64],
  AMTRELAY: [multicastRelay],
  RESINFO: [strings],
  WALLET: [strings],
  TA: DELEGATION,
  DLV: DELEGATION,
};

/** RFC 8659 section 4.1: letters and digits. */
function tag(draft: Draft): void {
  const { text: letters } = draft.take('a tag');
  if (!/^[a-z0-9]{1,255}$/i.test(letters)) throw new EntryError(`CAA needs a tag like issue, not "${letters}"`);
  draft.byte(letters.length);
  draft.bytes(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
}

/** `-` is no data. */
function dashOrBase64(draft: Draft): void {
  const rest = draft.takeRest('data');
  if (rest !== '-') draft.bytes(parseBase64(rest, 'DOA: the data'));
}

const BY_NUMBER: ReadonlyMap<number, readonly Field[]> = new Map(
  Object.entries(FIELDS).map(([key, fields]) => [TYPE[key as TypeName], fields]),
);

/**
 * Reads the data of a record of `number` from `tokens[from …]`. `label` is the type as the file writes it.
 * @throws {EntryError} what is wrong and what would be right
 */
export function parseData(
  number: number,
  label: string,
  origin: Uint8Array,
  tokens: readonly Token[],
  from: number,
): Uint8Array {
  const draft = new Draft(label, origin, tokens, from);
  const first = tokens[from];
  if (first?.text === '\\#' && !first.isQuoted) {
    draft.take('\\#');
    generic(draft);
    return checked(number, label, draft.result());
  }
  const fields = BY_NUMBER.get(number);
  if (fields === undefined) {
    throw new EntryError(`${label} has no form of its own: write its data as \\# LENGTH HEXDIGITS (RFC 3597)`);
  }
  for (const field of fields) field(draft);
  draft.end();
  return draft.result();
}

/** Names within the data are followed later, so they have to be sound. */
function checked(number: number, label: string, data: Uint8Array): Uint8Array {
  if (!isSoundData(number, data))
    throw new EntryError(`${label}: the data after \\# has another form than ${label} has`);
  return data;
}
