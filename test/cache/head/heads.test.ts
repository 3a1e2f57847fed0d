import { expect } from 'chai';
import {
  ETAG_LENGTH,
  encodePath,
  fileAnswer,
  fileHeadRoom,
  redirectAnswer,
  sizeText,
} from '../../../src/cache/head/heads.js';
import { utf8 } from '../support.js';

const facts = { contentType: 'text/plain', contentLength: 5, lastModifiedSeconds: -1, etag: 'abc' };

describe('cache/head/heads', () => {
  it('writes the fixed head of a file, Content-Length first and without Cache-Control', () => {
    const answer = fileAnswer({
      contentType: 'text/html; charset=utf-8',
      contentLength: 1234,
      lastModifiedSeconds: 784111777,
      etag: 'abc',
    });
    expect(answer.head).to.equal(
      'Content-Length: 1234\r\nContent-Type: text/html; charset=utf-8\r\n' +
        'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nETag: "abc"\r\nAccept-Ranges: bytes\r\n\r\n',
    );
    expect(answer.head.slice(0, answer.lengthFieldLength)).to.equal('Content-Length: 1234\r\n');
    const { etagFrom, etagLength } = answer;
    expect(answer.head.slice(etagFrom, etagFrom + etagLength)).to.equal('"abc"');
  });

  it('leaves Last-Modified out where there is none', () => {
    const answer = fileAnswer({ ...facts, contentLength: 0 });
    expect(answer.head).to.equal(
      'Content-Length: 0\r\nContent-Type: text/plain\r\nETag: "abc"\r\nAccept-Ranges: bytes\r\n\r\n',
    );
  });

  it('has no field about a body in the head of a 304 (RFC 9110 section 15.4.5)', () => {
    expect(fileAnswer({ ...facts, lastModifiedSeconds: 0 }).notModified).to.equal('ETag: "abc"\r\n\r\n');
  });

  it('says in which coding a file is', () => {
    const { head } = fileAnswer({ ...facts, contentType: 'image/svg+xml', contentEncoding: 'gzip' });
    expect(head).to.contain('\r\nContent-Type: image/svg+xml\r\nContent-Encoding: gzip\r\n');
  });

  it('keeps room for the longest head that a type and a size can have', () => {
    for (const lastModifiedSeconds of [-1, 0, 784111777, 253402300799]) {
      const answer = fileAnswer({ ...facts, lastModifiedSeconds, etag: 'e'.repeat(ETAG_LENGTH) });
      const named = { type: facts.contentType, encoding: '' };
      const room = fileHeadRoom({ named, fields: '', hasEtag: true, hasLastModified: true, hasHints: false });
      expect(room.headRoom + String(facts.contentLength).length - 1).to.be.at.least(answer.head.length);
      expect(room.notModifiedLength).to.equal(answer.notModified.length);
    }
  });

  it('redirects with a Location, a body that says the same, and no validator', () => {
    const { answer, payload } = redirectAnswer('/a&b/');
    expect(answer.status).to.equal(301);
    expect(answer.head)
      .to.contain('\r\nLocation: /a&b/\r\n')
      .and.to.match(/\r\n\r\n$/);
    expect(answer.head).to.contain(`Content-Length: ${payload.length}\r\n`);
    expect(payload).to.contain('href="/a&#38;b/"');
    expect(answer.etagLength + answer.notModified.length).to.equal(0);
  });

  it('percent-encodes a path so that it can stand in a header, whatever is in it', () => {
    expect(encodePath(utf8('/ü ä/100%/a?b#c'))).to.equal('/%C3%BC%20%C3%A4/100%25/a%3Fb%23c');
    expect(encodePath(Uint8Array.of(0x2f, 0x0d, 0x0a, 0xff))).to.equal('/%0D%0A%FF');
    expect(encodePath(utf8("/A-z0_9.~!$&'()*+,;=:@"))).to.equal("/A-z0_9.~!$&'()*+,;=:@");
  });

  it('writes sizes as people do', () => {
    expect([0, 1023, 1024, 1536, 5 * 2 ** 20, 2 ** 30].map(sizeText)).to.deep.equal([
      '0 bytes',
      '1023 bytes',
      '1 KiB',
      '1.5 KiB',
      '5 MiB',
      '1 GiB',
    ]);
  });
});
