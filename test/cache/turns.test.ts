import { expect } from 'chai';
import { type Turn, Turns } from '../../src/cache/turns.js';

describe('cache/turns', () => {
  it('comes to each in the order in which they began, whoever is ready first', async () => {
    const turns = new Turns();
    const order: number[] = [];
    const ready: (() => void)[] = [];
    const task = (n: number) => async (turn: Turn) => {
      await new Promise<void>((resolve) => {
        ready[n] = resolve;
      });
      await turn.mine;
      order.push(n);
      turn.pass();
    };
    const all = Promise.all([0, 1, 2].map((n) => turns.run(task(n))));
    for (const n of [2, 1, 0]) ready[n]!();
    await all;
    expect(order).to.deep.equal([0, 1, 2]);
  });

  it('passes on while a task that has had its turn still runs', async () => {
    const turns = new Turns();
    let end = () => {};
    const long = turns.run(async (turn) => {
      turn.pass();
      await new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    expect(await turns.run(async (turn) => turn.mine.then(() => 'done'))).to.equal('done');
    end();
    await long;
  });

  it('passes on from a task that fails, or that ends without having waited for its turn', async () => {
    const turns = new Turns();
    let end = () => {};
    const first = turns.run(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const failed = turns.run(() => Promise.reject(new Error('no'))).catch((error: Error) => error.message);
    let reached = false;
    const last = turns.run(async (turn) => {
      await turn.mine;
      reached = true;
    });
    expect(await failed).to.equal('no');
    expect(reached).to.equal(false); // the first has not had its turn
    end();
    await Promise.all([first, last]);
    expect(reached).to.equal(true);
  });
});
