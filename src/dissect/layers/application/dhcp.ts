/** DHCP (RFC 2131, options RFC 2132), and BOOTP, whose message it took over (RFC 951). */
import { formatMac } from '../../../net/wire/address.js';
import type { FieldName } from '../../catalogue.js';
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { classlessRoutes, clientIdentifier } from './dhcp-values.js';

const MESSAGE = 'RFC 2131 section 2';
const OPTIONS = 'RFC 2132';
const FIXED_BYTES = 236;
const OPTIONS_AT = 240;
const SERVER_NAME_AT = 44;
const FILE_AT = 108;
const COOKIE = 0x63825363;
const OVERLOAD = 52;
const MESSAGE_TYPE = 53;
const WISHES = 55;
const CLIENT_IDENTIFIER = 61;
const CLASSLESS_ROUTES = 121;
/** What Windows asked for before RFC 3442: the same in another number. */
const MICROSOFT_ROUTES = 249;
const PAD = 0;
const END = 255;

const TYPES: readonly string[] = ['', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM'];

/** What the line tells of a message. */
interface Fixed {
  op: number;
  hardwareLength: number;
  clientAddress: Uint8Array;
  yourAddress: Uint8Array;
  hardware: Uint8Array;
}

/** The message has `FIXED_BYTES` at least. */
function fixedOf(message: Uint8Array): Fixed {
  return {
    op: message[0] ?? 0,
    hardwareLength: message[2] ?? 0,
    clientAddress: message.subarray(12, 16),
    yourAddress: message.subarray(16, 20),
    hardware: message.subarray(28, 34),
  };
}

/** False if it is too short for a message. */
export function dissectDhcp(frame: Frame, from: number, to: number): boolean {
  if (to - from < FIXED_BYTES) return false;
  const dhcp = frame.layer('dhcp', 'DHCP', MESSAGE, from, to);
  const fixed = fixedOf(frame.bytes.subarray(from, to));
  fixedFields(dhcp, fixed);
  const found = dhcp.available >= OPTIONS_AT && dhcp.peek(FIXED_BYTES, 4) === COOKIE ? options(dhcp) : [];
  frame.say(`: DHCP: ${lineOf(fixed, found)}`);
  return true;
}

function fixedFields(dhcp: LayerBuilder, fixed: Fixed): void {
  dhcp.uint('dhcp.type', 0, 1, 'Operation', fixed.op === 1 ? 'from a client' : 'from a server');
  dhcp.uint('dhcp.hw.type', 1, 1, 'Hardware type', '1 is Ethernet');
  dhcp.uint('dhcp.hw.len', 2, 1, 'Hardware length', 'bytes of a link address');
  dhcp.uint('dhcp.hops', 3, 1, 'Hops', 'relays that have passed it on');
  dhcp.hex('dhcp.id', 4, 4, 'Transaction', 'the same in question and answer');
  dhcp.uint('dhcp.secs', 8, 2, 'Seconds', 'since the client began');
  dhcp.flag('dhcp.flags.bc', 10, 2, 15, 'Broadcast', 'the answer is to be broadcast');
  dhcp.ipv4('dhcp.ip.client', 12, 'Client address', 'the one it has');
  dhcp.ipv4('dhcp.ip.your', 16, 'Your address', 'the one it gets');
  dhcp.ipv4('dhcp.ip.server', 20, 'Server', 'where the next file is');
  dhcp.ipv4('dhcp.ip.relay', 24, 'Relay', 'who passed it on');
  if (fixed.hardwareLength === 6) dhcp.mac('dhcp.hw.mac_addr', 28, 'Client station', 'its link address');
}

/** One option of interest for the line, such as `lease 3600 s`. */
interface Found {
  readonly code: number;
  readonly text: string;
  /** Of option 52. */
  readonly value: number;
}

function options(dhcp: LayerBuilder): Found[] {
  dhcp.cite = 'RFC 2131 section 3';
  dhcp.ipv4('dhcp.cookie', FIXED_BYTES, 'Cookie', 'DHCP options follow');
  const found = optionsIn(dhcp, OPTIONS_AT, dhcp.available);
  const overload = found.find(({ code }) => code === OVERLOAD)?.value ?? 0;
  if ((overload & 1) !== 0) found.push(...optionsIn(dhcp, FILE_AT, FIXED_BYTES));
  if ((overload & 2) !== 0) found.push(...optionsIn(dhcp, SERVER_NAME_AT, FILE_AT));
  return found;
}

/** The options in `[from, end)` of the message: behind the cookie, and in two other fields if they are overloaded. */
function optionsIn(dhcp: LayerBuilder, from: number, end: number): Found[] {
  const found: Found[] = [];
  for (let at = from; at < end; ) {
    dhcp.cite = OPTIONS;
    const code = dhcp.peek(at, 1);
    if (code === PAD) {
      at++;
      continue;
    }
    dhcp.uint('dhcp.option.type', at, 1, 'Option', code === END ? 'the end' : 'see RFC 2132');
    if (code === END || at + 2 > end || !dhcp.has(at, 2)) break;
    const length = dhcp.peek(at + 1, 1);
    if (at + 2 + length > end || !dhcp.has(at + 2, length)) break;
    const text = option(dhcp, code, at + 2, length);
    const value = code === OVERLOAD && length === 1 ? dhcp.peek(at + 2, 1) : 0;
    if (text !== '' || value !== 0) found.push({ code, text, value });
    at += 2 + length;
  }
  return found;
}

/** An option that is one number of so many bytes. `say`: what the line says of it. */
interface NumberOption {
  readonly name: FieldName;
  readonly bytes: number;
  readonly label: string;
  readonly meaning: string;
  readonly say?: (value: number) => string;
}

/** An option of addresses, or of text. `word`: the line says it, and the value behind it. */
type AddressOption = readonly [name: FieldName, word?: string];
type TextOption = readonly [name: FieldName, label: string, meaning: string, word?: string];

const OVERLOADED = '1: options in file too, 2: in the server name, 3: in both';
const ASKS_SERVER = 'seconds until the server is asked to extend it';

const NUMBERS: Readonly<Record<number, NumberOption>> = {
  26: {
    name: 'dhcp.option.interface_mtu',
    bytes: 2,
    label: 'MTU',
    meaning: 'bytes',
    say: (value) => `MTU ${value}`,
  },
  51: {
    name: 'dhcp.option.ip_address_lease_time',
    bytes: 4,
    label: 'Lease',
    meaning: 'seconds',
    say: (value) => `lease ${value} s`,
  },
  [OVERLOAD]: { name: 'dhcp.option.option_overload', bytes: 1, label: 'Overload', meaning: OVERLOADED },
  57: { name: 'dhcp.option.dhcp_max_message_size', bytes: 2, label: 'Longest message', meaning: 'bytes' },
  58: { name: 'dhcp.option.renewal_time_value', bytes: 4, label: 'T1', meaning: ASKS_SERVER },
  59: {
    name: 'dhcp.option.rebinding_time_value',
    bytes: 4,
    label: 'T2',
    meaning: 'seconds until any server is asked',
  },
};

const ADDRESSES: Readonly<Record<number, AddressOption>> = {
  1: ['dhcp.option.subnet_mask'],
  3: ['dhcp.option.router', 'router'],
  6: ['dhcp.option.domain_name_server'],
  28: ['dhcp.option.broadcast_address'],
  42: ['dhcp.option.ntp_server'],
  50: ['dhcp.option.requested_ip_address', 'requests'],
  54: ['dhcp.option.dhcp_server_id', 'server'],
};

const TEXTS: Readonly<Record<number, TextOption>> = {
  12: ['dhcp.option.hostname', 'Host', 'its name', 'host'],
  15: ['dhcp.option.domain_name', 'Domain', 'for names without dots'],
  56: ['dhcp.option.message', 'Message', 'for people', 'says'],
  60: ['dhcp.option.vendor_class_id', 'Vendor class', "the client's kind"],
};

/** Adds the value of an option; returns what the line says of it. */
function option(dhcp: LayerBuilder, code: number, at: number, length: number): string {
  const number = NUMBERS[code];
  if (number?.bytes === length) return numberOption(dhcp, number, at);
  const addresses = ADDRESSES[code];
  if (addresses !== undefined) return addressOption(dhcp, addresses, at, length);
  const text = TEXTS[code];
  if (text !== undefined) return textOption(dhcp, text, at, length);
  if (code === MESSAGE_TYPE && length === 1) return messageType(dhcp, at);
  if (code === CLASSLESS_ROUTES || code === MICROSOFT_ROUTES) return classlessRoutes(dhcp, at, length);
  if (code === CLIENT_IDENTIFIER) clientIdentifier(dhcp, at, length);
  else if (code === WISHES) {
    for (let i = 0; i < length; i++) dhcp.uint('dhcp.option.request_list_item', at + i, 1, 'Wish', 'an option');
  } else if (length > 0) dhcp.raw('dhcp.option.value', at, length, 'Option value', 'raw bytes');
  return '';
}

function messageType(dhcp: LayerBuilder, at: number): string {
  const name = TYPES[dhcp.peek(at, 1)] || `type ${dhcp.peek(at, 1)}`;
  dhcp.uint('dhcp.option.dhcp', at, 1, 'Message', name);
  return name;
}

function numberOption(dhcp: LayerBuilder, { name, bytes, label, meaning, say }: NumberOption, at: number): string {
  const value = dhcp.uint(name, at, bytes, label, meaning);
  return say === undefined ? '' : say(value);
}

function addressOption(dhcp: LayerBuilder, [name, word]: AddressOption, from: number, length: number): string {
  for (let at = from; at + 4 <= from + length; at += 4) dhcp.ipv4(name, at, 'Address', 'of the option');
  return word === undefined || length < 4 ? '' : `${word} ${dhcp.ipv4Text(from)}`;
}

function textOption(dhcp: LayerBuilder, option: TextOption, at: number, length: number): string {
  const [name, label, meaning, word] = option;
  const value = dhcp.text(name, at, length, label, meaning);
  return word === undefined ? '' : `${word} ${value}`;
}

function lineOf(fixed: Fixed, found: readonly Found[]): string {
  const type =
    found.find(({ code }) => code === MESSAGE_TYPE)?.text ?? (fixed.op === 1 ? 'BOOTP request' : 'BOOTP reply');
  const parts = [`${type} ${fixed.op === 1 ? 'from' : 'to'} ${formatMac(fixed.hardware)}`];
  if (fixed.yourAddress.some((byte) => byte !== 0)) parts.push(`address ${fixed.yourAddress.join('.')}`);
  if (fixed.clientAddress.some((byte) => byte !== 0)) parts.push(`has ${fixed.clientAddress.join('.')}`);
  parts.push(...found.filter(({ code, text }) => code !== MESSAGE_TYPE && text !== '').map(({ text }) => text));
  return parts.join(', ');
}
