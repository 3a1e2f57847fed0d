/** FTP: commands and replies (RFC 959, RFC 2428), and the data connections that they speak of. */
import { IpAddress } from '../../../net/wire/address.js';
import type { Frame, Ports } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import type { Connection, Place } from '../../tcp/connections.js';

const COMMANDS = 'RFC 959 section 4.1';
const REPLIES = 'RFC 959 section 4.2';
const EXTENDED = 'RFC 2428';
export const FTP_PORT = 21;
/** A client may put many commands into one segment. */
const MAX_LINES = 100;
/** The dissector reads at most this much of a line; a path may have 4 KiB. */
const MAX_LINE_BYTES = 8_192;
const SHOWN_LINES = 4;
const SHOWN_CHARACTERS = 120;
const LF = 0x0a;
const IAC = 0xff;

/** The commands after which the data connection is used. */
const TRANSFERS = /^(RETR|STOR|STOU|APPE|LIST|NLST|MLSD)$/;

/** A line of the control connection: `[at, at + text.length)` of the layer. */
interface Line {
  readonly at: number;
  readonly text: string;
}

/** What the lines belong to. */
interface Control {
  readonly ftp: LayerBuilder;
  readonly frame: Frame;
  readonly place: Place | undefined;
}

/** A segment of a control connection. */
export function dissectFtp(frame: Frame, from: number, to: number, ports: Ports): void {
  if (frame.isFull) return;
  const isCommand = ports.destination === FTP_PORT;
  const ftp = frame.layer('ftp', 'FTP', isCommand ? COMMANDS : REPLIES, from, to);
  const control = { ftp, frame, place: frame.place };
  ftp.add('ftp.request', 0, 0, 'Commands', isCommand, 'of the client');
  ftp.add('ftp.response', 0, 0, 'Replies', !isCommand, 'of the server');
  const lines = linesOf(ftp);
  for (const line of lines) {
    ftp.cite = ftp.section;
    if (isCommand) commandLine(control, line);
    else replyLine(control, line);
  }
  const shown = lines.slice(0, SHOWN_LINES).map(({ text }) => text.slice(0, SHOWN_CHARACTERS));
  frame.say(`: FTP: ${shown.join(', ')}${lines.length > SHOWN_LINES ? ', …' : ''}`);
}

/** The lines of a segment, without their ends and without Telnet's commands in front of them (RFC 854). */
function linesOf(ftp: LayerBuilder): Line[] {
  const lines: Line[] = [];
  const { bytes, from, to } = ftp;
  for (let at = from; at < to && lines.length < MAX_LINES; ) {
    const lineEnd = bytes.indexOf(LF, at);
    const end = lineEnd < 0 || lineEnd >= to ? to : lineEnd;
    while (at + 1 < end && bytes[at] === IAC) at += 2;
    const text = ftp.characters(at - from, Math.min(end - at, MAX_LINE_BYTES)).replace(/\r$/, '');
    if (text !== '') lines.push({ at: at - from, text });
    at = end + 1;
  }
  return lines;
}

function commandLine({ ftp, frame, place }: Control, { at, text }: Line): void {
  const space = text.indexOf(' ');
  const word = space < 0 ? text : text.slice(0, space);
  const argument = space < 0 ? '' : text.slice(space + 1);
  ftp.add('ftp.request.command', at, word.length, 'Command', word, 'what to do');
  if (argument !== '')
    ftp.add('ftp.request.arg', at + space + 1, argument.length, 'Argument', argument, 'of the command');
  const name = word.toUpperCase();
  const argumentAt = at + word.length + 1;
  if (name === 'PORT') portCommand({ ftp, frame, place }, { at: argumentAt, text: argument });
  else if (name === 'EPRT') extendedPort({ ftp, frame, place }, { at: argumentAt, text: argument });
  else if (place !== undefined && TRANSFERS.test(name)) {
    frame.tracker.transfers.begin(place.connection, text.slice(0, SHOWN_CHARACTERS), frame.number);
  }
}

function replyLine({ ftp, frame, place }: Control, { at, text }: Line): void {
  const match = /^(\d{3})([ -])(.*)$/s.exec(text);
  if (match === null) {
    ftp.add('ftp.response.arg', at, text.length, 'Text', text, 'more lines of a reply');
    return;
  }
  const [, code = '', separator = '', argument = ''] = match;
  const meaning = CLASSES[code.charAt(0)] ?? 'an unknown class';
  ftp.add('ftp.response.code', at, 3, 'Code', Number(code), separator === '-' ? `${meaning}; lines follow` : meaning);
  if (argument !== '') ftp.add('ftp.response.arg', at + 4, argument.length, 'Text', argument, 'for people');
  if (code === '227') passive({ ftp, frame, place }, { at: at + 4, text: argument });
  if (code === '229') extendedPassive({ ftp, frame, place }, { at: at + 4, text: argument });
}

/** RFC 959 section 4.2.1: what the first digit says. */
const CLASSES: Readonly<Record<string, string>> = {
  1: 'it begins',
  2: 'done',
  3: 'go on',
  4: 'not now',
  5: 'no',
  6: 'protected (RFC 2228)',
};

/** `h1,h2,h3,h4,p1,p2`, wherever it stands. */
const SIX = /(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})/;

