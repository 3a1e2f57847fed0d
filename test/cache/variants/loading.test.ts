/** Variants of the files of a folder: sidecars, and those that are made. Files in a temporary folder, real threads. */
import { rmSync, statSync, utimesSync } from 'node:fs';
import { mock } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Library } from '../../../src/cache/library/library.js';
import { Store } from '../../../src/cache/library/store.js';
import type { Subscriber } from '../../../src/cache/library/subscribers.js';
import type { LoadOptions } from '../../../src/cache/loading/load-options.js';
import { FolderLoader } from '../../../src/cache/loading/loader.js';
import type { Entry } from '../../../src/cache/object/entry.js';
import { Coding } from '../../../src/cache/object/record.js';
import { MADE_CODINGS } from '../../../src/cache/variants/coder.js';
import { find, headText, payloadOf, payloadText, someBytes, sumsAgree, TemporaryFolder, utf8 } from '../support.js';

const { identity, gzip, brotli } = Coding;
const TEXT = 'The quick brown fox jumps over the lazy dog. '.repeat(100);
/** Variants that are made of each file. */
const MADE = MADE_CODINGS.length;
/** Long ago, so that nothing counts as just written. */
const THEN = 1_700_000_000;

describe('cache/variants: the files of a folder', () => {
  let folder: TemporaryFolder;
  let open: FolderLoader[];
  /** What Date.now() gives, if it is not the time. */
  let now: number | undefined;

  beforeEach(() => {
    const { now: time } = Date;
    now = undefined;
    mock.method(Date, 'now', () => now ?? time());
    mock.timers.enable({ apis: ['setInterval'] }); // loaders look at young files again when they are told to
    folder = new TemporaryFolder();
    open = [];
  });
  afterEach(async () => {
    mock.restoreAll();
    mock.timers.reset();
    await Promise.all(open.map((loader) => loader.end()));
    folder.remove();
  });

  function setUp(options: LoadOptions = {}, cacheBytes = 64 * 2 ** 20) {
    const library = new Library(cacheBytes);
    const messages: string[] = [];
    const warn = ({ message }: { message: string }) => void messages.push(message);
    const loader = new FolderLoader(folder.path, library, { warn, compress: 'load', ...options });
    open.push(loader);
    const store: Store = new Store((id) => subscriber.released(id));
    const subscriber: Subscriber = library.attach((message) => store.apply(message));
    return { library, loader, store, messages };
  }

  async function loaded(options: LoadOptions = {}, cacheBytes?: number) {
    const parts = setUp(options, cacheBytes);
    await parts.loader.load();
    await parts.loader.variantsMade();
    return parts;
  }

  /** What a worker has in this coding, decoded. */
  function decoded(store: Store, path: string, coding: number): string | undefined {
    const entry = variant(store, path, coding);
    if (entry === undefined) return undefined;
    const bytes = payloadOf(entry);
    return (coding === gzip ? gunzipSync(bytes) : brotliDecompressSync(bytes)).toString();
  }

  /** As a request gets it: the bit says that it is there, and the link leads to it. */
  function variant(store: Store, path: string, coding: number): Entry | undefined {
    const file = find(store, path);
    if (file === undefined || (file.variants & (1 << coding)) === 0) return undefined;
    return store.variantOf(file, coding) ?? undefined;
  }

  describe('made at load', () => {
    it('have both codings under all names of the file, with true heads and sums', async () => {
      folder.write('docs/index.html', TEXT, THEN);
      const { store, library } = await loaded();
      for (const path of ['/docs/', '/docs/index.html']) {
        for (const coding of [gzip, brotli]) {
          expect(decoded(store, path, coding), `${path} ${coding}`).to.equal(TEXT);
          const entry = variant(store, path, coding)!;
          expect(headText(entry)).to.match(
            new RegExp(
              `^Content-Length: ${entry.payloadLength}\r\nContent-Encoding: ${coding === gzip ? 'gzip' : 'br'}\r\n` +
                'Content-Type: text/html; charset=utf-8\r\nVary: Accept-Encoding\r\n' +
                'Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\nETag: "[\\w-]{22}"\r\nAccept-Ranges: bytes\r\n\r\n$',
            ),
          );
          expect(headText(entry)).to.contain(`ETag: ${Buffer.from(entry.etag).toString()}\r\n`);
          expect(sumsAgree(entry.bytes)).to.equal(true);
          expect(Buffer.from(entry.notModified!.bytes).toString()).to.equal(
            `ETag: ${Buffer.from(entry.etag).toString()}\r\nVary: Accept-Encoding\r\n\r\n`,
          );
        }
      }
      const tags = [identity, gzip, brotli].map((coding) => {
        const entry = coding === identity ? find(store, '/docs/') : variant(store, '/docs/', coding);
        return Buffer.from(entry!.etag).toString();
      });
      expect(new Set(tags).size).to.equal(3);
      expect(library.statistics).to.include({ files: 1, variants: MADE, variantsMade: MADE, variantsInVain: 0 });
    });

    it('come after the files: those can be had when the load is done, whatever is still made', async () => {
      const large = 'x'.repeat(100_000); // a batch has 128 KiB, and what began below that
      for (let i = 0; i < 5; i++) folder.write(`${i}.css`, i === 2 ? large : TEXT + i, THEN);
      folder.write('5.css', large, THEN);
      const progress: number[] = [];
      const { loader, store } = setUp({ compressing: ({ files, totalFiles }) => progress.push(files / totalFiles) });
      await loader.load();
      expect(payloadText(find(store, '/4.css'))).to.equal(`${TEXT}4`);
      expect(headText(find(store, '/4.css')!)).to.contain('\r\nVary: Accept-Encoding\r\n');
      expect(find(store, '/4.css')!.variants).to.equal(0);
      await loader.variantsMade();
      for (const i of [0, 1, 3, 4]) expect(decoded(store, `/${i}.css`, brotli)).to.equal(TEXT + i);
      for (const i of [2, 5]) expect(decoded(store, `/${i}.css`, gzip)).to.equal(large);
      expect(progress.length).to.be.within(1, 3);
      expect(progress.at(-1)).to.equal(1);
    });

    it('are told of no more once the loader is closed', async () => {
      folder.write('a.css', TEXT, THEN);
      const progress: number[] = [];
      const { loader } = setUp({ compressing: ({ files }) => progress.push(files) });
      await loader.load();
      loader.close();
      await loader.variantsMade();
      expect(progress).to.deep.equal([]);
    });

    it('are left out for short files, for types that are compressed, and where they save less than a tenth', async () => {
      folder.write('short.css', 'x'.repeat(1023), THEN);
      folder.write('photo.jpg', TEXT, THEN);
      folder.write('noise.txt', someBytes(5000), THEN);
      folder.write('drawing.svgz', gzipSync(TEXT, { level: 0 }), THEN);
      const { store, library } = await loaded();
      for (const path of ['/short.css', '/photo.jpg', '/noise.txt', '/drawing.svgz']) {
        expect(find(store, path)!.variants, path).to.equal(0);
      }
      expect(library.statistics).to.include({ variants: 0, variantsMade: 0, variantsInVain: MADE });
      const vary = ['/short.css', '/photo.jpg', '/noise.txt', '/drawing.svgz'].filter((path) =>
        headText(find(store, path)!).includes('Vary'),
      );
      expect(vary).to.deep.equal(['/noise.txt']);
      expect(headText(find(store, '/drawing.svgz')!)).to.contain('Content-Encoding: gzip\r\n');
    });

    it('are not made again for a file that has not changed', async () => {
      folder.write('a.css', TEXT, THEN);
      folder.write('noise.txt', someBytes(5000), THEN);
      const { loader, library } = await loaded();
      const before = library.statistics;
      await loader.load();
      await loader.variantsMade();
      const { variantsMade, variantsInVain, published } = library.statistics;
      expect({ variantsMade, variantsInVain, published }).to.deep.equal({
        variantsMade: before.variantsMade,
        variantsInVain: before.variantsInVain,
        published: before.published,
      });
    });

    it('are those of the new content after a change; in between there is none of the old', async () => {
      folder.write('a.css', TEXT, THEN);
      const { loader, store, library } = await loaded();
      expect(decoded(store, '/a.css', brotli)).to.equal(TEXT);
      const changed = TEXT.replaceAll('fox', 'cat');
      folder.write('a.css', changed, THEN + 1);
      await loader.refresh('/a.css');
      expect(payloadText(find(store, '/a.css'))).to.equal(changed);
      expect([undefined, changed]).to.include(decoded(store, '/a.css', brotli));
      await loader.variantsMade();
      expect(decoded(store, '/a.css', brotli)).to.equal(changed);
      expect(decoded(store, '/a.css', gzip)).to.equal(changed);
      expect(library.statistics).to.include({ variants: MADE, retiredInUse: 0 });
    });

    it('go with their file', async () => {
      folder.write('a.css', TEXT, THEN);
      const { loader, library } = await loaded();
      rmSync(folder.at('a.css'));
      await loader.refresh('/a.css');
      expect(library.statistics).to.include({ files: 0, variants: 0, variantBytes: 0, usedBytes: 0 });
    });

    it('give way where there is no room for them', async () => {
      folder.write('big.txt', Buffer.from(someBytes(400_000)).toString('hex'), THEN);
      const { store, library } = await loaded({}, 900_000);
      expect(find(store, '/big.txt')!.payloadLength).to.equal(800_000);
      expect(library.statistics).to.include({ files: 1, variants: 0, variantsWithoutRoom: MADE });
    });
  });

  describe('from sidecars', () => {
    function writeSidecars(name: string, content: string, time = THEN): void {
      folder.write(name, content, time);
      folder.write(`${name}.br`, brotliCompressSync(content), time);
      folder.write(`${name}.gz`, gzipSync(content), time);
    }

    it('are there as soon as the load is done, with the bytes of the sidecar; it keeps its own name', async () => {
      writeSidecars('index.html', TEXT);
      const { loader, store, library, messages } = setUp({ compress: 'sidecar' });
      await loader.load();
      for (const path of ['/', '/index.html']) {
        expect(decoded(store, path, brotli)).to.equal(TEXT);
        expect(decoded(store, path, gzip)).to.equal(TEXT);
      }
      expect(Buffer.from(payloadOf(find(store, '/index.html.gz')!))).to.deep.equal(gzipSync(TEXT));
      expect(headText(find(store, '/index.html.gz')!)).to.contain('Content-Type: application/gzip\r\n');
      expect(headText(find(store, '/index.html.gz')!)).not.to.contain('Content-Encoding');
      expect(headText(find(store, '/')!)).to.contain('Vary: Accept-Encoding');
      expect(library.statistics).to.include({ files: 3, variants: 2, sidecarsUsed: 2, variantsMade: 0 });
      expect(messages).to.deep.equal([]);
    });

    it('hold short files and other types too, but none is used with --compress off', async () => {
      const short = 'a{color:red}'.repeat(10);
      writeSidecars('a.css', short);
      writeSidecars('a.bin', TEXT);
      const { store } = await loaded({ compress: 'sidecar' });
      expect(decoded(store, '/a.css', brotli)).to.equal(short);
      expect(decoded(store, '/a.bin', gzip)).to.equal(TEXT);
      const off = await loaded({ compress: 'off' });
      expect(find(off.store, '/a.css')!.variants).to.equal(0);
      expect(headText(find(off.store, '/a.css')!)).not.to.contain('Vary');
    });

    it('are completed by what is made where one is missing', async () => {
      folder.write('a.css', TEXT, THEN);
      const own = gzipSync(TEXT, { level: 1 });
      folder.write('a.css.gz', own, THEN);
      const { store, library } = await loaded();
      expect(Buffer.from(payloadOf(variant(store, '/a.css', gzip)!))).to.deep.equal(own);
      expect(decoded(store, '/a.css', brotli)).to.equal(TEXT);
      expect(library.statistics).to.include({ sidecarsUsed: 1, variantsMade: MADE - 1 });
    });

    it('are left alone, with a warning, if they are older than the file', async () => {
      folder.write('a.css', TEXT, THEN);
      folder.write('a.css.br', brotliCompressSync(TEXT), THEN - 1);
      const { store, messages } = await loaded({ compress: 'sidecar' });
      expect(find(store, '/a.css')!.variants).to.equal(0);
      expect(messages).to.deep.equal([
        '/a.css.br: not used as a variant: it is older than the file that it belongs to',
      ]);
    });

    it('are taken with the time of the file in whole seconds, as the program brotli gives it to them', async () => {
      folder.write('a.css', TEXT, THEN + 0.5);
      folder.write('a.css.br', brotliCompressSync(TEXT), THEN);
      folder.write('a.css.gz', gzipSync(TEXT), THEN + 0.4);
      const { store, library, messages } = await loaded({ compress: 'sidecar' });
      expect(decoded(store, '/a.css', brotli)).to.equal(TEXT);
      expect(library.statistics.sidecarsUsed).to.equal(1);
      expect(messages).to.deep.equal([
        '/a.css.gz: not used as a variant: it is older than the file that it belongs to',
      ]);
    });

    it('are taken when they hold the file, also a moment after they were written', async () => {
      writeSidecars('a.css', TEXT, Date.now() / 1000);
      const { store } = await loaded({ compress: 'sidecar' });
      expect(decoded(store, '/a.css', brotli)).to.equal(TEXT);
    });

    it('are not used while they are half-written or hold something else', async () => {
      folder.write('a.css', TEXT, THEN);
      folder.write('a.css.br', brotliCompressSync(TEXT).subarray(0, 20), THEN);
      folder.write('a.css.gz', gzipSync(`${TEXT} `), THEN);
      becomesYoung('a.css.gz');
      const { store, messages } = await loaded({ compress: 'sidecar' });
      // The kernel's time of the change is now, so both may still be completed: no warning yet.
      expect(find(store, '/a.css')!.variants).to.equal(0);
      expect(messages).to.deep.equal([]);
    });

    it('are looked at again when they were written a moment ago, and used when they are complete', async () => {
      mock.timers.reset();
      mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
      const write = (bytes: Uint8Array) => {
        folder.write('a.css.gz', bytes, THEN);
        becomesYoung('a.css.gz');
      };
      folder.write('a.css', TEXT, THEN);
      const whole = gzipSync(TEXT);
      write(whole.subarray(0, 20));
      const { store, loader, messages } = await loaded({ compress: 'sidecar' });
      expect(variant(store, '/a.css', gzip)).to.equal(undefined);
      write(whole);
      mock.timers.tick(4_999);
      await loader.load(); // it finds the sidecar by itself; so nothing is left to be looked at
      expect(decoded(store, '/a.css', gzip)).to.equal(TEXT);
      write(whole.subarray(0, 20));
      await loader.refresh('/a.css.gz');
      expect(variant(store, '/a.css', gzip), 'cut off again').to.equal(undefined);
      write(whole);
      mock.timers.tick(5_000);
      await loader.refresh('/other'); // behind the look that the timer has begun
      expect(decoded(store, '/a.css', gzip)).to.equal(TEXT);
      expect(messages).to.deep.equal([]);
    });

    it('come, change and go with a refresh of the sidecar alone', async () => {
      folder.write('a.css', TEXT, THEN);
      const { loader, store, library } = await loaded({ compress: 'sidecar' });
      expect(headText(find(store, '/a.css')!)).not.to.contain('Vary');
      await change('a.css.gz', gzipSync(TEXT, { level: 1 }), loader);
      expect(headText(find(store, '/a.css')!)).to.contain('Vary');
      expect(decoded(store, '/a.css', gzip)).to.equal(TEXT);
      const first = variant(store, '/a.css', gzip)!;
      await change('a.css.gz', gzipSync(TEXT, { level: 9 }), loader);
      const second = variant(store, '/a.css', gzip)!;
      expect(second.payloadLength).to.be.lessThan(first.payloadLength);
      expect(first.retired).to.equal(true);
      rmSync(folder.at('a.css.gz'));
      await loader.refresh('/a.css.gz');
      expect(variant(store, '/a.css', gzip)).to.equal(undefined);
      expect(find(store, '/a.css.gz')).to.equal(undefined);
      expect(headText(find(store, '/a.css')!)).not.to.contain('Vary');
      expect(library.statistics).to.include({ files: 1, variants: 0, retiredInUse: 0 });
    });

    it('are replaced by what is made when they go', async () => {
      writeSidecars('a.css', TEXT);
      const { loader, store, library } = await loaded();
      expect(library.statistics).to.include({ sidecarsUsed: 2, variantsMade: MADE - 2 });
      rmSync(folder.at('a.css.br'));
      await loader.refresh('/a.css.br');
      await loader.variantsMade();
      expect(decoded(store, '/a.css', brotli)).to.equal(TEXT);
      expect(library.statistics).to.include({ variants: MADE, variantsMade: MADE - 1 });
    });

    it('never show the old content once the new file is published', async () => {
      writeSidecars('a.css', TEXT);
      const { loader, store, messages } = await loaded({ compress: 'sidecar' });
      const changed = TEXT.replaceAll('fox', 'cat');
      folder.write('a.css', changed, THEN + 1);
      await loader.refresh('/a.css');
      expect(payloadText(find(store, '/a.css'))).to.equal(changed);
      expect(variant(store, '/a.css', brotli)).to.equal(undefined);
      expect(messages.filter((text) => text.includes('older'))).to.have.length(2);
    });

    /** From now on it is one second since this file was written, however slow the machine is. */
    function becomesYoung(name: string): void {
      now = Math.ceil(statSync(folder.at(name)).ctimeMs) + 1_000;
    }

    async function change(name: string, content: Uint8Array, loader: FolderLoader): Promise<void> {
      folder.write(name, content);
      const now = new Date();
      utimesSync(folder.at(name), now, now);
      await loader.refresh(`/${name}`);
    }
  });

  it('free all memory when the folder is emptied', async () => {
    for (let i = 0; i < 20; i++) folder.write(`${i}.txt`, TEXT + i, THEN);
    const { loader, library } = await loaded();
    expect(library.statistics.variants).to.equal(20 * MADE);
    for (let i = 0; i < 20; i++) rmSync(folder.at(`${i}.txt`));
    await loader.load();
    expect(library.statistics).to.include({ files: 0, variants: 0, usedBytes: 0, payloadBytes: 0, retiredInUse: 0 });
  });

  it('hold a file with a name that is not UTF-8', async () => {
    folder.write('ü ö.txt', TEXT, THEN);
    const { store } = await loaded();
    expect(decoded(store, '/ü ö.txt', gzip)).to.equal(TEXT);
    expect(utf8(TEXT).length).to.equal(find(store, '/ü ö.txt')!.payloadLength);
  });
});
