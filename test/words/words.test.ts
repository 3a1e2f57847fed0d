import { expect } from 'chai';
import { readReason, writeReason } from '../../src/words/file-reasons.js';
import { formatTimes } from '../../src/words/numbers.js';
import { printable, printableLines } from '../../src/words/printable.js';

describe('words', () => {
  it('text of others reaches a terminal without control characters', () => {
    expect(printable('a\x1b[2J\n\x7f\x9bé字')).to.equal('a\\x1b[2J\\x0a\\x7f\\x9bé字');
    expect(printableLines('a\x1b[8m\n\tb\r\nc\rd')).to.equal('a\\x1b[8m\n\tb\nc\\x0dd');
  });

  it('times are counted in words', () => {
    expect([1, 2, 12_345].map(formatTimes)).to.deep.equal(['once', '2 times', '12,345 times']);
  });

  it('a file is refused in the same words for reading, in others for writing, and else as the system says', () => {
    const refused = (code: string) => Object.assign(new Error(`${code}: its own words`), { code });
    expect(['ENOENT', 'EACCES', 'EISDIR', 'EIO'].map((code) => readReason(refused(code)))).to.deep.equal([
      'there is no such file',
      'you may not read it',
      'it is a folder',
      'EIO: its own words',
    ]);
    expect(['ENOENT', 'EACCES', 'EISDIR'].map((code) => writeReason(refused(code)))).to.deep.equal([
      'there is no such folder',
      'you may not write there',
      'it is a folder',
    ]);
  });
});
