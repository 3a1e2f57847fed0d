import { once } from 'node:events';
import { expect } from 'chai';
import { AnswerParser, type Field } from '../../src/tls/answer-parser.js';

/** What a sink was told, as text; bodies are joined. */
async function parse(parts: readonly string[], isHead = false): Promise<string[]> {
  const told: string[] = [];
  const show = (status: number, fields: readonly Field[]) =>
    `${status} ${fields.map(([name, value]) => `${name}=${value}`)}`;
  const parser = new AnswerParser(
    {
      interim: (status, fields) => told.push(`interim ${show(status, fields)}`),
      head: (status, fields, isWhole) => told.push(`head ${show(status, fields)}${isWhole ? ' whole' : ''}`),
      body(bytes, done) {
        const last = told.at(-1) ?? '';
        if (last.startsWith('body ')) told[told.length - 1] = last + bytes.toString();
        else told.push(`body ${bytes.toString()}`);
        setImmediate(done);
      },
      end: (isBroken) => told.push(isBroken ? 'broken' : 'end'),
    },
    isHead,
  );
  for (const part of parts) parser.write(Buffer.from(part, 'latin1'));
  parser.end();
  await once(parser, 'finish');
  return told;
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
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
    ['interim 103 link=</a>', 'head 304 etag="a" whole'],
  ],
  'no body at all': ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ['head 200 content-length=0 whole']],
  'a body that ends early': [
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello',
    ['head 200 content-length=9', 'body hello', 'broken'],
  ],
  'no answer': ['', ['broken']],
};

describe('tls: an answer for HTTP/2', () => {
  for (const [name, [text, expected]] of Object.entries(ANSWERS)) {
    it(`is read with ${name}, however it is cut`, async () => {
      expect(await parse([text])).to.deep.equal(expected);
      expect(await parse([...text])).to.deep.equal(expected);
      for (let at = 1; at < text.length; at += 3) {
        expect(await parse([text.slice(0, at), text.slice(at)]), `cut at ${at}`).to.deep.equal(expected);
      }
    });
  }

  it('has no body after HEAD, whatever its length says', async () => {
    expect(await parse(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'], true)).to.deep.equal([
      'head 200 content-length=5 whole',
    ]);
  });
});
