/** DHCP (RFC 2131, options RFC 2132), and BOOTP, whose message it took over (RFC 951). */
import { formatMac } from '../../../net/wire/address.js';
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';

const MESSAGE = 'RFC 2131 section 2';
const OPTIONS = 'RFC 2132';
const FIXED_BYTES = 236;
const OPTIONS_AT = 240;
const SERVER_NAME_AT = 44;
const FILE_AT = 108;
const COOKIE = 0x63825363;
const OVERLOAD = 52;
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

/** Adds the value of an option; returns what the line says of it. */
function option(dhcp: LayerBuilder, code: number, at: number, length: number): string {
  switch (code) {
    case 53: {
      if (length !== 1) break;
      const name = TYPES[dhcp.peek(at, 1)] || `type ${dhcp.peek(at, 1)}`;
      dhcp.uint('dhcp.option.dhcp', at, 1, 'Message', name);
      return name;
    }
    case 50:
      return address(dhcp, 'dhcp.option.requested_ip_address', at, length, 'requests');
    case 54:
      return address(dhcp, 'dhcp.option.dhcp_server_id', at, length, 'server');
    case 1:
      address(dhcp, 'dhcp.option.subnet_mask', at, length, '');
      return '';
    case 3:
      return address(dhcp, 'dhcp.option.router', at, length, 'router');
    case 6:
      address(dhcp, 'dhcp.option.domain_name_server', at, length, '');
      return '';
    case 51:
      if (length !== 4) break;
      return `lease ${dhcp.uint('dhcp.option.ip_address_lease_time', at, 4, 'Lease', 'seconds')} s`;
    case 12:
      return `host ${dhcp.text('dhcp.option.hostname', at, length, 'Host', 'its name')}`;
    case 15:
      dhcp.text('dhcp.option.domain_name', at, length, 'Domain', 'for names without dots');
      return '';
    case 28:
      return address(dhcp, 'dhcp.option.broadcast_address', at, length, '') && '';
    case 42:
      return address(dhcp, 'dhcp.option.ntp_server', at, length, '') && '';
    case 26:
      if (length !== 2) break;
      return `MTU ${dhcp.uint('dhcp.option.interface_mtu', at, 2, 'MTU', 'bytes')}`;
    case OVERLOAD:
      if (length !== 1) break;
      dhcp.uint(
        'dhcp.option.option_overload',
        at,
        1,
        'Overload',
        '1: options in file too, 2: in the server name, 3: in both',
      );
      return '';
    case 55:
      for (let i = 0; i < length; i++) dhcp.uint('dhcp.option.request_list_item', at + i, 1, 'Wish', 'an option');
      return '';
    case 56:
      return `says ${dhcp.text('dhcp.option.message', at, length, 'Message', 'for people')}`;
    case 57:
      if (length !== 2) break;
      dhcp.uint('dhcp.option.dhcp_max_message_size', at, 2, 'Longest message', 'bytes');
      return '';
    case 58:
      if (length !== 4) break;
      dhcp.uint('dhcp.option.renewal_time_value', at, 4, 'T1', 'seconds until the server is asked to extend it');
      return '';
    case 59:
      if (length !== 4) break;
      dhcp.uint('dhcp.option.rebinding_time_value', at, 4, 'T2', 'seconds until any server is asked');
      return '';
    case 60:
      dhcp.text('dhcp.option.vendor_class_id', at, length, 'Vendor class', "the client's kind");
      return '';
  }
  if (length > 0) dhcp.raw('dhcp.option.value', at, length, 'Option value', 'raw bytes');
  return '';
}

type AddressField =
  | 'dhcp.option.requested_ip_address'
  | 'dhcp.option.dhcp_server_id'
  | 'dhcp.option.subnet_mask'
  | 'dhcp.option.router'
  | 'dhcp.option.domain_name_server'
  | 'dhcp.option.broadcast_address'
  | 'dhcp.option.ntp_server';

/** One or more addresses; returns the first behind `word`. */
function address(dhcp: LayerBuilder, name: AddressField, from: number, length: number, word: string): string {
  for (let at = from; at + 4 <= from + length; at += 4) dhcp.ipv4(name, at, 'Address', 'of the option');
  return length < 4 ? '' : `${word} ${dhcp.ipv4Text(from)}`;
}

function lineOf(fixed: Fixed, found: readonly Found[]): string {
  const type = found.find(({ code }) => code === 53)?.text ?? (fixed.op === 1 ? 'BOOTP request' : 'BOOTP reply');
  const parts = [`${type} ${fixed.op === 1 ? 'from' : 'to'} ${formatMac(fixed.hardware)}`];
  if (fixed.yourAddress.some((byte) => byte !== 0)) parts.push(`address ${fixed.yourAddress.join('.')}`);
  if (fixed.clientAddress.some((byte) => byte !== 0)) parts.push(`has ${fixed.clientAddress.join('.')}`);
  parts.push(...found.filter(({ code, text }) => code !== 53 && text !== '').map(({ text }) => text));
  return parts.join(', ');
}
