import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fastpath } from '../support/serve-process.js';

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
});
