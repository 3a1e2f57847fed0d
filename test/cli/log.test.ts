import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openLiveLog } from '../../src/cli/live-log.js';
import { fastpath } from '../support/serve-process.js';
import { until } from '../support/until.js';

describe('fastpath log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-log-'));
  after(() => rmSync(folder, { recursive: true }));

  it('prints what a client sent as text: no control character reaches the terminal', async () => {
    const file = join(folder, 'access.log');
    const entry = {
      time: '2026-01-01T00:00:00.000Z',
      client: '192.0.2.1',
      line: 'GET \u001b]0;gotcha\u0007',
      status: 400,
    };
    writeFileSync(file, `${JSON.stringify(entry)}\n`);
    const { stdout } = await fastpath(['log', file]);
    expect(stdout).to.contain('GET \\x1b]0;gotcha\\x07').and.not.to.contain('\u001b');
  });

  it('says that a file is not there, with status 7', async () => {
    const { code, stderr } = await fastpath(['log', join(folder, 'nothing.log')]);
    expect(code).to.equal(7);
    expect(stderr)
      .to.match(/^fastpath: cannot read \S+nothing.log: there is no such file/)
      .and.not.to.contain(' at ');
  });

  it('says that there is no such transaction, with 1; that a name is none, with 2; that a file is no log, with 7', async () => {
    const file = join(folder, 'some.log');
    writeFileSync(file, '{"time":"2026-01-01T00:00:00Z","transaction":"0-1-1","status":200,"last":0.002}\n');
    const none = await fastpath(['log', file, '-t', '9-9-9']);
    expect([none.code, none.stderr]).to.deep.equal([1, `fastpath: there is no transaction 9-9-9 in ${file}\n`]);
    const odd = await fastpath(['log', '-t', '1-2']);
    expect(odd.code).to.equal(2);
    expect(odd.stderr).to.match(/^error: a transaction is worker-connection-request, such as 0-15-3, not "1-2"\n/);
    writeFileSync(join(folder, 'site.yaml'), 'sites:\n  - folder: www\n');
    const other = await fastpath(['log', join(folder, 'site.yaml')]);
    expect(other.code).to.equal(7);
    expect(other.stderr).to.match(/^fastpath: \S+site.yaml is no access log that this command knows/);
  });
});

describe('cli/live-log', () => {
  it('waits for a reader that is slow once, not once for each line that has come', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-live-'));
    const path = join(folder, 'socket');
    const server = createServer((socket) => socket.end('{"status":200}\n'.repeat(20_000)));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const lines = await openLiveLog(path);
    await until(() => lines.listenerCount('drain') > 0);
    expect(lines.listenerCount('drain')).to.equal(1);
    let read = 0;
    for await (const part of lines) read += (part as Buffer).length;
    expect(read).to.equal(20_000 * 15);
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('leaves the server when nobody reads any more, though no line comes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-live-'));
    const path = join(folder, 'socket');
    const left: Promise<void>[] = [];
    const server = createServer((socket) => {
      left.push(new Promise((resolve) => socket.once('close', () => resolve())));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const lines = await openLiveLog(path);
    lines.destroy();
    await until(() => left.length === 1);
    await left[0];
    expect(lines.destroyed).to.equal(true);
    server.close();
    rmSync(folder, { recursive: true });
  });
});
