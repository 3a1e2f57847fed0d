/** The cases of the lab `request-scanner`. */
import { CONTENT_LENGTH, HOST_FIELD, RANGE } from '../../http/grammar/fields.js';
import { GET, HEAD, OPTIONS, UNKNOWN_METHOD } from '../../http/grammar/methods.js';
import { DEFAULT_LIMITS } from '../../http/limits.js';
import { COMPLETE, INCOMPLETE, RequestScanner } from '../../http/request/scanner.js';
import { type Case, Mismatch, same } from './case.js';

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
/** A buffer is longer than what is in it. */
const SPARE_BYTES = 64;

const quoted = (text: string) => JSON.stringify(text);

/** Scans `text`, which comes in pieces that end at these places. Returns the outcome and the scanner. */
function scan(text: string, ends: readonly number[] = [text.length], limits = DEFAULT_LIMITS) {
  const scanner = new RequestScanner(limits);
  // What has not come yet is not there: behind the last byte lie zeros.
  const buffer = new Uint8Array(text.length + SPARE_BYTES);
  scanner.begin(buffer, 0);
  let outcome = INCOMPLETE;
  for (const end of ends) {
    buffer.set(bytesOf(text.slice(0, end)));
    outcome = scanner.scan(end);
    if (outcome !== INCOMPLETE) break;
  }
  return { outcome, scanner };
}

/** What a person calls an outcome. */
function outcomeName(outcome: number): string {
  if (outcome === INCOMPLETE) return 'INCOMPLETE';
  return outcome === COMPLETE ? 'COMPLETE' : `status ${outcome}`;
}

function ends(text: string, expected: number, limits = DEFAULT_LIMITS): void {
  const { outcome } = scan(text, [text.length], limits);
  if (outcome !== expected) throw new Mismatch(quoted(text), outcomeName(outcome), outcomeName(expected));
}

/** The field lines that the scanner has found: `Host=a`. */
function fieldsOf(scanner: RequestScanner): string {
  const textOf = (from: number, to: number) => String.fromCharCode(...scanner.bytes.subarray(from, to));
  const lines = Array.from({ length: scanner.fieldCount }, (_, row) => {
    const name = textOf(scanner.nameFrom(row), scanner.nameTo(row));
    return `${name}=${textOf(scanner.valueFrom(row), scanner.valueTo(row))}`;
  });
  return lines.join(', ');
}

const SIMPLE = 'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n';
const MANY = 'HEAD /b HTTP/1.1\r\nHost:b.example\r\nRange: \tbytes=0-1 \t\r\nX-Empty:\r\n\r\n';

