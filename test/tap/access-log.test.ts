/**
 * The access log of a real server: every request of many clients over TAP is one line, with several workers, a ring
 * that is small on purpose, and a file that is moved away under way.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { CLI, fastpath, readableFolder, ServeProcess } from '../support/serve-process.js';
import { sendUntil } from '../support/until.js';

const CLIENTS = 8;
const REQUESTS = 120;

/** Asks for the same name `REQUESTS` times on one connection. */
async function client(name: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < REQUESTS; i++) await fetchOnce(`http://10.77.0.2/${name}?${i}`, agent);
  agent.destroy();
}

function fetchOnce(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    }).on('error', reject);
  });
}

describeInNamespace(import.meta.url, 'the access log', () => {
  const folder = readableFolder('fastpath-log-');
  const logs = join(folder, 'logs');
  const path = join(logs, 'access.log');

  before(() => {
    mkdirSync(join(folder, 'site'));
    mkdirSync(logs);
    writeFileSync(join(folder, 'site', 'index.html'), '<p>It works.</p>');
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has a line for each request: two workers, a ring of 16, a file moved away and one that grows too large', async () => {
    const args = ['--workers', '2', '--probe', 'off', '--user', 'root'];
    const log = ['--access-log', path, '--log-format', 'json', '--log-ring', '16', '--log-rotate-size', '80k'];
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    const server = new ServeProcess([join(folder, 'site'), ...args, ...log, '--log-keep', '50'], { env });
    await server.event('ready');
    const clients = Array.from({ length: CLIENTS }, (_, i) => client(`client-${i}`));
    await clients[0];
    renameSync(path, join(logs, 'moved-away'));
    server.child.kill('SIGUSR1');
    await Promise.all(clients);
    expect(await server.end()).to.equal(0);
    const lines = readdirSync(logs).flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n').slice(0, -1));
    const targets = lines.map((line) => (JSON.parse(line) as { target: string }).target);
    const wanted = Array.from({ length: CLIENTS }, (_, i) =>
      Array.from({ length: REQUESTS }, (_, n) => `/client-${i}?${n}`),
    ).flat();
    expect(targets.sort()).to.deep.equal(wanted.sort());
    expect(readdirSync(logs).length, 'files').to.be.greaterThan(3);
  });

  it('can be watched live, and tells one transaction with a capture, from handshake to the last acknowledgment', async () => {
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    const [trace, log] = [join(logs, 'trace.pcapng'), join(logs, 'traced.log')];
    const args = ['--probe', 'off', '--user', 'root', '--pcap', trace, '--access-log', log, '--log-format', 'json'];
    const server = new ServeProcess([join(folder, 'site'), ...args], { env });
    await server.event('ready');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const name of ['', 'none', '']) await fetchOnce(`http://10.77.0.2/${name}`, agent);
    agent.destroy();
    expect(await watched('seen')).to.include({ path: '/seen', status: 404, cache: 'miss' });
    expect(await server.end()).to.equal(0);
    const { stdout } = await fastpath(['log', log, '-t', '0-1-2', '--capture', trace, '--json']);
    const { target, frames } = JSON.parse(stdout) as { target: string; frames: { role: string; text: string }[] };
    expect(target).to.equal('/none');
    const roles = frames.map(({ role }) => role);
    expect(roles.slice(0, 6)).to.deep.equal([...Array(3).fill('handshake'), 'request', 'answer', 'acknowledgment']);
    expect(frames[5]?.text).to.equal('ACK: the whole answer has come');
    expect(roles.filter((role) => role === 'request')).to.have.length(1);
  });

  /** What `fastpath log` tells of the requests for this name, beside others. */
  async function watched(name: string): Promise<object> {
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    const watcher = spawn(process.execPath, [CLI, 'log', '--json', '--filter', `path ~ "${name}"`], { env });
    const agent = new Agent();
    // The watcher needs a moment to be there, so it is given more than one request to see.
    const ask = () => {
      for (const asked of ['other', name]) fetchOnce(`http://10.77.0.2/${asked}`, agent).catch(() => {});
    };
    let first = '';
    createInterface({ input: watcher.stdout }).once('line', (line) => (first = line));
    await sendUntil(ask, () => first !== '', { everyMs: 50 });
    watcher.kill();
    return JSON.parse(first) as object;
  }

  it('refuses to start with a log that it cannot write, and says what to do', async () => {
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    const args = ['--probe', 'off', '--access-log', join(folder, 'nowhere', 'access.log')];
    const server = new ServeProcess([join(folder, 'site'), ...args], { env });
    const failed = await server.event('error');
    expect(JSON.stringify(failed)).to.include('the access log cannot be opened').and.include('there is no folder');
    await server.closed();
  });
});
