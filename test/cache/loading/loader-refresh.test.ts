import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { mock } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Library } from '../../../src/cache/library/library.js';
import { Store } from '../../../src/cache/library/store.js';
import type { Subscriber } from '../../../src/cache/library/subscribers.js';
import type { LoadOptions } from '../../../src/cache/loading/load-options.js';
import { FolderLoader } from '../../../src/cache/loading/loader.js';
import { appendAtEachLook, find, payloadText, settled, TemporaryFolder } from '../support.js';

describe('cache/loading/loader refreshes many names', () => {
  let folder: TemporaryFolder;
  let loader: FolderLoader;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] }); // the loader looks at young files again when it is told to
    folder = new TemporaryFolder();
  });
  afterEach(async () => {
    mock.restoreAll();
    mock.timers.reset();
    await loader.end();
    folder.remove();
  });

  /** One worker's store gets every message at once; `texts` reads from it. */
  function setUp(options: LoadOptions = {}) {
    const library = new Library(64 * 2 ** 20);
    loader = new FolderLoader(folder.path, library, options);
    const store: Store = new Store((id) => subscriber.released(id));
    const told: string[] = [];
    const subscriber: Subscriber = library.attach((message) => {
      store.apply(message);
      told.push(message.kind);
    });
    const texts = (...names: string[]) => names.map((name) => payloadText(find(store, name)));
    const statusOf = (name: string) => find(store, name)?.status;
    return { library, texts, statusOf, told };
  }

  it('brings files and folders of one list up to date together: new, changed, gone', async () => {
    folder.write('a', 'old');
    folder.write('gone', 'x');
    folder.write('docs/deep/b', 'old');
    folder.write('other', 'old');
    const { texts, statusOf } = setUp();
    await loader.load();
    folder.write('a', 'new a');
    folder.write('docs/deep/b', 'new b');
    folder.write('docs/new', 'fresh');
    folder.write('other', 'not in the list');
    rmSync(`${folder.path}/gone`);
    await settled();
    await loader.refreshAll(['/a', '/gone', '/docs', '/docs/deep/b', '/never']);
    expect(texts('/a', '/docs/deep/b', '/docs/new', '/other')).to.deep.equal(['new a', 'new b', 'fresh', 'old']);
    expect(statusOf('/gone')).to.equal(undefined);
    expect({ ...loader.statistics, warnings: 0 }).to.deep.equal({ loaded: 7, unchanged: 0, removed: 1, warnings: 0 });
  });

  it('keeps what is served when the folder is not there, until it is told that it is gone; goes on when it is back', async () => {
    folder.write('a', 'old');
    const warnings: string[] = [];
    const { texts, statusOf } = setUp({ warn: ({ message }) => warnings.push(message) });
    await loader.load();
    renameSync(folder.path, `${folder.path}-elsewhere`);
    await loader.refresh('');
    expect(texts('/a')).to.deep.equal(['old']);
    expect(warnings).to.deep.equal(['/: the folder is not there now; what was read of it stays']);
    await loader.refreshAll([''], { isGone: true });
    expect(statusOf('/a')).to.equal(undefined);
    expect(warnings).to.have.length(1);
    renameSync(`${folder.path}-elsewhere`, folder.path);
    folder.write('a', 'new');
    await settled();
    await loader.refresh('');
    expect(texts('/a')).to.deep.equal(['new']);
  });

  it('removes a folder that is gone with all in it, and one whose name a file has now', async () => {
    folder.write('one/a/b', 'x');
    folder.write('two/c', 'x');
    const { texts, statusOf } = setUp();
    await loader.load();
    rmSync(`${folder.path}/one`, { recursive: true });
    rmSync(`${folder.path}/two`, { recursive: true });
    folder.write('two', 'a file');
    await settled();
    await loader.refreshAll(['/one', '/two']);
    expect(['/one', '/one/a', '/one/a/b', '/two/c'].map(statusOf)).to.deep.equal(new Array(4).fill(undefined));
    expect(texts('/two')).to.deep.equal(['a file']);
  });

  it('publishes what is behind a link in one go, when it is told so', async () => {
    for (let i = 0; i < 300; i++) folder.write(`releases/1/${i}`, 'one'); // more than one batch of reading
    for (let i = 0; i < 300; i++) folder.write(`releases/2/${i}`, 'two');
    symlinkSync('releases/1', `${folder.path}/current`);
    const { texts } = setUp();
    await loader.load();
    symlinkSync('releases/2', `${folder.path}/next`);
    renameSync(`${folder.path}/next`, `${folder.path}/current`);
    await settled();
    const names = Array.from({ length: 300 }, (_, i) => `/current/${i}`);
    const seen = new Set<string>();
    let isDone = false;
    const done = loader.refreshAll(['/current'], { atOnce: true }).finally(() => {
      isDone = true;
    });
    for (; !isDone; await setTimeout(5)) seen.add([...new Set(texts(...names))].join());
    await done;
    for (const text of seen) expect(['one', 'two']).to.include(text);
    expect(new Set(texts(...names))).to.deep.equal(new Set(['two']));
  });

  it('serves a file that is being written as it was, and reads it when it is quiet', async () => {
    folder.write('log', 'whole');
    const { texts } = setUp();
    await loader.load();
    appendAtEachLook(`${folder.path}/log`);
    await loader.refreshAll(['/log']);
    expect(texts('/log')).to.deep.equal(['whole']);
    mock.restoreAll();
    await settled();
    await loader.lookAgain(Date.now() + 11_000);
    expect(texts('/log')[0]).to.match(/^whole\.+$/);
  });

  it('tells a listener of each folder before it is read, and of what links lead to', async () => {
    folder.write('a/b/file', 'x');
    symlinkSync('a', `${folder.path}/link`);
    const told: string[] = [];
    const listener = {
      entering: (name: string, path: string) => told.push(`${name} ${path.slice(loader.root.length)}`) > 0,
      followed: (name: string, path: string) => told.push(`${name} -> ${path.slice(loader.root.length)}`) > 0,
      defers: () => false,
    };
    setUp({ listener });
    await loader.load();
    expect(told.sort()).to.deep.equal([' ', '/a /a', '/a/b /a/b', '/link -> /a', '/link /a', '/link/b /a/b']);
    told.length = 0;
    folder.write('a/c/new', 'x');
    await settled();
    await loader.refreshAll(['/a/c']);
    expect(told).to.deep.equal(['/a/c /a/c']);
  });

  it('refuses a name that is none of a folder', async () => {
    setUp();
    const error = await loader.refreshAll(['a']).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(RangeError);
  });
});
