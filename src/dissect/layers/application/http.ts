/**
 * HTTP/1.x where a segment begins with a message (RFC 9112), and the messages that follow it in the same segment. What
 * continues an earlier segment stays data.
 */
import { latin1Text } from '../../../net/wire/latin1.js';
import type { FieldName } from '../../catalogue.js';
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';

const MESSAGE = 'RFC 9112 section 2';
/** The dissector reads at most this much of a head: heads are short, segments can be 256 KiB. */
const MAX_HEAD_BYTES = 8_192;
const MAX_FIELDS = 100;
/** A client can put hundreds of requests into one segment. */
const MAX_MESSAGES = 16;
const MIN_LINE_BYTES = 14;
const SHOWN_CHARACTERS = 200;

const REQUEST = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) ([\x21-\xff]+) (HTTP\/\d\.\d)\r?$/;
const STATUS = /^(HTTP\/\d\.\d) (\d{3})(?: ([^\r\n]*))?\r?$/;

/** Fields that have names of their own besides their line. */
const NAMED: Readonly<Record<string, FieldName>> = {
  host: 'http.host',
  'user-agent': 'http.user_agent',
  'content-type': 'http.content_type',
  'content-length': 'http.content_length',
};

/** The head of one message. */
interface Head {
  readonly startLine: string;
  readonly request: RegExpExecArray | null;
  readonly status: RegExpExecArray | null;
  /** The lines between the start line and the empty line, or the end of what is there. */
  readonly lines: readonly string[];
  /** Bytes up to and with the empty line; undefined if it is not there. */
  readonly length: number | undefined;
}

/** Adds a layer for each message if the data `bytes[from, to)` begins with a request or status line; false if not. */
export function dissectHttp(frame: Frame, from: number, to: number): boolean {
  let at = from;
  for (let count = 0; count < MAX_MESSAGES && at < to && !frame.isFull; count++) {
    const head = readHead(frame.bytes, at, to);
    if (head === undefined) break;
    const body = head.length === undefined ? undefined : bodyLength(frame.bytes, head, at + head.length, to);
    const end = head.length === undefined || body === undefined ? to : Math.min(to, at + head.length + body);
    const http = frame.layer('http', 'HTTP', MESSAGE, at, end);
    addHead(http, head);
    frame.say(`: HTTP: ${head.startLine.slice(0, SHOWN_CHARACTERS)}`);
    noteHost(frame, head);
    at = end;
  }
  if (at === from) return false;
  frame.data(at, to, 'Data');
  return true;
}

function readHead(bytes: Uint8Array, from: number, to: number): Head | undefined {
  if (to - from < MIN_LINE_BYTES) return undefined;
  const text = latin1Text(bytes.subarray(from, Math.min(to, from + MAX_HEAD_BYTES)));
  const lines = text.split('\n', MAX_FIELDS + 1);
  const [first = ''] = lines;
  const request = REQUEST.exec(first);
  const status = request === null ? STATUS.exec(first) : null;
  if (lines.length < 2 || (request === null && status === null)) return undefined;
  const rest = lines.slice(1);
  const empty = rest.findIndex((line) => line === '\r' || line === '');
  // The last element is what follows the last line end: unfinished, or the body.
  const isComplete = empty >= 0 && (empty < rest.length - 1 || text.endsWith('\n'));
  const fields = rest.slice(0, isComplete ? empty : -1);
  const length = first.length + 1 + fields.reduce((sum, line) => sum + line.length + 1, 0);
  const emptyLine = rest[empty] ?? '';
  return {
    startLine: first.replace(/\r$/, ''),
    request,
    status,
    lines: fields,
    length: isComplete ? length + emptyLine.length + 1 : undefined,
  };
}

/** RFC 9112 section 6.3. Undefined if the segment does not tell where the body ends. */
function bodyLength(bytes: Uint8Array, head: Head, at: number, to: number): number | undefined {
  const code = Number(head.status?.[2] ?? 0);
  if (head.status !== null && (code < 200 || code === 204 || code === 304)) return 0;
  // The answer to a HEAD request announces a body and has none.
  if (head.status !== null && readHead(bytes, at, to)?.status) return 0;
  const value = (name: string) => fieldText(head, name);
  if (value('transfer-encoding') !== undefined) return chunkedLength(bytes, at, to);
  const length = value('content-length');
  if (length !== undefined) return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return head.request === null ? undefined : 0;
}

