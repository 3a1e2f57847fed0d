import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Coding } from '../../../src/cache/object/record.js';
import { effortFor, encode, holds, MADE_CODINGS } from '../../../src/cache/variants/coder.js';
import { someBytes, utf8 } from '../support.js';

/** "hello" as a zstd frame with one raw block (RFC 8878): magic, header for 5 bytes, last raw block. */
const ZSTD_HELLO = Buffer.from('28b52ffd200529000068656c6c6f', 'hex');

describe('cache/variants/coder', () => {
  const text = utf8('It is a truth universally acknowledged. '.repeat(200));

  for (const coding of MADE_CODINGS) {
    it(`makes coding ${coding} that holds the content, with every effort`, () => {
      for (const effort of ['most', 'much', 'little', 'least'] as const) {
        for (const content of [text, utf8('x'), someBytes(5000)]) {
          expect(holds(coding, encode(coding, content, effort, true), content)).to.equal(true);
        }
      }
    });

    it(`sees that coding ${coding} is cut off, longer, or of another content`, () => {
      const coded = encode(coding, text, 'much', false);
      expect(holds(coding, coded.subarray(0, coded.length - 1), text)).to.equal(false);
      expect(holds(coding, coded, text.subarray(1))).to.equal(false);
      expect(holds(coding, coded, Buffer.concat([text, utf8('x')]))).to.equal(false);
      expect(holds(coding, new Uint8Array(0), text)).to.equal(false);
      expect(holds(coding, someBytes(100), text)).to.equal(false);
    });
  }

  it('reads from memory that threads share', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(text.length));
    shared.set(text);
    expect(holds(Coding.brotli, encode(Coding.brotli, shared, 'little', true), shared)).to.equal(true);
  });

  it('reads zstd whether Node has it or not', () => {
    expect(holds(Coding.zstd, ZSTD_HELLO, utf8('hello'))).to.equal(true);
    expect(holds(Coding.zstd, ZSTD_HELLO, utf8('hellO'))).to.equal(false);
    expect(holds(Coding.zstd, ZSTD_HELLO, utf8('hello!'))).to.equal(false);
    expect(holds(Coding.zstd, ZSTD_HELLO.subarray(0, 12), utf8('hello'))).to.equal(false);
  });

  it('decodes no more than the content has, whatever a file claims', () => {
    const bomb = Buffer.alloc(64 * 2 ** 20);
    const before = process.memoryUsage().arrayBuffers;
    expect(holds(Coding.gzip, gzipSync(bomb, { level: 1 }), utf8('x'))).to.equal(false);
    expect(
      holds(Coding.brotli, brotliCompressSync(bomb, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }), utf8('x')),
    ).to.equal(false);
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(8 * 2 ** 20);
  });

  it('takes less time for a byte where there is more work', () => {
    expect([2 ** 10, 2 ** 24, 2 ** 30].map((total) => effortFor(total, 1024))).to.deep.equal([
      'most',
      'much',
      'little',
    ]);
    const bySize = [2 ** 10, 2 ** 20, 2 ** 22 + 1, 2 ** 24].map((size) => effortFor(size, size));
    expect(bySize).to.deep.equal(['most', 'much', 'little', 'least']);
  });

  it('knows only its own codings', () => {
    expect(() => encode(Coding.identity, text, 'most', true)).to.throw(RangeError);
  });
});
