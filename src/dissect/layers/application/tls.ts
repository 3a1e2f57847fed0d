/**
 * TLS records where a segment begins with one (RFC 8446 section 5.1). From a hello it reads what a person asks for: the
 * server's name, the application's protocol, versions and cipher suites.
 */
import { add } from '../../../net/tcp/sequence.js';
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { type Hello, readHello } from './tls-hello.js';

const RECORD = 'RFC 8446 section 5.1';
const HANDSHAKE = 'RFC 8446 section 4';
const RECORD_BYTES = 5;
/** RFC 8446 section 5.2: 2^14 bytes and 256 for the cipher; older versions 2,048. */
const MAX_RECORD_BYTES = 16_384 + 2_048;
const MAX_RECORDS = 16;
const ALERT = 21;
const HANDSHAKE_TYPE = 22;

const CONTENT_TYPES: Readonly<Record<number, string>> = {
  20: 'ChangeCipherSpec',
  [ALERT]: 'Alert',
  [HANDSHAKE_TYPE]: 'Handshake',
  23: 'Application Data',
  24: 'Heartbeat',
};

const HANDSHAKE_TYPES: Readonly<Record<number, string>> = {
  0: 'HelloRequest',
  1: 'ClientHello',
  2: 'ServerHello',
  4: 'NewSessionTicket',
  8: 'EncryptedExtensions',
  11: 'Certificate',
  12: 'ServerKeyExchange',
  13: 'CertificateRequest',
  14: 'ServerHelloDone',
  15: 'CertificateVerify',
  16: 'ClientKeyExchange',
  20: 'Finished',
};

const VERSIONS: Readonly<Record<number, string>> = {
  768: 'SSL 3.0',
  769: 'TLS 1.0',
  770: 'TLS 1.1',
  771: 'TLS 1.2',
  772: 'TLS 1.3',
};

/** True if `bytes[from, to)` begins like a record. */
export function isTls(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < RECORD_BYTES) return false;
  const [type = 0, major = 0, minor = 0, high = 0, low = 0] = bytes.subarray(from, from + RECORD_BYTES);
  const length = (high << 8) | low;
  return type >= 20 && type <= 24 && major === 3 && minor <= 4 && length > 0 && length <= MAX_RECORD_BYTES;
}

/** Adds a layer for each record; false if the data does not begin with one. */
export function dissectTls(frame: Frame, from: number, to: number): boolean {
  if (!isTls(frame.bytes, from, to)) return false;
  const texts: string[] = [];
  let at = from;
  // After a ChangeCipherSpec the handshake is encrypted: its types would be noise.
  let isEncrypted = false;
  for (let count = 0; count < MAX_RECORDS && !frame.isFull && isTls(frame.bytes, at, to); count++) {
    const tls = frame.layer('tls', 'TLS record', RECORD, at, to);
    texts.push(record(frame, tls, isEncrypted));
    if (isUnfinishedHello(tls) && !isEncrypted) hold(frame, at, to);
    isEncrypted ||= tls.peek(0, 1) === 20;
    at += RECORD_BYTES + tls.peek(3, 2);
  }
  frame.say(`: TLS: ${texts.join(', ')}`);
  frame.data(at, to, 'Data');
  return true;
}

/** Goes on with a hello that began in an earlier segment. False if none did. */
export function continueHello(frame: Frame, from: number, to: number): boolean {
  const { place, payload, tracker } = frame;
  if (place === undefined || payload === undefined || payload.from !== from || frame.isFull) return false;
  const held = tracker.hellos.take(place.side, payload.sequence);
  if (held === undefined) return false;
  const joined = new Uint8Array(held.length + to - from);
  joined.set(held);
  joined.set(frame.bytes.subarray(from, to), held.length);
  const recordBytes = RECORD_BYTES + (((joined[3] ?? 0) << 8) | (joined[4] ?? 0));
  if (recordBytes > joined.length) {
    tracker.hellos.hold(place.side, add(payload.sequence, -held.length), joined);
    frame.say(': TLS: more of a hello');
    frame.data(from, to, 'TLS hello, continued');
    return true;
  }
  const end = from + recordBytes - held.length;
  const label = 'TLS record, from several segments';
  const tls = frame.joinedLayer('tls', label, RECORD, joined.subarray(0, recordBytes), from, end);
  frame.say(`: TLS: ${record(frame, tls, false)}`);
  if (!dissectTls(frame, end, to)) frame.data(end, to, 'Data');
  return true;
}