interface Six {
  readonly address: string;
  readonly port: number;
  /** Where the address and the port stand. */
  readonly at: number;
  readonly addressLength: number;
  readonly portAt: number;
  readonly portLength: number;
}

function readSix({ at, text }: Line): Six | undefined {
  const match = SIX.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1);
  if (parts.some((part) => Number(part) > 255)) return undefined;
  const [high = '', low = ''] = parts.slice(4);
  const addressLength = parts.slice(0, 4).join(',').length;
  return {
    address: parts.slice(0, 4).map(Number).join('.'),
    port: 256 * Number(high) + Number(low),
    at: at + match.index,
    addressLength,
    portAt: at + match.index + addressLength + 1,
    portLength: high.length + 1 + low.length,
  };
}

function passive(control: Control, line: Line): void {
  sixNumbers(control, line, ['ftp.passive.ip', 'ftp.passive.port'], 'where the server waits', 'PASV');
}

function portCommand(control: Control, line: Line): void {
  sixNumbers(control, line, ['ftp.active.cip', 'ftp.active.port'], 'where the client waits', 'PORT');
}

type SixFields = readonly ['ftp.passive.ip', 'ftp.passive.port'] | readonly ['ftp.active.cip', 'ftp.active.port'];

/** An address and a port as six numbers, to which a connection for data will lead. */
function sixNumbers(
  { ftp, frame, place }: Control,
  line: Line,
  [ip, port]: SixFields,
  where: string,
  command: 'PASV' | 'PORT',
): void {
  const six = readSix(line);
  if (six === undefined) return;
  ftp.add(ip, six.at, six.addressLength, 'Address', six.address, where);
  ftp.add(port, six.portAt, six.portLength, 'Port', six.port, where);
  expect(frame, place?.connection, six, command);
}

/** `|1|192.0.2.1|40000|`, with any delimiter. */
function extendedPort({ ftp, frame, place }: Control, { at, text }: Line): void {
  const [before, family = '', address = '', port = '', after] = text.split(text.charAt(0));
  if (before !== '' || after === undefined || !/^\d{1,5}$/.test(port) || !/^\d{1,2}$/.test(family)) return;
  ftp.cite = EXTENDED;
  const addressAt = at + family.length + 2;
  const end = addressOf(address);
  ftp.add('ftp.eprt.af', at + 1, family.length, 'Family', Number(family), '1 is IPv4, 2 is IPv6');
  if (end === undefined || end.isV4 !== (family === '1')) return;
  const name = end.isV4 ? 'ftp.eprt.ip' : 'ftp.eprt.ipv6';
  ftp.add(name, addressAt, address.length, 'Address', String(end), 'where the client waits');
  const portAt = addressAt + address.length + 1;
  ftp.add('ftp.eprt.port', portAt, port.length, 'Port', Number(port), 'where the client waits');
  expect(frame, place?.connection, { address: String(end), port: Number(port) }, 'EPRT');
}

/** `Entering Extended Passive Mode (|||40000|)`: the address is that of the control connection. */
function extendedPassive({ ftp, frame, place }: Control, { at, text }: Line): void {
  const match = /\((.)\1\1(\d{1,5})\1\)/.exec(text);
  if (match === null) return;
  const port = match[2] ?? '';
  ftp.cite = EXTENDED;
  ftp.add('ftp.epsv.port', at + match.index + 4, port.length, 'Port', Number(port), 'where the server waits');
  const server = place?.connection.server;
  if (server === undefined) return;
  const name = server.address.includes(':') ? 'ftp.epsv.ipv6' : 'ftp.epsv.ip';
  ftp.add(name, at, text.length, 'Address', server.address, 'that of this connection');
  expect(frame, place?.connection, { address: server.address, port: Number(port) }, 'EPSV');
}

function addressOf(text: string): IpAddress | undefined {
  try {
    return IpAddress.parse(text);
  } catch {
    return undefined;
  }
}

type End = { readonly address: string; readonly port: number };

function expect(frame: Frame, control: Connection | undefined, end: End, method: 'PASV' | 'EPSV' | 'PORT' | 'EPRT') {
  if (control !== undefined) frame.tracker.transfers.expect(control, end, method, frame.number);
}

/** A segment of a data connection; false if it belongs to none that a control connection spoke of. */
export function dissectFtpData(frame: Frame, from: number, to: number): boolean {
  const transfer = frame.place === undefined ? undefined : frame.tracker.transfers.of(frame.place.connection);
  if (transfer === undefined || frame.isFull) return false;
  const { method, setupFrame, command, commandFrame } = transfer;
  const data = frame.layer('ftp-data', 'FTP data', 'RFC 959 section 3', from, to);
  data.add('ftp-data.setup-frame', 0, 0, 'Set up in', setupFrame, 'the frame that says where this connection is');
  data.add('ftp-data.setup-method', 0, 0, 'Set up by', method, 'the command that asked for it');
  if (command !== undefined) {
    data.add('ftp-data.command', 0, 0, 'Command', command, 'what it is for');
    data.add('ftp-data.command-frame', 0, 0, 'Command in', commandFrame, 'the frame with the command');
  }
  frame.say(`: FTP data${command === undefined ? '' : `: ${command}`}`);
  frame.data(from, to, 'Data');
  return true;
}
