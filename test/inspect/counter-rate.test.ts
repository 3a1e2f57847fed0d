import { expect } from 'chai';
import { CounterRate } from '../../src/inspect/trace/counter-rate.js';

const SECOND = 1_000_000;

describe('inspect/trace/counter-rate', () => {
  it('is the difference of a counter over time, from the first value that was told, and no more often than a second', () => {
    const rate = new CounterRate();
    rate.add(5 * SECOND, 100);
    rate.add(5.5 * SECOND, 150);
    rate.add(6 * SECOND, 200);
    rate.add(8 * SECOND, 200);
    const { times, values } = rate.curve();
    expect([...times]).to.deep.equal([SECOND, 3 * SECOND]);
    expect([...values]).to.deep.equal([100, 0]);
  });

  it('counts from nothing when the server began anew, and keeps an hour', () => {
    const rate = new CounterRate();
    rate.add(0, 1000);
    rate.add(SECOND, 30);
    expect([...rate.curve().values]).to.deep.equal([30]);
    for (let second = 2; second < 4000; second++) rate.add(second * SECOND, 30);
    expect(rate.curve().values).to.have.length(3600);
    expect(rate.curve().times[3599]).to.equal(3999 * SECOND);
  });
});
