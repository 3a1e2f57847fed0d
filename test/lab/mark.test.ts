import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  it('has a row for what is no file of the student, and goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-mark-'));
    const placeOf = (student: string) => {
      mkdirSync(join(folder, student, 'checksum'), { recursive: true });
      return join(folder, student, 'checksum/checksum.ts');
    };
    try {
      mkdirSync(placeOf('ann'));
      symlinkSync('/dev/zero', placeOf('bob'));
      writeFileSync(placeOf('carl'), 'x'.repeat(1_000_001));
      writeFileSync(placeOf('dora'), Buffer.from('\ufeffexport {}', 'utf16le'));
      symlinkSync('/dev/zero', join(folder, 'dora/checksum/.lab.json'));
      expect(spawnSync('mkfifo', [placeOf('emil')]).status).to.equal(0);
      const reasons: string[] = [];
      const students = ['ann', 'bob', 'carl', 'dora', 'emil'].map((name) => join(folder, name));
      for await (const { student, state, reason } of markFolders(students)) {
        reasons.push(`${student} ${state}: ${reason.split(': ').slice(1).join(': ')}`);
      }
      expect(reasons).to.deep.equal([
        'ann red: it is a folder',
        'bob red: a link leads out of the folder',
        'carl red: it is larger than 1 MB',
        'dora red: it is UTF-16: save it as UTF-8',
        'emil red: it is no regular file',
      ]);
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
