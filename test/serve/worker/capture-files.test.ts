import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ServeError } from '../../../src/serve/serve-error.js';
import { CaptureFiles } from '../../../src/serve/worker/capture-files.js';

describe('the files of --pcap', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-pcap-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are one for each worker, numbered before the extension where there are several', () => {
    const at = (name: string) => join(folder, name);
    expect(new CaptureFiles(undefined, 2).paths).to.deep.equal([]);
    expect(new CaptureFiles(at('x.pcapng'), 1).paths).to.deep.equal([at('x.pcapng')]);
    expect(new CaptureFiles(at('x.pcapng'), 2).paths).to.deep.equal([at('x-0.pcapng'), at('x-1.pcapng')]);
    expect(new CaptureFiles(at('.hidden'), 2).paths).to.deep.equal([at('.hidden-0'), at('.hidden-1')]);
  });

  it('are not made before it is their turn, and vanish when the start fails', () => {
    const path = join(folder, 'x.pcapng');
    const files = new CaptureFiles(path, 1);
    expect(existsSync(path)).to.equal(false);
    files.open();
    expect(existsSync(path)).to.equal(true);
    files.discard();
    expect(existsSync(path)).to.equal(false);
  });

  it('stay when the start fails, if they were there before', () => {
    const path = join(folder, 'old.pcapng');
    writeFileSync(path, 'an older capture');
    const files = new CaptureFiles(path, 1);
    files.open();
    files.discard();
    expect(readFileSync(path, 'utf8')).to.equal('an older capture');
  });

  it('are refused in a folder that is not there, and where a folder has the name', () => {
    expect(() => new CaptureFiles(join(folder, 'no', 'x.pcapng'), 1)).to.throw(ServeError, 'cannot write');
    expect(() => new CaptureFiles(folder, 1)).to.throw(ServeError, 'it is a folder');
  });
});
