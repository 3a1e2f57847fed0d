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
