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
    const sink = new FileSink(path, { bytes: 14, keep: 2 });
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

  it('is opened anew after it was moved away by others', () => {
    const sink = new FileSink(path, { bytes: 0, keep: 0 });
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