/** A ClientHello or ServerHello whose record goes on where the segment ends. */
function isUnfinishedHello(tls: LayerBuilder): boolean {
  const isHello = tls.peek(0, 1) === HANDSHAKE_TYPE && (tls.peek(5, 1) === 1 || tls.peek(5, 1) === 2);
  return isHello && RECORD_BYTES + tls.peek(3, 2) > tls.available;
}

function hold(frame: Frame, from: number, to: number): void {
  const { place, payload } = frame;
  // What the capture cut off is missing in the middle: then the next segment does not continue it.
  if (place === undefined || payload === undefined || payload.to - payload.from !== payload.length) return;
  frame.tracker.hellos.hold(place.side, add(payload.sequence, from - payload.from), frame.bytes.subarray(from, to));
}

/** Adds the fields of one record; returns what the line says of it. */
function record(frame: Frame, tls: LayerBuilder, isEncrypted: boolean): string {
  const type = tls.uint('tls.record.content_type', 0, 1, 'Content', CONTENT_TYPES[tls.peek(0, 1)] ?? 'unknown');
  tls.hex('tls.record.version', 1, 2, 'Version', `${versionName(tls.peek(1, 2))}; 1.3 says 1.2 here`);
  const length = tls.uint('tls.record.length', 3, 2, 'Length', 'bytes that follow');
  const name = CONTENT_TYPES[type] ?? `type ${type}`;
  if (type === ALERT && length === 2) return alert(tls);
  if (type !== HANDSHAKE_TYPE || isEncrypted) return name;
  const size = tls.peek(6, 3);
  const message = HANDSHAKE_TYPES[tls.peek(5, 1)];
  if (message === undefined || tls.available < 9 || size > 0x40000) return 'encrypted handshake';
  tls.cite = HANDSHAKE;
  tls.uint('tls.handshake.type', 5, 1, 'Message', message);
  tls.uint('tls.handshake.length', 6, 3, 'Message length', 'bytes that follow');
  const kind = tls.peek(5, 1);
  if (kind !== 1 && kind !== 2) return message;
  const hello = readHello(tls.bytes.subarray(tls.from + 9, Math.min(tls.to, tls.from + 9 + size)), kind === 1);
  return `${message}${helloFields(frame, tls, hello)}`;
}

/** RFC 8446 section 6. */
function alert(tls: LayerBuilder): string {
  tls.cite = 'RFC 8446 section 6';
  const level = tls.uint('tls.alert_message.level', 5, 1, 'Level', '1 a warning, 2 the end');
  const description = tls.uint('tls.alert_message.desc', 6, 1, 'Description', '0 closes in order');
  return `Alert ${level === 2 ? 'fatal' : 'warning'} ${description}`;
}

/** Adds what the hello says; returns it for the line. */
function helloFields(frame: Frame, tls: LayerBuilder, hello: Hello): string {
  let text = '';
  tls.cite = 'RFC 8446 section 4.1';
  if (hello.version !== undefined) tls.hex('tls.handshake.version', 9, 2, 'Version', versionName(hello.version));
  for (const { offset, value } of hello.suites)
    tls.hex('tls.handshake.ciphersuite', 9 + offset, 2, 'Cipher suite', `0x${value.toString(16)}`);
  const name = hello.serverName;
  if (name !== undefined) {
    tls.cite = 'RFC 6066 section 3';
    tls.add(
      'tls.handshake.extensions_server_name',
      9 + name.offset,
      name.length,
      'Server name',
      name.value,
      'SNI: the host that is wanted',
    );
    frame.place?.connection.name(name.value);
    text += ` ${name.value}`;
  }
  tls.cite = 'RFC 7301 section 3.1';
  for (const { offset, length, value } of hello.protocols)
    tls.add('tls.handshake.extensions_alpn_str', 9 + offset, length, 'Application protocol', value, 'ALPN');
  if (hello.protocols.length > 0) text += ` (${hello.protocols.map(({ value }) => value).join(', ')})`;
  tls.cite = 'RFC 8446 section 4.2.1';
  for (const { offset, value } of hello.versions)
    tls.hex('tls.handshake.extensions.supported_version', 9 + offset, 2, 'Supported version', versionName(value));
  return text;
}

function versionName(version: number): string {
  return VERSIONS[version] ?? ((version & 0x0f0f) === 0x0a0a ? 'GREASE (RFC 8701)' : 'unknown');
}
