/** A log file, and what happens to it from outside. */
import { mkdirSync, readFileSync, renameSync, truncateSync } from 'node:fs';
import { expect } from 'chai';
import { FileSink } from '../../src/log/sink/file.js';
import { TemporaryFolder } from '../cache/support.js';

describe('access log: a file', () => {
  let folder: TemporaryFolder;
  let warnings: string[];

  beforeEach(() => {
    folder = new TemporaryFolder();
    warnings = [];
  });
  afterEach(() => folder.remove());

  const open = (bytes: number) =>
    new FileSink(`${folder.path}/a.log`, { bytes, keep: 1 }, (text) => warnings.push(text));
  const write = (sink: FileSink, text: string) => {
    sink.prepare(text.length);
    sink.write(Buffer.from(text), 0, text.length);
  };

  it('that cannot be moved away grows: it warns once, counts each time', () => {
    mkdirSync(`${folder.path}/a.log.1`); // nothing can be moved to this name
    const sink = open(10);
    for (const text of ['one\n', 'two\n', 'three\n', 'four\n']) write(sink, text);
    expect(readFileSync(`${folder.path}/a.log`, 'utf8')).to.equal('one\ntwo\nthree\nfour\n');
    expect(sink.failedRotations).to.equal(2);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.match(/^cannot move \S+a.log away: .*; it grows beyond its size$/);
    sink.close();
  });

  it('that ends in the middle of a line, after a crash or a cut, gets a line feed first: no two lines are joined', () => {
    const path = `${folder.path}/a.log`;
    folder.write('a.log', 'one\nhalf a li');
    const sink = open(0);
    write(sink, 'two\n');
    write(sink, 'three\n');
    expect(readFileSync(path, 'utf8')).to.equal('one\nhalf a li\ntwo\nthree\n');
    truncateSync(path, 2);
    write(sink, 'four\n');
    expect(readFileSync(path, 'utf8')).to.equal('on\nfour\n');
    truncateSync(path, 3);
    write(sink, 'five\n');
    expect(readFileSync(path, 'utf8'), 'cut at the end of a line').to.equal('on\nfive\n');
    sink.close();
  });

  it('that was emptied is new: a header comes first', () => {
    const sink = open(0);
    expect(sink.prepare(1)).to.equal(true);
    write(sink, 'one\n');
    expect(sink.prepare(1)).to.equal(false);
    truncateSync(`${folder.path}/a.log`);
    expect(sink.prepare(1)).to.equal(true);
    sink.close();
  });

  it('loses no line and splits none while others cut it: each is there or was in what was cut', () => {
    const path = `${folder.path}/a.log`;
    const sink = open(0);
    const cut: string[] = [];
    for (let i = 0; i < 200; i++) {
      write(sink, `line ${i} ends here\n`);
      if (i % 7 !== 3) continue;
      cut.push(readFileSync(path, 'utf8'));
      truncateSync(path, i % 2 === 0 ? 0 : 5); // the second leaves `line `
    }
    sink.close();
    const lines = [...cut, readFileSync(path, 'utf8')].join('').split('\n');
    const whole = lines.filter((line) => /^line \d+ ends here$/.test(line));
    expect(whole).to.deep.equal(Array.from({ length: 200 }, (_, i) => `line ${i} ends here`));
    expect(new Set(lines.filter((line) => !whole.includes(line)))).to.deep.equal(new Set(['line ']));
  });

  it('is told from one that was cut, and from another one at its path', () => {
    const sink = open(0);
    write(sink, 'half a li');
    expect(sink.wasCut()).to.equal(false);
    truncateSync(`${folder.path}/a.log`);
    expect(sink.wasCut()).to.equal(true);
    write(sink, 'half a li');
    sink.reopen();
    expect(sink.wasCut(), 'the same file').to.equal(false);
    folder.write('new.log', 'longer than that one');
    renameSync(`${folder.path}/new.log`, `${folder.path}/a.log`);
    sink.reopen();
    expect(sink.wasCut()).to.equal(true);
    sink.close();
  });
});
