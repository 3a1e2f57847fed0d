import { expect } from 'chai';
import type { Store } from '../../../src/cache/library/store.js';
import { Coding } from '../../../src/cache/object/record.js';
import { get, HttpBench, waysToCut } from '../../support/http-bench.js';
import { makeSite } from '../../support/site.js';

const CONTENT = Array.from({ length: 2000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
const TYPE = 'text/plain';

/** The parts of an answer as any client would take them out of it: what Content-Range says, and the bytes. */
function partsOf(answer: string): { fields: string[]; range: string; content: string }[] {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const boundary = /^Content-Type: multipart\/byteranges; boundary=(\S+)$/m.exec(head.replaceAll('\r', ''))?.[1];
  expect(boundary, head).to.match(/^[\w-]{1,70}$/);
  const body = rest.join('\r\n\r\n');
  expect(body.length).to.equal(Number(/^Content-Length: (\d+)\r$/m.exec(head)?.[1]));
  const [before, ...pieces] = `\r\n${body}`.split(`\r\n--${boundary}`);
  expect(before).to.equal('');
  expect(pieces.pop()).to.equal('--\r\n');
  return pieces.map((piece) => {
    const [fields = '', ...content] = piece.split('\r\n\r\n');
    const lines = fields.split('\r\n').slice(1);
    const range = lines.find((line) => line.startsWith('Content-Range: '))?.slice(15) ?? '';
    return {
      fields: lines.filter((line) => !line.startsWith('Content-Range')),
      range,
      content: content.join('\r\n\r\n'),
    };
  });
}

describe('an answer with several parts', () => {
  let store: Store;
  before(async () => {
    const made = await makeSite({
      files: {
        '/long': { content: CONTENT, etag: 'the_tag-of-it', contentType: TYPE },
        '/odd': { content: CONTENT, etag: 'not a boundary!', contentType: '' },
        '/coded': { content: CONTENT, variants: { [Coding.gzip]: CONTENT.toUpperCase() } },
      },
    });
    store = made.store;
  });

  function answerTo(path: string, ...fields: string[]): string {
    const answers = [...waysToCut(get(path, ...fields))].map(([, parts]) => new HttpBench(store).feed(parts).sent);
    expect(new Set(answers)).to.have.length(1);
    return answers[0]!;
  }

  it('has the parts in the order of the request, each with its type and place', () => {
    const answer = answerTo('/long', 'Range: bytes=1000-1009,0-0,-3');
    expect(answer).to.match(/^HTTP\/1.1 206 Partial Content\r\n/);
    expect(partsOf(answer)).to.deep.equal([
      { fields: [`Content-Type: ${TYPE}`], range: 'bytes 1000-1009/2000', content: CONTENT.slice(1000, 1010) },
      { fields: [`Content-Type: ${TYPE}`], range: 'bytes 0-0/2000', content: 'a' },
      { fields: [`Content-Type: ${TYPE}`], range: 'bytes 1997-1999/2000', content: CONTENT.slice(-3) },
    ]);
  });

  it('has the fields of the whole answer once, and no Content-Range', () => {
    const [head = ''] = answerTo('/long', 'Range: bytes=0-9,500-509').split('\r\n\r\n');
    const names = head
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(':')[0]);
    expect(names).to.have.members([
      'Date',
      'Server',
      'Content-Type',
      'Content-Length',
      'Last-Modified',
      'ETag',
      'Accept-Ranges',
    ]);
    expect(head).to.include('boundary=the_tag-of-it');
  });

  it('has a boundary where the entity-tag can be none', () => {
    const parts = partsOf(answerTo('/odd', 'Range: bytes=0-9,500-509'));
    expect(parts.map(({ content }) => content)).to.deep.equal([CONTENT.slice(0, 10), CONTENT.slice(500, 510)]);
  });

  it('is about the variant that was selected, and says its coding in each part', () => {
    const fields = ['Range: bytes=0-9,500-509', 'Accept-Encoding: gzip'];
    const answer = answerTo('/coded', ...fields);
    const [head = ''] = answer.split('\r\n\r\n');
    expect(head)
      .to.include('ETag: "coding-1"')
      .and.include('Vary: Accept-Encoding')
      .and.not.include('Content-Encoding');
    for (const part of partsOf(answer)) {
      expect(part.fields).to.have.members([`Content-Type: ${TYPE}`, 'Content-Encoding: gzip']);
      expect(part.content).to.match(/^[A-Z]{10}$/);
    }
    expect(answerTo('/coded', ...fields, 'If-Range: "tag"')).to.match(/^HTTP\/1.1 200 /);
    expect(answerTo('/coded', ...fields, 'If-Range: "coding-1"')).to.match(/^HTTP\/1.1 206 /);
  });

  it('is one part of an ordinary 206 where all ranges have become one', () => {
    expect(answerTo('/long', 'Range: bytes=0-9,5-20,100-110')).to.include('Content-Range: bytes 0-110/2000\r\n');
  });

  it('is 416 where none can be satisfied, and leaves out one that cannot', () => {
    expect(answerTo('/long', 'Range: bytes=2000-,3000-3001')).to.match(/^HTTP\/1.1 416 /);
    expect(answerTo('/long', 'Range: bytes=2000-,5-6')).to.include('Content-Range: bytes 5-6/2000\r\n');
  });

  it('is the whole object, counted, where the ranges are too many or as long as it', () => {
    const bench = new HttpBench(store, { ranges: 4 });
    const { sent } = bench.feed([
      get('/long', `Range: bytes=${Array.from({ length: 5 }, () => '0-0').join(',')}`),
      get('/long', 'Range: bytes=0-969,1100-1999'),
      get('/long', 'Range: bytes=0-799,1100-1899'),
    ]);
    expect(sent.match(/HTTP\/1.1 \d+/g)).to.deep.equal(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 206']);
    const { rangesTooMany, rangesTooLong, multipart, partial, ok } = bench.statistics;
    expect([rangesTooMany, rangesTooLong, multipart, partial, ok]).to.deep.equal([1, 1, 1, 1, 2]);
  });

  it('reads no byte of the object for its sums but at the edges of parts', () => {
    const connection = new HttpBench(store).feed([get('/long', 'Range: bytes=0-99,500-1499')]);
    expect(connection.account.payloadBytesRead).to.be.below(4 * 32);
  });
});
