import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, renameSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { expect } from 'chai';
import { DiskPool } from '../../../src/cache/demand/disk-pool.js';
import { Supply } from '../../../src/cache/demand/supply.js';
import { ABSENT, LOOK_AGAIN, UNAVAILABLE } from '../../../src/cache/library/asks.js';
import { Library } from '../../../src/cache/library/library.js';
import type { LoadOptions } from '../../../src/cache/loading/load-options.js';
import { FolderLoader } from '../../../src/cache/loading/loader.js';
import type { Entry } from '../../../src/cache/object/entry.js';
import { PIECE_BYTES, pieceName } from '../../../src/cache/object/pieces.js';
import { Coding } from '../../../src/cache/object/record.js';
import { SiteRules } from '../../../src/site/rules/site-rules.js';
import type { FakeConnection } from '../../support/fake-connection.js';
import { get, HttpBench } from '../../support/http-bench.js';
import { NearDisk, NearWorker } from '../../support/near-disk.js';
import { until } from '../../support/until.js';
import { find, headText, payloadOf, payloadText, settled, someBytes, sumsAgree, TemporaryFolder } from '../support.js';

describe('cache/demand/supply', () => {
  let folder: TemporaryFolder;
  let loaders: FolderLoader[];
  beforeEach(() => {
    folder = new TemporaryFolder();
    loaders = [];
  });
  afterEach(async () => {
    await Promise.all(loaders.map((loader) => loader.end()));
    folder.remove();
  });

  /** A site of which nothing is in memory: at the start it may look at the folder itself. */
  async function lazySite(cacheBytes = 64 * 2 ** 20, options: LoadOptions = {}) {
    const library = new Library(cacheBytes);
    const disk = new NearDisk();
    const supply = Supply.of(library, disk);
    const loader = new FolderLoader(folder.path, library, { maxNames: 1, ...options });
    loaders.push(loader);
    const worker = new NearWorker(library);
    await loader.load();
    worker.turn();
    await settled();
    return { library, disk, supply, loader, worker, store: worker.store };
  }

  it('reads a file that is asked for, under all its names and by the rules of the folder', async () => {
    folder.write('docs/index.html', '<p>docs');
    folder.write('a.txt', 'text');
    folder.write('.env', 'secret');
    symlinkSync('.env', folder.at('link'));
    symlinkSync('/etc/hostname', folder.at('outside'));
    const { worker, store, supply } = await lazySite();
    expect(store.isLazy(0)).to.equal(true);
    expect(await worker.ask('/docs/')).to.equal(LOOK_AGAIN);
    expect([payloadText(find(store, '/docs/')), payloadText(find(store, '/docs/index.html'))]).to.deep.equal([
      ...['<p>docs', '<p>docs'],
    ]);
    expect(await worker.ask('/a.txt')).to.equal(LOOK_AGAIN);
    const entry = find(store, '/a.txt')!;
    expect(headText(entry)).to.contain('Content-Type: text/plain; charset=utf-8\r\n');
    expect(sumsAgree(entry.bytes)).to.equal(true);
    expect(await worker.ask('/docs')).to.equal(LOOK_AGAIN);
    expect(find(store, '/docs')).to.include({ status: 301, location: '/docs/' });
    for (const name of [
      '/.env',
      '/link',
      '/outside',
      '/no',
      '/a.txt/',
      '/docs/../a.txt',
      '/a\0b',
      `/${'x'.repeat(5000)}`,
    ]) {
      expect(await worker.ask(name), name).to.equal(ABSENT);
    }
    expect(supply.statistics).to.include({ wanted: 11, underWay: 0, files: 2, redirects: 1, absent: 8 });
  });

  it('gets what a page loads first with the page, once, and only if the site has hints', async () => {
    folder.write(
      'page/index.html',
      '<link rel=stylesheet href=/s.css><script src=/no.js></script><script src=/a.js></script>',
    );
    folder.write('s.css', 'p {}');
    folder.write('a.js', '1');
    const rules = new SiteRules({ folder: folder.path, hints: true });
    const { worker, store, supply } = await lazySite(64 * 2 ** 20, { rules });
    expect(await worker.ask('/page/')).to.equal(LOOK_AGAIN);
    await until(() => supply.statistics.underWay === 0);
    worker.turn();
    expect([find(store, '/s.css'), find(store, '/a.js')].map((entry) => entry?.status)).to.deep.equal([200, 200]);
    expect(supply.statistics).to.include({ wanted: 1, ahead: 3, files: 3, absent: 1, underWay: 0 });
  });

  it('looks a name up once for many workers, and tells all of them', async () => {
    folder.write('a', 'x');
    const { library, disk, worker } = await lazySite();
    const other = new NearWorker(library);
    disk.hold();
    const asks = [worker.ask('/a'), other.ask('/a')];
    await turn();
    disk.go();
    expect(await Promise.all(asks)).to.deep.equal([LOOK_AGAIN, LOOK_AGAIN]);
    expect(disk.jobs.map(({ kind }) => kind)).to.deep.equal(['look', 'read']);
    expect(find(other.store, '/a')?.status).to.equal(200);
  });

  it('goes on with hits while the disk is held back', async () => {
    folder.write('hot', 'x');
    folder.write('cold', 'x');
    const { disk, worker, store } = await lazySite();
    await worker.ask('/hot');
    disk.hold();
    const cold = worker.ask('/cold');
    await turn();
    expect(find(store, '/hot')?.status).to.equal(200);
    expect(find(store, '/cold')).to.equal(undefined);
    disk.go();
    expect(await cold).to.equal(LOOK_AGAIN);
  });

  it('evicts what nobody asks for, within the limit, and reads it again when somebody does', async () => {
    const limit = 200_000;
    for (let i = 0; i < 40; i++) folder.write(`${i}`, someBytes(10_000, i));
    const { library, worker, store } = await lazySite(limit);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 40; i++) {
        if (find(store, `/${i}`) === undefined) expect(await worker.ask(`/${i}`)).to.equal(LOOK_AGAIN);
        expect(Buffer.from(payloadOf(find(store, `/${i}`)!)).equals(someBytes(10_000, i)), `${i}`).to.equal(true);
        const { usedBytes, indexBytes } = library.statistics;
        expect(usedBytes + indexBytes).to.be.at.most(limit);
      }
    }
    expect(library.statistics.evicted).to.be.above(60);
  });

  it('makes variants of what is read on demand, and of what proves hot where memory is short', async () => {
    const text = (i: number) => `${i} `.repeat(i === 0 ? 10_000 : 2_000); // no room is left for a variant of 0
    for (let i = 0; i < 60; i++) folder.write(`${i}.txt`, text(i));
    const decoded = (entry: Entry | null) => brotliDecompressSync(payloadOf(entry!)).toString();
    const roomy = await lazySite(64 * 2 ** 20, { compress: 'load' });
    expect(await roomy.worker.ask('/7.txt')).to.equal(LOOK_AGAIN);
    await roomy.loader.variantsMade();
    roomy.worker.turn();
    const seven = find(roomy.store, '/7.txt')!;
    expect(decoded(roomy.store.variantOf(seven, Coding.brotli))).to.equal(text(7));
    await roomy.loader.end();

    const { library, loader, worker, store } = await lazySite(150_000, { compress: 'load' });
    for (let i = 1; i < 60; i++) await worker.ask(`/${i}.txt`);
    await loader.variantsMade();
    await worker.ask('/0.txt');
    for (let turns = 0; turns < 200 && !library.find(Buffer.from('/0.txt'))?.variants; turns++) {
      await loader.variantsMade();
      await worker.ask(`/${1 + (turns % 59)}.txt`);
      find(store, '/0.txt');
      worker.turn();
    }
    const hot = find(store, '/0.txt')!;
    expect(decoded(store.variantOf(hot, Coding.brotli))).to.equal(text(0));
    const { usedBytes, indexBytes, evicted } = library.statistics;
    expect(usedBytes + indexBytes).to.be.at.most(150_000);
    expect(evicted).to.be.above(30);
    await loader.end();
  });

  it('keeps what is hot while a scan runs through everything else', async () => {
    for (let i = 0; i < 100; i++) folder.write(`${i}`, someBytes(10_000, i));
    const { worker, store, supply } = await lazySite(200_000);
    const hot = ['/0', '/1', '/2', '/3'];
    for (const name of [...hot, ...hot]) if (find(store, name) === undefined) await worker.ask(name);
    for (const name of hot) find(store, name);
    let misses = 0;
    for (let i = 4; i < 100; i++) {
      await worker.ask(`/${i}`);
      find(store, `/${i}`);
      for (const name of hot) {
        if (find(store, name) !== undefined) continue;
        misses++;
        await worker.ask(name);
      }
    }
    expect(misses).to.equal(0);
    expect(supply.statistics.files).to.equal(100);
  });

  it('publishes the head of a large file without reading it, and its pieces when they are wanted', async () => {
    const film = someBytes(2 * PIECE_BYTES + 100, 3);
    folder.write('film.mp4', film);
    const { worker, store, disk, library } = await lazySite();
    expect(await worker.ask('/film.mp4')).to.equal(LOOK_AGAIN);
    const { stream, payloadLength } = find(store, '/film.mp4')!;
    expect([payloadLength, disk.jobs.map(({ kind }) => kind)]).to.deep.equal([film.length, ['look']]);
    for (let piece = 0; piece < 3; piece++) {
      expect(await worker.ask(pieceName(stream, piece))).to.equal(LOOK_AGAIN);
      const entry = store.findPiece(0, pieceName(stream, piece))!;
      const expected = film.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
      expect(Buffer.from(entry.bytes.bytes).equals(expected) && sumsAgree(entry.bytes)).to.equal(true);
    }
    expect(library.statistics).to.include({ files: 1, pieces: 3 });
    for (const name of [pieceName(stream, 3), pieceName(99, 0)]) expect(await worker.ask(name)).to.equal(ABSENT);
  });

  it('gives no piece of a file that has changed, and the new head to those who ask again', async () => {
    folder.write('film', someBytes(2 * PIECE_BYTES, 3), 1_000_000_000);
    const { worker, store, supply } = await lazySite();
    await worker.ask('/film');
    const first = find(store, '/film')!;
    const firstTag = Buffer.from(first.etag); // a copy: the memory will be used again
    await worker.ask(pieceName(first.stream, 0));
    folder.write('film', someBytes(2 * PIECE_BYTES, 4), 1_000_000_000); // same size, same date
    await settled();
    expect(await worker.ask(pieceName(first.stream, 1))).to.equal(ABSENT);
    expect([find(store, '/film'), supply.statistics.changedPieces]).to.deep.equal([undefined, 1]);
    await worker.ask('/film');
    const second = find(store, '/film')!;
    expect(second.stream).to.not.equal(first.stream);
    expect(Buffer.from(second.etag).equals(firstTag)).to.equal(false);
  });

  it('gives no piece of a file that changes while it is read', async () => {
    folder.write('film', someBytes(2 * PIECE_BYTES, 3));
    const { worker, store } = await lazySite();
    await worker.ask('/film');
    const { stream } = find(store, '/film')!;
    truncateSync(folder.at('film'), PIECE_BYTES + 5);
    expect(await worker.ask(pieceName(stream, 1))).to.equal(ABSENT);
    expect(store.findPiece(0, pieceName(stream, 1))).to.equal(undefined);
  });

  it('knows the file of a head as long as a worker sends it, and forgets it then', async () => {
    folder.write('film', someBytes(2 * PIECE_BYTES, 3));
    const { library, worker, store } = await lazySite();
    await worker.ask('/film');
    const entry = find(store, '/film')!;
    entry.bytes.retain(); // a stream
    library.remove(Buffer.from('/film'));
    library.flush();
    await turn();
    expect(await worker.ask(pieceName(entry.stream, 0))).to.equal(LOOK_AGAIN);
    entry.bytes.release();
    worker.turn();
    expect(await worker.ask(pieceName(entry.stream, 1))).to.equal(ABSENT);
  });

  it('serves a sparse file of 20 GiB from a cache of 4 MiB', async () => {
    const limit = 4 * 2 ** 20;
    folder.write('huge', '');
    truncateSync(folder.at('huge'), 20 * 2 ** 30);
    const { library, worker, store } = await lazySite(limit);
    await worker.ask('/huge');
    const head = find(store, '/huge')!;
    const { stream, payloadLength } = head;
    head.bytes.retain(); // as a stream does
    expect(payloadLength).to.equal(20 * 2 ** 30);
    for (let piece = 30_000; piece < 30_040; piece++) {
      expect(await worker.ask(pieceName(stream, piece))).to.equal(LOOK_AGAIN);
      const { usedBytes, indexBytes, reservedBytes } = library.statistics;
      expect(usedBytes + indexBytes).to.be.at.most(limit);
      expect(reservedBytes).to.be.at.most(limit + 8 * 2 ** 20);
    }
    expect(store.findPiece(0, pieceName(stream, 30_039))?.payloadLength).to.equal(PIECE_BYTES);
  });

  it('waits for memory that a slow worker has not let go of yet', async () => {
    for (let i = 0; i < 10; i++) folder.write(`${i}`, someBytes(30_000, i));
    const { worker, store, library } = await lazySite(100_000);
    for (let i = 0; i < 3; i++) await worker.ask(`/${i}`);
    const slow = new NearWorker(library);
    slow.isBusy = true;
    const outcome = worker.ask('/5');
    await turn();
    expect(find(store, '/5')).to.equal(undefined);
    slow.isBusy = false;
    slow.turn();
    expect(await outcome).to.equal(LOOK_AGAIN);
    expect(find(store, '/5')?.payloadLength).to.equal(30_000);
  });

  it('finds room though all memory is cut up by small objects, and leaves pieces alone while bytes are short', async () => {
    for (let i = 0; i < 300; i++) folder.write(`${i}`, someBytes(i % 2 === 0 ? 30_000 : 300, i));
    folder.write('film', someBytes(4 * PIECE_BYTES, 3));
    const { worker, store, library } = await lazySite(5 * 2 ** 20);
    for (let i = 0; i < 300; i++) await worker.ask(`/${i}`);
    for (let i = 1; i < 300; i += 2) find(store, `/${i}`); // all slabs hold some small object that is used
    await worker.ask('/film');
    const head = find(store, '/film')!;
    head.bytes.retain();
    for (let piece = 0; piece < 4; piece++) {
      expect(await worker.ask(pieceName(head.stream, piece))).to.equal(LOOK_AGAIN);
      expect(store.findPiece(0, pieceName(head.stream, piece))?.payloadLength, `${piece}`).to.equal(PIECE_BYTES);
    }
    const slow = new NearWorker(library);
    slow.isBusy = true; // for some rounds nothing comes back
    const outcomes = ['/1', '/3', '/5'].map((name) => worker.ask(name));
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(store.findPiece(0, pieceName(head.stream, 3))?.payloadLength).to.equal(PIECE_BYTES);
    slow.isBusy = false;
    slow.turn();
    expect(new Set(await Promise.all(outcomes))).to.deep.equal(new Set([LOOK_AGAIN]));
  });

  it('says that a file cannot be had if it is larger than the whole cache, or changes each time', async () => {
    folder.write('large', someBytes(200_000));
    folder.write('log', 'x');
    const { worker, disk, supply } = await lazySite(100_000);
    expect(await worker.ask('/large')).to.equal(UNAVAILABLE);
    disk.before = (job) => {
      if (job.kind === 'read') appendFileSync(folder.at('log'), 'x');
    };
    expect(await worker.ask('/log')).to.equal(UNAVAILABLE);
    expect(supply.statistics).to.include({ refusedNoMemory: 1, refusedChanging: 1, underWay: 0 });
  });

  it('publishes nothing that was looked up before the folder was brought up to date', async () => {
    folder.write('a', 'old');
    const { disk, worker, store, loader } = await lazySite();
    let isFirst = true;
    disk.before = (job) => {
      if (job.kind !== 'read' || !isFirst) return;
      isFirst = false;
      void loader.refresh('/a'); // it begins before the outcome of this job is known
    };
    expect(await worker.ask('/a')).to.equal(LOOK_AGAIN);
    expect(disk.jobs.map(({ kind }) => kind)).to.deep.equal(['look', 'read', 'look', 'read']);
    folder.write('b', 'new');
    renameSync(folder.at('b'), folder.at('a'));
    await loader.refresh('/a');
    await turn();
    expect(payloadText(find(store, '/a'))).to.equal('new');
    rmSync(folder.at('a'));
    await loader.refresh('/a');
    await turn();
    expect(find(store, '/a')).to.equal(undefined);
    expect(await worker.ask('/a')).to.equal(ABSENT);
  });

  it('answers all who wait if a disk thread dies, and goes on with the next one', async () => {
    folder.write('a', 'x');
    const { disk, worker, supply, library } = await lazySite();
    const { usedBytes } = library.statistics;
    disk.before = ({ kind }) => {
      if (kind === 'read') throw new Error('the thread died');
    };
    expect(await worker.ask('/a')).to.equal(UNAVAILABLE);
    expect([supply.statistics.refusedError, library.statistics.usedBytes]).to.deep.equal([1, usedBytes]);
    disk.before = () => {};
    expect(await worker.ask('/a')).to.equal(LOOK_AGAIN);
  });

  it('answers twenty clients, each with a large file of its own, from 8 MiB, while slow ones hold their pieces', async () => {
    for (let i = 0; i < 26; i++) {
      folder.write(`${i}`, '');
      truncateSync(folder.at(`${i}`), PIECE_BYTES + 1000);
    }
    folder.write('small', someBytes(400_000, 1));
    const { worker, store, supply } = await lazySite(8 * 2 ** 20);
    const bench = new HttpBench(store);
    const slow: FakeConnection[] = [];
    for (let i = 20; i < 26; i++) {
      const connection = bench.connect();
      connection.acknowledges = false;
      connection.deliver(get(`/${i}`));
      slow.push(connection);
    }
    const go = (connections: FakeConnection[], isDone: () => boolean) =>
      until(() => {
        worker.turn();
        for (const connection of connections) if (connection.queuedBytes > 0) connection.acknowledgeAll();
        return isDone();
      });
    await go([], () => slow.every(({ sent }) => sent.length >= PIECE_BYTES));
    const connections: FakeConnection[] = [];
    for (let i = 0; i < 20; i++) connections.push(bench.feed([get(`/${i}`)]));
    const small = bench.feed([get('/small')]);
    await go([...connections, small], () => [...connections, small].every(({ sent }) => sent.length >= 400_000));
    await go(connections, () => connections.every(({ sent }) => sent.length > PIECE_BYTES + 1000));
    for (const { sent } of [...connections, small]) expect(sent.slice(0, 12)).to.equal('HTTP/1.1 200');
    for (const { sent } of connections) expect(sent.length).to.be.above(PIECE_BYTES + 1000);
    expect(bench.statistics).to.include({ unavailable: 0, waitTimeouts: 0, brokenStreams: 0, streams: 26 });
    expect(slow.map(({ queuedBytes }) => queuedBytes < PIECE_BYTES + 1000)).to.deep.equal(slow.map(() => true));
    expect(supply.statistics.refusedNoMemory).to.equal(0);
  });

  it('gives pieces to downloads under way without a site, and ends its threads after the last worker', async () => {
    folder.write('film', someBytes(3 * PIECE_BYTES, 3));
    const { library, loader, disk, worker, store } = await lazySite();
    const other = new NearWorker(library);
    await worker.ask('/film');
    const { stream } = find(store, '/film')!;
    loader.close();
    other.subscriber.detach();
    expect(await worker.ask(pieceName(stream, 0))).to.equal(LOOK_AGAIN);
    expect(disk.closes).to.equal(0);
    disk.hold();
    void worker.ask(pieceName(stream, 1));
    await turn();
    worker.subscriber.detach();
    expect(disk.closes).to.equal(1);
    disk.go();
    await turn();
    expect(disk.closes).to.equal(2);
  });

  it('has threads that do not hold the process', async () => {
    const program = `
      process.stdin.resume(); // it holds the program until the job is done
      import(${JSON.stringify(new URL('../../../src/cache/demand/disk-pool.js', import.meta.url))}).then(async ({ DiskPool }) => {
        const setup = { root: '/', dotfiles: false, symlinks: 'inside', compress: 'off' };
        const { kind } = await new DiskPool().do(0, setup, { kind: 'look', paths: ['/no'] });
        console.log(kind);
      });
    `;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString();
      child.stdin.end();
    });
    const [code] = await once(child, 'exit');
    clearTimeout(timer);
    expect([said, code]).to.deep.equal(['looked\n', 0]);
  });

  it('does the same in threads of its own', async () => {
    folder.write('a', someBytes(50_000, 1));
    folder.write('film', someBytes(PIECE_BYTES + 10, 2));
    const library = new Library();
    Supply.of(library, new DiskPool());
    const loader = new FolderLoader(folder.path, library, { maxNames: 1 });
    loaders.push(loader);
    const worker = new NearWorker(library);
    await loader.load();
    worker.turn();
    await settled();
    const outcomes = await Promise.all(['/a', '/film', '/no'].map((name) => worker.ask(name)));
    expect(outcomes).to.deep.equal([LOOK_AGAIN, LOOK_AGAIN, ABSENT]);
    expect(Buffer.from(payloadOf(find(worker.store, '/a')!)).equals(someBytes(50_000, 1))).to.equal(true);
    const name = pieceName(find(worker.store, '/film')!.stream, 1);
    expect(await worker.ask(name)).to.equal(LOOK_AGAIN);
    expect(worker.store.findPiece(0, name)?.payloadLength).to.equal(10);
  });
});

/** A few turns of the event loop. */
async function turn(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
