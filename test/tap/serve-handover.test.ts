/** SIGUSR2: a new process takes the interface over, and no client notices. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { describeInNamespace } from '../support/namespace.js';
import { pattern } from '../support/packets.js';
import { CLI, fastpath, readableFolder, ServeProcess } from '../support/serve-process.js';
import { until } from '../support/until.js';
import { needsRing } from '../support/ways.js';

const URL = 'http://10.77.0.2';

/** More than all buffers between the two ends hold. */
const BIG = Buffer.from(pattern(24 * 1024 * 1024));

describeInNamespace(import.meta.url, 'a hand-over to a new process', () => {
  const folder = readableFolder('fastpath-handover-');
  const site = join(folder, 'site');
  const runtime = join(folder, 'run');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: runtime };
  let server: ServeProcess | undefined;

  before(() => {
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), 'hello');
    writeFileSync(join(site, 'big.bin'), BIG);
  });

  /** The process that serves last is no child of ours. */
  let successor = 0;
  afterEach(async () => {
    if (successor > 0 && existsSync(`/proc/${successor}`)) process.kill(successor, 'SIGKILL');
    if (server?.child.exitCode === null) server.child.kill('SIGKILL');
    successor = 0;
    await server?.closed();
    rmSync(runtime, { recursive: true, force: true });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  async function start(...args: string[]): Promise<ServeProcess> {
    server = await ServeProcess.start([site, '--user', 'root', '--probe', 'require', ...args], { env });
    return server;
  }

  /** Asks for `/` again and again, on a new connection each time or on one as long as it lasts, and counts. */
  function visitor(agent: Agent | false = false) {
    const counts = { answered: 0, closes: 0, failed: [] as string[] };
    let isOver = false;
    const run = async () => {
      for (; !isOver; await pause(5)) {
        try {
          const answer = await request('/', agent);
          if (answer.headers.connection === 'close') counts.closes++;
          const text = (await answer.toArray()).join('');
          if (text === 'hello') counts.answered++;
          else counts.failed.push(`the answer "${text}"`);
        } catch (error) {
          counts.failed.push((error as Error).message);
        }
      }
    };
    const done = run();
    const end = () => {
      isOver = true;
      return done;
    };
    return { counts, end };
  }

  async function handOver(from: ServeProcess): Promise<number> {
    from.child.kill('SIGUSR2');
    successor = (await from.event('handed-over')).pid as number;
    return successor;
  }

  const socket = join(folder, 'admin.sock');
  // The third: by the address of administrators the new process is known.
  const ways: readonly (readonly [string, readonly string[], string?])[] = [
    ['one worker, and an address for administrators', [], '127.0.0.1:9464'],
    ['two workers, frames as on a wire, and a socket for administrators', ['--workers', '2', '--no-offload'], socket],
    ['frames in an io_uring', ['--frames', 'ring']],
  ];
  for (const [name, args, admin] of ways) {
    it(`breaks no download and refuses no connection: ${name}`, async function () {
      if (args.includes('ring')) needsRing(this);
      const old = await start(...args, ...(admin === undefined ? [] : ['--admin', admin]));
      const began = admin === undefined ? 0 : await startOf(admin);
      const download = await request('/big.bin');
      const begun = await some(download);
      const visit = visitor();
      const stays = new Agent({ keepAlive: true, maxSockets: 1 });
      const regular = visitor(stays);
      const exited = once(old.child, 'exit');
      const pid = await handOver(old);
      const [beforeIt] = [visit.counts.answered];
      const rest = Buffer.concat([begun, ...((await download.toArray()) as Buffer[])]);
      expect(rest.equals(BIG), 'the download, byte by byte').to.equal(true);
      expect((await exited)[0], 'the old process').to.equal(0);
      await until(() => visit.counts.answered > beforeIt + 20);
      await Promise.all([visit.end(), regular.end()]);
      stays.destroy();
      expect(visit.counts.failed).to.deep.equal([]);
      expect(regular.counts.failed, 'on a connection that is kept').to.deep.equal([]);
      expect(regular.counts.closes, 'answers that were the last of theirs').to.be.at.least(1);
      if (admin !== undefined) {
        expect(await startOf(admin), 'start of the process that answers').to.be.greaterThan(began);
      } else {
        const { stdout } = await fastpath(['status', '--json'], { env });
        expect(JSON.parse(stdout)).to.include({ pid, alive: true, interfaceName: 'fp0' });
      }
      process.kill(pid, 'SIGINT');
      await old.closed(); // its output ends with that of the new process
      expect(existsSync(socket), 'the socket').to.equal(false);
      expect(new HostInterface('fp0').exists, 'the interface').to.equal(false);
      expect(readdirSync(runtime), 'state files').to.deep.equal([]);
    });
  }

  it('writes one line for each request, through files that fill up, and takes those along who watch', async () => {
    const logs = mkdtempSync(join(folder, 'logs-'));
    const log = ['--access-log', join(logs, 'a.log'), '--log-format', 'json', '--log-rotate-size', '32k'];
    const old = await start(...log, '--log-keep', '500');
    const seen: string[] = [];
    const watcher = spawn(process.execPath, [CLI, 'log', '--json'], { env });
    createInterface({ input: watcher.stdout }).on('line', (line) => seen.push(JSON.parse(line).target));
    const isSeen = (target: string) => until(() => seen.includes(target));
    const asked: string[] = [];
    const ask = async () => {
      asked.push(`/?${asked.length}`);
      await (await request(asked.at(-1) as string)).toArray();
    };
    try {
      while (seen.length === 0) await ask(); // the watcher needs its time to be there
      const download = await request('/big.bin');
      const visit = { isOver: false };
      const done = Promise.all(
        [0, 1, 2].map(async () => {
          for (; !visit.isOver; await pause(5)) await ask();
        }),
      );
      const exited = once(old.child, 'exit');
      const pid = await handOver(old);
      const since = asked.length;
      await until(() => asked.length > since + 30);
      await download.toArray();
      await exited;
      await isSeen('/big.bin');
      visit.isOver = true;
      await done;
      await isSeen(asked.at(-1) as string);
      const watched = once(watcher, 'exit');
      process.kill(pid, 'SIGINT');
      await old.closed();
      expect((await watched)[0], 'the watcher').to.equal(0);
    } finally {
      watcher.kill();
    }
    const files = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
    const lines = files.flatMap((text) => text.split('\n').slice(0, -1)).map((line) => JSON.parse(line));
    const targets = lines.map(({ target }) => target).filter((target) => target !== '/'); // the probe's
    expect(targets.sort()).to.deep.equal([...asked, '/big.bin'].sort());
    expect(lines.find(({ target }) => target === '/big.bin').bytes).to.equal(BIG.length);
    expect(Math.max(...files.map((text) => text.length))).to.be.at.most(32_768);
  });

  it('that fails leaves the old process serving, and its downloads too if the new one is killed later', async () => {
    const old = await start();
    const moved = `${site}-elsewhere`;
    renameSync(site, moved);
    try {
      old.child.kill('SIGUSR2');
      const warning = await old.event('warning', ({ message }) => String(message).includes('not handed over'));
      expect(warning.message).to.contain('the new process ended (status 7) before it served: this one goes on');
      expect((await (await request('/')).toArray()).join('')).to.equal('hello');
      expect((await fastpath(['status', '--json'], { env })).stdout).to.contain(`"pid":${old.child.pid}`);
    } finally {
      renameSync(moved, site);
    }
    const download = await request('/big.bin');
    const begun = await some(download);
    const pid = await handOver(old);
    process.kill(pid, 'SIGKILL');
    const ended = `process ${pid}, which had taken over, has ended (SIGKILL) without finishing`;
    await old.event('warning', ({ message }) => String(message).includes(`${ended}: this one goes on`));
    const refused = await request('/').catch(({ code }) => code);
    expect(refused, 'a new connection').to.equal('ECONNREFUSED');
    const rest = Buffer.concat([begun, ...((await download.toArray()) as Buffer[])]);
    expect(rest.equals(BIG), 'the download, byte by byte').to.equal(true);
    expect(await old.closed(), 'the old process').to.equal(1);
    expect(old.events.at(-1)).to.include({ event: 'error', message: `${ended}: nobody serves now`, exitCode: 1 });
    expect(readdirSync(runtime), 'state files').to.deep.equal([]);
  });
});

function request(path: string, agent: Agent | false = false): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${URL}${path}`, { agent }, resolve).on('error', reject);
  });
}

/** When the process began that answers at the address of administrators. */
async function startOf(admin: string): Promise<number> {
  const to = admin.startsWith('/') ? { socketPath: admin } : { host: '127.0.0.1', port: admin.split(':')[1] };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ ...to, path: '/metrics', agent: false }, resolve).on('error', reject);
  });
  const text = (await answer.toArray()).join('');
  return Number(/^process_start_time_seconds (\S+)$/m.exec(text)?.[1]);
}

/** The first bytes of an answer; the rest stays in the server for now. */
async function some(answer: IncomingMessage): Promise<Buffer> {
  await once(answer, 'readable');
  return answer.read() as Buffer;
}
