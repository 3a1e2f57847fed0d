import { expect } from 'chai';
import fc from 'fast-check';
import { Arena, type Block } from '../../src/cache/arena.js';
import { Slab } from '../../src/cache/slab.js';

const MIB = 1024 * 1024;

/** An arena whose coming and going slabs are written down. */
function makeArena(limit: number) {
  const log: string[] = [];
  const arena = new Arena(limit, {
    slabAdded: (slab) => log.push(`+${slab.id}`),
    slabDropped: (slab) => log.push(`-${slab.id}`),
  });
  return { arena, log };
}

describe('cache/slab', () => {
  it('merges what is given back with its free neighbours, in any order', () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [0, 2, 1],
      [1, 0, 2],
    ]) {
      const slab = new Slab(1, 300);
      const places = [slab.take(100), slab.take(100), slab.take(100)];
      expect(slab.take(1)).to.equal(-1);
      for (const i of order) slab.give(places[i]!, 100);
      expect(slab.empty).to.equal(true);
      expect(slab.take(300)).to.equal(0);
    }
  });

  it('refuses to take back what is free already', () => {
    const slab = new Slab(1, 256);
    const from = slab.take(128);
    slab.give(from, 128);
    expect(() => slab.give(from, 128)).to.throw(RangeError);
    expect(() => slab.give(64, 64)).to.throw(RangeError);
    expect(() => slab.give(200, 128)).to.throw(RangeError);
  });

  it('never gives the same byte to two owners, and loses none', () => {
    const steps = fc.array(
      fc.record({ take: fc.boolean(), size: fc.integer({ min: 1, max: 200 }), which: fc.nat(50) }),
    );
    fc.assert(
      fc.property(steps, (list) => {
        const slab = new Slab(1, 1000);
        const owned = new Uint8Array(1000);
        const taken: { from: number; size: number }[] = [];
        for (const { take, size, which } of list) {
          if (take) {
            const from = slab.take(size);
            if (from < 0) continue;
            expect(owned.subarray(from, from + size).every((byte) => byte === 0)).to.equal(true);
            owned.fill(1, from, from + size);
            taken.push({ from, size });
          } else if (taken.length > 0) {
            const [piece] = taken.splice(which % taken.length, 1);
            owned.fill(0, piece!.from, piece!.from + piece!.size);
            slab.give(piece!.from, piece!.size);
          }
        }
        for (const { from, size } of taken) slab.give(from, size);
        expect(slab.empty).to.equal(true);
      }),
    );
  });
});

describe('cache/arena', () => {
  it('puts small blocks into one slab, each on a cache line of its own', () => {
    const { arena, log } = makeArena(16 * MIB);
    const blocks = [1, 64, 65].map((length) => arena.allocate(length)!);
    expect(blocks.map((block) => block.from)).to.deep.equal([0, 64, 128]);
    expect(arena.usedBytes).to.equal(64 + 64 + 128);
    expect(log).to.deep.equal(['+1']);
  });

  it('gives a large object a slab of its own, of its own size, and lets the whole go when it is freed', () => {
    const { arena, log } = makeArena(64 * MIB);
    const block = arena.allocate(10 * MIB)!;
    expect(arena.reservedBytes).to.equal(10 * MIB);
    arena.free(block);
    expect(log).to.deep.equal(['+1', '-1']);
    expect(arena.reservedBytes).to.equal(0);
    expect(arena.usedBytes).to.equal(0);
  });

  it('grants the last byte of the limit and refuses the next', () => {
    const { arena } = makeArena(1024);
    expect(arena.allocate(960)).to.not.equal(undefined);
    expect(arena.allocate(65)).to.equal(undefined);
    expect(arena.allocate(64)).to.not.equal(undefined);
    expect(arena.allocate(1)).to.equal(undefined);
  });

  it('grants a short notice beyond the limit, and counts it', () => {
    const { arena } = makeArena(0);
    expect(arena.allocate(1)).to.equal(undefined);
    expect(arena.allocate(200, true)).to.not.equal(undefined);
    expect(arena.usedBytes).to.equal(256);
  });

  it('uses freed memory again instead of asking for more', () => {
    const { arena, log } = makeArena(64 * MIB);
    const blocks: Block[] = [];
    for (let i = 0; i < 1000; i++) blocks.push(arena.allocate(3000)!);
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < blocks.length; i += 2) {
        arena.free(blocks[i]!);
        blocks[i] = arena.allocate(3000)!;
      }
    }
    expect(log).to.deep.equal(['+1']);
    for (const block of blocks) arena.free(block);
    expect(arena.usedBytes).to.equal(0);
    expect(log).to.deep.equal(['+1', '-1']);
  });

  it('has no room for what the machine has no memory for, whatever the limit', () => {
    const { arena, log } = makeArena(Number.MAX_SAFE_INTEGER);
    expect(arena.allocate(2 ** 50)).to.equal(undefined);
    expect([arena.usedBytes, arena.reservedBytes, log.length]).to.deep.equal([0, 0, 0]);
  });
});
