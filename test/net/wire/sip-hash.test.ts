import { expect } from 'chai';
import fc from 'fast-check';
import { SipHash } from '../../../src/net/wire/sip-hash.js';

const MASK = (1n << 64n) - 1n;
const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & MASK;
const word = (low: number, high: number) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

/** The algorithm as its paper has it, in 64-bit integers, for five words of input and the length. */
function plain(key: readonly bigint[], input: readonly bigint[]): bigint {
  const [k0 = 0n, k1 = 0n] = key;
  let [v0, v1, v2, v3] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const round = () => {
    v0 = (v0 + v1) & MASK;
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = (v2 + v3) & MASK;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = (v0 + v3) & MASK;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = (v2 + v1) & MASK;
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };
  for (const m of input) {
    v3 ^= m;
    round();
    round();
    v0 ^= m;
  }
  v2 ^= 0xffn;
  for (let i = 0; i < 4; i++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

/** The paper's vectors: key 00 01 … 0f, input 00 01 … of this length. Appendix A has the one of 15 bytes. */
function vector(length: number): bigint {
  const bytes = Array.from({ length }, (_, i) => BigInt(i));
  const words: bigint[] = [];
  for (let at = 0; at + 8 <= length; at += 8) {
    words.push(bytes.slice(at, at + 8).reduce((sum, byte, i) => sum | (byte << BigInt(8 * i)), 0n));
  }
  const rest = bytes.slice(length - (length % 8)).reduce((sum, byte, i) => sum | (byte << BigInt(8 * i)), 0n);
  words.push(rest | (BigInt(length) << 56n));
  return plain([0x0706050403020100n, 0x0f0e0d0c0b0a0908n], words);
}

describe('SipHash-2-4', () => {
  it('has a plain twin here that gives the value of the paper (appendix A)', () => {
    expect(vector(15)).to.equal(0xa129ca6149be45e5n);
  });

  it('gives what the plain twin gives, for any key and inputs of 20, 32 and 40 bytes', () => {
    const words = (length: number) => fc.array(fc.integer(), { minLength: length, maxLength: length });
    const pairs = (all: readonly number[]) =>
      all.flatMap((low, i) => (i % 2 === 0 ? [word(low, all[i + 1] ?? 0)] : []));
    fc.assert(
      fc.property(words(4), fc.constantFrom(5, 8, 10), words(10), (key, count, all) => {
        const input = all.slice(0, count);
        const sip = new SipHash(Int32Array.from(key), 4 * count);
        sip.input.set(input);
        sip.hash();
        const end = BigInt(4 * count) << 56n;
        const whole =
          count % 2 === 0 ? [...pairs(input), end] : [...pairs(input.slice(0, -1)), end | word(input.at(-1)!, 0)];
        expect(word(sip.low, sip.high)).to.equal(plain(pairs(key), whole));
      }),
      { numRuns: 500 },
    );
  });
});