export const cases: readonly Case[] = [
  {
    name: 'a whole request is COMPLETE, and `at` is the first byte behind it',
    section: 'RFC 9112 section 2.1',
    nudge: 'A field line ends with CR LF, and an empty line ends the head.',
    hint: 'At a field name that is empty and followed by CR: #part = LAST_LF, then one LF must come.',
    run: () => {
      const { outcome, scanner } = scan(`${SIMPLE}body`);
      same(`the outcome of ${quoted(SIMPLE)}`, outcomeName(outcome), 'COMPLETE');
      same('at', scanner.at, SIMPLE.length);
      same('the fields', fieldsOf(scanner), 'Host=a.example');
    },
  },
  {
    name: 'the white space around a field value is no part of it',
    section: 'RFC 9112 section 5',
    nudge: 'field-line = field-name ":" OWS field-value OWS. OWS is any number of spaces and tabs.',
    hint: 'In #addField: move valueFrom on and valueTo back while isSpace.',
    run: () => same('the fields', fieldsOf(scan(MANY).scanner), 'Host=b.example, Range=bytes=0-1, X-Empty='),
  },
  {
    name: 'a method is a token, and any token is one',
    section: 'RFC 9110 section 9.1, RFC 9112 section 3',
    nudge: 'The scanner does not judge the method. methodNumber knows which ones we have.',
    hint: 'endOfToken finds its end; there must be one space, and at least one character before it.',
    run: () => {
      ends('M-SEARCH * HTTP/1.1\r\nHost: a\r\n\r\n', COMPLETE);
      ends(' /a HTTP/1.1\r\n\r\n', 400);
      ends('G(T /a HTTP/1.1\r\n\r\n', 400);
      ends('PUT\t/a HTTP/1.1\r\n\r\n', 400);
    },
  },
  {
    name: 'the number of the method is kept',
    section: 'RFC 9110 section 9.3',
    nudge:
      'HEAD is answered without a body, and a method that we do not know with 501. So the scanner says which it is.',
    hint: 'this.#endMethod(methodNumber(bytes, this.from, at), at, to).',
    run: () => {
      for (const [method, number] of [
        ['GET', GET],
        ['HEAD', HEAD],
        ['OPTIONS', OPTIONS],
        ['BREW', UNKNOWN_METHOD],
      ] as const) {
        const { scanner } = scan(`\r\n${method} /a HTTP/1.1\r\n\r\n`);
        same(`the number of the method ${method}`, scanner.method, number);
      }
    },
  },
  {
    name: 'a method without end is given up: `at` says how far it goes',
    section: 'RFC 9112 section 3',
    nudge:
      'The caller compares `at` with the limit. If `at` stays at the beginning, a client can send a method for ever.',
    hint: 'In #scanMethod: this.at = the end of the token, before INCOMPLETE is returned.',
    run: () => ends('X'.repeat(60), 501, { ...DEFAULT_LIMITS, requestLineBytes: 50 }),
  },
  {
    name: 'it goes on at any byte where the bytes of before ended',
    section: 'RFC 9112 section 2.1',
    nudge: 'TCP is a stream. A request may come in two segments, cut anywhere, or byte by byte.',
    hint: 'Before you return INCOMPLETE, keep how far you are: this.at and this.#part, with the offsets of name and value.',
    run: () => {
      for (let cut = 1; cut < MANY.length; cut++) {
        const { outcome, scanner } = scan(MANY, [cut, MANY.length]);
        const what = `a request cut behind ${quoted(MANY.slice(0, cut).slice(-12))}`;
        same(what, outcomeName(outcome), 'COMPLETE');
        same(`the fields of ${what}`, fieldsOf(scanner), fieldsOf(scan(MANY).scanner));
      }
      const each = Array.from(MANY, (_, i) => i + 1);
      same('a request that comes byte by byte', outcomeName(scan(MANY, each).outcome), 'COMPLETE');
    },
  },
  {
    name: 'a line that ends in a bare LF or CR is refused',
    section: 'RFC 9112 section 2.2',
    nudge: 'If two programs disagree about where a line ends, an attacker hides a request between them (smuggling).',
    hint: 'Behind a value must come CR, and behind that LF. Anything else is 400.',
    run: () => {
      ends('GET /a HTTP/1.1\r\nHost: a\n\r\n', 400);
      ends('GET /a HTTP/1.1\r\nHost: a\n\nX: b\r\n\r\n', 400);
      ends('GET /a HTTP/1.1\r\nHost: a\rXY: b\r\n\r\n', 400);
      ends('GET /a HTTP/1.1\r\nHost: a\r\n\n', 400);
      ends('GET /a HTTP/1.1\r\nHost: a\r\n\rX', 400);
      ends('GET /a HTTP/1.1\r\nHost: a\r\n\n\n', 400);
    },
  },
  {
    name: 'a space before the colon is refused, and so is a folded line',
    section: 'RFC 9112 sections 5.1 and 5.2',
    nudge: 'Both were used for request smuggling. A server has to answer 400.',
    hint: 'The byte behind the name must be the colon. A line that begins with a space has an empty name.',
    run: () => {
      ends('GET /a HTTP/1.1\r\nHost : a\r\n\r\n', 400);
      ends('GET /a HTTP/1.1\r\nHost: a\r\n b\r\n\r\n', 400);
      ends('GET /a HTTP/1.1\r\n: a\r\n\r\n', 400);
    },
  },
  {
    name: 'a name without a colon is refused, and so is a control character in a value',
    section: 'RFC 9112 section 5, RFC 9110 section 5.5',
    nudge: 'The head ends at a CR only where a name would begin. And a value with a NUL is read differently by others.',
    hint: '#endOfFields: 400 unless bytes[at] is CR and at is #nameFrom. Behind a value anything but CR is 400.',
    run: () => {
      ends('GET /a HTTP/1.1\r\nHost\r\n\r\n', 400);
      ends('GET /a HTTP/1.1\r\nHost: a\r\nX\r\n', 400);
      ends('GET /a HTTP/1.1\r\nHost: a\0b\r\n\r\n', 400);
      ends('GET /a HTTP/1.1\r\nHost: a\0\nX: b\r\n\r\n', 400);
    },
  },
  {
    name: 'it notes which known fields are there, and which are there twice',
    section: 'RFC 9110 section 5.3',
    nudge: 'Two Content-Length lines are a classic attack. So repeated fields have to be seen.',
    hint: 'number = fieldNumber(…); if it is not OTHER_FIELD: repeated |= seen & bit, then seen |= bit.',
    run: () => {
      const twice = 'POST / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\nX: 1\r\nX: 2\r\n\r\n';
      const { scanner } = scan(twice);
      same('how many bits `seen` has', bits(scanner.seen), 1);
      same('`repeated`', scanner.repeated, scanner.seen);
      const once = scan('POST / HTTP/1.1\r\nContent-Length: 1\r\nHost: a\r\n\r\n').scanner;
      same('`repeated`, when each is there once', once.repeated, 0);
      same('`seen` has Content-Length', once.has(CONTENT_LENGTH), true);
      same('`seen` has Host', once.has(HOST_FIELD), true);
    },
  },
  {
    name: 'the row of a field keeps its number',
    section: 'the columns of a row, in the file',
    nudge: 'Whoever looks for a field asks for its number, and not for its name.',
    hint: 'this.#setRow(this.fieldCount++, nameFrom, nameTo, valueFrom, valueTo, number).',
    run: () => {
      const { scanner } = scan(MANY);
      same('the row of Host', scanner.findRow(HOST_FIELD), 0);
      same('the row of Range', scanner.findRow(RANGE), 1);
    },
  },
  {
    name: 'too many field lines, or too long ones, are 431',
    section: 'RFC 6585 section 5',
    nudge: 'Without a bound a client decides how much work we do for it.',
    hint: '#addField returns false when fieldCount is at its limit; #scanFields returns 431 for that, or past headerBytes.',
    run: () => {
      ends('GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n', 431, { ...DEFAULT_LIMITS, headerFields: 2 });
      ends('GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n', COMPLETE, { ...DEFAULT_LIMITS, headerFields: 2 });
      ends(`GET / HTTP/1.1\r\nA: ${'x'.repeat(60)}\r\n\r\n`, 431, { ...DEFAULT_LIMITS, headerBytes: 50 });
      ends('GET / HTTP/1.1\r\nA: 1\r\n\r\n', COMPLETE, { ...DEFAULT_LIMITS, headerBytes: 6 });
      ends('GET / HTTP/1.1\r\nA: 1\r\n\r\n', 431, { ...DEFAULT_LIMITS, headerBytes: 5 });
    },
  },
  {
    name: 'in the whole stack: requests are answered',
    section: 'RFC 9112 section 2',
    nudge: 'Your scanner reads what a client has sent over TCP, where it lies.',
    hint: 'Three requests on one connection: the second begins where the first ended.',
    run: async () => {
      const { World } = await import('../../browser/world.js');
      const world = new World({
        hosts: { client: {}, server: { files: { '/': 'hello', '/a': 'a' } } },
        start: (begun) => begun.get('client', 'server', ['/', '/a', '/none'], { pipelined: true }),
      });
      world.runUntilIdle();
      const statuses = world.fetches[0]?.answers.map(({ status }) => status).join(', ') ?? '';
      same('the statuses of three answers', statuses, '200, 200, 404');
    },
  },
];

function bits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
