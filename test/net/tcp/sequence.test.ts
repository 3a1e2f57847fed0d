import { expect } from 'chai';
import fc from 'fast-check';
import {
  add,
  distance,
  earlier,
  isAfter,
  isAtOrBefore,
  isBefore,
  isInWindow,
  later,
  type Sequence,
  toSequence,
  toUnsigned,
  toWord,
  ZERO,
} from '../../../src/net/tcp/sequence.js';

const anySequence = fc.integer({ min: -0x80000000, max: 0x7fffffff }).map(toSequence);
/** Less than half of the space: RFC 9293 section 3.4 says nothing about more. */
const anyDistance = fc.integer({ min: -0x7fffffff, max: 0x7fffffff });

describe('tcp: sequence numbers [9293-E12]', () => {
  it('add wraps at 2^32 and stays a signed 32-bit integer', () => {
    expect(add(toSequence(0x7fffffff), 1)).to.equal(-0x80000000);
    expect(add(toSequence(-1), 1)).to.equal(0);
    expect(add(toSequence(-1), 2)).to.equal(1);
    expect(add(ZERO, -1)).to.equal(-1);
  });

  it('distance undoes add, across the wrap and back', () => {
    fc.assert(
      fc.property(anySequence, anyDistance, (a, d) => {
        expect(distance(a, add(a, d))).to.equal(d);
      }),
    );
  });

  it('comparisons agree with the sign of the distance', () => {
    fc.assert(
      fc.property(anySequence, anyDistance, (a, d) => {
        const b = add(a, d);
        expect(isBefore(a, b)).to.equal(d > 0);
        expect(isAfter(a, b)).to.equal(d < 0);
        expect(isAtOrBefore(a, b)).to.equal(d >= 0);
        expect(later(a, b)).to.equal(d > 0 ? b : a);
        expect(earlier(a, b)).to.equal(d > 0 ? a : b);
      }),
    );
  });

  it('a window holds its left edge and not its right one, wherever it lies', () => {
    fc.assert(
      fc.property(anySequence, fc.integer({ min: 1, max: 0x40000000 }), (left, size) => {
        expect(isInWindow(left, left, size)).to.equal(true);
        expect(isInWindow(add(left, size - 1), left, size)).to.equal(true);
        expect(isInWindow(add(left, size), left, size)).to.equal(false);
        expect(isInWindow(add(left, -1), left, size)).to.equal(false);
      }),
    );
  });

  it('an empty window holds nothing', () => {
    expect(isInWindow(toSequence(5), toSequence(5), 0)).to.equal(false);
  });

  it('a word of a header is the same number, signed or not, and comes back as either', () => {
    for (const word of [0, 1, 0x7fffffff, -0x80000000, -1]) {
      expect(toSequence(word >>> 0)).to.equal(toSequence(word));
      expect(toWord(toSequence(word >>> 0))).to.equal(word);
      expect(toUnsigned(toSequence(word))).to.equal(word >>> 0);
    }
  });

  // Checked by the compiler: each line below is an error of its own, or the build fails.
  it('nothing but sequence.ts can compute with one, compare it by size, or take a plain number for one', () => {
    const misuse = (a: Sequence, b: Sequence) => [
      // @ts-expect-error
      a < b,
      // @ts-expect-error
      a >= b,
      // @ts-expect-error
      a - b,
      // @ts-expect-error
      a + 1,
      // @ts-expect-error
      a >>> 0,
      // @ts-expect-error
      Math.max(a, b),
      // @ts-expect-error
      add(1, 1),
      // @ts-expect-error
      a === 1,
      // Equality is safe: numbers that wrap are equal or not.
      a === b,
    ];
    expect(misuse(ZERO, ZERO)).to.have.length(9);
  });
});
