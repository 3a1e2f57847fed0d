/** Variants in content codings over HTTP: which one, with which fields, and that nothing of two is ever mixed. */
import { expect } from 'chai';
import { fileAnswer } from '../../../src/cache/head/heads.js';
import { Coding } from '../../../src/cache/object/record.js';
import { get, HttpBench, request } from '../../support/http-bench.js';
import { addVariant, makeSite, type Site } from '../../support/site.js';

const { gzip, brotli } = Coding;
const PLAIN = 'plain text '.repeat(10);
const LAST_MODIFIED = 'Sun, 06 Nov 1994 08:49:37 GMT';

interface Answer {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
}

describe('http: content codings', () => {
  let site: Site;
  let bench: HttpBench;

  beforeEach(async () => {
    site = await makeSite({
      files: {
        '/a.js': { content: PLAIN, variants: { [gzip]: 'gzip bytes', [brotli]: 'br bytes' } },
        '/gzip.js': { content: PLAIN, variants: { [gzip]: 'gzip bytes' } },
        '/none.js': { content: PLAIN, variants: {} },
        '/photo.jpg': { content: PLAIN, contentType: 'image/jpeg' },
      },
    });
    bench = new HttpBench(site.store);
  });

  function answers(text: string): Answer[] {
    return parse(bench.feed([text]).sent);
  }

  function answer(path: string, ...fields: string[]): Answer {
    return answers(get(path, ...fields))[0]!;
  }

  it('sends the variant that a browser likes best, with its own length and entity-tag', () => {
    const { status, fields, body } = answer('/a.js', 'Accept-Encoding: gzip, deflate, br, zstd');
    expect({ status, body }).to.deep.equal({ status: 200, body: 'br bytes' });
    expect(fields.get('Content-Encoding')).to.equal('br');
    expect(fields.get('Content-Length')).to.equal('8');
    expect(fields.get('ETag')).to.equal('"coding-2"');
    expect(fields.get('Vary')).to.equal('Accept-Encoding');
    expect(fields.get('Last-Modified')).to.equal(LAST_MODIFIED);
    expect(fields.get('Content-Type')).to.equal('text/plain');
  });

  it('sends the file itself with Vary where there is no field, and no coding', () => {
    for (const path of ['/a.js', '/none.js']) {
      const { fields, body } = answer(path);
      expect(body).to.equal(PLAIN);
      expect(fields.get('Vary')).to.equal('Accept-Encoding');
      expect(fields.has('Content-Encoding')).to.equal(false);
      expect(fields.get('ETag')).to.equal('"tag"');
    }
  });

  it('answers HEAD as GET, without the body', () => {
    const [head] = answers(request('HEAD', '/a.js', 'Accept-Encoding: gzip'));
    expect(head?.fields.get('Content-Encoding')).to.equal('gzip');
    expect(head?.fields.get('Content-Length')).to.equal('10');
    expect(head?.body).to.equal('');
  });

  it('knows what a client has by the variant’s own entity-tag, and says Vary in the 304', () => {
    const accept = 'Accept-Encoding: br';
    const same = answer('/a.js', accept, 'If-None-Match: "coding-2"');
    expect(same.status).to.equal(304);
    expect(same.fields.get('ETag')).to.equal('"coding-2"');
    expect(same.fields.get('Vary')).to.equal('Accept-Encoding');
    expect(answer('/a.js', accept, 'If-None-Match: "tag"').status, 'the tag of the plain file').to.equal(200);
    expect(answer('/a.js', 'If-None-Match: "coding-2"').status, 'of another variant').to.equal(200);
    expect(answer('/a.js', accept, 'If-Match: "tag"').status).to.equal(412);
    expect(answer('/a.js', accept, `If-Modified-Since: ${LAST_MODIFIED}`).status).to.equal(304);
  });

  it('takes ranges from the variant that was selected', () => {
    const { status, fields, body } = answer('/a.js', 'Accept-Encoding: gzip', 'Range: bytes=5-');
    expect({ status, body }).to.deep.equal({ status: 206, body: 'bytes' });
    expect(fields.get('Content-Range')).to.equal('bytes 5-9/10');
    expect(fields.get('Content-Encoding')).to.equal('gzip');
    expect(fields.get('Vary')).to.equal('Accept-Encoding');
    expect(fields.get('ETag')).to.equal('"coding-1"');
    expect(answer('/a.js', 'Accept-Encoding: br', 'Range: bytes=9-').status, 'beyond the variant').to.equal(416);
  });

  it('says in each of several parts what coding they are of, and in the head that the answer may vary', () => {
    const long = 'coded '.repeat(500);
    addVariant(site.library, '/none.js', gzip, long);
    const { status, fields, body } = answer('/none.js', 'Accept-Encoding: gzip', 'Range: bytes=0-4,2000-2004');
    expect(status).to.equal(206);
    expect(fields.get('Vary')).to.equal('Accept-Encoding');
    expect(fields.has('Content-Encoding'), 'of the multipart itself').to.equal(false);
    expect(body.match(/Content-Encoding: gzip\r\n/g)).to.have.length(2);
    expect(body.match(/\r\n\r\n(.{5})\r\n--/g)).to.have.length(2);
    expect(body).to.contain('Content-Range: bytes 2000-2004/3000');
  });

  it('goes on with a download only for the variant that the client has a part of', () => {
    const range = ['Range: bytes=2-3', 'Accept-Encoding: gzip'];
    expect(answer('/a.js', ...range, 'If-Range: "coding-1"').status).to.equal(206);
    expect(answer('/a.js', ...range, 'If-Range: "coding-2"').status).to.equal(200);
    // All variants have this date, so it does not say which of them the client has.
    expect(answer('/a.js', ...range, `If-Range: ${LAST_MODIFIED}`).status).to.equal(200);
    expect(answer('/photo.jpg', 'Range: bytes=2-3', `If-Range: ${LAST_MODIFIED}`).status).to.equal(206);
  });

  it('answers 406 with Vary where identity is excluded and nothing else fits', () => {
    const { status, fields, body } = answer('/none.js', 'Accept-Encoding: identity;q=0, br');
    expect(status).to.equal(406);
    expect(fields.get('Vary')).to.equal('Accept-Encoding');
    expect(body).to.equal('406 Not Acceptable\n');
    expect(bench.statistics.notAcceptable).to.equal(1);
    expect(answer('/a.js', 'Accept-Encoding: identity;q=0').status).to.equal(406);
    expect(answer('/a.js', 'Accept-Encoding: *;q=0, gzip;q=0.1').body).to.equal('gzip bytes');
  });

  it('sends a file that has no variants as it is, whatever the field says', () => {
    const { status, fields } = answer('/photo.jpg', 'Accept-Encoding: identity;q=0');
    expect(status).to.equal(200);
    expect(fields.has('Vary')).to.equal(false);
  });

  it('takes several lines of the field as one list', () => {
    expect(answer('/a.js', 'Accept-Encoding: br;q=0.5', 'Accept-Encoding: gzip').body).to.equal('gzip bytes');
  });

  it('counts answers by coding, and the bytes saved', () => {
    for (const value of ['br', 'br', 'gzip', 'identity']) answer('/a.js', `Accept-Encoding: ${value}`);
    const { brotliAnswers, gzipAnswers, zstdAnswers, codedBytesSaved } = bench.statistics;
    expect({ brotliAnswers, gzipAnswers, zstdAnswers }).to.deep.equal({
      brotliAnswers: 2,
      gzipAnswers: 1,
      zstdAnswers: 0,
    });
    expect(codedBytesSaved).to.equal(3 * PLAIN.length - 8 - 8 - 10);
  });

  it('gives many values in turn each its own answer', () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 500; i++) {
        const likesBrotli = i % 3 === 0;
        const value = `x${i};q=0.${i % 10}, ${likesBrotli ? 'br' : 'gzip'}${' '.repeat(i % 5)}, y${'z'.repeat(i % 80)}`;
        expect(answer('/a.js', `Accept-Encoding: ${value}`).body, value).to.equal(
          likesBrotli ? 'br bytes' : 'gzip bytes',
        );
      }
    }
  });

  it('finds a variant from the moment when it is published, and not any more when its file changes', () => {
    const accept = 'Accept-Encoding: gzip, br';
    expect(answer('/gzip.js', accept).body).to.equal('gzip bytes');
    addVariant(site.library, '/gzip.js', brotli, 'br bytes');
    expect(answer('/gzip.js', accept).body).to.equal('br bytes');
    replace(site, '/gzip.js', 'new content');
    expect(answer('/gzip.js', accept).body).to.equal('new content');
    addVariant(site.library, '/gzip.js', gzip, 'new gzip');
    expect(answer('/gzip.js', accept).body).to.equal('new gzip');
    site.library.remove(Buffer.from('/gzip.js'));
    site.library.flush();
    expect(answer('/gzip.js', accept).status).to.equal(404);
    expect(site.library.statistics.variants, 'the two of /a.js').to.equal(2);
  });

  it('frees the memory of variants that are gone', () => {
    const { library } = site;
    const before = library.statistics.usedBytes;
    for (let i = 0; i < 20; i++) {
      addVariant(library, '/gzip.js', brotli, `br ${i}`);
      expect(answer('/gzip.js', 'Accept-Encoding: br').body).to.equal(`br ${i}`);
    }
    replace(site, '/gzip.js', PLAIN);
    addVariant(library, '/gzip.js', gzip, 'gzip bytes');
    library.flush();
    expect(library.statistics.usedBytes).to.equal(before);
    expect(library.statistics.retiredInUse).to.equal(0);
  });
});

/** Publishes another content under the name, negotiated too. */
function replace({ library }: Site, path: string, content: string): void {
  const facts = { contentType: 'text/plain', contentLength: content.length, lastModifiedSeconds: 0, etag: 'tag' };
  const answer = fileAnswer({ ...facts, isNegotiated: true });
  const measures = {
    nameCount: 1,
    namesLength: path.length,
    headRoom: answer.head.length,
    payloadLength: content.length,
    notModifiedLength: answer.notModified.length,
  };
  const draft = library.reserve(measures, 'file')!;
  draft.payload.set(Buffer.from(content));
  draft.seal([path], answer);
  library.publish(draft);
  library.flush();
}

/** The answers in a stream: each ends where its Content-Length says, or at once if it has no body. */
function parse(text: string): Answer[] {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const fields = new Map(lines.map((line) => line.split(': ', 2) as [string, string]));
  return [{ status: Number(statusLine.split(' ')[1]), fields, body: rest.join('\r\n\r\n') }];
}
