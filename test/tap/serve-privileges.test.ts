/**
 * `fastpath serve` as root: what it keeps of its privileges (nothing), in which thread, and what is cleaned up all the
 * same.
 */
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath, readableFolder, run, ServeProcess } from '../support/serve-process.js';

/** In a user namespace of one user there is nobody to become. */
function onlyUser(): boolean {
  return readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2] === '1';
}

/** What a thread of a process says of one of these. */
function ofThread(pid: number, thread: number | string, key: string): string {
  const text = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
  const line = new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(text)?.[1];
  return line?.replace(/\s+/g, ' ').trim() ?? '';
}

/** What all threads say. */
function ofThreads(pid: number, key: string): Set<string> {
  return new Set(readdirSync(`/proc/${pid}/task`).map((thread) => ofThread(pid, thread, key)));
}

describeInNamespace(import.meta.url, 'privileges of fastpath serve', () => {
  const folder = readableFolder('fastpath-privileges-');
  const site = join(folder, 'site');
  const runtime = join(folder, 'run');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: runtime, SUDO_USER: undefined, SUDO_UID: undefined };
  let server: ServeProcess | undefined;

  before(function () {
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), 'hello');
    writeFileSync(join(site, 'secret.txt'), 'for root only');
    chmodSync(join(site, 'secret.txt'), 0o000);
    if (!onlyUser()) return;
    this.test!.parent!.title += ' (skipped: this root cannot become another user)';
    this.skip();
  });

  afterEach(async () => {
    if (server?.child.exitCode === null) await server.end('SIGKILL');
    server = undefined;
    rmSync(runtime, { recursive: true, force: true });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  async function start(...args: string[]): Promise<{ server: ServeProcess; pid: number }> {
    server = await ServeProcess.start([site, ...args], { env });
    return { server, pid: server.child.pid ?? 0 };
  }

  const statusOf = (path: string) =>
    new Promise((resolve, reject) => {
      get(`http://10.77.0.2${path}`, ({ statusCode }) => resolve(statusCode)).on('error', reject);
    });

  it('end with the set-up, in every thread: user, groups, capabilities, files; and none can come back', async () => {
    const { server, pid } = await start('--workers', '2');
    expect((await server.event('ready')).user).to.equal('nobody');
    expect([...ofThreads(pid, 'Uid')]).to.deep.equal(['65534 65534 65534 65534']);
    expect([...ofThreads(pid, 'Gid')]).to.deep.equal(['65534 65534 65534 65534']);
    expect([...ofThreads(pid, 'Groups')].filter((groups) => groups.split(' ').includes('0'))).to.deep.equal([]);
    expect([...ofThreads(pid, 'CapPrm')]).to.deep.equal(['0000000000000000']);
    expect([...ofThreads(pid, 'CapEff')]).to.deep.equal(['0000000000000000']);
    expect([...ofThreads(pid, 'NoNewPrivs')]).to.deep.equal(['1']);
    expect((await server.event('warning')).message).to.contain('/secret.txt');
    expect(await statusOf('/secret.txt')).to.equal(403);
    expect(await statusOf('/')).to.equal(200);
    expect(await server.end()).to.equal(0);
    expect(new HostInterface('fp0').exists).to.equal(false);
    expect(readdirSync(runtime)).to.deep.equal([]);
  });

  it("become the sudo user's, whose files and control socket they are", async () => {
    Object.assign(env, { SUDO_USER: 'daemon', SUDO_UID: '1', SUDO_GID: '1' });
    chownSync(join(site, 'secret.txt'), 1, 1);
    chmodSync(join(site, 'secret.txt'), 0o400);
    try {
      const { server, pid } = await start();
      expect((await server.event('ready')).user).to.equal('daemon');
      expect([...ofThreads(pid, 'Uid')]).to.deep.equal(['1 1 1 1']);
      expect(await statusOf('/secret.txt')).to.equal(200);
      const socket = readdirSync(runtime).find((name) => name.endsWith('.sock')) ?? '';
      const { mode, uid } = statSync(join(runtime, socket));
      expect([mode & 0o777, uid]).to.deep.equal([0o600, 1]);
    } finally {
      Object.assign(env, { SUDO_USER: undefined, SUDO_UID: undefined, SUDO_GID: undefined });
    }
  });

  it('are kept if root is asked for by name', async () => {
    const { server, pid } = await start('--user', 'root');
    expect((await server.event('ready')).user).to.equal('root');
    expect([...ofThreads(pid, 'Uid')]).to.deep.equal(['0 0 0 0']);
  });

  it('are no help for a folder that the user cannot read: status 7, before anything is made', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const pcap = join(folder, 'refused.pcapng');
    const { code, stderr } = await fastpath(['serve', closed, '--pcap', pcap], { env });
    expect(code).to.equal(7);
    expect(stderr).to.contain('Name a folder that the user nobody can read').and.contain('--user NAME');
    expect(readdirSync(folder)).not.to.include('refused.pcapng');
  });

  it('refuse a user that there is not', async () => {
    const { code, stderr } = await fastpath(['serve', site, '--user', 'no-such-user'], { env });
    expect([code, stderr.split('\n')[0]]).to.deep.equal([2, 'fastpath: there is no user no-such-user']);
  });

  it('stay with the keeper alone, which has one capability and takes back what was changed', async () => {
    const made = await run('ip', ['tuntap', 'add', 'fp0', 'mode', 'tap']);
    expect(made.stderr, JSON.stringify(new HostInterface('fp0').users())).to.equal('');
    const host = new HostInterface('fp0');
    const { server } = await start();
    const [state] = readdirSync(runtime)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(runtime, name), 'utf8')));
    const keeper = state.keeper.pid as number;
    expect([...ofThreads(keeper, 'NoNewPrivs')]).to.deep.equal(['1']);
    // CAP_NET_ADMIN is bit 12. The keeper starts beside us.
    const hasOne = () => /^CapEff:\t0{12}1000$/m.test(readFileSync(`/proc/${keeper}/status`, 'utf8'));
    while (!hasOne()) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const set of ['CapEff', 'CapPrm']) {
      expect([...ofThreads(keeper, set)], set).to.have.members(['0000000000001000', '0000000000000000']);
    }
    expect(ofThread(keeper, keeper, 'Uid'), 'files of root are removed').to.equal('0 0 0 0');
    expect(ofThread(keeper, keeper, 'CapEff'), 'by the thread that works').to.equal('0000000000001000');
    expect([host.isUp, String(host.address)]).to.deep.equal([true, '10.77.0.1']);
    expect(await server.end()).to.equal(0);
    expect([host.isUp, host.address]).to.deep.equal([false, undefined]);
    await run('ip', ['link', 'del', 'fp0']);
  });

  it('end at a user without a name; they are missed if somebody has killed the keeper, and the server says so', async () => {
    const { server, pid } = await start('--user', '54321');
    expect([...ofThreads(pid, 'Uid')]).to.deep.equal(['54321 54321 54321 54321']);
    expect([...ofThreads(pid, 'Groups')]).to.deep.equal(['54321']);
    const files = readdirSync(runtime).filter((name) => name.endsWith('.json'));
    const { keeper } = JSON.parse(readFileSync(join(runtime, files[0]!), 'utf8'));
    process.kill(keeper.pid, 'SIGKILL');
    expect(await server.end()).to.equal(1);
    const [error, stopped] = ['error', 'stopped'].map((name) => server.events.find(({ event }) => event === name));
    expect(error?.message).to.contain(`the process that cleans up (${keeper.pid}) was killed`);
    expect(error?.advice).to.equal('The next start on fp0 does it.');
    expect(stopped).to.equal(undefined);
    expect(readdirSync(runtime)).to.include(files[0]);
  });
});
