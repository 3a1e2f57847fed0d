import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkReadable } from '../../src/cli/readable.js';

describe('a file that somebody names', () => {
  it('is told from a folder and from nothing, in words', () => {
    expect(() => checkReadable('/nowhere/x.pcap')).to.throw('cannot read /nowhere/x.pcap: there is no such file');
    expect(() => checkReadable(tmpdir())).to.throw(`cannot read ${tmpdir()}: it is a folder`);
    expect(() => checkReadable(fileURLToPath(import.meta.url))).not.to.throw();
  });
});
