import { expect } from 'chai';
import fc from 'fast-check';
import { NO_RANK, Sieve } from '../../src/cache/sieve.js';

/** A queue of objects that have names. */
class NamedSieve {
  readonly sieve = new Sieve(1_000_000);
  readonly #ranks = new Map<string, number>();

  add(...names: string[]): this {
    for (const name of names) this.#ranks.set(name, this.sieve.add(0, name.charCodeAt(0)));
    return this;
  }

  use(...names: string[]): this {
    for (const name of names) this.sieve.used[this.#ranks.get(name)!] = 1;
    return this;
  }

  remove(name: string): this {
    this.sieve.remove(this.#ranks.get(name)!);
    return this;
  }

  evict(): string {
    const rank = this.sieve.victim();
    const name = String.fromCharCode(this.sieve.placeOf(rank));
    this.sieve.remove(rank);
    return name;
  }
}

describe('cache/sieve', () => {
  it('evicts the oldest objects in their order if none was asked for', () => {
    const queue = new NamedSieve().add('a', 'b', 'c');
    expect([queue.evict(), queue.evict(), queue.evict()]).to.deep.equal(['a', 'b', 'c']);
    expect([queue.sieve.victim(), queue.sieve.size]).to.deep.equal([NO_RANK, 0]);
  });

  it('keeps what was asked for, where it is, and goes on from there', () => {
    // The example of the paper: the hand leaves what it keeps behind it.
    const queue = new NamedSieve().add('a', 'b', 'c', 'd').use('a', 'c');
    expect(queue.evict()).to.equal('b');
    queue.add('e');
    expect(queue.evict()).to.equal('d');
    queue.add('f');
    expect([queue.evict(), queue.evict()]).to.deep.equal(['e', 'f']);
    expect([queue.evict(), queue.evict()], 'from the oldest one again').to.deep.equal(['a', 'c']);
  });

  it('evicts even if everything was asked for', () => {
    const queue = new NamedSieve().add('a', 'b').use('a', 'b');
    expect(queue.evict()).to.equal('a');
  });

  it('moves the hand on when the object under it is removed', () => {
    const queue = new NamedSieve().add('a', 'b', 'c', 'd').use('a');
    expect(queue.evict()).to.equal('b');
    queue.remove('c');
    expect([queue.evict(), queue.evict()]).to.deep.equal(['d', 'a']);
  });

  it('gives the number of an object that is gone to another one, unused', () => {
    const sieve = new Sieve(1_000_000);
    const rank = sieve.add(1, 2);
    sieve.used[rank] = 1;
    sieve.remove(rank);
    expect(sieve.add(3, 4)).to.equal(rank);
    expect([sieve.used[rank], sieve.slabOf(rank), sieve.placeOf(rank)]).to.deep.equal([0, 3, 4]);
  });

  it('never loses an object, nor keeps one twice', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 400 }), (steps) => {
        const sieve = new Sieve(10_000_000);
        const there = new Set<number>();
        for (const [i, step] of steps.entries()) {
          if (step < 5) there.add(sieve.add(0, i));
          else if (step < 7) for (const rank of there) if (rank % 3 === step % 3) sieve.used[rank] = 1;
          if (step === 7 || step === 8) {
            const rank = sieve.victim();
            expect(there.delete(rank)).to.equal(there.size + 1 > 0 && rank !== NO_RANK);
            if (rank !== NO_RANK) sieve.remove(rank);
          }
          if (step === 9 && there.size > 0) {
            const rank = [...there][i % there.size]!;
            there.delete(rank);
            sieve.remove(rank);
          }
          expect(sieve.size).to.equal(there.size);
        }
        while (sieve.size > 0) {
          const rank = sieve.victim();
          expect(there.delete(rank)).to.equal(true);
          sieve.remove(rank);
        }
        expect(there.size).to.equal(0);
      }),
    );
  });
});
