/** RFC 1812 section 4.3.2.8, RFC 4443 section 2.4 f: a token bucket, with prices by chance. */
import { expect } from 'chai';
import { Clock, SECOND } from '../../../src/net/clock.js';
import { RateLimit } from '../../../src/net/icmp/rate-limit.js';
import { SeededRandom } from '../../../src/net/random.js';

const PER_SECOND = 100;

/** How many of `tries` are let through, `apart` microseconds from each other. */
function letThrough(limit: RateLimit, clock: Clock, tries: number, apart: number): number {
  let passed = 0;
  for (let i = 0; i < tries; i++) {
    clock.now += apart;
    if (limit.take()) passed++;
  }
  return passed;
}

describe('ICMP: the limit of errors', () => {
  it('lets so many through a second on average, over a long time', () => {
    const clock = new Clock();
    const limit = new RateLimit(clock, new SeededRandom(1), PER_SECOND);
    expect(letThrough(limit, clock, 100_000, SECOND / 1000)).to.be.within(9_900, 10_300);
  });

  it('cannot be counted: a burst has another length each time, and the right one on average', () => {
    const bursts = Array.from({ length: 100 }, (_, seed) => {
      const clock = new Clock();
      return letThrough(new RateLimit(clock, new SeededRandom(seed), PER_SECOND), clock, 1_000, 0);
    });
    expect(new Set(bursts).size, 'different bursts').to.be.greaterThan(15);
    expect(bursts.reduce((sum, burst) => sum + burst) / bursts.length).to.be.within(97, 103);
  });

  it('saves up no more than a burst in a quiet time', () => {
    const clock = new Clock();
    const limit = new RateLimit(clock, new SeededRandom(1), PER_SECOND, 10);
    clock.now += 3600 * SECOND;
    expect(letThrough(limit, clock, 1_000, 0)).to.be.within(5, 25);
  });
});
