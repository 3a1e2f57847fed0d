import { expect } from 'chai';
import fc from 'fast-check';
import { Reassembly } from '../../../../src/net/tcp/parts/reassembly.js';
import { add, distance, toSequence } from '../../../../src/net/tcp/sequence.js';

/** Numbers wrap in the middle of everything that is done here. */
const BASE = toSequence(0x7fffff00);

function bytes(from: number, to: number, version = 0): Uint8Array {
  return Uint8Array.from({ length: to - from }, (_, i) => (from + i) * 3 + version);
}

function insert(reassembly: Reassembly, from: number, to: number, version = 0): number {
  return reassembly.insert(add(BASE, from), bytes(from, to, version), 0, to - from);
}

function blocks(reassembly: Reassembly, max = 4): string {
  const edges = new Int32Array(8);
  const count = reassembly.writeBlocks(edges, 0, max);
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    texts.push(`${distance(BASE, toSequence(edges[2 * i]!))}-${distance(BASE, toSequence(edges[2 * i + 1]!))}`);
  }
  return texts.join(' ');
}

describe('tcp: reassembly [9293-SHLD-31] [9293-E5]', () => {
  it('gives the stream exactly, whatever comes in whatever order, and keeps what came first', () => {
    const piece = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 120 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const reassembly = new Reassembly();
        const model = new Map<number, number>();
        for (const [index, [from, length]] of pieces.entries()) {
          let fresh = 0;
          for (let at = from; at < from + length; at++) {
            if (model.has(at)) continue;
            model.set(at, (at * 3 + index) & 255);
            fresh++;
          }
          expect(insert(reassembly, from, from + length, index)).to.equal(fresh);
          expect(reassembly.bytes).to.equal(model.size);
        }
        let at = 1;
        for (let part = reassembly.take(add(BASE, at)); part; part = reassembly.take(add(BASE, at))) {
          for (const byte of part) expect(byte).to.equal(model.get(at++));
        }
        expect(model.has(at), 'all up to the first gap').to.equal(false);
      }),
    );
  });

  it('gives nothing while the gap before it is there', () => {
    const reassembly = new Reassembly();
    insert(reassembly, 10, 20);
    expect(reassembly.take(add(BASE, 9))).to.equal(undefined);
    expect(reassembly.take(add(BASE, 10))).to.have.length(10);
    expect(reassembly.isEmpty).to.equal(true);
  });

  it('what was received meanwhile is left out', () => {
    const reassembly = new Reassembly();
    insert(reassembly, 10, 20);
    insert(reassembly, 30, 40);
    expect(Array.from(reassembly.take(add(BASE, 15))!)).to.deep.equal(Array.from(bytes(15, 20)));
    expect(reassembly.take(add(BASE, 50))).to.equal(undefined);
    expect(reassembly.bytes).to.equal(0);
  });

  it('a FIN that came early keeps it from being empty', () => {
    const reassembly = new Reassembly();
    reassembly.keepFin(add(BASE, 10));
    expect(reassembly.isEmpty).to.equal(false);
  });

  it('the island with the newest segment is the first block, then those that grew before it [2018-2]', () => {
    const reassembly = new Reassembly();
    insert(reassembly, 10, 20);
    insert(reassembly, 30, 40);
    insert(reassembly, 50, 60);
    expect(blocks(reassembly)).to.equal('50-60 30-40 10-20');
    insert(reassembly, 20, 25);
    expect(blocks(reassembly)).to.equal('10-25 50-60 30-40');
    expect(blocks(reassembly, 2)).to.equal('10-25 50-60');
    expect(reassembly.countBlocks(2)).to.equal(2);
  });

  it('a FIN is reported at the end of what touches it, and else as a block of its own [2018-2]', () => {
    const reassembly = new Reassembly();
    insert(reassembly, 10, 20);
    reassembly.keepFin(add(BASE, 40));
    expect(blocks(reassembly)).to.equal('40-41 10-20');
    expect(reassembly.countBlocks(4)).to.equal(2);
    insert(reassembly, 20, 25);
    expect(blocks(reassembly)).to.equal('10-25 40-41');
    insert(reassembly, 30, 40);
    expect(blocks(reassembly)).to.equal('30-41 10-25');
    expect([reassembly.countBlocks(4), reassembly.bytes]).to.deep.equal([2, 25]);
  });

  it('a FIN behind an island makes that the newest; data behind a FIN hides it [2018-2]', () => {
    const reassembly = new Reassembly();
    insert(reassembly, 30, 40);
    insert(reassembly, 10, 20);
    reassembly.keepFin(add(BASE, 40));
    expect(blocks(reassembly)).to.equal('30-41 10-20');
    insert(reassembly, 50, 60);
    reassembly.keepFin(add(BASE, 45));
    expect(blocks(reassembly)).to.equal('50-60 30-40 10-20');
  });

  it('two islands that meet are one [2018-2]', () => {
    const reassembly = new Reassembly();
    insert(reassembly, 10, 20);
    insert(reassembly, 30, 40);
    insert(reassembly, 20, 30);
    expect(blocks(reassembly)).to.equal('10-40');
  });

  it('islands that meet keep their bytes in order, and the age of the newest', () => {
    const reassembly = new Reassembly();
    for (const from of [50, 10, 30, 60, 20, 40]) insert(reassembly, from, from + 10);
    expect(blocks(reassembly)).to.equal('10-70');
    const taken: number[] = [];
    for (let at = 10; at < 70; ) {
      const part = reassembly.take(add(BASE, at))!;
      taken.push(...part);
      at += part.length;
    }
    expect(taken).to.deep.equal(Array.from(bytes(10, 70)));
    expect([reassembly.isEmpty, reassembly.bytes]).to.deep.equal([true, 0]);
  });

  it('a segment over several islands grows all of them into one, and names the first part that came twice', () => {
    const reassembly = new Reassembly();
    insert(reassembly, 10, 20);
    insert(reassembly, 30, 40);
    insert(reassembly, 60, 70);
    expect(insert(reassembly, 15, 65)).to.equal(30);
    expect(blocks(reassembly)).to.equal('10-70');
    expect([reassembly.duplicateFrom, reassembly.duplicateTo].map((at) => distance(BASE, at))).to.deep.equal([15, 20]);
  });

  it('holds a bounded number of small pieces', () => {
    const reassembly = new Reassembly();
    for (let i = 0; i < 5000; i++) insert(reassembly, 10 * i, 10 * i + 1);
    expect(reassembly.bytes).to.equal(1024);
    expect(reassembly.isFull).to.equal(true);
  });

  it('holds as many ordinary segments as a window of some megabytes has', () => {
    const reassembly = new Reassembly();
    const segment = new Uint8Array(1448);
    for (let i = 1; i <= 5000; i++) reassembly.insert(add(BASE, 1448 * i), segment, 0, 1448);
    expect([reassembly.bytes, reassembly.isFull]).to.deep.equal([5000 * 1448, false]);
    expect(reassembly.countBlocks(4)).to.equal(1);
  });
});
