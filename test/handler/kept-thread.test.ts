/** A thread that is kept alive: started again, watched, replaced. The threads are real, so their times are short. */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { type Before, createLink, LEAVES, type Link, type ThreadLink } from '../../src/channel/index.js';
import { createHandlerThread, type KeptThread, setupOf, tryHandler } from '../../src/handler/index.js';
import { RestartDelay } from '../../src/handler/restart-delay.js';
import { SlowFailure } from '../../src/http/index.js';
import { Wakeup } from '../../src/net/driver/wakeup.js';
import { TemporaryFolder } from '../cache/support.js';

const STUCK_MS = 500;

describe('the delay before a thread is started again', () => {
  it('is none at first, grows while the thread ends soon, and is none again when it has lived for a while', () => {
    const delay = new RestartDelay();
    const lives = [5, 5, 5, 9_999, 10_000, 5, 5];
    expect(lives.map((lived) => delay.next(lived))).to.deep.equal([0, 100, 200, 400, 0, 100, 200]);
    for (let i = 0; i < 10; i++) delay.next(5);
    expect(delay.next(5)).to.equal(10_000);
  });
});

describe('a thread that is kept alive', () => {
  let folder: TemporaryFolder;
  let thread: KeptThread;
  let bell: Wakeup;
  const links: Link[] = [];
  const told: string[] = [];
  let waiting: (() => void)[] = [];
  before(() => {
    folder = new TemporaryFolder();
    bell = Wakeup.create();
  });
  after(() => {
    bell.close();
    folder.remove();
  });

  beforeEach(() => {
    told.length = 0;
    const tell = (text: string) => {
      told.push(text.replaceAll(`${folder.path}/`, ''));
      for (const wake of waiting.splice(0)) wake();
    };
    const owner = {
      connect(generation: number, before: Before): ThreadLink[] {
        const link = createLink(bell.fd, false);
        links.push(link);
        tell(`connect ${generation} ${before === LEAVES ? before : nameOf(before)}`);
        return [link.thread];
      },
      ended: (generation: number, failure: SlowFailure) => tell(`ended ${generation} ${nameOf(failure)}`),
      warn: tell,
    };
    thread = createHandlerThread(owner, STUCK_MS);
  });

  afterEach(async () => {
    await thread.close();
    for (const link of links.splice(0)) link.close();
    waiting = [];
  });

  function nameOf(failure: SlowFailure): string {
    return Object.entries(SlowFailure).find(([, value]) => value === failure)?.[0] ?? '?';
  }

  async function until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = told.find((text) => pattern.test(text));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  function write(name: string, source: string): object {
    writeFileSync(folder.at(name), source);
    return setupOf(pathToFileURL(folder.at(name)).href);
  }

  async function serve(name: string, source: string): Promise<void> {
    (await thread.prepare(write(name, source))).commit();
  }

  it('is started again at once when it ends, and later when it ends again soon', async () => {
    await serve('late.mjs', "setTimeout(() => { throw new Error('too late'); }, 50);\nexport default () => {};\n");
    await until(/in 100 ms/);
    const [first = '', queue, second = ''] = told.slice(1);
    expect(first).to.match(/^the handler's thread has ended, and starts again at once: too late \(at .*late\.mjs:1:/);
    expect([told[0], queue]).to.deep.equal(['connect 1 leaves', 'connect 2 died']);
    expect(second).to.match(/starts again in 100 ms: too late/);
    expect(thread.counters).to.include({ restarts: 1, stuck: 0 });
  });

  it('is ended when it stands still, and started again', async () => {
    await serve('loop.mjs', 'setTimeout(() => { for (;;); }, 50);\nexport default () => {};\n');
    expect(await until(/has ended/)).to.equal(
      "the handler's thread has ended, and starts again at once: it did not move for 0.5 s, as in an endless loop",
    );
    expect(told).to.include('connect 2 stuck');
    expect(thread.counters).to.include({ stuck: 1 });
  });

  it('is left alone while its loop moves, however busy it is', async () => {
    const source = 'const end = Date.now() + 1500;\nconst work = () => { const to = Date.now() + 100;';
    await serve(
      'busy.mjs',
      `${source} while (Date.now() < to); if (Date.now() < end) setTimeout(work); };\nwork();\nexport default () => {};`,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(told).to.deep.equal(['connect 1 leaves']);
  });

  it('is replaced by one that is ready, and goes when its workers need it no more', async () => {
    await serve('one.mjs', 'export default () => {};\n');
    const broken = await thread.prepare(write('two.mjs', 'export default 7;\n')).catch((error: Error) => error.message);
    expect(broken).to.match(/this is no handler: 7/);
    await serve('two.mjs', 'export default () => {};\n');
    expect(told).to.deep.equal(['connect 1 leaves', 'connect 2 leaves']);
    expect(thread.counters).to.deep.equal({ restarts: 0, stuck: 0, replaced: 1 });
  });

  it('has its requests refused when it cannot be loaded again', async () => {
    const source = (rest: string) => `setTimeout(() => { throw new Error('x'); }, 100);\nexport default ${rest};\n`;
    await serve('gone.mjs', source('() => {}'));
    writeFileSync(folder.at('gone.mjs'), source('7'));
    expect(await until(/cannot begin again/)).to.match(
      /^the handler cannot begin again, next try in 100 ms: this is no/,
    );
    expect(told).to.include('ended 2 absent');
  });

  it('is tried without serving anybody: what is wrong with a file is told', async () => {
    const url = (name: string, source: string) => (write(name, source) as { url: string }).url;
    await tryHandler(url('right.mjs', 'export default () => {};\nexport const close = () => {};'));
    const wrong = await tryHandler(url('none.mjs', 'export const a = 1;')).catch((error: Error) => error.message);
    expect(wrong).to.match(/^there is no default export; a handler is/);
  });
});
