/** Where a log goes, as options and configuration files say it. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileSink } from '../../src/log/sink/file.js';
import { parseLogTarget } from '../../src/log/target.js';

describe('access log: targets', () => {
  it('are files, standard output and syslog daemons', () => {
    expect(parseLogTarget('a.log')).to.deep.equal({ kind: 'file', path: 'a.log' });
    expect(parseLogTarget('-')).to.deep.equal({ kind: 'stdout' });
    expect(parseLogTarget('syslog:')).to.deep.equal({ kind: 'syslog', to: { path: '/dev/log' } });
    expect(parseLogTarget('syslog:/run/x')).to.deep.equal({ kind: 'syslog', to: { path: '/run/x' } });
    const far = { address: '192.0.2.1', port: 514 };
    expect(parseLogTarget('syslog:192.0.2.1')).to.deep.equal({ kind: 'syslog', to: far });
    const farther = { address: '2001:db8::1', port: 1514 };
    expect(parseLogTarget('syslog:[2001:db8::1]:1514')).to.deep.equal({ kind: 'syslog', to: farther });
  });

  for (const text of ['', 'syslog:loghost', 'syslog:1.2.3.4:0', 'syslog:1.2.3.4:99999']) {
    it(`"${text}" is none`, () => expect(() => parseLogTarget(text)).to.throw(RangeError));
  }
});

describe('access log: a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-log-'));
  const path = join(folder, 'access.log');
  after(() => rmSync(folder, { recursive: true }));

  const line = (n: number) => Buffer.from(`line ${n}\n`);
  function write(sink: FileSink, n: number): void {
    sink.prepare(line(n).length);
    expect(sink.write(line(n), 0, line(n).length)).to.equal(line(n).length);
  }

  it('is moved away before it grows too large, and the oldest are removed', () => {
    const sink = new FileSink(path, { bytes: 14, keep: 2 }, () => {});
    for (let n = 0; n < 8; n++) write(sink, n);
    sink.close();
    const contents = readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
    expect(contents).to.deep.equal([
      ['access.log', 'line 6\nline 7\n'],
      ['access.log.1', 'line 4\nline 5\n'],
      ['access.log.2', 'line 2\nline 3\n'],
    ]);
  });

  describe('that two processes write, as in a hand-over', () => {
    const shared = join(folder, 'shared.log');
    const allLines = () =>
      readdirSync(folder)
        .filter((name) => name.startsWith('shared.log'))
        .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1));
    afterEach(() => {
      for (const name of readdirSync(folder)) if (name.startsWith('shared.log')) rmSync(join(folder, name));
    });

    it('is moved away by whoever finds it full, and no line is lost or doubled', () => {
      const sinks = [0, 1].map(() => new FileSink(shared, { bytes: 50, keep: 100 }, () => {}));
      for (let n = 100; n < 300; n++) write(sinks[n % 3 === 0 ? 0 : 1] as FileSink, n);
      for (const sink of sinks) sink.close();
      expect(allLines().sort()).to.deep.equal(Array.from({ length: 200 }, (_, i) => `line ${100 + i}`));
      const sizes = readdirSync(folder).map((name) => readFileSync(join(folder, name)).length);
      expect(Math.max(...sizes), 'the largest file').to.be.at.most(50);
    });

    it('gets the late line of a process whose file is long removed', () => {
      const [late, busy] = [0, 1].map(() => new FileSink(shared, { bytes: 18, keep: 1 }, () => {})) as [
        FileSink,
        FileSink,
      ];
      write(late, 1);
      for (let n = 2; n < 10; n++) write(busy, n);
      write(late, 10);
      expect(readFileSync(shared, 'utf8')).to.equal('line 9\nline 10\n');
      for (const sink of [late, busy]) sink.close();
    });

    it('is followed by a process that nobody tells of the move, as long as that is so', () => {
      const sink = new FileSink(shared, { bytes: 0, keep: 0 }, () => {});
      const move = (name: string) => renameSync(shared, `${shared}.${name}`);
      write(sink, 1);
      move('a');
      write(sink, 2);
      sink.follow(true);
      write(sink, 3);
      move('b');
      write(sink, 4);
      sink.follow(false);
      move('c');
      write(sink, 5);
      sink.close();
      const read = (name: string) => readFileSync(`${shared}.${name}`, 'utf8');
      expect(['a', 'b', 'c'].map(read)).to.deep.equal(['line 1\nline 2\n', 'line 3\n', 'line 4\nline 5\n']);
    });
  });

  it('is opened anew after it was moved away by others', () => {
    const sink = new FileSink(path, { bytes: 0, keep: 0 }, () => {});
    renameSync(path, join(folder, 'moved'));
    write(sink, 8);
    sink.reopen();
    expect(sink.prepare(7), 'it is empty').to.equal(true);
    write(sink, 9);
    sink.close();
    expect(readFileSync(join(folder, 'moved'), 'utf8')).to.equal('line 6\nline 7\nline 8\n');
    expect(readFileSync(path, 'utf8')).to.equal('line 9\n');
  });
});
