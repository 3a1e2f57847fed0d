import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync } from 'node:fs';
import { expect } from 'chai';
import { Library } from '../../src/cache/library.js';
import { type ReadRequest, type ReadResult, readObject } from '../../src/cache/reader.js';
import { someBytes, TemporaryFolder, utf8 } from './support.js';

describe('cache/reader', () => {
  let folder: TemporaryFolder;
  let library: Library;

  beforeEach(() => {
    folder = new TemporaryFolder();
    library = new Library(16 * 2 ** 20);
  });
  afterEach(() => folder.remove());

  function readIt(name: string, changes: Partial<ReadRequest> = {}): Promise<ReadResult> {
    return readObject(library, {
      root: utf8(folder.path),
      path: utf8(folder.at(name)),
      key: { names: [utf8(`/${name}`)] },
      contentType: 'text/plain',
      maxObjectBytes: 10 * 2 ** 20,
      turn: { mine: Promise.resolve(), pass: () => {} },
      onRead: () => {},
      ...changes,
    });
  }

  /** The payload of a result, or what else it is. */
  function payload(result: ReadResult): Buffer | ReadResult {
    return result.kind === 'sealed' ? Buffer.from(result.draft.payload.slice()) : result;
  }

  for (const length of [0, 1, 1459, 65537, 9 * 2 ** 20]) {
    it(`reads a file of ${length} bytes, in order and completely`, async () => {
      folder.write('file', someBytes(length));
      const result = payload(await readIt('file'));
      expect(Buffer.isBuffer(result) && result.equals(someBytes(length))).to.equal(true);
    });
  }

  it('takes the entity-tag from the content and Last-Modified from the file', async () => {
    folder.write('file', 'content', 784111777);
    const result = await readIt('file');
    expect(result.kind).to.equal('sealed');
    if (result.kind !== 'sealed') return;
    const etag = createHash('sha256').update('content').digest('base64url').slice(0, 22);
    const head = Buffer.from(result.answer.head).toString();
    expect(head).to.contain(`ETag: "${etag}"`).and.to.contain('Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT');
  });

  it('gives no time in the future and none before 1970', async () => {
    folder.write('future', '', 4_000_000_000);
    folder.write('past', '', -1);
    const [future, past] = [await readIt('future'), await readIt('past')];
    if (future.kind !== 'sealed' || past.kind !== 'sealed') throw new Error('not read');
    expect(future.answer.lastModifiedSeconds).to.be.at.most(Date.now() / 1000);
    expect(past.answer.lastModifiedSeconds).to.equal(-1);
  });

  const changes: [string, (path: string) => void][] = [
    ['grows', (path) => appendFileSync(path, 'more')],
    ['shrinks', (path) => truncateSync(path, 5_000_000)],
    ['is touched', (path) => utimesSync(path, 1, 1)],
  ];
  for (const [what, change] of changes) {
    it(`reads a file again that ${what} while it is read`, async () => {
      folder.write('file', someBytes(9_000_000));
      let reads = 0;
      const result = await readIt('file', {
        onRead: () => {
          if (++reads === 1) change(folder.at('file'));
        },
      });
      expect(reads).to.be.above(3);
      const expected = { grows: 9_000_004, shrinks: 5_000_000, 'is touched': 9_000_000 }[what];
      expect(payload(result)).to.have.property('length', expected);
    });
  }

  it('gives up on a file that changes each time, and holds no memory for it', async () => {
    folder.write('file', someBytes(1000));
    const result = await readIt('file', { onRead: () => appendFileSync(folder.at('file'), 'x') });
    expect(result).to.include({ kind: 'limit', reason: 'changing' });
    expect(library.statistics.usedBytes).to.equal(0);
  });

  it('takes its place in memory at its turn, though the reading began before the other', async () => {
    library = new Library(100_000);
    for (const name of ['a', 'b']) folder.write(name, someBytes(60_000));
    let afterA = () => {};
    const mine = new Promise<void>((resolve) => {
      afterA = resolve;
    });
    const second = readIt('b', { turn: { mine, pass: () => {} } });
    const first = await readIt('a', { turn: { mine: Promise.resolve(), pass: afterA } });
    expect([first.kind, (await second).kind]).to.deep.equal(['sealed', 'limit']);
  });

  it('reports a file that does not fit, by the limit it breaks', async () => {
    folder.write('file', someBytes(2000));
    const tooLarge = await readIt('file', { maxObjectBytes: 1999 });
    expect(tooLarge).to.deep.equal({ kind: 'limit', reason: 'max-object', size: 2000 });
    library = new Library(2000);
    expect(await readIt('file')).to.deep.equal({ kind: 'limit', reason: 'cache-size', size: 2000 });
  });

  it('reads no link, no pipe and no folder that has taken a file’s place since the walk', async () => {
    folder.write('file', '');
    symlinkSync('file', folder.at('link'));
    execFileSync('mkfifo', [folder.at('pipe')]);
    mkdirSync(folder.at('folder'));
    expect(await readIt('link')).to.include({ kind: 'limit', reason: 'changing' });
    expect(await readIt('pipe')).to.include({ kind: 'failed', reason: 'special' });
    expect(await readIt('folder')).to.include({ kind: 'failed', reason: 'special' });
    expect(await readIt('nothing')).to.deep.equal({ kind: 'gone' });
  });

  it('is not led out of the root by a folder that has become a link since the walk', async () => {
    const outside = new TemporaryFolder();
    try {
      outside.write('key', 'secret');
      folder.write('a/key', 'public');
      renameSync(folder.at('a'), folder.at('b'));
      symlinkSync(outside.path, folder.at('a'));
      expect(await readIt('a/key')).to.include({ kind: 'failed', reason: 'outside' });
      rmSync(folder.at('a'));
    } finally {
      outside.remove();
    }
  });
});
