/**
 * A JSON object a line (ndjson), with everything that a record has. Durations are seconds since the request began.
 * Text has one character for each byte (Latin-1), so that nothing is lost and nothing is invented: what is not
 * printable ASCII is `\u00hh`.
 *
 * The order of the keys is fixed. Keys without a value are left out.
 */
import type { SiteNames } from '../messages.js';
import * as record from '../record.js';
import * as names from '../record-names.js';
import { AddressTexts } from './addresses.js';
import { ascii, isUnprintable, type Text } from './escape.js';
import { hex, type Line, replacements } from './line.js';
import type { RecordView } from './record-view.js';
import { SecondText } from './time.js';

const ESCAPES = replacements((byte) => {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  return isUnprintable(byte) ? `\\u00${hex(byte)}` : undefined;
});

const key = (name: string) => ascii(`,"${name}":`);
const textKey = (name: string) => ascii(`,"${name}":"`);
const TIME = ascii('{"time":"');
const TRANSACTION = ascii('Z","transaction":"');
const CLIENT = ascii('","client":"');
const PORT = ascii('","port":');
const SITE = key('site');
const HOST = textKey('host');
const METHOD = textKey('method');
const TARGET = textKey('target');
const VERSION = ascii(',"version":"1.');
const LINE = textKey('line');
const STATUS = key('status');
const BYTES = key('bytes');
const SENT = key('acknowledged');
const LENGTH = key('length');
const ANSWERED = key('answered');
const FIRST = key('first');
const LAST = key('last');
const ENDED = key('ended');
const CACHE = textKey('cache');
const CODING = textKey('coding');
const REASON = textKey('reason');
const CLOSED = textKey('closed');
const REFERER = textKey('referer');
const AGENT = textKey('agent');
const OBJECT = key('object');
const GENERATION = key('generation');
const SEQUENCE = ascii(',"sequence":[');
const PEER = ascii('],"received":');
const CUT_TEXTS = ascii(',"cut":true');
const END = ascii('}\n');

const CACHES = names.CACHE_NAMES.map(ascii);
const REASONS = names.REASON_NAMES.map(ascii);
const CODINGS = names.CODING_NAMES.map(ascii);
const CLOSES = names.CLOSE_REASONS.map(ascii);
const UNKNOWN = ascii('?');
const ANY_CUT = record.CUT_LINE | record.CUT_HOST | record.CUT_REFERER | record.CUT_AGENT;

const QUOTE = 0x22;
const COMMA = 0x2c;
const DASH = 0x2d;
const POINT = 0x2e;

export class JsonFormat {
  readonly #addresses = new AddressTexts();
  readonly #time = new SecondText((iso) => iso);
  #sites: readonly (Text | undefined)[] = [];

  name(sites: SiteNames): void {
    const named: Text[] = [];
    for (const [number, name] of sites) {
      named[number] = ascii(JSON.stringify(name).replace(/[^\x20-\x7e]/g, unicodeEscape));
    }
    this.#sites = named;
  }

  header(): void {}

  write(line: Line, view: RecordView): void {
    this.#writeWho(line, view);
    writeRequest(line, view);
    writeAnswer(line, view);
    writeText(line, REFERER, view, view.refererFrom, view.refererTo);
    writeText(line, AGENT, view, view.agentFrom, view.agentTo);
    writeTraces(line, view);
    line.put(END);
  }

  #writeWho(line: Line, view: RecordView): void {
    const started = view.started;
    line.put(TIME);
    line.put(this.#time.at(started));
    line.byte(POINT);
    line.digits(started - 1_000_000 * Math.floor(started / 1_000_000), 6);
    line.put(TRANSACTION);
    writeTransaction(line, view);
    line.put(CLIENT);
    this.#addresses.write(line, view);
    line.put(PORT);
    line.number(view.word(record.REMOTE_PORT));
    line.put(SITE);
    const site = this.#sites[view.word(record.SITE)];
    if (site === undefined) line.number(view.word(record.SITE));
    else line.put(site);
  }
}

/** Worker, connection and request: what names a transaction. */
export function writeTransaction(line: Line, view: RecordView): void {
  line.number(view.worker);
  line.byte(DASH);
  line.number(view.word(record.CONNECTION));
  line.byte(DASH);
  line.number(view.word(record.REQUEST));
}

function writeRequest(line: Line, view: RecordView): void {
  writeText(line, HOST, view, view.hostFrom, view.hostTo);
  if (view.isRaw) {
    writeText(line, LINE, view, view.lineFrom, view.lineTo);
    return;
  }
  writeText(line, METHOD, view, view.lineFrom, view.methodTo);
  writeText(line, TARGET, view, view.methodTo + 1, view.lineTo);
  line.put(VERSION);
  line.number(view.minorVersion);
  line.byte(QUOTE);
}

function writeAnswer(line: Line, view: RecordView): void {
  line.put(STATUS);
  line.number(view.status);
  line.put(BYTES);
  line.number(view.acknowledgedPayload);
  line.put(SENT);
  line.number(view.acknowledged);
  line.put(LENGTH);
  line.number(view.answerBytes);
  writeDuration(line, ANSWERED, view.double(record.ANSWERED_AFTER));
  writeDuration(line, FIRST, view.firstAfter);
  writeDuration(line, LAST, view.lastAfter);
  writeName(line, CACHE, CACHES, view.cache);
  if (view.coding !== 0) writeName(line, CODING, CODINGS, view.coding);
  if (view.reason !== 0) writeName(line, REASON, REASONS, view.reason);
  if (!view.isBrokenOff) return;
  writeName(line, CLOSED, CLOSES, view.word(record.CLOSE_REASON) - 1);
  writeDuration(line, ENDED, view.endedAfter);
}

function writeTraces(line: Line, view: RecordView): void {
  if (view.word(record.OBJECT) !== 0) {
    line.put(OBJECT);
    line.number(view.word(record.OBJECT));
    line.put(GENERATION);
    line.number(view.word(record.GENERATION));
  }
  line.put(SEQUENCE);
  line.number(view.sequenceFrom);
  line.byte(COMMA);
  line.number(view.word(record.SEQUENCE_TO) >>> 0);
  line.put(PEER);
  line.number(view.word(record.PEER_TO) >>> 0);
  if (view.has(ANY_CUT)) line.put(CUT_TEXTS);
}

function writeText(line: Line, name: Text, view: RecordView, from: number, to: number): void {
  if (from >= to) return;
  line.put(name);
  line.escaped(view, from, to, ESCAPES);
  line.byte(QUOTE);
}

function writeName(line: Line, name: Text, names: readonly Text[], index: number): void {
  line.put(name);
  line.put(names[index] ?? UNKNOWN);
  line.byte(QUOTE);
}

function writeDuration(line: Line, name: Text, microseconds: number): void {
  if (microseconds < 0) return;
  line.put(name);
  line.seconds(Math.round(microseconds));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
