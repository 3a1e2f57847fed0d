/**
 * NCSA's Common log, and Combined with referer and user agent, as Apache and nginx write them:
 *
 *     10.77.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET /a HTTP/1.1" 200 26 "http://x/" "curl/8.5.0"
 *
 * The bytes are those of the payload that the client has acknowledged; "-": none. Quotes and backslashes get a
 * backslash, everything that is not printable ASCII becomes `\xhh`, as in Apache's logs.
 */
import * as record from '../record.js';
import { AddressTexts } from './addresses.js';
import { ascii, isUnprintable, type Text } from './escape.js';
import { hex, type Line, replacements } from './line.js';
import type { RecordView } from './record-view.js';
import { commonTime, SecondText } from './time.js';

const ESCAPES = replacements((byte) => {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  return isUnprintable(byte) ? `\\x${hex(byte)}` : undefined;
});
/** Between the client's address and the time. */
const USER = ' - - [';
/** Between the time and the request line. */
const AFTER_TIME = '] "';
const BETWEEN = ascii('" "');
/** What ends most lines of programs: they send neither field. */
const NO_CLIENT = ascii(' "-" "-"');
/** Stands behind a text that was cut. */
export const CUT = ascii('...');

const NOTHING = ascii('');
/** In place of the x of HTTP/1.x, which is one digit: the line has its version itself, or none. */
const RAW_VERSION = 15;
const QUOTE = 0x22;
const DASH = 0x2d;
const SPACE = 0x20;
const LINE_FEED = 0x0a;

export class CommonFormat {
  readonly #isCombined: boolean;
  readonly #addresses = new AddressTexts(USER);
  readonly #time = new SecondText((iso) => `${commonTime(iso)}${AFTER_TIME}`);
  readonly #ends = new LineEnds();

  constructor(isCombined: boolean) {
    this.#isCombined = isCombined;
  }

  header(): void {}

  write(line: Line, view: RecordView): void {
    this.#addresses.write(line, view);
    line.put(this.#time.at(view.started));
    if (view.lineFrom === view.lineTo) line.byte(DASH);
    line.escaped(view, view.lineFrom, view.lineTo, ESCAPES);
    if (view.has(record.CUT_LINE)) line.put(CUT);
    line.put(this.#ends.of(view));
    const payload = view.acknowledgedPayload;
    if (payload === 0) line.byte(DASH);
    else line.number(payload);
    if (this.#isCombined) writeClient(line, view);
    line.byte(LINE_FEED);
  }
}

/** What stands between the target and the size: ` HTTP/1.1" 200 `. There are few of them, so each is made once. */
class LineEnds {
  readonly #texts = new Map<number, Text>();
  #key = -1;
  #text = NOTHING;

  of(view: RecordView): Text {
    const version = view.isRaw ? RAW_VERSION : view.minorVersion;
    const key = 16 * view.status + version;
    if (key !== this.#key) {
      this.#text = this.#texts.get(key) ?? this.#make(key, view.status, version);
      this.#key = key;
    }
    return this.#text;
  }

  #make(key: number, status: number, version: number): Text {
    const text = ascii(`${version === RAW_VERSION ? '' : ` HTTP/1.${version}`}" ${status} `);
    this.#texts.set(key, text);
    return text;
  }
}

function writeClient(line: Line, view: RecordView): void {
  if (view.refererFrom === view.agentTo) {
    line.put(NO_CLIENT);
    return;
  }
  line.byte(SPACE);
  line.byte(QUOTE);
  writeText(line, view, view.refererFrom, view.refererTo, record.CUT_REFERER);
  line.put(BETWEEN);
  writeText(line, view, view.agentFrom, view.agentTo, record.CUT_AGENT);
  line.byte(QUOTE);
}

function writeText(line: Line, view: RecordView, from: number, to: number, cut: number): void {
  if (from === to) line.byte(DASH);
  line.escaped(view, from, to, ESCAPES);
  if (view.has(cut)) line.put(CUT);
}
