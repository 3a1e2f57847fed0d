import { expect } from 'chai';
import fc from 'fast-check';
import * as options from '../../../src/net/wire/tcp-options.js';

interface Found {
  mss?: number;
  windowScale?: number;
  sackPermitted?: boolean;
  timestamps?: [number, number];
  sack?: number[];
}

/** What a reader finds in the options of a SYN. */
function read(bytes: readonly number[] | Uint8Array): Found {
  const framed = Uint8Array.from([0xa5, 0xa5, ...bytes, 8, 10, 1, 1, 1, 1, 1, 1, 1, 1]);
  const reader = new options.TcpOptions();
  reader.resetSynOptions();
  reader.read(framed, 2, 2 + bytes.length);
  return {
    ...(reader.mss >= 0 && { mss: reader.mss }),
    ...(reader.windowScale >= 0 && { windowScale: reader.windowScale }),
    ...(reader.sackPermitted && { sackPermitted: true }),
    ...(reader.hasTimestamps && { timestamps: [reader.timestampValue, reader.timestampEcho] as [number, number] }),
    ...(reader.sackBlocks > 0 && { sack: Array.from(reader.sackEdges.subarray(0, 2 * reader.sackBlocks)) }),
  };
}

const TS = [8, 10, 0, 0, 0, 5, 0, 0, 0, 7];

/** Half of them are not as they should be. What came before the damage counts, what comes after cannot be found. */
const ROWS: readonly (readonly [name: string, bytes: readonly number[], found: Found])[] = [
  ['nothing', [], {}],
  ['MSS', [2, 4, 5, 180], { mss: 1460 }],
  ['MSS 0', [2, 4, 0, 0], { mss: 0 }],
  ['window scale', [3, 3, 7], { windowScale: 7 }],
  ['a window scale above 14 counts as 14', [3, 3, 200], { windowScale: 14 }],
  ['SACK permitted', [4, 2], { sackPermitted: true }],
  ['timestamps', TS, { timestamps: [5, 7] }],
  ['timestamps as everybody aligns them', [1, 1, ...TS], { timestamps: [5, 7] }],
  ['timestamps at an odd place', [1, ...TS, 1], { timestamps: [5, 7] }],
  ['one SACK block', [5, 10, 0, 0, 0, 1, 0, 0, 0, 9], { sack: [1, 9] }],
  [
    'all of Linux',
    [2, 4, 5, 180, 4, 2, ...TS, 1, 3, 3, 7],
    { mss: 1460, sackPermitted: true, timestamps: [5, 7], windowScale: 7 },
  ],
  ['the last of two counts', [2, 4, 1, 0, 2, 4, 2, 0], { mss: 512 }],
  ['an unknown kind between', [200, 6, 1, 2, 3, 4, 2, 4, 1, 0], { mss: 256 }],
  ['a kind without content between', [77, 2, 2, 4, 1, 0], { mss: 256 }],
  ['after the end of the list there is only padding', [2, 4, 1, 0, 0, 3, 3, 7], { mss: 256 }],
  ['length 0', [2, 4, 1, 0, 8, 0, 3, 3, 7], { mss: 256 }],
  ['length 1', [2, 4, 1, 0, 99, 1, 3, 3, 7], { mss: 256 }],
  ['a length past the header', [2, 4, 1, 0, 99, 9, 3, 3], { mss: 256 }],
  ['a kind without its length byte', [2, 4, 1, 0, 3], { mss: 256 }],
  ['MSS of three bytes', [2, 3, 5, 3, 3, 7], { windowScale: 7 }],
  ['MSS of six bytes', [2, 6, 5, 5, 5, 5, 3, 3, 7], { windowScale: 7 }],
  ['window scale of four bytes', [3, 4, 7, 7, 4, 2], { sackPermitted: true }],
  ['SACK permitted with content', [4, 3, 1, 3, 3, 7], { windowScale: 7 }],
  ['timestamps cut short', [8, 10, 0, 0, 0, 5], {}],
  ['timestamps of nine bytes', [8, 9, 0, 0, 0, 5, 0, 0, 0, 3, 3, 7], { windowScale: 7 }],
  ['SACK of no block', [5, 2, 3, 3, 7], { windowScale: 7 }],
  ['SACK of a block and a half', [5, 14, 0, 0, 0, 1, 0, 0, 0, 9, 1, 1, 1, 1, 3, 3, 7], { windowScale: 7 }],
];

describe('wire: TCP options [9293-MUST-4] [9293-MUST-6] [9293-MUST-7]', () => {
  for (const [name, bytes, found] of ROWS) {
    it(name, () => expect(read(bytes)).to.deep.equal(found));
  }

  it('any bytes at all: never an exception, never more than four blocks', () => {
    const kindly = fc.array(fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 10, 18, 34, 255), { maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.nat(255), { maxLength: 40 }), kindly), (bytes) => {
        const found = read(bytes);
        expect(found.sack?.length ?? 0).to.be.at.most(8);
        expect(found.windowScale ?? 0).to.be.at.most(14);
      }),
      { numRuns: 2000 },
    );
  });

  it('what is written is read again', () => {
    const bytes = new Uint8Array(60).fill(0xa5);
    let at = options.writeMss(bytes, 0, 1234);
    at = options.writeSackPermitted(bytes, at);
    at = options.writeTimestamps(bytes, at, -1, 0x12345678);
    at = options.writeWindowScale(bytes, at, 9);
    expect(at % 4).to.equal(0);
    expect(read(bytes.subarray(0, at))).to.deep.equal({
      mss: 1234,
      sackPermitted: true,
      timestamps: [-1, 0x12345678],
      windowScale: 9,
    });
    at = options.writeSack(bytes, 0, Int32Array.from([-5, 5, 6, 7, 1, 2, 3, 4]), 4);
    expect(at).to.equal(36);
    expect(read(bytes.subarray(0, at))).to.deep.equal({ sack: [-5, 5, 6, 7, 1, 2, 3, 4] });
  });
});
