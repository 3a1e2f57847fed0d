/**
 * Our parser against Node's (llhttp), on requests that were damaged at random: whatever we take for a request, another
 * parser must take for the same one, or a proxy in front of us could be made to see something else. Where ours refuses
 * and Node's does not, that is strictness; the other way round would be a hole.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { ascii } from '../../src/http/grammar/grammar.js';
import { UNKNOWN_METHOD } from '../../src/http/grammar/methods.js';
import { DEFAULT_LIMITS } from '../../src/http/limits.js';
import { BodyReader } from '../../src/http/request/body.js';
import { RequestFraming } from '../../src/http/request/framing.js';
import { COMPLETE, RequestScanner } from '../../src/http/request/scanner.js';
import { Target } from '../../src/http/request/target.js';
import { KnownHost } from '../../src/http/sites/known-host.js';

const known = new KnownHost();

/** The requests at the start of `text` that are complete for us, up to one that is refused: method and target. */
function ours(text: string): string[] {
  const bytes = ascii(text);
  const scanner = new RequestScanner(DEFAULT_LIMITS, known);
  const framing = new RequestFraming();
  const target = new Target(DEFAULT_LIMITS.requestLineBytes);
  const found: string[] = [];
  let at = 0;
  do {
    scanner.begin(bytes, at);
    if (scanner.scan(bytes.length) !== COMPLETE || framing.judge(scanner) !== 0) break;
    at = scanner.at;
    if (framing.bodyLength !== 0) {
      const body = new BodyReader(framing.bodyLength, DEFAULT_LIMITS.bodyBytes);
      if (body.read(bytes, at, bytes.length) !== COMPLETE) break;
      at = body.at;
    }
    if (target.read(scanner) === 400 || isUnknownToNode(scanner)) break;
    const { from, methodTo, targetFrom, targetTo } = scanner;
    found.push(`${text.slice(from, methodTo)} ${text.slice(targetFrom, targetTo)}`);
  } while (framing.persists);
  return found;
}

/** HTTP/1.2 is HTTP/1.1 to us (RFC 9110 section 2.5), and a method that nobody knows is no mistake (section 15.6.2). */
function isUnknownToNode({ method, minorVersion }: RequestScanner): boolean {
  return method === UNKNOWN_METHOD || minorVersion > 1;
}

/** The requests that Node's server finds in `text`. */
async function nodes(text: string): Promise<string[]> {
  const found: string[] = [];
  const note = (request: IncomingMessage) => found.push(`${request.method} ${request.url}`);
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    note(request);
    request.resume();
    response.end();
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  server.emit('connection', socket);
  socket.push(Buffer.from(text, 'latin1'));
  for (let turn = 0; turn < 4; turn++) await nextTurn();
  socket.destroy();
  server.close();
  return found;
}

const fieldLine = fc.constantFrom(
  'Host: a\r\n',
  'Host: b:80\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive\r\n',
  'X-Long: aaaa bbbb\tcccc\r\n',
  'Accept:\r\n',
);
const body = fc.constantFrom(
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n',
  '0\r\n\r\n',
);
const start = fc.constantFrom(
  'GET /a HTTP/1.1\r\nHost: a\r\n',
  'POST /b?c HTTP/1.1\r\nHost: a\r\n',
  'HEAD / HTTP/1.0\r\n',
);
const requestText = fc
  .tuple(start, fc.array(fieldLine, { maxLength: 3 }), body)
  .map(([line, fields, content]) => `${line}${fields.join('')}\r\n${content}`);
/** One octet put in, replaced or taken away. */
const damage = fc.record({
  place: fc.nat(200),
  remove: fc.nat(1),
  insert: fc.constantFrom(
    '',
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '\0',
    ':',
    ',',
    ';',
    '0',
    '5',
    'a',
    '\v',
    '\x7f',
    '\x80',
    '_',
  ),
});

function damaged(text: string, damages: readonly { place: number; remove: number; insert: string }[]): string {
  return damages.reduce((now, { place, remove, insert }) => {
    const at = place % (now.length + 1);
    return now.slice(0, at) + insert + now.slice(at + remove);
  }, text);
}

/**
 * What RFC 9110 allows and llhttp does not: a tab is white space behind a Content-Length, too (section 5.5). And UTF-8
 * in a target, which we take (grammar.ts).
 */
function isBeyondNode(text: string): boolean {
  return /[\x80-\xff]\S* HTTP|(Content-Length|Transfer-Encoding):[^\r\n]*\t/.test(text);
}

describe('our parser and that of Node', () => {
  it('agree on requests that are well formed', async () => {
    const text =
      'GET /a HTTP/1.1\r\nHost: a\r\n\r\n' +
      'POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello' +
      'HEAD / HTTP/1.0\r\n\r\n';
    expect(ours(text)).to.deep.equal(['GET /a', 'POST /b', 'HEAD /']);
    expect(await nodes(text)).to.deep.equal(ours(text));
  });

  it('never differ on where a request is that we accept', async () => {
    const requests = fc.array(requestText, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(requests, fc.array(damage, { maxLength: 3 }), async (texts, damages) => {
        const text = damaged(texts.join(''), damages);
        fc.pre(!isBeyondNode(text));
        const accepted = ours(text);
        expect((await nodes(text)).slice(0, accepted.length)).to.deep.equal(accepted);
      }),
      { numRuns: 2000 },
    );
  });
});
