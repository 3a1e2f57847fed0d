/** The last stage of the labs: curl's side of a server whose stack has a student's parts in it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, statSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { noteJudgement, productSource, startLab, studentFile } from '../../src/lab/folder.js';
import type { Lab } from '../../src/lab/lab.js';
import { findLab } from '../../src/lab/labs.js';
import { describeInNamespace } from '../support/namespace.js';
import { CLI, readableFolder } from '../support/serve-process.js';

const PAGE = fileURLToPath(new URL('../../../examples/site/try/index.html', import.meta.url));

/** Makes the folder of a lab as a student leaves it: written, and judged. The file says when it is loaded. */
function finishedLab(place: string, name: string, isGreen: boolean): void {
  const lab = findLab(name) as Lab;
  const folder = join(place, name);
  startLab(lab, folder);
  writeFileSync(studentFile(lab, folder), productSource(lab));
  appendFileSync(studentFile(lab, folder), `\nconsole.error('loaded: ${name}');\n`);
  noteJudgement(folder, { lab: name, isGreen, cases: [], total: 0, milliseconds: 0 });
}

describeInNamespace(import.meta.url, 'fastpath lab serve', () => {
  it('serves with the green parts of a student, in the main thread and in the worker', async () => {
    const place = readableFolder('fastpath-lab-serve-');
    finishedLab(place, 'checksum', true);
    finishedLab(place, 'request-scanner', true);
    finishedLab(place, 'cubic', false);
    const child = spawn(process.execPath, [CLI, 'lab', 'serve', place], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const ready = new Promise<void>((done, failed) => {
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk;
        if (text.includes('is reachable from this host')) done();
      });
      child.once('close', () => failed(new Error(`it ended:\n${text}`)));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    await ready;
    const [answer] = (await once(get('http://10.77.0.2/try/'), 'response')) as [IncomingMessage];
    expect(answer.statusCode).to.equal(200);
    expect((await answer.toArray()).reduce((sum: number, chunk: Buffer) => sum + chunk.length, 0)).to.equal(
      statSync(PAGE).size,
    );
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0], text).to.equal(0);
    const loads = (name: string) => text.split(`loaded: ${name}\n`).length - 1;
    expect(loads('checksum')).to.be.at.least(2);
    expect(loads('request-scanner')).to.be.at.least(2);
    expect(loads('cubic'), 'a part that is not green').to.equal(0);
    expect(stripVTControlCharacters(text)).to.include('✓ yours    checksum').and.include('✗ ours     cubic');
  });
});
