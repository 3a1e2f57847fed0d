import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { csvRow, markFolders, studentsOf } from '../../src/lab/mark.js';

describe('the table of marks', () => {
  it('has a row for a folder without a lab', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-mark-'));
    try {
      const marks = [];
      for await (const each of markFolders([folder])) marks.push(each);
      const reason = 'there is no lab in this folder';
      expect(marks).to.deep.equal([{ student: basename(folder), lab: '', state: 'none', passed: 0, total: 0, reason }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tells students apart whose folders have the same name, and takes a folder once', () => {
    expect([...studentsOf(['ann/lab', 'bob/lab', './ann/lab', 'carl']).values()]).to.deep.equal([
      'ann/lab',
      'bob/lab',
      'carl',
    ]);
  });

  it('quotes what a comma or a quote mark would break (RFC 4180)', () => {
    expect(csvRow(['ann', 3, 'a, "b"'])).to.equal('ann,3,"a, ""b"""');
  });

  it('gives a spreadsheet no formula of a student', () => {
    expect(csvRow(['=1+1', '@x'])).to.equal("'=1+1,'@x");
  });
});
