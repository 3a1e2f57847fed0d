import { expect } from 'chai';
import { measureSystemCall } from '../../../src/net/device/ring/measure.js';
import { chooseFrames, type FramesSources } from '../../../src/serve/worker/frames.js';

/** A machine with this cost of a system call; it fails the test if io_uring is looked at without need. */
function machine(callNanoseconds: number, ringMissing?: () => string | undefined): FramesSources {
  const unasked = () => {
    throw new Error('nobody asked for a ring');
  };
  return { callNanoseconds: () => callNanoseconds, ringMissing: ringMissing ?? unasked };
}

const there = () => undefined;
const missing = () => 'it is switched off here';

describe('the choice between plain calls and io_uring', () => {
  it('is for plain calls where they are cheap', () => {
    const choice = chooseFrames('auto', machine(210));
    expect(choice).to.deep.equal({
      way: 'plain',
      callNanoseconds: 210,
      text: 'plain calls (0.21 µs each; io_uring pays from 0.5 µs on)',
    });
  });

  it('is for a ring where a call is dear and a ring can be had', () => {
    const choice = chooseFrames('auto', machine(1_234, there));
    expect(choice).to.deep.equal({
      way: 'ring',
      callNanoseconds: 1_234,
      text: 'io_uring (a system call costs 1.23 µs)',
    });
  });

  it('stays with plain calls where io_uring is missing, and says why', () => {
    for (const wish of ['auto', 'ring'] as const) {
      const choice = chooseFrames(wish, machine(1_200, missing));
      expect(choice).to.include({ way: 'plain', ringMissing: 'it is switched off here' });
      expect(choice.text).to.equal('plain calls (1.20 µs each; io_uring: it is switched off here)');
    }
  });

  it('is what was asked for, whatever a call costs', () => {
    expect(chooseFrames('ring', machine(100, there)).way).to.equal('ring');
    expect(chooseFrames('plain', machine(3_000)).way).to.equal('plain');
  });

  it('rests on a measurement that takes milliseconds', () => {
    // The machine may do something else meanwhile, but not each time.
    const measured = Array.from({ length: 10 }, () => {
      const start = performance.now();
      const cost = measureSystemCall();
      return { cost, ms: performance.now() - start };
    });
    expect(Math.min(...measured.map(({ ms }) => ms))).to.be.below(1_000);
    expect(Math.min(...measured.map(({ cost }) => cost))).to.be.within(10, 100_000);
  });
});
