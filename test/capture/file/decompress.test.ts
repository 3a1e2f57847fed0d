import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { detectCompression } from '../../../src/capture/file/compression.js';
import { decompress } from '../../../src/capture/file/decompress.js';
import { MAX_WINDOW_BYTES, ZstdUnits } from '../../../src/capture/file/zstd-units.js';

/** `hello zstd, hello zstd, hello zstd` by the reference implementation (zstd 1.5), with a checksum. */
const ZSTD_HELLO = Buffer.from('KLUv/QRYlQAAYGhlbGxvIHpzdGQsIAEAV0oSgWMKYg==', 'base64');

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** All that comes out, and the message of the error that ended it. */
async function run(bytes: Uint8Array, size = 1000): Promise<{ out: Buffer; error: string | undefined }> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of decompress(pieces(bytes, size))) parts.push(part.slice());
  } catch (error) {
    return { out: Buffer.concat(parts), error: (error as Error).message };
  }
  return { out: Buffer.concat(parts), error: undefined };
}

const PLAIN = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >> (i % 7)));

function zstd(bytes: Uint8Array, ...args: string[]): Buffer {
  return execFileSync('zstd', ['-q', '-c', ...args], { input: bytes, maxBuffer: 1 << 26 });
}

describe('compressed captures', () => {
  it('are told by their magic numbers', () => {
    expect(detectCompression(gzipSync('x'))).to.equal('gzip');
    expect(detectCompression(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd))).to.equal('zstd');
    expect(detectCompression(Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18))).to.equal('zstd');
    expect(detectCompression(Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1))).to.equal('none');
    expect(detectCompression(new Uint8Array(0))).to.equal('none');
  });

  it('pass through unchanged if they are not compressed, whatever the pieces', async () => {
    for (const size of [1, 3, 4, 1 << 20]) {
      expect((await run(PLAIN.subarray(0, 5_000), size)).out.equals(PLAIN.subarray(0, 5_000))).to.equal(true);
    }
  });

  it('gzip: several members, in pieces of any size', async () => {
    const file = Buffer.concat([gzipSync(PLAIN), gzipSync('and more')]);
    for (const size of [1, 100, 1 << 20]) {
      const { out, error } = await run(size === 1 ? gzipSync(PLAIN.subarray(0, 2_000)) : file, size);
      expect(error).to.equal(undefined);
      const expected = size === 1 ? PLAIN.subarray(0, 2_000) : Buffer.concat([PLAIN, Buffer.from('and more')]);
      expect(out.equals(expected)).to.equal(true);
    }
  });

  it('gzip: what comes before a damaged place is given, then the error', async () => {
    const file = gzipSync(PLAIN);
    const { out, error } = await run(file.subarray(0, file.length >> 1));
    expect(error).to.equal('gzip: unexpected end of file');
    expect(out.length).to.be.greaterThan(50_000);
    expect(out.equals(PLAIN.subarray(0, out.length))).to.equal(true);
    file.fill(0xff, file.length >> 1, (file.length >> 1) + 40);
    expect((await run(file)).error).to.match(/^gzip: /);
  });

  it('zstd: a frame of the reference implementation, in pieces of any size', async () => {
    for (const size of [1, 2, 5, 1000]) {
      const { out, error } = await run(ZSTD_HELLO, size);
      expect(error).to.equal(undefined);
      expect(out.toString()).to.equal('hello zstd, hello zstd, hello zstd');
    }
  });

  it('zstd: frames one behind another, skippable ones between them', async () => {
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
    for (const size of [1, 7, 1000]) {
      const { out, error } = await run(Buffer.concat([skippable, ZSTD_HELLO, skippable, ZSTD_HELLO, skippable]), size);
      expect(error).to.equal(undefined);
      expect(out.toString()).to.equal('hello zstd, hello zstd, hello zstd'.repeat(2));
    }
  });

  it('zstd: every level of the reference implementation, where it is installed', async function () {
    if (spawnSync('zstd', ['--version']).error !== undefined) {
      console.log('      (skipped: no zstd on this machine)');
      this.skip();
    }
    for (const level of ['-1', '-3', '-19', '--fast=5']) {
      const { out, error } = await run(zstd(PLAIN, level), 5_000);
      expect(error, level).to.equal(undefined);
      expect(out.equals(PLAIN), level).to.equal(true);
    }
  });

  it('zstd: a file cut short gives its first blocks, then the error', async () => {
    const { out, error } = await run(ZSTD_HELLO.subarray(0, ZSTD_HELLO.length - 1));
    expect(error).to.equal('zstd: unexpected end of file');
    expect(out.toString(), 'only its checksum is cut').to.equal('hello zstd, hello zstd, hello zstd');
    expect((await run(ZSTD_HELLO.subarray(0, 20))).error).to.equal('zstd: unexpected end of file');
  });

  it('zstd: a block that is not compressed gives what is there of it', async () => {
    // Magic, a descriptor without checksum, a window of 1 KiB, a last raw block of 100 bytes (RFC 8878 section 3.1.1).
    const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0x21, 0x03, 0x00);
    const whole = Buffer.concat([header, PLAIN.subarray(0, 100)]);
    expect((await run(whole)).out.equals(PLAIN.subarray(0, 100))).to.equal(true);
    const { out, error } = await run(whole.subarray(0, whole.length - 30));
    expect(error).to.equal('zstd: unexpected end of file');
    expect(out.equals(PLAIN.subarray(0, 70))).to.equal(true);
  });

  it('gzip: damage in the middle costs nothing of what comes before it', async () => {
    const noise = randomBytes(200_000); // Stored, not compressed: a place in the file is a place in the content.
    const file = gzipSync(noise);
    file.fill(0, file.length - 8); // The checksum (RFC 1952 section 2.3.1).
    const { out, error } = await run(file, 70_000);
    expect(error).to.equal('gzip: incorrect data check');
    expect(out.equals(noise)).to.equal(true);
    const member = gzipSync(PLAIN.subarray(0, 90_000));
    const second = await run(Buffer.concat([member, member.subarray(0, 10), Buffer.alloc(50, 0xff)]));
    expect(second.error).to.match(/^gzip: /);
    expect(second.out.equals(PLAIN.subarray(0, 90_000)), 'the first member, whole').to.equal(true);
  });

  it('of other kinds are named, with what to do', async () => {
    const xz = await run(Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0));
    expect(xz.error).to.contain('xz is not supported: decompress it first');
    expect((await run(Buffer.from('BZh91AY&SY'))).error).to.contain('bzip2 is not supported');
  });

  it('zstd: a window larger than the bound is refused before anything is allocated', () => {
    const units = new ZstdUnits();
    units.push(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0, 0, 0));
    expect(() => units.next()).to.throw(`more than ${MAX_WINDOW_BYTES}`);
    const single = new ZstdUnits();
    single.push(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    expect(() => single.next()).to.throw('a window of 4294967296 bytes');
  });

  it('zstd: a block type that does not exist is an error, not a hang', async () => {
    const file = Buffer.from(ZSTD_HELLO);
    file[6] = 7;
    expect((await run(file)).error).to.match(/^zstd: /);
  });
});
