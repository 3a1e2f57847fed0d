import { expect } from 'chai';
import fc from 'fast-check';
import { NO_RANK, S3Fifo } from '../../../src/cache/library/s3-fifo.js';

/** Objects that have names of one letter, each with the length 1. */
class NamedQueue {
  readonly queue = new S3Fifo(1_000_000);
  readonly #ranks = new Map<string, number>();

  /** Objects that are there from the start. */
  load(...names: string[]): this {
    return this.#add(names, false);
  }

  /** Objects that are read because somebody asks. */
  ask(...names: string[]): this {
    return this.#add(names, true);
  }

  use(...names: string[]): this {
    for (const name of names) this.queue.used[this.#ranks.get(name)!] = 1;
    return this;
  }

  remove(name: string): this {
    this.queue.remove(this.#ranks.get(name)!);
    return this;
  }

  /** The names of so many objects that gave way. */
  evict(count = 1): string {
    let names = '';
    for (let i = 0; i < count; i++) {
      const rank = this.queue.victim();
      names += String.fromCharCode(this.queue.placeOf(rank));
      this.queue.remove(rank);
    }
    return names;
  }

  #add(names: string[], isAsked: boolean): this {
    for (const name of names) {
      const code = name.charCodeAt(0);
      this.#ranks.set(name, this.queue.add(0, code, 1, code, isAsked));
    }
    return this;
  }
}

describe('cache/library/s3-fifo', () => {
  it('evicts the oldest objects in their order if none was asked for', () => {
    const objects = new NamedQueue().load('a', 'b', 'c');
    expect(objects.evict(3)).to.equal('abc');
    expect([objects.queue.victim(), objects.queue.size]).to.deep.equal([NO_RANK, 0]);
  });

  it('keeps what was asked for, and evicts it only after all others', () => {
    const objects = new NamedQueue().load('a', 'b', 'c', 'd').use('a', 'c');
    expect(objects.evict(4)).to.equal('bdac');
  });

  it('evicts even if everything was asked for', () => {
    expect(new NamedQueue().load('a', 'b').use('a', 'b').evict()).to.equal('a');
  });

  it('lets a scan pass without a loss to what is there', () => {
    const objects = new NamedQueue().load(...'abcdefgh').use(...'abcdefgh');
    for (const name of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') expect(objects.ask(name).evict()).to.equal(name);
    expect(objects.queue.size).to.equal(8);
  });

  it('moves what is asked for again out of the small queue', () => {
    const objects = new NamedQueue()
      .load(...'abcdefg')
      .ask('X', 'Y')
      .use('X');
    expect(objects.evict(), 'Y is the only one of its queue that nobody asked for').to.equal('Y');
    expect(objects.evict(8)).to.equal('abcdefgX');
  });

  it('takes what comes back soon into the main queue', () => {
    const objects = new NamedQueue().load(...'abcdef').ask('X', 'Y');
    expect(objects.evict()).to.equal('X');
    objects.ask('X'); // its hash is remembered
    objects.ask('Z');
    expect(objects.evict(2)).to.equal('YZ');
    expect(objects.evict(7)).to.equal('abcdefX');
  });

  it('gives the number of an object that is gone to another one', () => {
    const queue = new S3Fifo(1_000_000);
    const rank = queue.add(1, 2, 1, 5, false);
    queue.used[rank] = 1;
    queue.remove(rank);
    expect(queue.add(3, 4, 1, 6, false)).to.equal(rank);
    expect([queue.used[rank], queue.slabOf(rank), queue.placeOf(rank)]).to.deep.equal([0, 3, 4]);
  });

  it('never loses an object, nor keeps one twice, and remembers no more hashes than there are objects', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 400 }), (steps) => {
        const queue = new S3Fifo(10_000_000);
        const there = new Set<number>();
        const evict = () => {
          const rank = queue.victim();
          expect(there.delete(rank)).to.equal(rank !== NO_RANK);
          if (rank !== NO_RANK) queue.remove(rank);
        };
        for (const [i, step] of steps.entries()) {
          if (step < 5) there.add(queue.add(0, i, 1 + (i % 7), i % 50, step < 4));
          else if (step < 7) for (const rank of there) if (rank % 3 === step % 3) queue.used[rank] = 1;
          if (step === 7 || step === 8) evict();
          if (step === 9 && there.size > 0) {
            const rank = [...there][i % there.size]!;
            there.delete(rank);
            queue.remove(rank);
          }
          expect(queue.size).to.equal(there.size);
        }
        while (queue.size > 0) evict();
        expect([there.size, queue.victim()]).to.deep.equal([0, NO_RANK]);
      }),
    );
  });
});
