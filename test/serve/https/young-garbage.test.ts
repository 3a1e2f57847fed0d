import { expect } from 'chai';
import { YoungGarbage } from '../../../src/serve/https/young-garbage.js';

const MEGABYTE = 1_000_000;

describe('serve/young-garbage', () => {
  it('frees the buffers that a thread has thrown away, once there were enough', async () => {
    const garbage = new YoungGarbage();
    garbage.look(10 * MEGABYTE); // what was there before
    const start = process.memoryUsage().arrayBuffers;
    throwAway(32);
    const full = process.memoryUsage().arrayBuffers;
    garbage.look(11 * MEGABYTE);
    expect(full - start, 'thrown away').to.be.above(30 * MEGABYTE);
    expect(process.memoryUsage().arrayBuffers, 'too few for a look').to.be.at.least(full);
    garbage.look(42 * MEGABYTE);
    // A thread of V8's gives the memory back.
    const kept = () => process.memoryUsage().arrayBuffers - start;
    for (let turns = 0; kept() > 4 * MEGABYTE && turns < 10_000; turns++)
      await new Promise((done) => setImmediate(done));
    expect(kept(), 'after the look').to.be.below(4 * MEGABYTE);
  });
});

function throwAway(megabytes: number): void {
  for (let i = 0; i < megabytes; i++) Buffer.allocUnsafeSlow(MEGABYTE)[0] = 1;
}
