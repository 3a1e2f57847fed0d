/** Queries and answers as `dns-packet` reads them, in a form that two servers' answers can be compared in. */
import packet from 'dns-packet';
import { typeNumber } from '../../../src/dns/wire/types.js';

export interface Question {
  readonly name: string;
  readonly type: string;
  readonly dnssec: boolean;
  readonly edns: boolean;
  readonly size?: number;
}

/** A query. */
export function queryOf({ name, type, dnssec, edns, size = 4096 }: Question, id = 4711): Buffer {
  const query = packet.encode({
    type: 'query',
    id,
    questions: [{ name, type: 'A', class: 'IN' }],
    ...(edns && {
      additionals: [
        {
          type: 'OPT' as const,
          name: '.',
          udpPayloadSize: size,
          flags: dnssec ? packet.DNSSEC_OK : 0,
          options: [],
          extendedRcode: 0,
          ednsVersion: 0,
          flag_do: dnssec,
        } as unknown as packet.OptAnswer,
      ],
    }),
  });
  let at = 12;
  while (query[at] !== 0) at += query[at]! + 1;
  query.writeUInt16BE(typeNumber(type) ?? 0, at + 1);
  return query;
}

/** What an answer says, with the records of each section as a sorted list of texts. */
export interface Seen {
  readonly rcode: number;
  readonly flags: string;
  readonly answers: readonly string[];
  readonly authorities: readonly string[];
  readonly additionals: readonly string[];
}

/** Reads an answer. Names within data are written out in lower case. */
export function seen(message: Buffer): Seen {
  const flags = message.readUInt16BE(2);
  const names = ['QR', 'AA', 'TC', 'RD', 'RA', 'AD', 'CD'] as const;
  const bits = [0x8000, 0x400, 0x200, 0x100, 0x80, 0x20, 0x10];
  const reader = new Reader(message);
  const counts = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
  for (let i = 0; i < counts[0]!; i++) {
    reader.name();
    reader.at += 4;
  }
  const sections = counts.slice(1).map((count) => Array.from({ length: count }, () => reader.record()));
  const opt = sections[2]!.find(({ type }) => type === 41);
  const texts = sections.map((section) =>
    section
      .filter(({ type }) => type !== 41)
      .map(({ text }) => text)
      .sort(),
  );
  if (reader.at !== message.length) throw new Error(`${message.length - reader.at} bytes are left behind the records`);
  return {
    rcode: (flags & 15) | (((opt?.ttl ?? 0) >>> 24) << 4),
    flags:
      names.filter((_, i) => (flags & bits[i]!) !== 0).join(' ') +
      (opt === undefined ? '' : ` EDNS${opt.ttl & 0x8000 ? ' DO' : ''}`),
    answers: texts[0]!,
    authorities: texts[1]!,
    additionals: texts[2]!,
  };
}

/** Where names stand in data: bytes before, then names. */
const NAMES: Readonly<Record<number, readonly [number, number]>> = {
  2: [0, 1],
  5: [0, 1],
  6: [0, 2],
  12: [0, 1],
  15: [2, 1],
  18: [2, 1],
  33: [6, 1],
  39: [0, 1],
  46: [18, 1],
  47: [0, 1],
};

class Reader {
  at = 12;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  name(): string {
    const labels: string[] = [];
    let at = this.at;
    let end = 0;
    for (let steps = 0; steps < 200; steps++) {
      const size = this.#bytes[at]!;
      if (size >= 0xc0) {
        end ||= at + 2;
        const target = this.#bytes.readUInt16BE(at) & 0x3fff;
        if (target >= at) throw new Error('a pointer points forward');
        at = target;
      } else if (size === 0) {
        this.at = end || at + 1;
        return `${labels.join('.')}.`.toLowerCase();
      } else {
        labels.push(this.#bytes.toString('latin1', at + 1, at + 1 + size));
        at += size + 1;
      }
    }
    throw new Error('a name does not end');
  }

  record(): { type: number; ttl: number; text: string } {
    const owner = this.name();
    const type = this.#bytes.readUInt16BE(this.at);
    const qclass = this.#bytes.readUInt16BE(this.at + 2);
    const ttl = this.#bytes.readUInt32BE(this.at + 4);
    const length = this.#bytes.readUInt16BE(this.at + 8);
    this.at += 10;
    const end = this.at + length;
    const [before, count] = NAMES[type] ?? [0, 0];
    let text = this.#bytes.toString('hex', this.at, this.at + before);
    this.at += before;
    for (let i = 0; i < count; i++) text += ` ${this.name()}`;
    text += ` ${this.#bytes.toString('hex', this.at, end)}`;
    this.at = end;
    return { type, ttl, text: `${owner} ${ttl} ${qclass} ${type} ${text}` };
  }
}

/**
 * What two answers to one question differ in; empty: nothing that matters. Truncated answers may stop anywhere, and
 * what an answer of limited size adds is each server's choice.
 */
export function differences(ours: Seen, theirs: Seen, isLimited: boolean): string[] {
  const found: string[] = [];
  if (ours.rcode !== theirs.rcode) found.push(`rcode ${ours.rcode}, not ${theirs.rcode}`);
  if (ours.flags !== theirs.flags) found.push(`flags ${ours.flags}, not ${theirs.flags}`);
  if (ours.flags.includes('TC')) return found;
  for (const section of ['answers', 'authorities', 'additionals'] as const) {
    const [a, b] = [ours[section], theirs[section]];
    const isSame = a.length === b.length && a.every((text, i) => text === b[i]);
    const isPart = section === 'additionals' && isLimited && (isIn(a, b) || isIn(b, a));
    if (!isSame && !isPart) found.push(`${section}:\n  ${a.join('\n  ')}\nnot\n  ${b.join('\n  ')}`);
  }
  return found;
}

function isIn(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((text) => whole.includes(text));
}
