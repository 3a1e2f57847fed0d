/** Where the admin listener listens, and its token. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AdminError } from '../../src/admin/source.js';
import { carriesToken, readToken, TOKEN_VARIABLE } from '../../src/admin/token.js';
import { formatAdminAddress, isLocal, parseAdminAddress } from '../../src/site/admin-address.js';

describe('the address of the admin listener', () => {
  const right: Readonly<Record<string, [text: string, local: boolean]>> = {
    '127.0.0.1:9464': ['127.0.0.1:9464', true],
    'localhost:9464': ['127.0.0.1:9464', true],
    '[::1]:9464': ['[::1]:9464', true],
    '127.8.0.1:0': ['127.8.0.1:0', true],
    '0.0.0.0:9464': ['0.0.0.0:9464', false],
    '[::]:9464': ['[::]:9464', false],
    '192.0.2.7:80': ['192.0.2.7:80', false],
    '/run/fastpath/admin.sock': ['/run/fastpath/admin.sock', true],
    'unix:admin.sock': ['admin.sock', true],
    './admin.sock': ['./admin.sock', true],
  };
  for (const [text, [formatted, local]] of Object.entries(right)) {
    it(`can be ${text}`, () => {
      const address = parseAdminAddress(text);
      expect(formatAdminAddress(address)).to.equal(formatted);
      expect(isLocal(address)).to.equal(local);
    });
  }

  for (const text of [
    '',
    ':9464',
    '9464',
    '127.0.0.1',
    '127.0.0.1:65536',
    '::1:9464',
    'example.org:9464',
    '[127.0.0.1]:1',
    '/run/',
  ]) {
    it(`cannot be "${text}"`, () => expect(() => parseAdminAddress(text)).to.throw(RangeError, /^Not /));
  }
});

describe('the token of the admin listener', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-token-'));
  const file = join(folder, 'token');
  after(() => rmSync(folder, { recursive: true }));
  const token = 'abcdefghij-0123456789';

  it('comes from a file, without white space around it', () => {
    writeFileSync(file, `${token}\n`);
    expect(readToken(file, {})).to.equal(token);
  });

  it('comes from the environment, if there is no file', () => {
    expect(readToken(undefined, { [TOKEN_VARIABLE]: token })).to.equal(token);
    expect(readToken(undefined, {})).to.equal(undefined);
  });

  for (const text of ['', 'short', 'sixteen letters but with spaces', 'a-token-with-ümlauts']) {
    it(`is not "${text}"`, () => {
      expect(() => readToken(undefined, { [TOKEN_VARIABLE]: text })).to.throw(AdminError, 'at least 16');
    });
  }

  it('cannot be in a file that is not there', () => {
    expect(() => readToken(join(folder, 'none'), {})).to.throw(AdminError, 'ENOENT');
  });

  it('is found in Authorization alone, whole', () => {
    expect(carriesToken(`Bearer ${token}`, token)).to.equal(true);
    expect(carriesToken(`bearer  ${token}`, token)).to.equal(true);
    for (const wrong of [
      undefined,
      '',
      token,
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      'Bearer ',
    ]) {
      expect(carriesToken(wrong, token), String(wrong)).to.equal(false);
    }
  });
});
