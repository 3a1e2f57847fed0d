import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ReadingThreads } from '../../../src/cache/reading/reading-pool.js';

const SETUP = { root: '/', site: 0, charset: 'auto', compress: 'off' } as const;

/** The nice values of all threads of this process (proc(5): the 17th field after the name). */
function niceValues(): number[] {
  const statOf = (thread: string) => readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
  return readdirSync('/proc/self/task').map((thread) => Number(statOf(thread).split(') ')[1]?.split(' ')[16]));
}

describe('cache/reading: threads that read beside serving', () => {
  it('wait for more work, leave the processor to others, and end when they are told to', async () => {
    const threads = new ReadingThreads(SETUP);
    const before = niceValues();
    const reader = threads.take(true, () => {});
    expect(await reader.read([])).to.deep.equal([]); // it has started
    const lowest = Math.max(...before);
    expect(niceValues().filter((nice) => nice > lowest)).to.deep.equal([lowest + 10]);
    expect(threads.hasIdle).to.equal(false);
    threads.giveBack(reader);
    expect(threads.hasIdle).to.equal(true);
    expect(threads.take(true, () => {})).to.equal(reader);
    threads.giveBack(reader);
    await threads.close();
    expect([threads.hasIdle, reader.isDead]).to.deep.equal([false, true]);
  });
});
