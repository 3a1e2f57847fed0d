import { expect } from 'chai';
import { MILLISECOND } from '../../../../src/net/clock.js';
import { ReceiveTuning } from '../../../../src/net/tcp/parts/receive-tuning.js';
import { add, toSequence } from '../../../../src/net/tcp/sequence.js';

const MSS = 1000;
const FIRST = toSequence(0xffff_f000);
const at = (bytes: number) => add(FIRST, bytes);

/** Begun at time 0, with a round trip of 10 ms. */
function measured(): ReceiveTuning {
  const tuning = new ReceiveTuning(FIRST, MSS, 0);
  tuning.sample(1, 10);
  return tuning;
}

describe('tcp: how large the receive buffer should be', () => {
  it('no news before a round trip is known, nor before one has passed', () => {
    const tuning = new ReceiveTuning(FIRST, MSS, 0);
    expect(tuning.wanted(at(50_000), MSS, 100 * MILLISECOND)).to.equal(0);
    tuning.sample(1, 10);
    expect(tuning.wanted(at(50_000), MSS, 9 * MILLISECOND)).to.equal(0);
  });

  it('no more than in the round trip before: no news', () => {
    const tuning = measured();
    expect(tuning.wanted(at(10_000), MSS, 10 * MILLISECOND)).to.equal(0);
    expect(tuning.wanted(at(20_000), MSS, 20 * MILLISECOND)).to.equal(0);
  });

  it('twice what is taken in a round trip and 16 segments, and what grew counts once more, twice', () => {
    const tuning = measured();
    const steady = 2 * 12_000 + 16_000;
    expect(tuning.wanted(at(12_000), MSS, 10 * MILLISECOND)).to.equal(
      steady + Math.floor((2 * steady * 2000) / 10_000),
    );
    const second = 2 * 18_000 + 16_000;
    expect(tuning.wanted(at(30_000), MSS, 20 * MILLISECOND)).to.equal(second + (2 * second * 6000) / 12_000);
  });

  it('many segments with the same echo are one sample; a new one counts an eighth', () => {
    const tuning = measured();
    for (let i = 0; i < 100; i++) tuning.sample(1, 90);
    tuning.sample(2, 90);
    // 10 ms and an eighth of 80 ms more.
    expect(tuning.wanted(at(50_000), MSS, 20 * MILLISECOND - 1)).to.equal(0);
    expect(tuning.wanted(at(50_000), MSS, 20 * MILLISECOND)).to.be.greaterThan(0);
  });

  it('without timestamps a round trip is the shortest time in which a whole window came', () => {
    const tuning = new ReceiveTuning(FIRST, MSS, 0);
    tuning.sampleByWindow(at(1000), at(20_000), 5 * MILLISECOND);
    tuning.sampleByWindow(at(19_999), at(40_000), 24 * MILLISECOND);
    expect(tuning.wanted(at(19_999), MSS, 50 * MILLISECOND)).to.equal(0);
    // 20 ms, then 8, then 30.
    tuning.sampleByWindow(at(20_000), at(40_000), 25 * MILLISECOND);
    tuning.sampleByWindow(at(40_000), at(60_000), 33 * MILLISECOND);
    tuning.sampleByWindow(at(60_000), at(80_000), 63 * MILLISECOND);
    expect(tuning.wanted(at(60_000), MSS, 8 * MILLISECOND - 1)).to.equal(0);
    expect(tuning.wanted(at(60_000), MSS, 8 * MILLISECOND)).to.be.greaterThan(0);
  });
});
