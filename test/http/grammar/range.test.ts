import { expect } from 'chai';
import fc from 'fast-check';
import { ascii } from '../../../src/http/grammar/grammar.js';
import { ByteRanges, PART, TOO_MANY, UNSATISFIABLE, WHOLE } from '../../../src/http/grammar/range.js';

const MOST = 8;

function read(value: string, length: number): string {
  const range = new ByteRanges(MOST);
  const bytes = ascii(`=-,${value},-9`);
  const outcome = range.read(bytes, 3, bytes.length - 3, length);
  if (outcome === WHOLE) return 'whole';
  if (outcome === UNSATISFIABLE) return 'unsatisfiable';
  if (outcome === TOO_MANY) return 'too many';
  expect(outcome).to.equal(PART);
  return Array.from({ length: range.count }, (_, i) => `${range.from(i)} to ${range.to(i)}`).join(', ');
}

describe('a byte range', () => {
  const rows: readonly (readonly [value: string, length: number, expected: string])[] = [
    ['bytes=0-0', 10, '0 to 1'],
    ['bytes=0-', 10, '0 to 10'],
    ['bytes=3-5', 10, '3 to 6'],
    ['bytes=3-99', 10, '3 to 10'],
    ['bytes=9-9', 10, '9 to 10'],
    ['bytes=-3', 10, '7 to 10'],
    ['bytes=-99', 10, '0 to 10'],
    ['BYTES=1-2', 10, '1 to 3'],
    ['bytes= 1-2 ', 10, '1 to 3'],
    ['bytes=00001-2', 10, '1 to 3'],
    ['bytes=0-99999999999999999999999', 10, '0 to 10'],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=99999999999999999999999-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'whole'],
    ['bytes=0-5', 0, 'whole'],
    ['bytes=-5', 0, 'whole'],
    ['bytes=1-', 0, 'unsatisfiable'],
    ['bytes=-0', 0, 'unsatisfiable'],
    ['bytes=5-3', 10, 'whole'],
    ['bytes=0-1,3-4', 10, '0 to 5'],
    ['bytes=0-1,', 10, '0 to 2'],
    ['bytes=0-9,500-509', 1000, '0 to 10, 500 to 510'],
    ['bytes=500-509, \t0-9 ,', 1000, '500 to 510, 0 to 10'],
    ['bytes=,,0-9,,-10', 1000, '0 to 10, 990 to 1000'],
    ['bytes=0-9,137-140', 1000, '0 to 141'],
    ['bytes=0-9,138-140', 1000, '0 to 10, 138 to 141'],
    ['bytes=138-140,0-9', 1000, '138 to 141, 0 to 10'],
    ['bytes=137-140,0-9', 1000, '0 to 141'],
    ['bytes=0-9,500-509,200-400', 1000, '0 to 10, 200 to 510'],
    ['bytes=0-9,500-509,5-505', 1000, '0 to 510'],
    ['bytes=0-,0-,0-,0-', 1000, '0 to 1000'],
    ['bytes=0-9,1000-,500-500', 1000, '0 to 10, 500 to 501'],
    ['bytes=1000-,-0', 1000, 'unsatisfiable'],
    ['bytes=0-9,5-3', 1000, 'whole'],
    ['bytes=0-9,x', 1000, 'whole'],
    ['bytes=1000-,x', 1000, 'whole'],
    ['bytes=0-9,items=1-2', 1000, 'whole'],
    ['bytes=0-9;500-509', 1000, 'whole'],
    ['bytes=,', 10, 'whole'],
    ['bytes=0-,5-', 0, 'whole'],
    ['bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0', 10, '0 to 1'],
    ['bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0', 10, 'too many'],
    ['bytes=', 10, 'whole'],
    ['bytes=-', 10, 'whole'],
    ['bytes=--1', 10, 'whole'],
    ['bytes=1', 10, 'whole'],
    ['bytes=a-b', 10, 'whole'],
    ['bytes=1 -2', 10, 'whole'],
    ['bytes=1- 2', 10, 'whole'],
    ['bytes=0x1-2', 10, 'whole'],
    ['bytes=+1-2', 10, 'whole'],
    ['bytes 1-2', 10, 'whole'],
    ['items=1-2', 10, 'whole'],
    ['bytes =1-2', 10, 'whole'],
    ['=1-2', 10, 'whole'],
    ['', 10, 'whole'],
  ];
  for (const [value, length, expected] of rows) {
    it(`"${value}" of ${length} bytes is ${expected}`, () => {
      expect(read(value, length)).to.equal(expected);
    });
  }

  it('leaves out nothing that was asked for, and sends nothing twice', () => {
    const range = fc.tuple(fc.nat(3000), fc.nat(300)).map(([from, more]) => [from, from + more] as const);
    fc.assert(
      fc.property(
        fc.array(range, { minLength: 1, maxLength: MOST }),
        fc.integer({ min: 1, max: 2500 }),
        (asked, length) => {
          const ranges = new ByteRanges(MOST);
          const bytes = ascii(`bytes=${asked.map(([from, to]) => `${from}-${to}`).join(',')}`);
          const outcome = ranges.read(bytes, 0, bytes.length, length);
          const parts = Array.from({ length: ranges.count }, (_, i) => [ranges.from(i), ranges.to(i)] as const);
          const wanted = asked.filter(([from]) => from < length);
          expect(outcome).to.equal(wanted.length === 0 ? UNSATISFIABLE : PART);
          for (const [from, last] of wanted) {
            const to = Math.min(last + 1, length);
            expect(parts.filter((part) => part[0] <= from && to <= part[1])).to.have.length(1);
          }
          const sorted = [...parts].sort((a, b) => a[0] - b[0]);
          for (const [i, [from, to]] of sorted.entries()) {
            expect(from).to.be.lessThan(to);
            expect(to).to.be.at.most(length);
            if (i > 0) expect(from - sorted[i - 1]![1]).to.be.at.least(128);
          }
        },
      ),
    );
  });

  it('never reaches outside of the object', () => {
    const value = fc.stringMatching(/^bytes=[0-9]{0,4}-[0-9]{0,4}$/);
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 2000 }), (text, length) => {
        const match = /^(\d+) to (\d+)$/.exec(read(text, length));
        if (match === null) return;
        expect(Number(match[1])).to.be.lessThan(Number(match[2]));
        expect(Number(match[2])).to.be.at.most(length);
      }),
    );
  });
});
