import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { mock } from 'node:test';
import { expect } from 'chai';
import { FolderError } from '../../../src/cache/folder/warnings.js';
import { Library } from '../../../src/cache/library/library.js';
import { Store } from '../../../src/cache/library/store.js';
import type { Subscriber } from '../../../src/cache/library/subscribers.js';
import type { LoadOptions, LoadProgress } from '../../../src/cache/loading/load-options.js';
import { FolderLoader } from '../../../src/cache/loading/loader.js';
import {
  appendAtEachLook,
  find,
  headText,
  payloadOf,
  payloadText,
  settled,
  someBytes,
  sumsAgree,
  TemporaryFolder,
} from '../support.js';

describe('cache/loading/loader', () => {
  let folder: TemporaryFolder;
  let loaders: FolderLoader[];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] }); // loaders look at young files again when they are told to
    folder = new TemporaryFolder();
    loaders = [];
  });
  afterEach(async () => {
    mock.restoreAll();
    mock.timers.reset();
    await Promise.all(loaders.map((loader) => loader.end()));
    folder.remove();
  });

  /** It ends with the test. */
  function loaderOf(path: string, library: Library, options: LoadOptions): FolderLoader {
    const loader = new FolderLoader(path, library, options);
    loaders.push(loader);
    return loader;
  }

  /** A library, a loader of the folder with what it warns of, and one worker's store that gets each message at once. */
  function setUp(options: LoadOptions = {}, cacheBytes = 64 * 2 ** 20) {
    const library = new Library(cacheBytes);
    const messages: string[] = [];
    const warn = ({ message }: { message: string }) => void messages.push(message);
    const loader = loaderOf(folder.path, library, { warn, ...options });
    const store: Store = new Store((id) => subscriber.released(id));
    const subscriber: Subscriber = library.attach((message) => store.apply(message));
    return { library, loader, store, messages };
  }

  it('serves files with their type, and an index under its folder’s name too', async () => {
    folder.write('index.html', 'home');
    folder.write('docs/index.html', 'docs');
    folder.write('docs/ü.css', 'css');
    folder.write('logo.svg', 'svg');
    folder.write('LICENSE', 'text');
    const { loader, store, messages } = setUp();
    await loader.load();
    expect(
      ['/', '/index.html', '/docs/', '/docs/index.html', '/docs/ü.css'].map((path) => payloadText(find(store, path))),
    ).to.deep.equal(['home', 'home', 'docs', 'docs', 'css']);
    const types = ['/', '/docs/ü.css', '/logo.svg', '/LICENSE'].map((path) => find(store, path)?.contentType);
    expect(types).to.deep.equal([
      ...['text/html; charset=utf-8', 'text/css; charset=utf-8', 'image/svg+xml', 'application/octet-stream'],
    ]);
    expect(messages).to.deep.equal([]);
  });

  it('redirects a folder asked for without its slash, percent-encoded, but not the root', async () => {
    folder.write('a b/ü/x', '');
    const { loader, store } = setUp();
    await loader.load();
    const entry = find(store, '/a b/ü')!;
    expect(entry.status).to.equal(301);
    expect(entry.location).to.equal('/a%20b/%C3%BC/');
    expect(headText(entry)).to.contain('\r\nLocation: /a%20b/%C3%BC/\r\n');
    expect(find(store, '/a b')?.status).to.equal(301);
    for (const path of ['', '/', '/a b/', '/a b/ü/']) expect(find(store, path), path).to.equal(undefined);
  });

  it('gives every entry true sums', async () => {
    for (const length of [0, 1, 31, 32, 1459, 1460, 1461, 65535, 65536, 65537])
      folder.write(`${length}`, someBytes(length));
    const { loader, store } = setUp();
    await loader.load();
    for (const length of [0, 1, 31, 32, 1459, 1460, 1461, 65535, 65536, 65537]) {
      const entry = find(store, `/${length}`)!;
      expect(entry.payloadLength).to.equal(length);
      expect(sumsAgree(entry.bytes), `${length}`).to.equal(true);
    }
  });

  it('reports its progress up to exactly the whole', async () => {
    folder.write('a', someBytes(100));
    folder.write('b', someBytes(20_000_000));
    const seen: LoadProgress[] = [];
    await setUp().loader.load((progress) => seen.push({ ...progress }));
    expect(seen.at(-1)).to.deep.equal({ files: 2, totalFiles: 2, bytes: 20_000_100, totalBytes: 20_000_100 });
    expect(seen.length).to.be.above(3);
    for (let i = 1; i < seen.length; i++) expect(seen[i]!.bytes).to.be.at.least(seen[i - 1]!.bytes);
  });

  it('stops at a signal', async () => {
    for (let i = 0; i < 600; i++) folder.write(`${i}`, 'x');
    const stop = new AbortController();
    const { loader, library } = setUp({ threads: 1 });
    const error = await loader.load(() => stop.abort(), stop.signal).catch((reason: unknown) => reason);
    expect(error).to.have.property('name', 'AbortError');
    expect(loader.statistics.loaded).to.equal(256);
    await loader.load(); // the memory of what was under way has been given back
    expect(library.statistics).to.include({ files: 600, names: 600 });
  });

  it('publishes only the head of a file over a limit, with a tag from its stamp, and names no limit', async () => {
    folder.write('large.bin', someBytes(3 * 1024), 1_000_000_000);
    folder.write('small.txt', 'x');
    await settled();
    const { loader, store, messages } = setUp({ maxObjectBytes: 1024 });
    await loader.load();
    const entry = find(store, '/large.bin')!;
    expect(entry).to.include({ status: 200, payloadLength: 3072, isWhole: false, lastModifiedSeconds: 1_000_000_000 });
    expect(entry.stream).to.be.above(0);
    expect(headText(entry)).to.contain('Content-Length: 3072\r\n');
    expect([entry.bytes.length, sumsAgree(entry.bytes)]).to.deep.equal([entry.payloadFrom, true]);
    expect(messages).to.deep.equal([]);
    expect([find(store, '/small.txt')?.isWhole, loader.isLazy]).to.deep.equal([true, false]);
    await loader.refresh('/large.bin');
    expect(find(store, '/large.bin'), 'nothing has changed').to.equal(entry);
    folder.write('large.bin', someBytes(3 * 1024, 2), 1_000_000_000);
    await settled();
    await loader.refresh('/large.bin');
    const second = find(store, '/large.bin')!;
    expect(second.stream).to.not.equal(entry.stream);
    expect(Buffer.from(second.etag).equals(Buffer.from(entry.etag)), 'same size, same date').to.equal(false);
  });

  it('publishes the head of a file that no answer could hold', async () => {
    folder.write('huge.bin', '');
    truncateSync(folder.at('huge.bin'), 20 * 2 ** 30); // of holes alone
    await settled();
    const { loader, store } = setUp({}, 8 * 2 ** 30);
    await loader.load();
    expect(find(store, '/huge.bin')).to.include({ status: 200, payloadLength: 20 * 2 ** 30 });
  });

  it('holds as many files as it can when not all fit, the small ones, and the site is lazy then', async () => {
    for (let i = 1; i <= 9; i++) folder.write(`dir/${i}`, someBytes(i * 10_000));
    const { library, loader, store, messages } = setUp({}, 113_000);
    await loader.load();
    const statuses = Array.from({ length: 9 }, (_, i) => find(store, `/dir/${i + 1}`)?.status);
    expect(statuses.slice(0, 5)).to.deep.equal([200, 200, 200, 200, undefined]);
    expect(library.statistics).to.include({ files: 4, redirects: 1 });
    expect([messages, loader.isLazy, store.isLazy(0)]).to.deep.equal([[], true, true]);
  });

  it('looks for a bounded number of names at the start, and the site is lazy if there are more', async () => {
    for (let i = 0; i < 50; i++) folder.write(`${i}`, 'x');
    const { library, loader, store, messages } = setUp({ maxNames: 20 });
    await loader.load();
    expect([library.statistics.files, store.isLazy(0), messages]).to.deep.equal([19, true, []]);
  });

  it('reads on afterwards what it left out at the start, with the rules and redirects of the folder', async () => {
    for (let i = 0; i < 30; i++) folder.write(`${i % 5}/${i}.txt`, `text ${i}`);
    folder.write('4/index.html', 'index');
    const { library, loader, store, messages } = setUp({ maxNames: 8 });
    await loader.load();
    const before = library.statistics.files;
    await loader.warm();
    for (let i = 0; i < 30; i++) expect(payloadText(find(store, `/${i % 5}/${i}.txt`))).to.equal(`text ${i}`);
    expect([payloadText(find(store, '/4/')), find(store, '/4')?.status]).to.deep.equal(['index', 301]);
    expect(before).to.be.lessThan(8);
    expect([library.statistics.files, library.statistics.replaced, messages]).to.deep.equal([31, 0, []]);
  });

  it('reads ahead no more than three quarters of the cache, and nothing once it is closed', async () => {
    for (let i = 0; i < 30; i++) folder.write(`${i % 5}/${i}`, someBytes(10_000, i));
    for (const [cacheBytes, closes] of [
      [200_000, false],
      [64 * 2 ** 20, true],
    ] as const) {
      const { library, loader } = setUp({ maxNames: 8 }, cacheBytes);
      await loader.load();
      const before = library.statistics.files;
      if (closes) loader.close();
      await loader.warm();
      expect([library.statistics.files, library.statistics.evicted]).to.deep.equal([before, 0]);
      loader.close();
    }
  });

  it('takes a change of the folder between two parts of what it reads ahead', async () => {
    for (let i = 0; i < 20; i++) folder.write(`${i}`, 'old');
    const { loader, store } = setUp({ maxNames: 5 });
    await loader.load();
    const warmed = loader.warm();
    folder.write('7', 'newer');
    await Promise.all([warmed, loader.refresh('/7')]);
    await settled();
    await loader.refresh('/7');
    expect(payloadText(find(store, '/7'))).to.equal('newer');
  });

  it('reads in a lazy site only what is in memory when it changes, and drops what is gone', async () => {
    for (let i = 0; i < 50; i++) folder.write(`${i}`, 'x');
    const { library, loader, store } = setUp({ maxNames: 20 });
    await loader.load();
    const [there] = library.namesUnder(['']);
    folder.write(there!.slice(1), 'new');
    await loader.refresh(there!);
    expect(payloadText(find(store, there!))).to.equal('new');
    folder.write('more', 'x');
    await loader.refresh('/more');
    expect(find(store, '/more')).to.equal(undefined);
    rmSync(folder.at(there!.slice(1)));
    await loader.refresh(there!);
    expect(find(store, there!)).to.equal(undefined);
  });

  it('drops a file that does not fit beside its old version, and leaves the new one to those who ask', async () => {
    folder.write('a', someBytes(60_000, 1));
    const { loader, store } = setUp({}, 100_000);
    await loader.load();
    folder.write('a', someBytes(61_000, 2));
    await loader.refresh('/a');
    expect([find(store, '/a'), store.isLazy(0)]).to.deep.equal([undefined, true]);
  });

  it('publishes a changed file as a new generation, and leaves an unchanged one alone', async () => {
    folder.write('index.html', 'one');
    const { loader, store } = setUp();
    await loader.load();
    const first = find(store, '/')!;
    folder.write('index.html', 'one', 1_000_000_000);
    await loader.refresh('/index.html');
    expect(find(store, '/')).to.equal(first);
    expect(loader.statistics).to.include({ loaded: 1, unchanged: 1 });
    folder.write('index.html', 'two');
    await loader.refresh('/index.html');
    const second = find(store, '/')!;
    expect([second.generation, payloadText(second), first.retired]).to.deep.equal([2, 'two', true]);
    expect(Buffer.from(second.etag).equals(Buffer.from(first.etag))).to.equal(false);
    expect(payloadText(find(store, '/index.html'))).to.equal('two');
  });

  it('removes what is gone: a file, an index with its folder’s name, a folder with all in it', async () => {
    for (const name of ['a', 'd/index.html', 'd/x', 'd/e/y', 'd-other']) folder.write(name, name);
    const { library, loader, store } = setUp();
    await loader.load();
    rmSync(folder.at('d/index.html'));
    await loader.refresh('/d/index.html');
    expect(['/d/', '/d/index.html', '/d/x'].map((path) => find(store, path)?.status)).to.deep.equal([
      ...[undefined, undefined, 200],
    ]);
    rmSync(folder.at('d'), { recursive: true });
    await loader.refresh('/d');
    for (const path of ['/d', '/d/x', '/d/e', '/d/e/y']) expect(find(store, path), path).to.equal(undefined);
    expect(payloadText(find(store, '/d-other'))).to.equal('d-other');
    rmSync(folder.at('a'));
    rmSync(folder.at('d-other'));
    await loader.refresh('/');
    expect(library.statistics).to.include({ names: 0, usedBytes: 0, files: 0, redirects: 0 });
  });

  it('follows a file that becomes a folder, and a folder that becomes a file', async () => {
    folder.write('x', 'file');
    folder.write('y/z', 'deep');
    const { loader, store } = setUp();
    await loader.load();
    rmSync(folder.at('x'));
    mkdirSync(folder.at('x'));
    folder.write('x/index.html', 'now a folder');
    renameSync(folder.at('y/z'), folder.at('z'));
    rmSync(folder.at('y'), { recursive: true });
    renameSync(folder.at('z'), folder.at('y'));
    await Promise.all([loader.refresh('/x'), loader.refresh('/y')]);
    expect(find(store, '/x')?.status).to.equal(301);
    expect(payloadText(find(store, '/x/'))).to.equal('now a folder');
    expect(payloadText(find(store, '/y'))).to.equal('deep');
    expect(find(store, '/y/z')).to.equal(undefined);
  });

  it('reads a file again that was half-written at the start, and looks at it until it has been quiet', async () => {
    folder.write('half', 'first half');
    folder.write('old', 'x', 1_000_000_000);
    let now = 0; // the file is always one second old, however slow the machine is
    mock.method(Date, 'now', () => now);
    const append = (text: string) => {
      appendFileSync(folder.at('half'), text);
      now = Math.ceil(statSync(folder.at('half')).ctimeMs) + 1_000;
    };
    append('');
    const { loader, store } = setUp();
    const text = () => payloadText(find(store, '/half'));
    await loader.load();
    const loaded = now;
    append(', second half');
    await loader.lookAgain(loaded + 1_000);
    expect(text(), 'not every moment').to.equal('first half');
    await loader.lookAgain(loaded + 6_000);
    expect(text()).to.equal('first half, second half');
    const second = now;
    append(', third');
    await loader.lookAgain(second + 9_000);
    expect(text(), 'after twice the time').to.equal('first half, second half');
    await loader.lookAgain(second + 17_000);
    expect(text()).to.equal('first half, second half, third');
    await loader.lookAgain(now + 60_000); // it was quiet: forgotten
    const before = loader.statistics.loaded;
    append('x');
    await loader.lookAgain(now + 200_000);
    expect(loader.statistics.loaded).to.equal(before);
  });

  it('leaves a file that changed each time it was read to those who ask for it', async () => {
    folder.write('file', 'x');
    const { loader, store, messages } = setUp();
    appendAtEachLook(folder.at('file'));
    await loader.load();
    expect([find(store, '/file'), store.isLazy(0)]).to.deep.equal([undefined, true]);
    expect(messages[0]).to.contain('it was being changed each time it was read');
  });

  it('lets a link to a hidden file stay hidden, and says so', async () => {
    folder.write('.env', 'SECRET=1');
    symlinkSync('.env', folder.at('env-link'));
    const { loader, store, messages } = setUp();
    await loader.load();
    expect(find(store, '/env-link')).to.equal(undefined);
    expect(messages).to.deep.equal(['/env-link: left out: a symbolic link that leads to a hidden file or folder']);
  });

  it('says what charset text has, and in which coding an SVG image is', async () => {
    folder.write('utf8.html', '<!doctype html><p>grün');
    folder.write('sjis.html', Buffer.from('<meta charset=Shift_JIS><p>\x93\xfa\x96\x7b', 'latin1'));
    folder.write('utf8.txt', 'grün');
    folder.write('latin1.txt', Buffer.from('gr\xfcn', 'latin1'));
    folder.write('logo.svgz', 'x');
    const types = (store: Store) =>
      ['utf8.html', 'sjis.html', 'utf8.txt', 'latin1.txt'].map((name) => find(store, `/${name}`)?.contentType);
    const auto = setUp();
    await auto.loader.load();
    expect(types(auto.store)).to.deep.equal([
      ...['text/html; charset=utf-8', 'text/html', 'text/plain; charset=utf-8', 'text/plain'],
    ]);
    expect(headText(find(auto.store, '/logo.svgz')!)).to.contain('image/svg+xml\r\nContent-Encoding: gzip\r\n');
    const told = setUp({ charset: 'windows-1252' });
    await told.loader.load();
    expect(new Set(types(told.store).map((type) => type?.replace(/^.*;/, '')))).to.deep.equal(
      new Set([' charset=windows-1252']),
    );
  });

  it('serves many files that threads have read, each under its own name', async () => {
    for (let i = 0; i < 700; i++) folder.write(`${i % 7}/${i}.txt`, someBytes(i, i));
    const { loader, library, store } = setUp({ threads: 3 });
    await loader.load();
    expect(library.statistics.files).to.equal(700);
    for (let i = 0; i < 700; i++) {
      const entry = find(store, `/${i % 7}/${i}.txt`)!;
      expect(Buffer.from(payloadOf(entry)).equals(someBytes(i, i)) && sumsAgree(entry.bytes), `${i}`).to.equal(true);
    }
  });

  it('counts and tells what it leaves out, safely for a terminal', async () => {
    folder.write('ok', '');
    symlinkSync('nowhere', folder.at('bad\u001b[2Jname'));
    const { loader, store, messages } = setUp();
    await loader.load();
    expect(messages).to.deep.equal(['/bad\\x1b[2Jname: left out: a symbolic link to something that does not exist']);
    expect(loader.statistics.warnings).to.deep.equal({ dangling: 1 });
    expect(find(store, '/ok')?.status).to.equal(200);
  });

  it('throws a typed error for a folder that is not there', () => {
    expect(() => new FolderLoader(folder.at('nowhere'), new Library())).to.throw(FolderError, 'no such folder');
  });

  it('keeps two sites apart in one library', async () => {
    folder.write('one/index.html', 'one');
    folder.write('two/index.html', 'two');
    const { library, store } = setUp();
    await loaderOf(folder.at('one'), library, { site: 1 }).load();
    const second = loaderOf(folder.at('two'), library, { site: 2 });
    await second.load();
    expect([1, 2].map((site) => payloadText(find(store, '/', 0, site)))).to.deep.equal(['one', 'two']);
    rmSync(folder.at('two/index.html'));
    await second.refresh('');
    expect([0, 1, 2].map((site) => find(store, '/', 0, site) !== undefined)).to.deep.equal([false, true, false]);
  });
});
