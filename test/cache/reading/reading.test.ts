import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
} from 'node:fs';
import { mock } from 'node:test';
import { expect } from 'chai';
import type { FoundFile } from '../../../src/cache/folder/folder.js';
import { Library } from '../../../src/cache/library/library.js';
import type { Draft } from '../../../src/cache/object/draft.js';
import { measuresOf } from '../../../src/cache/reading/file-measures.js';
import { FileReading, type ReadingJob, type ReadingOutcome } from '../../../src/cache/reading/reading.js';
import { batchOf, jobsOf } from '../../../src/cache/reading/reading-batch.js';
import { headText, latin1, payloadOf, settled, someBytes, sumsAgree, TemporaryFolder } from '../support.js';

/** Old enough to be settled. */
const LONG_AGO = 784111777;

describe('cache/reading/reading', () => {
  let folder: TemporaryFolder;
  let library: Library;

  /** What Date.now() gives. */
  let now: number;

  beforeEach(() => {
    mock.method(Date, 'now', () => now);
    folder = new TemporaryFolder();
    library = new Library(64 * 2 ** 20);
  });
  afterEach(() => {
    mock.restoreAll();
    folder.remove();
  });

  /** The file as a walk finds it. With `ctimeMs` long ago, so that the test need not wait until it has settled. */
  function found(name: string): FoundFile {
    const { size, mtimeMs, ctimeMs, ino } = lstatSync(folder.at(name));
    return { name: latin1(`/${name}`), path: latin1(folder.at(name)), size, mtimeMs, ctimeMs, ino };
  }

  function reserve(file: FoundFile): { draft: Draft; job: ReadingJob } {
    const draft = library.reserve(measuresOf(file, { charset: 'auto', compress: 'off' }), 'file')!;
    const { slab, from, length } = draft.block;
    return { draft, job: { ...file, slab: slab.id, blockFrom: from, blockLength: length } };
  }

  /** Now it is so long since the file was written, however slow the machine is. */
  function becomesOld(file: FoundFile, ms: number): void {
    now = file.ctimeMs + ms;
  }

  /** Reads a file some time after it was written. */
  function readIt(file: FoundFile, onRead: (bytes: number) => void = () => {}, ageMs = 1_000) {
    becomesOld(file, ageMs);
    const reading = new FileReading({ root: latin1(folder.path), site: 0, charset: 'auto', compress: 'off' }, onRead);
    const { draft, job } = reserve(file);
    reading.addSlab(draft.block.slab.id, draft.block.slab.buffer);
    const outcome = reading.read(job);
    reading.leave();
    if (outcome.kind === 'done' || outcome.kind === 'young') draft.sealedElsewhere();
    return { outcome, draft };
  }

  function outcomeOf(file: FoundFile): ReadingOutcome {
    return readIt(file).outcome;
  }

  for (const length of [0, 1, 1459, 65537, 524288, 524289, 9 * 2 ** 20]) {
    it(`reads a file of ${length} bytes, in order and completely, with true sums`, () => {
      folder.write('file', someBytes(length));
      const { outcome, draft } = readIt(found('file'));
      expect(outcome.kind).to.equal('young');
      const { entry } = draft;
      expect(Buffer.from(payloadOf(entry)).equals(someBytes(length))).to.equal(true);
      for (const summed of [entry.bytes, entry.head, entry.notModified!]) expect(sumsAgree(summed)).to.equal(true);
    });
  }

  it('takes the entity-tag from the content and Last-Modified from the file', () => {
    folder.write('file', 'content', LONG_AGO);
    const { draft } = readIt(found('file'));
    const etag = createHash('sha256').update('content').digest('base64url').slice(0, 22);
    expect(headText(draft.entry)).to.contain(`ETag: "${etag}"`);
    expect(headText(draft.entry)).to.contain('Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT');
    folder.write('large', someBytes(2_000_000), LONG_AGO);
    const large = createHash('sha256').update(someBytes(2_000_000)).digest('base64url').slice(0, 22);
    expect(headText(readIt(found('large')).draft.entry)).to.contain(`ETag: "${large}"`);
  });

  it('gives no time in the future and none before 1970', () => {
    folder.write('future', '', 4_000_000_000);
    folder.write('past', '', -1);
    const [future, past] = [readIt(found('future')), readIt(found('past'))];
    expect(future.draft.entry.lastModifiedSeconds).to.be.at.most(now / 1000);
    expect(past.draft.entry.lastModifiedSeconds).to.equal(-1);
  });

  it('finds a file under its name and an index under its folder’s too, even if names are not ASCII', () => {
    folder.write('ü/index.html', 'x');
    const { draft } = readIt(found('ü/index.html'));
    library.publish(draft);
    for (const name of ['/ü/index.html', '/ü/']) expect(library.find(Buffer.from(name))?.status, name).to.equal(200);
  });

  const changes: [string, (path: string) => void, number][] = [
    ['grows', (path) => appendFileSync(path, 'more'), 20_000_004],
    ['shrinks', (path) => truncateSync(path, 5_000_000), 5_000_000],
    ['is touched', (path) => utimesSync(path, 1, 1), 20_000_000],
  ];
  for (const [what, change, size] of changes) {
    it(`does not take a file that ${what} while it is read`, () => {
      folder.write('file', someBytes(20_000_000));
      let reads = 0;
      const { outcome } = readIt(found('file'), () => {
        if (++reads === 1) change(folder.at('file'));
      });
      expect(reads).to.be.at.least(1);
      expect(outcome).to.have.property('kind', 'changed');
      expect(outcome).to.have.nested.property('stamp.size', size);
    });
  }

  it('does not take a file that was changed, or replaced by another, since the walk', async () => {
    folder.write('file', 'one', LONG_AGO);
    const file = found('file');
    await settled(); // else the kernel's clock may give both the same time
    folder.write('file', 'two', LONG_AGO);
    expect(outcomeOf(file)).to.have.property('kind', 'changed');
    const again = found('file');
    folder.write('other', 'abc', LONG_AGO);
    renameSync(folder.at('other'), folder.at('file'));
    const { ctimeMs } = statSync(folder.at('file'));
    expect(outcomeOf({ ...again, ctimeMs })).to.have.property('kind', 'changed');
  });

  it('leaves a file to settle that was changed less than a tick of the clock ago', () => {
    folder.write('file', 'x');
    const reading = new FileReading({ root: latin1(folder.path), site: 0, charset: 'auto', compress: 'off' }, () => {});
    const file = found('file');
    const { draft, job } = reserve(file);
    reading.addSlab(draft.block.slab.id, draft.block.slab.buffer);
    becomesOld(file, 11);
    expect(reading.read(job).kind).to.equal('changed');
    becomesOld(file, 12);
    expect(reading.read(job).kind).to.equal('young');
    reading.leave();
  });

  it('reads no link, no pipe and no folder that has taken a file’s place since the walk', () => {
    folder.write('file', '');
    const at = (name: string) => ({ ...found('file'), name: `/${name}`, path: latin1(folder.at(name)) });
    symlinkSync('file', folder.at('link'));
    execFileSync('mkfifo', [folder.at('pipe')]);
    mkdirSync(folder.at('folder'));
    expect(outcomeOf(at('link'))).to.include({ kind: 'changed' });
    expect(outcomeOf(at('pipe'))).to.include({ kind: 'failed', reason: 'special' });
    expect(outcomeOf(at('folder'))).to.include({ kind: 'failed', reason: 'special' });
    expect(outcomeOf(at('nothing'))).to.deep.equal({ kind: 'gone' });
    expect(outcomeOf(at('file/x'))).to.deep.equal({ kind: 'gone' });
  });

  it('is not led out of the root by a folder that has become a link since the walk', () => {
    const outside = new TemporaryFolder();
    try {
      outside.write('key', 'secret');
      folder.write('a/key', 'public');
      folder.write('c/key', 'hidden');
      const file = found('a/key');
      renameSync(folder.at('a'), folder.at('b'));
      symlinkSync(outside.path, folder.at('a'));
      expect(outcomeOf(file)).to.include({ kind: 'failed', reason: 'outside' });
      rmSync(folder.at('a'));
      symlinkSync('c', folder.at('a'));
      expect(outcomeOf(file)).to.include({ kind: 'changed' });
    } finally {
      outside.remove();
    }
  });

  it('tells a reading thread of a batch what it was given', () => {
    folder.write('a', 'x');
    folder.write('ü/index.html', 'y');
    const jobs = [reserve(found('a')).job, reserve(found('ü/index.html')).job];
    const head = {
      named: { type: 'x/y', encoding: '' },
      fields: 'A: b\r\n',
      hasEtag: true,
      hasLastModified: false,
      hasHints: false,
    };
    const plans = [undefined, { names: ['/u', '/v'], head }];
    const all = jobs.map((job, i) => ({ ...job, codings: 6 * i, plan: plans[i] }));
    expect(jobsOf(structuredClone(batchOf(all, [])))).to.deep.equal(all);
    expect(jobsOf(batchOf([], []))).to.deep.equal([]);
  });
});