/** Bytes of a chunked body (RFC 9112 section 7.1), or undefined if it does not end here. */
function chunkedLength(bytes: Uint8Array, from: number, to: number): number | undefined {
  for (let at = from; at < to; ) {
    const line = latin1Text(bytes.subarray(at, Math.min(to, at + 80)));
    const match = /^([0-9a-f]{1,8})[ \t]*(?:;[^\n]*)?\r?\n/i.exec(line);
    if (match === null) return undefined;
    const size = Number.parseInt(match[1] ?? '', 16);
    at += match[0].length;
    if (size === 0) {
      // Trailer fields are rare: they are left to the data.
      const end = latin1Text(bytes.subarray(at, at + 2));
      return end === '\r\n' ? at + 2 - from : undefined;
    }
    at += size + 2;
  }
  return undefined;
}

/** The value of a field, with the lines that continue it (RFC 9112 section 5.2). */
function fieldText(head: Head, name: string): string | undefined {
  const at = head.lines.findIndex((each) => each.toLowerCase().startsWith(`${name}:`));
  const [first, ...rest] = at < 0 ? [] : head.lines.slice(at);
  if (first === undefined) return undefined;
  const end = rest.findIndex((line) => !/^[ \t]/.test(line));
  const folded = end < 0 ? rest : rest.slice(0, end);
  return [first.slice(name.length + 1), ...folded]
    .map((line) => line.trim())
    .join(' ')
    .trim();
}

function addHead(http: LayerBuilder, head: Head): void {
  if (head.request !== null) requestLine(http, head.request);
  else if (head.status !== null) statusLine(http, head.status);
  http.cite = 'RFC 9112 section 5';
  const name = head.request !== null ? 'http.request.line' : 'http.response.line';
  let offset = head.startLine.length + 1;
  offset = http.characters(0, offset + 1).indexOf('\n') + 1;
  for (const line of head.lines) {
    const text = line.replace(/\r$/, '');
    http.add(name, offset, text.length, 'Field', text, 'a header field');
    named(http, offset, text);
    offset += line.length + 1;
  }
}

function requestLine(http: LayerBuilder, [line, method = '', target = '', version = '']: RegExpExecArray): void {
  http.cite = 'RFC 9112 section 3';
  http.add('http.request.method', 0, method.length, 'Method', method, 'what to do');
  http.add('http.request.uri', method.length + 1, target.length, 'Target', target, 'the resource');
  const at = method.length + target.length + 2;
  http.add('http.request.version', at, version.length, 'Version', version, `of ${line.length} bytes of request line`);
}

function statusLine(http: LayerBuilder, [, version = '', code = '', phrase = '']: RegExpExecArray): void {
  http.cite = 'RFC 9112 section 4';
  http.add('http.response.version', 0, version.length, 'Version', version, 'of the answer');
  const meaning = CLASSES[code.charAt(0)] ?? 'an unknown class';
  http.add('http.response.code', version.length + 1, 3, 'Status', Number(code), meaning);
  if (phrase !== '')
    http.add('http.response.phrase', version.length + 5, phrase.length, 'Reason', phrase, 'for people');
}

const CLASSES: Readonly<Record<string, string>> = {
  1: 'go on',
  2: 'done',
  3: 'elsewhere, or unchanged',
  4: 'the client erred',
  5: 'the server failed',
};

function named(http: LayerBuilder, offset: number, text: string): void {
  const colon = text.indexOf(':');
  const key = text.slice(0, Math.max(0, colon)).toLowerCase();
  const name = Object.hasOwn(NAMED, key) ? NAMED[key] : undefined;
  if (name === undefined) return;
  const value = text.slice(colon + 1).trim();
  const isNumber = name === 'http.content_length';
  if (isNumber && !/^\d{1,15}$/.test(value)) return;
  http.add(name, offset, text.length, text.slice(0, colon), isNumber ? Number(value) : value, 'the value alone');
}

function noteHost(frame: Frame, head: Head): void {
  const host = head.request === null ? undefined : fieldText(head, 'host');
  if (host !== undefined) frame.place?.connection.name(host);
}
