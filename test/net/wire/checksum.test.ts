import { expect } from 'chai';
import fc from 'fast-check';
import { finish, fold, subtract, sum, swap, update } from '../../../src/net/wire/checksum.js';

/** The definition, one word at a time, with no trick: RFC 1071 section 1. */
function plainSum(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    total += bytes[i]! * 256 + (bytes[i + 1] ?? 0);
    if (total > 0xffff) total -= 0xffff;
  }
  return total;
}

/** 0x0000 and 0xffff are the same number in ones' complement. */
function same(a: number, b: number): boolean {
  return a % 0xffff === b % 0xffff;
}

const bytes = fc.uint8Array({ maxLength: 300 });

describe('net/wire/checksum', () => {
  it('sums the example of RFC 1071 section 3', () => {
    const example = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(sum(example, 0, 8)).to.equal(0xddf2);
    expect(finish(sum(example, 0, 8))).to.equal(0x220d);
  });

  it('sums any interval as the definition does', () => {
    fc.assert(
      fc.property(bytes, fc.nat(300), fc.nat(300), (data, a, b) => {
        const from = Math.min(a, b, data.length);
        const to = Math.min(Math.max(a, b), data.length);
        expect(sum(data, from, to)).to.equal(plainSum(data.subarray(from, to)));
      }),
    );
  });

  it('sums nothing to zero', () => {
    expect(sum(new Uint8Array(8), 3, 3)).to.equal(0);
  });

  it('loses no carry over a megabyte of ones, the largest sum there is', () => {
    const ones = new Uint8Array(1_000_003).fill(0xff);
    expect(sum(ones, 0, ones.length)).to.equal(plainSum(ones));
    expect(sum(ones, 0, 1_000_000)).to.equal(0xffff);
  });

  it('adds parts in any order, with an odd one swapped (RFC 1071 section 2.B)', () => {
    fc.assert(
      fc.property(bytes, fc.nat(300), (data, cut) => {
        const at = Math.min(cut, data.length);
        const tail = sum(data, at, data.length);
        const whole = fold((at & 1 ? swap(tail) : tail) + sum(data, 0, at));
        expect(same(whole, sum(data, 0, data.length))).to.equal(true);
      }),
    );
  });

  it('subtracts a prefix from a longer one', () => {
    fc.assert(
      fc.property(bytes, fc.nat(150), (data, half) => {
        const at = Math.min(half * 2, data.length & ~1);
        const rest = subtract(sum(data, 0, data.length), sum(data, 0, at));
        expect(same(rest, sum(data, at, data.length))).to.equal(true);
      }),
    );
  });

  it('updates a checksum as if it were computed anew (RFC 1624)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 60 }), fc.nat(9), fc.nat(0xffff), (data, word, is) => {
        data[0] = 0x45; // a header is never all zero
        const at = word === 0 ? 2 : word * 2;
        const before = finish(sum(data, 0, data.length));
        const was = (data[at]! << 8) | data[at + 1]!;
        data[at] = is >>> 8;
        data[at + 1] = is & 0xff;
        expect(update(before, was, is)).to.equal(finish(sum(data, 0, data.length)));
      }),
    );
  });

  it('updates the example of RFC 1624 section 4 to zero, not to minus zero', () => {
    expect(update(0xdd2f, 0x5555, 0x3285)).to.equal(0x0000);
  });
});
