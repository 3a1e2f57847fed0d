/**
 * The W3C's extended log file format (working draft of 1996), as IIS and others write it: directives first, then fields
 * between spaces. A space within a field is "+"; everything else that is not printable, and a quote, is `%hh`. "-": no
 * value.
 */
import type { SiteNames } from '../messages.js';
import * as record from '../record.js';
import * as names from '../record-names.js';
import { AddressTexts } from './addresses.js';
import { ascii, isUnprintable } from './escape.js';
import { writeTransaction } from './json.js';
import { hex, type Line, replacements } from './line.js';
import type { RecordView } from './record-view.js';
import { SecondText } from './time.js';

const QUERY = 0x3f;
const SPACE = 0x20;
const DASH = 0x2d;
const LINE_FEED = 0x0a;

const ESCAPES = replacements((byte) => {
  if (byte === SPACE) return '+';
  return isUnprintable(byte) || byte === 0x22 ? `%${hex(byte, '0123456789ABCDEF')}` : undefined;
});

/** The fields in their order; those that begin with `x-` are ours. */
export const W3C_FIELDS = [
  'date',
  'time',
  'c-ip',
  'c-port',
  'cs-method',
  'cs-uri-stem',
  'cs-uri-query',
  'cs-version',
  'cs-host',
  'sc-status',
  'sc-bytes',
  'time-taken',
  'cs(User-Agent)',
  'cs(Referer)',
  'x-site',
  'x-cache',
  'x-coding',
  'x-reason',
  'x-closed',
  'x-transaction',
] as const;

const VERSION = ascii('HTTP/1.');
const RAW_METHOD = ascii('-');

export class W3cFormat {
  readonly #addresses = new AddressTexts();
  readonly #time = new SecondText((iso) => iso.replace('T', ' '));
  #sites: readonly (string | undefined)[] = [];

  name(sites: SiteNames): void {
    const named: string[] = [];
    for (const [number, name] of sites) named[number] = name.replace(/[^\x21-\x7e]/g, '+');
    this.#sites = named;
  }

  header(line: Line, now: number): void {
    const date = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
    line.text(`#Version: 1.0\n#Software: fastpath\n#Date: ${date}\n#Fields: ${W3C_FIELDS.join(' ')}\n`);
  }

  write(line: Line, view: RecordView): void {
    line.put(this.#time.at(view.started));
    line.byte(SPACE);
    this.#addresses.write(line, view);
    line.byte(SPACE);
    line.number(view.word(record.REMOTE_PORT));
    writeRequest(line, view);
    writeText(line, view, view.hostFrom, view.hostTo);
    line.byte(SPACE);
    line.number(view.status);
    line.byte(SPACE);
    line.number(view.acknowledgedPayload);
    line.byte(SPACE);
    line.seconds(Math.round(view.endedAfter));
    writeText(line, view, view.agentFrom, view.agentTo);
    writeText(line, view, view.refererFrom, view.refererTo);
    this.#writeOurs(line, view);
    line.byte(LINE_FEED);
  }

  #writeOurs(line: Line, view: RecordView): void {
    line.byte(SPACE);
    line.text(this.#sites[view.word(record.SITE)] ?? String(view.word(record.SITE)));
    writeName(line, names.CACHE_NAMES[view.cache]);
    writeName(line, names.CODING_NAMES[view.coding]);
    writeName(line, names.REASON_NAMES[view.reason]);
    writeName(line, names.CLOSE_REASONS[view.word(record.CLOSE_REASON) - 1]);
    line.byte(SPACE);
    writeTransaction(line, view);
  }
}

function writeRequest(line: Line, view: RecordView): void {
  const { bytes } = view;
  if (view.isRaw) {
    line.byte(SPACE);
    line.put(RAW_METHOD);
    writeText(line, view, view.lineFrom, view.lineTo);
    writeName(line, undefined);
    writeName(line, undefined);
    return;
  }
  let query = view.methodTo + 1;
  while (query < view.lineTo && bytes[query] !== QUERY) query++;
  writeText(line, view, view.lineFrom, view.methodTo);
  writeText(line, view, view.methodTo + 1, query);
  writeText(line, view, query + 1, view.lineTo);
  line.byte(SPACE);
  line.put(VERSION);
  line.number(view.minorVersion);
}

function writeText(line: Line, view: RecordView, from: number, to: number): void {
  line.byte(SPACE);
  if (from >= to) line.byte(DASH);
  else line.escaped(view, from, to, ESCAPES);
}

function writeName(line: Line, name: string | undefined): void {
  line.byte(SPACE);
  line.text(name === undefined || name === 'none' ? '-' : name);
}
