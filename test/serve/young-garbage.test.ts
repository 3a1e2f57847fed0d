import { expect } from 'chai';
import { YoungGarbage } from '../../src/serve/young-garbage.js';

const MEGABYTE = 1_000_000;

describe('serve/young-garbage', () => {
  it('frees the buffers that a thread has thrown away, once there were enough', () => {
    const garbage = new YoungGarbage();
    garbage.look(10 * MEGABYTE); // what was there before
    const start = process.memoryUsage().arrayBuffers;
    throwAway(32);
    const full = process.memoryUsage().arrayBuffers;
    garbage.look(11 * MEGABYTE);
    expect(full - start, 'thrown away').to.be.above(30 * MEGABYTE);
    expect(process.memoryUsage().arrayBuffers, 'too few for a look').to.be.at.least(full);
    garbage.look(42 * MEGABYTE);
    expect(process.memoryUsage().arrayBuffers - start, 'after the look').to.be.below(4 * MEGABYTE);
  });
});

function throwAway(megabytes: number): void {
  for (let i = 0; i < megabytes; i++) Buffer.allocUnsafeSlow(MEGABYTE)[0] = 1;
}
