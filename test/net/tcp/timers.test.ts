import { expect } from 'chai';
import fc from 'fast-check';
import { Clock } from '../../../src/net/clock.js';
import { TIMER_KINDS, type TimerKind, TimerQueue, TimerSet } from '../../../src/net/tcp/timers.js';

class Item {
  readonly timers = new TimerSet();
}

const NEVER = Number.POSITIVE_INFINITY;

describe('tcp: timers', () => {
  it('the next deadline is always the earliest of all, whatever is armed, stopped, removed and served', () => {
    const who = fc.nat(19);
    const kind = fc.nat(TIMER_KINDS - 1);
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ arm: who, kind, at: fc.nat(1000) }) },
      { weight: 2, arbitrary: fc.record({ stop: who, kind }) },
      { weight: 1, arbitrary: fc.record({ remove: who }) },
      { weight: 1, arbitrary: fc.record({ serve: fc.nat(1000) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const queue = new TimerQueue<Item>(new Clock());
        const items = Array.from({ length: 20 }, () => new Item());
        const earliest = () => Math.min(...items.map(({ timers }) => timers.earliest()));
        for (const one of steps) {
          if ('arm' in one) queue.arm(items[one.arm]!, one.kind as TimerKind, one.at);
          else if ('stop' in one) items[one.stop]!.timers.stop(one.kind as TimerKind);
          else if ('remove' in one) queue.remove(items[one.remove]!);
          else {
            for (let item = queue.expired(one.serve); item !== undefined; item = queue.expired(one.serve)) {
              expect(item.timers.earliest()).to.be.at.most(one.serve);
              for (let k = 0; k < TIMER_KINDS; k++) {
                if (item.timers.due[k]! <= one.serve) item.timers.stop(k as TimerKind);
              }
            }
            expect(earliest()).to.be.greaterThan(one.serve);
          }
          expect(queue.next()).to.equal(earliest());
        }
      }),
    );
  });

  it('an item with no timer running takes no place', () => {
    const queue = new TimerQueue<Item>(new Clock());
    const item = new Item();
    queue.arm(item, 0, 100);
    item.timers.stop(0);
    expect(queue.next()).to.equal(NEVER);
    expect(queue.size).to.equal(0);
    expect(queue.placeOf(item)).to.equal(-1);
  });

  it('removing forgets all timers of the item', () => {
    const queue = new TimerQueue<Item>(new Clock());
    const [one, other] = [new Item(), new Item()];
    queue.arm(one, 0, 5);
    queue.arm(one, 3, 6);
    queue.arm(other, 1, 7);
    queue.remove(one);
    expect(queue.next()).to.equal(7);
    expect(one.timers.earliest()).to.equal(NEVER);
    queue.remove(one);
    expect(queue.size).to.equal(1);
  });

  it('a deadline that only moves later, as with every ACK, leaves the queue as it is', () => {
    const queue = new TimerQueue<Item>(new Clock());
    const items = Array.from({ length: 100 }, () => new Item());
    for (const [i, item] of items.entries()) queue.arm(item, 0, i);
    const places = items.map((item) => queue.placeOf(item));
    for (const [i, item] of items.entries()) queue.arm(item, 0, 1000 + i);
    expect(items.map((item) => queue.placeOf(item))).to.deep.equal(places);
    expect(queue.next()).to.equal(1000);
  });
});
