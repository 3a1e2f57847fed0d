/** HTTP/2 where it begins: the client's preface and the frames behind it in the same segment (RFC 9113). */
import { latin1Text } from '../../../net/wire/latin1.js';
import type { Frame } from '../../frame.js';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const FRAME_HEADER_BYTES = 9;

const TYPES: readonly string[] = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
];

/** False if the data does not begin with the preface: it only looks like an HTTP/1 request. */
export function dissectHttp2(frame: Frame, from: number, to: number): boolean {
  const text = latin1Text(frame.bytes.subarray(from, Math.min(to, from + PREFACE.length)));
  if (text !== PREFACE) return false;
  const preface = frame.layer('http2', 'HTTP/2 preface', 'RFC 9113 section 3.4', from, from + PREFACE.length);
  preface.text('http2.magic', 0, PREFACE.length, 'Preface', 'what no HTTP/1 server takes for a request');
  frame.say(': HTTP/2: preface');
  let at = from + PREFACE.length;
  while (to - at >= FRAME_HEADER_BYTES && !frame.isFull) at = dissectFrame(frame, at, to);
  return true;
}

/** Adds a layer for the HTTP/2 frame at `from`; returns where the next one begins. */
function dissectFrame(frame: Frame, from: number, to: number): number {
  const header = frame.layer('http2', 'HTTP/2 frame', 'RFC 9113 section 4.1', from, to);
  const payload = header.uint('http2.length', 0, 3, 'Length', 'bytes behind the nine of this header');
  const name = TYPES[header.peek(3, 1)] ?? `type ${header.peek(3, 1)}`;
  header.uint('http2.type', 3, 1, 'Type', name);
  header.hex('http2.flags', 4, 1, 'Flags', 'depends on the type');
  header.bits('http2.streamid', 5, 4, 0, 0x7fffffff, 'Stream', '0: the whole connection');
  frame.say(`, ${name}`);
  return from + FRAME_HEADER_BYTES + payload;
}
