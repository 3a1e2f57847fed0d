import { expect } from 'chai';
import fc from 'fast-check';
import { sum } from '../../../src/net/wire/checksum.js';
import { BLOCK_BYTES, SummedBytes } from '../../../src/net/wire/summed-bytes.js';

function randomBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Zero has two forms (0x0000 and 0xffff), the same on the wire. */
function form(sum: number): number {
  return sum % 0xffff;
}

const account = { payloadBytesRead: 0 };

describe('net/wire/summed-bytes', () => {
  beforeEach(() => {
    account.payloadBytesRead = 0;
  });

  it('sums any interval, at any start, to what reading it gives', () => {
    const data = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(data, fc.nat(400), fc.nat(400), (bytes, a, b) => {
        const from = Math.min(a, b, bytes.length);
        const to = Math.min(Math.max(a, b), bytes.length);
        expect(form(SummedBytes.of(bytes).sum(from, to, account))).to.equal(form(sum(bytes, from, to)));
      }),
      { numRuns: 500 },
    );
  });

  it('sums intervals of bytes that are nearly all 0x00 or 0xff, where zero has two forms', () => {
    const extreme = fc.array(fc.constantFrom(0, 0, 0xff, 0xff, 1), { maxLength: 200 });
    fc.assert(
      fc.property(extreme, fc.nat(200), fc.nat(200), (values, a, b) => {
        const bytes = Uint8Array.from(values);
        const from = Math.min(a, b, bytes.length);
        const to = Math.min(Math.max(a, b), bytes.length);
        expect(form(SummedBytes.of(bytes).sum(from, to, account))).to.equal(form(sum(bytes, from, to)));
      }),
      { numRuns: 500 },
    );
  });

  it('sums every interval of a small object, at an odd start too', () => {
    const bytes = randomBytes(100);
    const summed = SummedBytes.of(bytes);
    for (let from = 0; from <= 100; from++) {
      for (let to = from; to <= 100; to++) {
        expect(form(summed.sum(from, to, account)), `${from} to ${to}`).to.equal(form(sum(bytes, from, to)));
      }
    }
  });

  it('sums intervals of a megabyte beyond the 64 KiB where a naive accumulator overflows', () => {
    const bytes = new Uint8Array(1 << 20).fill(0xfe);
    expect(form(SummedBytes.of(bytes).sum(1, bytes.length - 1, account))).to.equal(
      form(sum(bytes, 1, bytes.length - 1)),
    );
  });

  it('sums no bytes to zero, in an empty object too', () => {
    expect(form(SummedBytes.of(new Uint8Array(0)).sum(0, 0, account))).to.equal(0);
    expect(form(SummedBytes.of(randomBytes(70)).sum(33, 33, account))).to.equal(0);
  });

  it('reads nothing between block edges and the two ends', () => {
    const summed = SummedBytes.of(randomBytes(10 * BLOCK_BYTES + 7));
    const edges = [...Array(11).keys()].map((edge) => edge * BLOCK_BYTES).concat(summed.length);
    for (const from of edges) for (const to of edges) if (from <= to) summed.sum(from, to, account);
    expect(account.payloadBytesRead).to.equal(0);
  });

  it('counts exactly the bytes it reads elsewhere: from the last edge to each cut', () => {
    const summed = SummedBytes.of(randomBytes(1000));
    summed.sum(0, 33, account);
    expect(account.payloadBytesRead).to.equal(1);
    summed.sum(31, 64, account);
    expect(account.payloadBytesRead).to.equal(1 + 31);
    summed.sum(5, 1000, account);
    expect(account.payloadBytesRead).to.equal(1 + 31 + 5);
    summed.sum(70, 75, account);
    expect(account.payloadBytesRead).to.equal(1 + 31 + 5 + 6 + 11);
  });

  it('reads the whole interval of bytes without a table, and says so', () => {
    const bytes = randomBytes(500);
    const plain = SummedBytes.plain(bytes);
    expect(plain.blockBytes).to.equal(1);
    expect(plain.sum(3, 400, account)).to.equal(sum(bytes, 3, 400));
    expect(account.payloadBytesRead).to.equal(397);
  });

  it('takes a table made elsewhere, and refuses one of another length', () => {
    const bytes = randomBytes(321);
    const table = new Uint16Array(SummedBytes.tableLength(321));
    SummedBytes.fillTable(bytes, table);
    expect(SummedBytes.withTable(bytes, table).sum(32, 321, account)).to.equal(sum(bytes, 32, 321));
    expect(() => SummedBytes.withTable(bytes.subarray(1, 300), table)).to.throw(RangeError);
  });

  it('keeps 6 % of the length in tables', () => {
    expect(SummedBytes.tableLength(0)).to.equal(2);
    expect((2 * SummedBytes.tableLength(1 << 20)) / (1 << 20)).to.be.below(0.063);
  });

  it('tells its owner when the last reader lets go, and not before', () => {
    const summed = SummedBytes.of(randomBytes(10));
    const told: SummedBytes[] = [];
    summed.onUnused = (bytes) => told.push(bytes);
    summed.retain();
    summed.retain();
    summed.release();
    expect(told).to.deep.equal([]);
    expect(summed.readers).to.equal(1);
    summed.release();
    expect(told).to.deep.equal([summed]);
  });
});
