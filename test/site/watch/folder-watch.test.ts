import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FolderWalk } from '../../../src/cache/folder/folder.js';
import { Library } from '../../../src/cache/library/library.js';
import type { RefreshOptions } from '../../../src/cache/loading/load-options.js';
import { FolderLoader } from '../../../src/cache/loading/loader.js';
import { EventFlood } from '../../../src/site/watch/flood.js';
import { FolderWatch, type Refreshed } from '../../../src/site/watch/folder-watch.js';
import { openNotify } from '../../../src/site/watch/notify-source.js';
import { openPoll } from '../../../src/site/watch/poll-source.js';
import type { OpenSource, WatchSink } from '../../../src/site/watch/source.js';
import { newWatchStatistics } from '../../../src/site/watch/statistics.js';
import { payloadText, TemporaryFolder, utf8 } from '../../cache/support.js';
import { until } from '../../support/until.js';

/** A clock that a test sets, and the calls that are due. */
class HandClock {
  ms = 0;
  #calls: { atMs: number; action: () => void }[] = [];

  now(): number {
    return this.ms;
  }

  after(ms: number, action: () => void): () => void {
    const call = { atMs: this.ms + ms, action };
    this.#calls.push(call);
    return () => {
      this.#calls = this.#calls.filter((each) => each !== call);
    };
  }

  /** Time passes; what is due is called, and its promises come to rest. */
  async pass(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      const [next] = this.#calls.sort((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > end) break;
      this.#calls.shift();
      this.ms = Math.max(this.ms, next.atMs);
      next.action();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.ms = end;
  }
}

/** A loader that writes down what it is asked for. */
class FakeLoader {
  readonly statistics = { loaded: 0, unchanged: 0, removed: 0, warnings: {} };
  readonly asked: string[] = [];
  readonly served = new Set<string>();
  /** What each look takes. */
  work: () => void = () => {};
  error: Error | undefined;

  serves(name: string): boolean {
    return this.served.has(name);
  }

  async refreshAll(names: readonly string[], { atOnce = false, isGone = false }: RefreshOptions = {}): Promise<void> {
    this.asked.push(`${atOnce ? 'at once ' : ''}${isGone ? 'gone' : ''}${names.join(' ')}`);
    this.work();
    if (this.error !== undefined) throw this.error;
    this.statistics.loaded += names.length;
  }
}

