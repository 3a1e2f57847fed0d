import { expect } from 'chai';
import fc from 'fast-check';
import { ascii } from '../../src/http/grammar.js';
import { ByteRange, PART, UNSATISFIABLE, WHOLE } from '../../src/http/range.js';

function read(value: string, length: number): string {
  const range = new ByteRange();
  const bytes = ascii(`=-,${value},-9`);
  const outcome = range.read(bytes, 3, bytes.length - 3, length);
  if (outcome === WHOLE) return 'whole';
  if (outcome === UNSATISFIABLE) return 'unsatisfiable';
  expect(outcome).to.equal(PART);
  return `${range.from} to ${range.to}`;
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
    ['bytes=0-1,3-4', 10, 'whole'],
    ['bytes=0-1,', 10, 'whole'],
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
