import { expect } from 'chai';
import fc from 'fast-check';
import { Clock } from '../../../src/net/clock.js';
import { NO_ROW, TIMER_KINDS, type TimerKind, TimerQueue } from '../../../src/net/tcp/timers.js';

class Item {
  timerRow = NO_ROW;
}

const NEVER = Number.POSITIVE_INFINITY;

/** The earliest deadline of all timers of an item. */
function earliest(queue: TimerQueue<Item>, item: Item): number {
  return Math.min(...Array.from({ length: TIMER_KINDS }, (_, kind) => queue.deadline(item, kind as TimerKind)));
}

describe('tcp: timers', () => {
  it('what is due expires, and the bound is never too late, whatever is armed, stopped, removed and served', () => {
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
        const first = () => Math.min(...items.map((item) => earliest(queue, item)));
        for (const one of steps) {
          if ('arm' in one) queue.arm(items[one.arm]!, one.kind as TimerKind, one.at);
          else if ('stop' in one) queue.stop(items[one.stop]!, one.kind as TimerKind);
          else if ('remove' in one) queue.remove(items[one.remove]!);
          else {
            for (let item = queue.expired(one.serve); item !== undefined; item = queue.expired(one.serve)) {
              expect(earliest(queue, item)).to.be.at.most(one.serve);
              for (let k = 0; k < TIMER_KINDS; k++) {
                if (queue.deadline(item, k as TimerKind) <= one.serve) queue.stop(item, k as TimerKind);
              }
            }
            expect(first()).to.be.greaterThan(one.serve);
            expect(queue.next()).to.be.greaterThan(one.serve);
          }
          expect(queue.next()).to.be.at.most(first());
        }
      }),
    );
  });

  it('an item whose timers were stopped leaves its place when its bound comes up', () => {
    const queue = new TimerQueue<Item>(new Clock());
    const item = new Item();
    queue.arm(item, 0, 100);
    queue.stop(item, 0);
    expect(queue.next()).to.equal(100);
    expect(queue.expired(99)).to.equal(undefined);
    expect(queue.size).to.equal(1);
    expect(queue.expired(100)).to.equal(undefined);
    expect(queue.next()).to.equal(NEVER);
    expect(queue.placeOf(item)).to.equal(-1);
  });

  it('a timer that moved later is corrected once, when its bound comes up', () => {
    const queue = new TimerQueue<Item>(new Clock());
    const item = new Item();
    queue.arm(item, 1, 100);
    queue.arm(item, 1, 300);
    expect(queue.next()).to.equal(100);
    expect(queue.expired(100)).to.equal(undefined);
    expect(queue.next()).to.equal(300);
    expect(queue.expired(300)).to.equal(item);
  });

  it('a timer takes over the deadline of another, or is stopped with it', () => {
    const queue = new TimerQueue<Item>(new Clock());
    const item = new Item();
    queue.armLike(item, 0, 1);
    expect(queue.isArmed(item, 0)).to.equal(false);
    queue.arm(item, 1, 100);
    queue.armLike(item, 0, 1);
    expect(queue.deadline(item, 0)).to.equal(100);
    queue.stop(item, 1);
    queue.armLike(item, 0, 1);
    expect(queue.isArmed(item, 0)).to.equal(false);
  });

  it('removing forgets all timers of the item', () => {
    const queue = new TimerQueue<Item>(new Clock());
    const [one, other] = [new Item(), new Item()];
    queue.arm(one, 0, 5);
    queue.arm(one, 3, 6);
    queue.arm(other, 1, 7);
    queue.remove(one);
    expect(queue.next()).to.equal(7);
    expect(earliest(queue, one)).to.equal(NEVER);
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
    expect(queue.next()).to.equal(0);
    expect(queue.expired(999)).to.equal(undefined);
    expect(queue.next()).to.equal(1000);
  });
});