describe('site/watch: one folder, with events by hand', () => {
  let folder: TemporaryFolder;
  let clock: HandClock;
  let sink: WatchSink;
  let loader: FakeLoader;
  let watch: FolderWatch;
  let done: Refreshed[];
  let moved: number;
  let told: string[];
  const statistics = newWatchStatistics();

  const open: OpenSource = (_, given) => {
    sink = given;
    return { add: () => true, remove: () => {}, close: () => {} };
  };

  beforeEach(() => {
    folder = new TemporaryFolder();
    clock = new HandClock();
    loader = new FakeLoader();
    done = [];
    moved = 0;
    told = [];
    Object.assign(statistics, newWatchStatistics());
  });
  afterEach(() => {
    watch.close();
    folder.remove();
  });

  function begin(served = folder.path, more: { lookEveryMs?: number; mostPending?: number; limit?: number } = {}) {
    const { limit = 1_000, ...options } = more;
    watch = new FolderWatch({
      folder: served,
      root: folder.path,
      dotfiles: false,
      open,
      flood: new EventFlood(limit, () => {}),
      statistics,
      clock,
      quietMs: 100,
      refreshed: (result) => done.push(result),
      moved: () => moved++,
      gone: () => told.push('gone'),
      back: () => told.push('back'),
      failed: () => {},
      ...options,
    });
    watch.entering('', folder.path);
    watch.begin(loader);
  }
  const hear = (...names: string[]) => {
    for (const name of names) sink.heard(`${folder.path}${name}`);
  };

  it('looks at a changed name once, when it has been quiet', async () => {
    begin();
    hear('/a.html', '/a.html');
    await clock.pass(60);
    hear('/a.html');
    await clock.pass(99);
    expect(loader.asked).to.deep.equal([]);
    await clock.pass(20);
    expect(loader.asked).to.deep.equal(['/a.html']);
    expect(done).to.deep.equal([{ published: 1, removed: 0, first: '/a.html' }]);
    expect(statistics).to.deep.include({ seen: 3, refreshed: 1, published: 1, dropped: 0 });
  });

  it('sees within five seconds that a file was changed through a name of it elsewhere', async () => {
    const elsewhere = new TemporaryFolder();
    folder.write('a.html', 'old');
    folder.write('b.html', 'with one name only');
    linkSync(folder.at('a.html'), elsewhere.at('a.html'));
    begin();
    await new FolderWalk(folder.path, { listener: watch }).from('');
    await clock.pass(10_000);
    expect(loader.asked).to.deep.equal([]);
    elsewhere.write('a.html', 'new and longer');
    await clock.pass(5_200);
    expect(loader.asked).to.deep.equal(['/a.html']);
    await clock.pass(20_000);
    expect(loader.asked, 'once').to.have.length(1);
    elsewhere.remove();
    await clock.pass(20_000);
    expect(loader.asked, 'it has one name now').to.deep.equal(['/a.html', '/a.html']);
  });

  it('takes both names of a rename, and what an editor does around it does not count', async () => {
    begin();
    hear('/4913', '/.a.html.swp', '/a.html~', '/a.html', '/#a.html#', '/new.html', '/.git');
    await clock.pass(200);
    expect(loader.asked).to.deep.equal(['/a.html /new.html']);
    expect(statistics.dropped).to.equal(5);
  });

  it('looks after a temporary name that was served before', async () => {
    begin();
    loader.served.add('/old.tmp');
    hear('/old.tmp', '/other.tmp');
    await clock.pass(200);
    expect(loader.asked).to.deep.equal(['/old.tmp']);
  });

  it('keeps what happens during the load, and looks at it afterwards', async () => {
    begin();
    watch.close();
    watch = new FolderWatch({
      folder: folder.path,
      root: folder.path,
      dotfiles: false,
      open,
      flood: new EventFlood(1_000, () => {}),
      statistics,
      clock,
      quietMs: 100,
      refreshed: () => {},
      moved: () => {},
      gone: () => {},
      back: () => {},
      failed: () => {},
    });
    watch.entering('', folder.path);
    hear('/early');
    await clock.pass(1_000);
    expect(loader.asked).to.deep.equal([]);
    watch.begin(loader);
    await clock.pass(10);
    expect(loader.asked).to.deep.equal(['/early']);
  });

  it('leaves files to be quiet that a look finds too fresh, or that are being written', async () => {
    begin();
    const file = (name: string, mtimeMs: number) => ({ name, path: name, size: 1, ino: 1, mtimeMs, ctimeMs: mtimeMs });
    clock.ms = 1_000;
    hear('/written');
    expect(watch.defers(file('/written', 0))).to.equal(true);
    expect(watch.defers(file('/fresh', 950))).to.equal(true);
    expect(watch.defers(file('/old', 900))).to.equal(false);
    expect(watch.defers(file('/of-another-clock', 99_000))).to.equal(false);
    await clock.pass(500);
    expect(loader.asked).to.deep.equal(['/written /fresh']);
  });

  it('rests after a look that took long, but not forever', async () => {
    begin();
    loader.work = () => {
      clock.ms += 300;
    };
    hear('/a');
    await clock.pass(100);
    hear('/b');
    await clock.pass(1_600);
    expect(loader.asked).to.deep.equal(['/a']);
    await clock.pass(600);
    expect(loader.asked).to.deep.equal(['/a', '/b']);
  });

  it('bounds the names that wait: the folder above stands for them', async () => {
    begin(folder.path, { mostPending: 4 });
    watch.entering('/docs', `${folder.path}/docs`);
    hear('/docs/1', '/docs/2', '/docs/3', '/docs/4', '/docs/5');
    await clock.pass(200);
    expect(loader.asked).to.deep.equal(['/docs']);
  });

  it('looks at the whole folder if the kernel may have lost events', async () => {
    begin(folder.path, { limit: 6 });
    hear('/1', '/2', '/3', '/4', '/5');
    await clock.pass(200);
    expect(loader.asked).to.have.length(1);
    expect(loader.asked[0]?.split(' ')).to.include('');
    expect(statistics.floods).to.equal(1);
  });

  it('reads behind a link that leads elsewhere now, in one go, and other names as usual', async () => {
    mkdirSync(`${folder.path}/releases/1`, { recursive: true });
    mkdirSync(`${folder.path}/releases/2`);
    symlinkSync('releases/2', `${folder.path}/current`);
    begin();
    watch.followed('/current', `${folder.path}/releases/1`);
    watch.entering('/current', `${folder.path}/releases/1`);
    hear('/current', '/a');
    await clock.pass(200);
    expect(loader.asked).to.deep.equal(['at once /current', '/a']);
    expect(statistics.switched).to.equal(1);
  });

  it('takes a link away that leads nowhere now', async () => {
    symlinkSync('nowhere', `${folder.path}/current`);
    begin();
    watch.followed('/current', `${folder.path}/releases/1`);
    hear('/current');
    await clock.pass(200);
    expect(loader.asked).to.deep.equal(['/current']);
  });

  it('looks at links that lead into a folder which is another one now', async () => {
    begin();
    watch.entering('/releases', `${folder.path}/releases`);
    watch.followed('/current', `${folder.path}/releases/1`);
    watch.entering('/current', `${folder.path}/releases/1`);
    hear('/releases');
    await clock.pass(200);
    expect(loader.asked).to.deep.equal(['/releases /current']);
  });

  it('says when a link on the way to the folder leads to another one, and again until that is served', async () => {
    const other = new TemporaryFolder();
    symlinkSync(folder.path, `${other.path}/site`);
    begin(`${other.path}/site`);
    sink.heard(`${other.path}/something-else`);
    await clock.pass(5_000);
    expect(moved).to.equal(0);
    mkdirSync(`${other.path}/new`);
    symlinkSync('new', `${other.path}/next`);
    renameSync(`${other.path}/next`, `${other.path}/site`);
    sink.heard(`${other.path}/site`);
    await clock.pass(200);
    expect(moved).to.equal(1);
    await clock.pass(1_000);
    expect(moved).to.equal(2);
    expect(loader.asked).to.deep.equal([]);
    other.remove();
  });

  it('takes all names away when the folder is gone for a second, and says so once, and once that it is back', async () => {
    begin();
    rmSync(folder.path, { recursive: true });
    hear('', '/a', '/b');
    await clock.pass(900);
    expect([loader.asked, told]).to.deep.equal([[], []]);
    await clock.pass(6_000);
    expect([loader.asked, told]).to.deep.equal([['gone'], ['gone']]);
    mkdirSync(folder.path);
    await clock.pass(1_200);
    expect([loader.asked, told]).to.deep.equal([
      ['gone', ''],
      ['gone', 'back'],
    ]);
    await clock.pass(5_000);
    expect(loader.asked).to.have.length(2);
  });

  it('takes no name away, and says nothing, when two renames change the release', async () => {
    begin();
    renameSync(folder.path, `${folder.path}-old`);
    hear('');
    await clock.pass(500);
    mkdirSync(folder.path);
    await clock.pass(5_000);
    expect([loader.asked, told]).to.deep.equal([[''], []]);
    rmSync(`${folder.path}-old`, { recursive: true });
  });

  it('sees that the folder was moved away by the next news of it, where the folder above it cannot be watched', async () => {
    begin();
    renameSync(folder.path, `${folder.path}-away`);
    hear('/a');
    await clock.pass(1_500);
    expect([loader.asked, told]).to.deep.equal([['gone'], ['gone']]);
    rmSync(`${folder.path}-away`, { recursive: true });
  });

  it('looks at links now and then, where the source does not tell of them', async () => {
    mkdirSync(`${folder.path}/2`);
    symlinkSync('2', `${folder.path}/current`);
    begin(folder.path, { lookEveryMs: 2_000 });
    watch.followed('/current', `${folder.path}/1`);
    await clock.pass(2_500);
    expect(loader.asked).to.deep.equal(['at once /current']);
  });

  it('counts a look that fails, and goes on', async () => {
    begin();
    loader.error = new Error('EIO');
    hear('/a');
    await clock.pass(200);
    loader.error = undefined;
    hear('/b');
    await clock.pass(200);
    expect(loader.asked).to.deep.equal(['/a', '/b']);
    expect(statistics).to.deep.include({ errors: 1, published: 1 });
  });

  it('does nothing more when it is closed', async () => {
    begin();
    hear('/a');
    watch.close();
    hear('/b');
    await clock.pass(5_000);
    expect(loader.asked).to.deep.equal([]);
    expect(statistics.folders).to.equal(0);
  });
});

