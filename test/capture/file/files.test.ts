import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readCapture } from '../../../src/capture/file/input.js';
import { LineOutput } from '../../../src/capture/file/line-output.js';
import { CaptureOutput } from '../../../src/capture/file/output.js';
import { makePcap } from '../../support/captures.js';

const FRAMES = Array.from({ length: 5_000 }, (_, i) => ({
  seconds: i,
  fraction: 0,
  bytes: new Uint8Array(100).fill(i),
}));

describe('capture files', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-files-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are read from disk, plain and compressed, with progress', async () => {
    const file = makePcap(FRAMES);
    for (const [name, content] of [
      ['plain', file],
      ['gz', gzipSync(file)],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, content);
      let frames = 0;
      let read = 0;
      const onProgress = (bytes: number, total: number) => {
        read = bytes;
        expect(total).to.equal(content.length);
      };
      const reader = await readCapture(path, () => void frames++, { onProgress });
      expect(frames).to.equal(FRAMES.length);
      expect(read).to.equal(content.length);
      expect(reader.problems).to.deep.equal([]);
    }
  });

  it('are read only as far as the visitor wants', async () => {
    const path = join(folder, 'part');
    writeFileSync(path, makePcap(FRAMES));
    let frames = 0;
    await readCapture(path, () => ++frames < 3);
    expect(frames).to.equal(3);
  });

  it('are closed when the visitor stops in the first chunk', async () => {
    const open = () => readdirSync('/proc/self/fd').length;
    for (const content of [makePcap(FRAMES), gzipSync(makePcap(FRAMES))]) {
      const path = join(folder, 'closed');
      writeFileSync(path, content);
      await readCapture(path, () => false);
      const before = open();
      for (let n = 0; n < 20; n++) await readCapture(path, () => false);
      expect(open()).to.be.at.most(before + 2);
    }
  });

  it('that cannot be opened are an error, not a damaged file', async () => {
    let error: NodeJS.ErrnoException | undefined;
    await readCapture(join(folder, 'nothing'), () => true).catch((caught: Error) => (error = caught));
    expect(error?.code).to.equal('ENOENT');
    await readCapture(folder, () => true).catch((caught: Error) => (error = caught));
    expect(error?.code).to.equal('EISDIR');
  });

  it('are written as a whole', () => {
    const path = join(folder, 'written');
    const output = new CaptureOutput(path);
    output.write(Uint8Array.of(1, 2));
    output.write(Uint8Array.of(3));
    output.close();
    output.write(Uint8Array.of(4));
    expect([...readFileSync(path)]).to.deep.equal([1, 2, 3]);
  });

  it('stop being written when the disk is full, and say so once', function () {
    if (!existsSync('/dev/full')) {
      console.log('      (skipped: no /dev/full on this machine)');
      this.skip();
    }
    const told: string[] = [];
    const output = new CaptureOutput('/dev/full', (error) => told.push((error as NodeJS.ErrnoException).code!));
    for (let i = 0; i < 3; i++) output.write(Uint8Array.of(1));
    expect(told).to.deep.equal(['ENOSPC']);
    expect(output.failure).to.be.an('error');
  });
});

describe('line output', () => {
  it('writes many lines at a time, and the rest when asked to', () => {
    const written: string[] = [];
    const output = new LineOutput((text) => written.push(text));
    for (let i = 0; i < 2_000; i++) output.line('x'.repeat(99));
    expect(written).to.have.length(3);
    output.flush();
    output.flush();
    expect(written.join('')).to.have.length(200_000);
  });
});
