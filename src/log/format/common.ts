/**
 * NCSA's Common log, and Combined with referer and user agent, as Apache and nginx write them:
 *
 *     10.77.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET /a HTTP/1.1" 200 26 "http://x/" "curl/8.5.0"
 *
 * The bytes are those of the payload that the client has acknowledged; "-": none. Quotes and backslashes get a
 * backslash, everything that is not printable ASCII becomes `\xhh`, as in Apache's logs.
 */
import * as record from '../record.js';
import { ascii, isUnprintable } from './escape.js';
import { hex, type Line, replacements } from './line.js';
import type { RecordView } from './record-view.js';
import { commonTime, SecondText } from './time.js';

const ESCAPES = replacements((byte) => {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  return isUnprintable(byte) ? `\\x${hex(byte)}` : undefined;
});
const USER = ascii(' - - [');
const AFTER_TIME = ascii('] "');
const VERSION = ascii(' HTTP/1.');
const AFTER_LINE = ascii('" ');
const BETWEEN = ascii('" "');
/** Stands behind a text that was cut. */
export const CUT = ascii('...');

const QUOTE = 0x22;
const DASH = 0x2d;
const SPACE = 0x20;
const LINE_FEED = 0x0a;

export class CommonFormat {
  readonly #isCombined: boolean;
  readonly #time = new SecondText(commonTime);

  constructor(isCombined: boolean) {
    this.#isCombined = isCombined;
  }

  header(): void {}

  write(line: Line, view: RecordView): void {
    if (view.isV4) line.ipv4(view.word(record.REMOTE + 3));
    else line.text(String(view.address));
    line.put(USER);
    line.put(this.#time.at(view.double(record.STARTED)));
    line.put(AFTER_TIME);
    writeRequestLine(line, view);
    line.put(AFTER_LINE);
    line.number(view.status);
    line.byte(SPACE);
    const payload = view.acknowledgedPayload;
    if (payload === 0) line.byte(DASH);
    else line.number(payload);
    if (this.#isCombined) writeClient(line, view);
    line.byte(LINE_FEED);
  }
}

function writeRequestLine(line: Line, view: RecordView): void {
  if (view.lineFrom === view.lineTo) line.byte(DASH);
  line.escaped(view.bytes, view.lineFrom, view.lineTo, ESCAPES);
  if (view.has(record.CUT_LINE)) line.put(CUT);
  if (view.isRaw) return;
  line.put(VERSION);
  line.number(view.word(record.MINOR_VERSION));
}

function writeClient(line: Line, view: RecordView): void {
  line.byte(SPACE);
  line.byte(QUOTE);
  writeText(line, view, view.refererFrom, view.refererTo, record.CUT_REFERER);
  line.put(BETWEEN);
  writeText(line, view, view.agentFrom, view.agentTo, record.CUT_AGENT);
  line.byte(QUOTE);
}

function writeText(line: Line, view: RecordView, from: number, to: number, cut: number): void {
  if (from === to) line.byte(DASH);
  line.escaped(view.bytes, from, to, ESCAPES);
  if (view.has(cut)) line.put(CUT);
}
