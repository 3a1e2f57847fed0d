import { expect } from 'chai';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { type AnswerHead, AnswerHeads } from '../../src/tls/answer-heads.js';
import { AnswerParser } from '../../src/tls/answer-parser.js';

const bytesOf = (text: string) => SummedBytes.plain(Buffer.from(text, 'latin1'));

/** What a sink was told, as text; bodies are joined. */
class Told {
  readonly lines: string[] = [];
  readonly parser: AnswerParser;

  constructor(heads?: AnswerHeads) {
    const show = ({ status, headers }: AnswerHead) => {
      const fields = Object.entries(headers).filter(([name]) => name !== ':status');
      return `${status} ${fields.map(([name, value]) => `${name}=${value}`)}`;
    };
    const sink = {
      interim: (head: AnswerHead) => this.lines.push(`interim ${show(head)}`),
      head: (head: AnswerHead) => this.lines.push(`head ${show(head)}`),
      body: (bytes: Uint8Array) => this.#body(Buffer.from(bytes).toString('latin1')),
      ended: (isBroken: boolean) => this.lines.push(isBroken ? 'broken' : 'end'),
    };
    this.parser = new AnswerParser(sink, heads);
  }

  #body(text: string): void {
    const last = this.lines.at(-1) ?? '';
    if (last.startsWith('body ')) this.lines[this.lines.length - 1] = last + text;
    else this.lines.push(`body ${text}`);
  }

  /** One answer in these pieces. */
  read(parts: readonly string[], isHead = false): string[] {
    this.lines.length = 0;
    this.parser.begin(isHead);
    for (const part of parts) this.parser.take(bytesOf(part), 0, part.length, false);
    this.parser.end();
    return [...this.lines];
  }
}

const ANSWERS: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'a length': [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello',
    ['head 200 content-length=5,x=y', 'body hello', 'end'],
  ],
  chunks: [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: v\r\n\r\n',
    ['head 200 ', 'body hello', 'end'],
  ],
  'the end of the connection': [
    'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello',
    ['head 200 ', 'body hello', 'end'],
  ],
  'interim answers in front': [
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'}`,
    ['interim 100 ', 'interim 103 link=</a>', 'head 304 etag="a"', 'end'],
  ],
  'fields that come twice': [
    'HTTP/1.1 204 No\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Type: x\r\nContent-Type: y\r\nContent-Encoding: u\r\nContent-Encoding: v\r\n\r\n',
    ['head 204 set-cookie=a,b,content-type=x,content-encoding=u, v', 'end'],
  ],
  'no body at all': ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ['head 200 content-length=0', 'end']],
  'a body that ends early': [
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello',
    ['head 200 content-length=9', 'body hello', 'broken'],
  ],
  'no answer': ['', ['broken']],
};

describe('tls: an answer for HTTP/2', () => {
  for (const [name, [text, expected]] of Object.entries(ANSWERS)) {
    it(`is read with ${name}, however it is cut, one after the other`, () => {
      const told = new Told();
      expect(told.read([text])).to.deep.equal(expected);
      expect(told.read([...text])).to.deep.equal(expected);
      for (let at = 1; at < text.length; at += 3) {
        expect(told.read([text.slice(0, at), text.slice(at)]), `cut at ${at}`).to.deep.equal(expected);
      }
    });
  }

  it('has no body after HEAD, whatever its length says', () => {
    expect(new Told().read(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'], true)).to.deep.equal([
      'head 200 content-length=5',
      'end',
    ]);
  });

  it('is broken if its head has no end', () => {
    expect(new Told().read([`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(300_000)}`])).to.deep.equal(['broken']);
  });

  it('has a head in parts that are read once: the second answer of an object has the same head, and the right body', () => {
    const told = new Told();
    const mutable = bytesOf('HTTP/1.1 200 OK\r\nDate: now\r\n');
    const object = bytesOf('Content-Length: 5\r\nETag: "a"\r\n\r\nhello');
    const heads: AnswerHead[] = [];
    const sink = { ...noSink(), head: (head: AnswerHead) => heads.push(head) };
    const parser = new AnswerParser(sink, new AnswerHeads());
    for (let i = 0; i < 2; i++) {
      parser.begin(false);
      parser.take(mutable, 0, mutable.length, true);
      parser.take(object, 0, object.length, true);
      expect(parser.isOver).to.equal(true);
    }
    expect(heads[1]).to.equal(heads[0]);
    told.parser.begin(false);
    told.parser.take(mutable, 0, mutable.length, true);
    told.parser.take(object, 0, object.length - 2, true); // the rest comes later
    told.parser.take(object, object.length - 2, object.length, true);
    expect(told.lines).to.deep.equal(['head 200 date=now,content-length=5,etag="a"', 'body hello', 'end']);
  });
});

function noSink() {
  return { interim() {}, head() {}, body() {}, ended() {} };
}
