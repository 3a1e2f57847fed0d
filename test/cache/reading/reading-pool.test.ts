import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ReadingThreads } from '../../../src/cache/reading/reading-pool.js';

const SETUP = { root: '/', site: 0, charset: 'auto', compress: 'off' } as const;

const threadsOfThis = () => readdirSync('/proc/self/task');

/** The nice value of a thread of this process (proc(5): the 17th field after the name). */
function niceOf(thread: string): number {
  return Number(readFileSync(`/proc/self/task/${thread}/stat`, 'latin1').split(') ')[1]?.split(' ')[16]);
}

/** The lowest priority that there is. */
const LOWEST = 19;

describe('cache/reading: threads that read beside serving', () => {
  it('wait for more work, leave the processor to others, and end when they are told to', async () => {
    const threads = new ReadingThreads(SETUP);
    const before = threadsOfThis();
    const reader = threads.take(true, () => {});
    expect(await reader.read([])).to.deep.equal([]); // it has started
    const added = threadsOfThis().filter((thread) => !before.includes(thread));
    expect(added.map(niceOf)).to.include(Math.min(niceOf(String(process.pid)) + 10, LOWEST));
    expect(threads.hasIdle).to.equal(false);
    threads.giveBack(reader);
    expect(threads.hasIdle).to.equal(true);
    expect(threads.take(true, () => {})).to.equal(reader);
    threads.giveBack(reader);
    await threads.close();
    expect([threads.hasIdle, reader.isDead]).to.deep.equal([false, true]);
  });
});