/** Time of the machine: these tests wait for the kernel, and for chokidar. */
const CLOCK = {
  now: () => Date.now(),
  after(ms: number, action: () => void) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

for (const kind of ['notify', 'poll'] as const) {
  describe(`site/watch: a real folder, by ${kind === 'notify' ? 'inotify' : 'chokidar, which polls'}`, () => {
    it('brings files, folders, renames, links and removals into the cache', async () => {
      const folder = new TemporaryFolder();
      folder.write('a.html', 'old');
      folder.write('docs/gone.html', 'x');
      folder.write('releases/1/app.js', 'one');
      folder.write('releases/2/app.js', 'two');
      symlinkSync('releases/1', `${folder.path}/current`);
      const library = new Library(64 * 2 ** 20);
      const statistics = newWatchStatistics();
      const watch = new FolderWatch({
        folder: folder.path,
        root: folder.path,
        dotfiles: false,
        open: kind === 'notify' ? openNotify : openPoll({ everyMs: 100, dotfiles: false, followSymlinks: true }),
        flood: new EventFlood(),
        statistics,
        clock: CLOCK,
        quietMs: 20,
        lookEveryMs: kind === 'poll' ? 100 : undefined,
        refreshed: () => {},
        moved: () => {},
        gone: () => {},
        back: () => {},
        failed: (error) => {
          throw error;
        },
      });
      const loader = new FolderLoader(folder.path, library, { listener: watch });
      const textOf = (name: string) => payloadText(library.find(utf8(name)));
      const comes = (name: string, text: string) => until(() => textOf(name) === text, `"${text}" under ${name}`);
      try {
        await loader.load();
        watch.begin(loader);
        // What changes while chokidar starts is no change to it. Nothing else says when it has started.
        const rewriting = setInterval(() => folder.write('a.html', 'written anew'), 500);
        await comes('/a.html', 'written anew').finally(() => clearInterval(rewriting));
        writeFileSync(`${folder.path}/.b.tmp`, 'renamed');
        renameSync(`${folder.path}/.b.tmp`, `${folder.path}/a.html`);
        await comes('/a.html', 'renamed');
        folder.write('new/deep/page.html', 'fresh');
        await comes('/new/deep/page.html', 'fresh');
        folder.write('new/deep/page.html', 'again');
        await comes('/new/deep/page.html', 'again');
        renameSync(`${folder.path}/new`, `${folder.path}/moved`);
        await comes('/moved/deep/page.html', 'again');
        await comes('/new/deep/page.html', '(nothing)');
        rmSync(`${folder.path}/docs`, { recursive: true });
        await comes('/docs/gone.html', '(nothing)');
        symlinkSync('releases/2', `${folder.path}/next`);
        renameSync(`${folder.path}/next`, `${folder.path}/current`);
        await comes('/current/app.js', 'two');
        folder.write('releases/2/app.js', 'three');
        await comes('/current/app.js', 'three');
        await comes('/releases/2/app.js', 'three');
        expect(statistics.errors).to.equal(0);
      } finally {
        watch.close();
        await loader.end();
        folder.remove();
      }
    });
  });
}
