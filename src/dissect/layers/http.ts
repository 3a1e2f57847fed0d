/** HTTP/1.x where a segment begins with a message: RFC 9112. What continues an earlier segment stays data. */
import type { FrameContext } from '../context.js';
import { LayerBuilder } from '../layer-builder.js';

const MESSAGE = 'RFC 9112 section 2';
/** As much of a head as is looked at: heads are short, segments can be 256 KiB. */
const MAX_HEAD_BYTES = 8_192;
const MAX_FIELDS = 100;

const REQUEST = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) ([\x21-\xff]+) (HTTP\/\d\.\d)\r?$/;
const STATUS = /^(HTTP\/\d\.\d) (\d{3})(?: ([^\r\n]*))?\r?$/;

/** Adds a layer if the data `bytes[from, to)` begins with a request or status line; false if not. */
export function dissectHttp(frame: FrameContext, from: number, to: number): boolean {
  if (to - from < 16) return false;
  const text = Buffer.from(frame.bytes.subarray(from, Math.min(to, from + MAX_HEAD_BYTES))).toString('latin1');
  const lines = text.split('\n', MAX_FIELDS + 1);
  const start = lines[0]!;
  const request = REQUEST.exec(start);
  const status = request === null ? STATUS.exec(start) : null;
  if (lines.length < 2 || (request === null && status === null)) return false;
  const http = new LayerBuilder('http', 'HTTP', MESSAGE, frame.bytes, from, to, frame.from);
  frame.layers.push(http);
  if (request !== null) requestLine(http, request);
  else statusLine(http, status!);
  fields(http, lines, request !== null ? 'http.request.line' : 'http.response.line');
  return true;
}

function requestLine(http: LayerBuilder, [line, method, target, version]: RegExpExecArray): void {
  http.cite = 'RFC 9112 section 3';
  http.add('http.request.method', 0, method!.length, 'Method', method!, 'what shall be done');
  http.add('http.request.uri', method!.length + 1, target!.length, 'Target', target!, 'with which resource');
  const at = method!.length + target!.length + 2;
  http.add('http.request.version', at, version!.length, 'Version', version!, `of ${line.length} bytes of request line`);
}

function statusLine(http: LayerBuilder, [, version, code, phrase = '']: RegExpExecArray): void {
  http.cite = 'RFC 9112 section 4';
  http.add('http.response.version', 0, version!.length, 'Version', version!, 'of the answer');
  http.add(
    'http.response.code',
    version!.length + 1,
    3,
    'Status',
    Number(code),
    CLASSES[code![0]!] ?? 'of no known class',
  );
  http.add('http.response.phrase', version!.length + 5, phrase.length, 'Reason', phrase, 'for people');
}

const CLASSES: Readonly<Record<string, string>> = {
  1: 'go on',
  2: 'done',
  3: 'elsewhere, or unchanged',
  4: 'the client erred',
  5: 'the server failed',
};

function fields(http: LayerBuilder, lines: readonly string[], name: string): void {
  http.cite = 'RFC 9112 section 5';
  let offset = lines[0]!.length + 1;
  // The last element is what follows the last line end: unfinished, or the body.
  for (const line of lines.slice(1, -1)) {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text === '') return;
    http.add(name, offset, text.length, 'Field', text, 'a header field');
    offset += line.length + 1;
  }
}
