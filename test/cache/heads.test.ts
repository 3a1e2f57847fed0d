import { expect } from 'chai';
import { encodePath, fileAnswer, noticeAnswer, redirectAnswer, sizeText } from '../../src/cache/heads.js';
import { utf8 } from './support.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

describe('cache/heads', () => {
  it('writes the fixed head of a file, Content-Length first and without Cache-Control', () => {
    const answer = fileAnswer('text/html; charset=utf-8', 1234, 784111777, 'abc');
    expect(text(answer.head)).to.equal(
      'Content-Length: 1234\r\nContent-Type: text/html; charset=utf-8\r\n' +
        'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nETag: "abc"\r\nAccept-Ranges: bytes\r\n\r\n',
    );
    expect(text(answer.head.subarray(0, answer.lengthFieldLength))).to.equal('Content-Length: 1234\r\n');
    const { etagFrom, etagLength } = answer;
    expect(text(answer.head.subarray(etagFrom, etagFrom + etagLength))).to.equal('"abc"');
  });

  it('leaves Last-Modified out where there is none', () => {
    const answer = fileAnswer('text/plain', 0, -1, 'abc');
    expect(text(answer.head)).to.equal(
      'Content-Length: 0\r\nContent-Type: text/plain\r\nETag: "abc"\r\nAccept-Ranges: bytes\r\n\r\n',
    );
  });

  it('has no field about a body in the head of a 304 (RFC 9110 section 15.4.5)', () => {
    expect(text(fileAnswer('text/plain', 5, 0, 'abc').notModified)).to.equal('ETag: "abc"\r\n\r\n');
  });

  it('redirects with a Location, a body that says the same, and no validator', () => {
    const { answer, payload } = redirectAnswer('/a&b/');
    expect(answer.status).to.equal(301);
    expect(text(answer.head))
      .to.contain('\r\nLocation: /a&b/\r\n')
      .and.to.match(/\r\n\r\n$/);
    expect(text(answer.head)).to.contain(`Content-Length: ${payload.length}\r\n`);
    expect(text(payload)).to.contain('href="/a&#38;b/"');
    expect(answer.etagLength + answer.notModified.length).to.equal(0);
  });

  it('names the limit in the body of a 503', () => {
    const full = noticeAnswer('cache-size', 512 * 2 ** 20);
    expect(full.answer.status).to.equal(503);
    expect(text(full.payload)).to.contain('--cache-size, 512 MiB');
    expect(text(noticeAnswer('max-object', 1000).payload)).to.contain('--max-object, 1000 bytes');
    expect(text(noticeAnswer('changing', 0).payload)).to.contain('being changed');
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
