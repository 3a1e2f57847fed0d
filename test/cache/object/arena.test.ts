import { expect } from 'chai';
import fc from 'fast-check';
import { Arena, type Block } from '../../../src/cache/object/arena.js';
import { Slab } from '../../../src/cache/object/slab.js';

const MIB = 1024 * 1024;

/** An arena whose coming and going slabs are written down. */
function makeArena() {
  const log: string[] = [];
  const arena = new Arena({
    slabAdded: (slab) => log.push(`+${slab.id}`),
    slabDropped: (slab) => log.push(`-${slab.id}`),
  });
  return { arena, log };
}

describe('cache/object/slab', () => {
  it('merges what is given back with its free neighbours, in any order', () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [0, 2, 1],
      [1, 0, 2],
    ]) {
      const slab = new Slab(1, 384);
      const places = [slab.take(128), slab.take(128), slab.take(128)];
      expect(slab.take(1)).to.equal(-1);
      for (const i of order) slab.give(places[i]!, 128);
      expect(slab.empty).to.equal(true);
      expect(slab.take(384)).to.equal(0);
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
        const slab = new Slab(1, 1024);
        const owned = new Uint8Array(1024);
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

describe('cache/object/arena', () => {
  it('puts small blocks into one slab, each on a cache line of its own', () => {
    const { arena, log } = makeArena();
    const blocks = [1, 64, 65].map((length) => arena.allocate(length, 16 * MIB)!);
    expect(blocks.map((block) => block.from)).to.deep.equal([0, 64, 128]);
    expect(arena.usedBytes).to.equal(64 + 64 + 128);
    expect(log).to.deep.equal(['+1']);
  });

  it('gives a large object a slab of its own, of its own size, and lets the whole go when it is freed', () => {
    const { arena, log } = makeArena();
    const block = arena.allocate(10 * MIB, 64 * MIB)!;
    expect(arena.reservedBytes).to.equal(10 * MIB);
    arena.free(block.slab.id, block.from, block.length);
    expect(log).to.deep.equal(['+1', '-1']);
    expect(arena.reservedBytes).to.equal(0);
    expect(arena.usedBytes).to.equal(0);
  });

  it('grants the last byte of the limit and refuses the next', () => {
    const { arena } = makeArena();
    expect(arena.allocate(960, 1024)).to.not.equal(undefined);
    expect(arena.allocate(65, 1024)).to.equal(undefined);
    expect(arena.allocate(64, 1024)).to.not.equal(undefined);
    expect(arena.allocate(1, 1024)).to.equal(undefined);
  });

  it('grants a short notice beyond the limit, and counts it', () => {
    const { arena } = makeArena();
    expect(arena.allocate(1, 0)).to.equal(undefined);
    expect(arena.allocate(200, Number.POSITIVE_INFINITY)).to.not.equal(undefined);
    expect(arena.usedBytes).to.equal(256);
  });

  it('uses freed memory again instead of asking for more', () => {
    const { arena, log } = makeArena();
    const take = () => arena.allocate(3000, 64 * MIB)!;
    const give = ({ slab, from, length }: Block) => arena.free(slab.id, from, length);
    const blocks = Array.from({ length: 1000 }, take);
    for (let round = 0; round < 5; round++) {
      for (const [i, block] of blocks.entries()) {
        if (i % 2 === 1) continue;
        give(block);
        blocks[i] = take();
      }
    }
    expect(log).to.deep.equal(['+1']);
    for (const block of blocks) give(block);
    expect([arena.usedBytes, arena.reservedBytes]).to.deep.equal([0, 4 * MIB]);
    take();
    expect(log).to.deep.equal(['+1']);
  });

  it('keeps a few empty slabs and gives the others back to the system', () => {
    const { arena } = makeArena();
    const blocks = Array.from({ length: 80 }, () => arena.allocate(MIB, 100 * MIB)!);
    expect(arena.reservedBytes).to.equal(80 * MIB);
    for (const { slab, from, length } of blocks) arena.free(slab.id, from, length);
    expect(arena.reservedBytes).to.equal(32 * MIB);
  });

  it('keeps small and large blocks apart, and lets an empty slab change sides', () => {
    const { arena, log } = makeArena();
    const [small, large] = [arena.allocate(1000, 64 * MIB)!, arena.allocate(100_000, 64 * MIB)!];
    expect(small.slab).to.not.equal(large.slab);
    expect(arena.nextSlab(1000)).to.equal(small.slab);
    expect(arena.nextSlab(100_000)).to.equal(large.slab);
    arena.free(small.slab.id, small.from, small.length);
    for (let i = 0; i < 50; i++) arena.allocate(100_000, 64 * MIB);
    expect([small.slab.holdsLarge, log.length]).to.deep.equal([true, 2]);
  });

  it('takes no more memory from the system than the limit and two slabs, even if blocks are in pieces', () => {
    const { arena } = makeArena();
    const limit = 32 * MIB;
    const blocks: Block[] = [];
    for (let block = arena.allocate(3000, limit); block !== undefined; block = arena.allocate(3000, limit)) {
      blocks.push(block);
    }
    for (const { slab, from, length } of blocks.filter((_, i) => i % 2 === 0)) arena.free(slab.id, from, length);
    while (arena.allocate(6000, limit) !== undefined);
    expect(arena.reservedBytes).to.equal(40 * MIB);
    expect(arena.usedBytes).to.be.below(limit - 6000);
  });

  it('visits each block of a slab once', () => {
    const { arena } = makeArena();
    const blocks = [64, 640, 128, 64].map((length) => arena.allocate(length, MIB)!);
    const [, second] = blocks;
    arena.free(second!.slab.id, second!.from, second!.length);
    const seen: number[] = [];
    second!.slab.forEachBlock((from) => seen.push(from));
    expect(seen).to.deep.equal([0, 704, 832]);
  });

  it('gives the number of a slab that is gone to the next one, and never one that is in use', () => {
    const { arena, log } = makeArena();
    const [first, second] = [arena.allocate(2 * MIB, 64 * MIB)!, arena.allocate(2 * MIB, 64 * MIB)!];
    arena.free(first.slab.id, first.from, first.length);
    expect(arena.allocate(2 ** 50, Number.POSITIVE_INFINITY)).to.equal(undefined);
    const third = arena.allocate(3 * MIB, 64 * MIB)!;
    const fourth = arena.allocate(3 * MIB, 64 * MIB)!;
    expect([second, third, fourth].map(({ slab }) => slab.id)).to.deep.equal([2, 1, 3]);
    expect(log).to.deep.equal(['+1', '+2', '-1', '+1', '+3']);
  });

  it('has no room for what the machine has no memory for, whatever the limit', () => {
    const { arena, log } = makeArena();
    expect(arena.allocate(2 ** 50, Number.POSITIVE_INFINITY)).to.equal(undefined);
    expect([arena.usedBytes, arena.reservedBytes, log.length]).to.deep.equal([0, 0, 0]);
  });
});
