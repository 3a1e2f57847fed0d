/**
 * `fastpath serve` from its start to its end, in all the ways that those can come: what it says, which exit code it
 * has, and what it leaves behind (nothing).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { describeInNamespace } from '../support/namespace.js';
import { CLI, type Ended, fastpath, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';

/** A program that opens a TAP of its own, and keeps it until it is killed. */
const FOREIGN_TAP = `import { TapDevice } from ${JSON.stringify(new URL('../../src/net/device/tap.js', import.meta.url))};
TapDevice.open({ name: 'fp0', multiQueue: true });
console.log('open');
setInterval(() => {}, 1000);`;

/** More than any socket's buffers take in. */
const LARGE_BYTES = 32 * 1024 * 1024;

/** Nobody, who may open /dev/net/tun whatever its mode is on this machine, and nothing else. */
const AS_NOBODY = [
  ...['--reuid', '65534', '--regid', '65534', '--clear-groups'],
  ...['--inh-caps', '-all,+dac_override', '--ambient-caps', '-all,+dac_override'],
];

/** Whether there is anybody but us: in a user namespace there is not. */
function hasOtherUsers(): boolean {
  return spawnSync('setpriv', [...AS_NOBODY, 'true']).status === 0;
}

/** Where there is nobody else such a test skips, aloud. */
function needsAnotherUser(test: Mocha.Context): void {
  needs(test, 'setpriv');
  if (hasOtherUsers()) return;
  test.test!.title += ' (this user cannot become another one)';
  test.skip();
}

describeInNamespace(import.meta.url, 'the life of fastpath serve', function () {
  this.timeout(60_000); // mostly waiting for processes to start, on a machine that may be busy
  const folder = readableFolder('fastpath-life-');
  const site = join(folder, 'site');
  /** The same, with a file that no socket's buffer takes in. */
  const largeSite = join(folder, 'large');
  const runtime = join(folder, 'run');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: runtime };
  const host = new HostInterface('fp0');
  const started: ServeProcess[] = [];

  before(() => {
    for (const each of [site, largeSite]) {
      mkdirSync(each);
      writeFileSync(join(each, 'index.html'), 'hello');
    }
    writeFileSync(join(largeSite, 'big.bin'), Buffer.alloc(LARGE_BYTES));
  });

  afterEach(async () => {
    for (const server of started.splice(0)) if (server.child.exitCode === null) await server.end('SIGKILL');
    rmSync(runtime, { recursive: true, force: true });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const start = (...args: string[]) => startOn(site, ...args);

  async function startOn(folder: string, ...args: string[]): Promise<ServeProcess> {
    const server = await ServeProcess.start([folder, ...args], { env });
    started.push(server);
    return server;
  }

  const serve = (...args: string[]) => fastpath(['serve', '--json', ...args], { env });

  function expectNothingLeft(): void {
    expect(host.exists, 'the interface').to.equal(false);
    expect(existsSync(runtime) ? readdirSync(runtime) : [], 'state files').to.deep.equal([]);
  }

  function expectError({ code, stdout, stderr }: Ended, exitCode: number, message: string): void {
    expect(code, stderr).to.equal(exitCode);
    expect(stderr).to.contain(message);
    const [event] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .slice(-1);
    expect(event).to.include({ event: 'error', exitCode });
    expect(event.advice).to.be.a('string').that.is.not.empty;
  }

  /** A connection that has asked for the large file and reads none of it. */
  async function stalledDownload(): Promise<Socket> {
    const socket = connect(80, '10.77.0.2');
    socket.on('error', () => {});
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.pause();
    return socket;
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends with status 0 and leaves nothing behind after ${signal}`, async () => {
      const server = await start();
      expect(host.isUp).to.equal(true);
      expect(await server.end(signal)).to.equal(0);
      expect(server.events.at(-1)?.event).to.equal('stopped');
      expectNothingLeft();
    });
  }

  it('ends in order when nobody reads what it says any more', async () => {
    const server = await start();
    server.child.stdout!.destroy();
    expect(await server.closed()).to.equal(0);
    expectNothingLeft();
  });

  it('closes an idle connection in order when it ends', async () => {
    const server = await start();
    const socket = connect(80, '10.77.0.2');
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    const closed = new Promise<string>((resolve) => {
      socket.once('end', () => resolve('FIN'));
      socket.once('error', (error) => resolve(error.message));
    });
    socket.resume();
    expect(await server.end()).to.equal(0);
    expect(await closed).to.equal('FIN');
  });

  it('waits for a stalled download no longer than its grace', async () => {
    const server = await startOn(largeSite, '--grace', '300ms');
    const socket = await stalledDownload();
    const begin = Date.now();
    expect(await server.end()).to.equal(0);
    expect(Date.now() - begin).to.be.at.least(250); // and by itself it would never end
    socket.destroy();
    expectNothingLeft();
  });

  it('says for how many downloads it waits, how many it cut, and counts what has arrived', async () => {
    const server = await startOn(largeSite, '--grace', '300ms');
    const socket = await stalledDownload();
    await new Promise((resolve) => setTimeout(resolve, 200)); // the client's buffers are full then
    expect(await server.end()).to.equal(0);
    expect(server.events.find(({ event }) => event === 'closing')?.unfinished).to.equal(1);
    const stopped = server.events.at(-1);
    expect(stopped).to.include({ event: 'stopped', cut: 1 });
    const counters = stopped?.counters as Record<string, number>;
    expect(counters['stack.tcp.bytesAcknowledged']).to.be.below(LARGE_BYTES / 2);
    socket.destroy();
  });

  it('waits for a download as long as it takes, if it is told to', async () => {
    const server = await startOn(largeSite, '--grace', 'forever');
    const socket = await stalledDownload();
    let received = 0;
    const ended = new Promise((resolve) => socket.once('end', resolve));
    socket.on('data', (data) => (received += data.length)).pause();
    server.child.kill('SIGINT');
    expect((await server.event('closing')).unfinished).to.equal(1);
    socket.resume();
    await ended;
    expect(received).to.be.above(LARGE_BYTES);
    expect(await server.closed()).to.equal(0);
    expect(server.events.at(-1)).to.include({ event: 'stopped', cut: 0 });
    const counters = server.events.at(-1)?.counters as Record<string, number>;
    expect(counters['stack.tcp.bytesAcknowledged']).to.be.above(LARGE_BYTES);
    expectNothingLeft();
  });

  it('ends at once, with status 130, at the second Ctrl-C, and cleans up', async () => {
    const server = await startOn(largeSite, '--grace', '30s');
    const socket = await stalledDownload();
    server.child.kill('SIGINT');
    await server.event('stopping');
    await new Promise((resolve) => setTimeout(resolve, 700)); // npm sends one Ctrl-C twice: that does not count
    expect(await server.end('SIGINT')).to.equal(130);
    expect(server.events.at(-1)).to.include({ event: 'stopped', cut: 1 });
    socket.destroy();
    expectNothingLeft();
  });

  it('starts again after a crash, and cleans up what that left', async () => {
    const crashed = await start('--user', 'root'); // no keeper, which would be quicker
    expect(await crashed.end('SIGKILL')).to.equal(null);
    expect(readdirSync(runtime)).not.to.deep.equal([]);
    const server = await start();
    expect(server.events.find(({ event }) => event === 'note')?.message).to.contain(`process ${crashed.child.pid}`);
    expect(await server.end()).to.equal(0);
    expectNothingLeft();
  });

  it('leaves nothing behind after a crash where it had given its privileges away', async function () {
    needsAnotherUser(this);
    const crashed = await start();
    expect(await crashed.end('SIGKILL')).to.equal(null);
    // Its keeper is at work
    while (readdirSync(runtime).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expectNothingLeft();
  });

  it('starts again at once after a crash, without waiting for the keeper of the dead one', async () => {
    for (let i = 0; i < 3; i++) await (await start()).end('SIGKILL');
    expect(await (await start()).end()).to.equal(0);
    expectNothingLeft();
  });

  it('is ready when it answers: with the whole of a large folder, at the very moment', async () => {
    const many = join(folder, 'many');
    mkdirSync(many);
    for (let i = 0; i < 3_000; i++) writeFileSync(join(many, `${i}.txt`), `file ${i}`);
    const server = new ServeProcess([many, '--probe', 'off'], { env });
    started.push(server);
    await server.event('ready');
    for (const path of ['/0.txt', '/2999.txt']) {
      const status = await new Promise((resolve, reject) => {
        get(`http://10.77.0.2${path}`, ({ statusCode }) => resolve(statusCode)).on('error', reject);
      });
      expect(status, path).to.equal(200);
    }
    expect(await server.end()).to.equal(0);
  });

  it('lists itself in fastpath status while it runs', async () => {
    const server = await start();
    await server.event('status', ({ counters }) => (counters as Record<string, number>)['http.requests']! > 0);
    const { stdout } = await fastpath(['status', '--json'], { env });
    const status = JSON.parse(stdout);
    expect(status).to.include({ pid: server.child.pid, interfaceName: 'fp0', alive: true, url: 'http://10.77.0.2/' });
    expect(status.counters['http.requests']).to.be.at.least(1);
    expect((await fastpath(['status'], { env })).stdout).to.match(/^fp0 .* 1 requests/);
    server.child.kill('SIGSTOP');
    expect((await fastpath(['status'], { env })).stdout).to.match(/^fp0 .* does not answer\n$/);
    server.child.kill('SIGCONT');
    await server.end();
    expect((await fastpath(['status'], { env })).stdout).to.equal('no server is running\n');
  });

  it('answers a file that does not fit into the cache, piece by piece', async () => {
    await startOn(largeSite, '--cache-size', '2M');
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get('http://10.77.0.2/big.bin', resolve).on('error', reject);
    });
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    expect([response.statusCode, bytes]).to.deep.equal([200, Number(response.headers['content-length'])]);
  });

  it('serves a second folder on another interface', async () => {
    await start();
    const second = await start('-i', 'fp1', '--port', '8080');
    const ready = await second.event('ready');
    expect(ready.url).to.equal('http://172.30.77.2:8080/');
    expect(second.events.find(({ event }) => event === 'note')?.message).to.contain('10.77.0.0/24 is in use');
  });

  it('answers at both addresses when it has one of each family', async function () {
    needs(this, 'curl');
    const server = await start('-a', '10.77.0.2', '-a', 'fd77::2');
    expect((await server.event('ready')).hostAddresses).to.deep.equal(['10.77.0.1/24', 'fd77::1/64']);
    const probed = (await server.event('probe')).steps as { address: string; layer: string }[];
    expect(probed.map(({ address, layer }) => `${address} ${layer}`)).to.include.members([
      '10.77.0.2 HTTP',
      'fd77::2 HTTP',
    ]);
    const { stdout } = await run('curl', ['-sS', '-m', '5', 'http://[fd77::2]/']);
    expect(stdout).to.equal('hello');
  });

  describe('says what is wrong, and exits with its own status', () => {
    it('2: an option that makes no sense', async () => {
      expect((await serve(site, '--port', '0')).code).to.equal(2);
      expectError(await serve(site, '--pcap', join(folder, 'no', 'such', 'x.pcapng')), 2, 'cannot write');
    });

    it('3: no /dev/net/tun', async function () {
      needs(this, 'unshare', 'mount');
      const hide = 'mount -t tmpfs none /dev/net && exec "$@"';
      const words = ['--mount', 'sh', '-c', hide, 'sh', process.execPath, CLI, 'serve', '--json', site];
      expectError(await run('unshare', words, { env }), 3, '/dev/net/tun');
    });

    it('4: an ordinary user without an interface of their own', async function () {
      needsAnotherUser(this);
      expectError(
        await run('setpriv', [...AS_NOBODY, process.execPath, CLI, 'serve', '--json', site], asNobody()),
        4,
        'This user may not',
      );
    });

    it('5: an interface of another kind', async () => {
      expectError(await serve(site, '-i', 'lo'), 5, 'lo is an interface already, and not a TAP');
    });

    it('5: another fastpath', async () => {
      const first = await start();
      expectError(await serve(site), 5, `fastpath (process ${first.child.pid}) serves`);
      expectError(await serve(site, '--workers', '2'), 5, 'fp0 is taken');
    });

    it("5: another program's TAP, even one that would let us in as a further queue", async () => {
      const other = spawn(process.execPath, ['--input-type=module', '-e', FOREIGN_TAP]);
      await once(other.stdout, 'data');
      expectError(await serve(site, '--workers', '2'), 5, `process ${other.pid}`);
      other.kill();
      await once(other, 'close');
    });

    it('6: an address that the machine has', async () => {
      new HostInterface('lo').addAddress(IpNetwork.parse('10.99.0.1/24'));
      try {
        expectError(await serve(site, '--host', '10.99.0.1/24'), 6, '10.99.0.1');
        expectError(await serve(site, '--host', '10.99.0.7/24', '-a', '10.99.0.1'), 6, '10.99.0.1');
      } finally {
        new HostInterface('lo').addAddress(IpNetwork.parse('127.0.0.1/8'));
      }
    });

    it('7: a folder that is not there, or is no folder', async () => {
      expectError(await serve(join(folder, 'nowhere')), 7, 'there is no such folder');
      expectError(await serve(join(folder, 'nowhere')), 7, 'Name a folder that is there.');
      expectError(await serve(join(site, 'index.html')), 7, 'this is not a folder');
    });

    it('8: the interface is removed while it serves', async function () {
      needs(this, 'ip');
      const server = await start();
      await run('ip', ['link', 'del', 'fp0']);
      expect(await server.closed()).to.equal(8);
      expect(server.stderr).to.contain('the interface was removed while it was in use');
      expectNothingLeft();
    });

    it('9: the self-probe does not get through, if it must', async function () {
      needs(this, 'ip');
      await run('ip', ['rule', 'add', 'to', '10.77.0.2', 'unreachable', 'priority', '1']);
      try {
        const { code, stderr } = await serve(site, '--probe', 'require');
        expect(stderr).to.contain('The route step failed');
        expect(code).to.equal(9);
      } finally {
        await run('ip', ['rule', 'del', 'priority', '1']);
      }
      expectNothingLeft();
    });
  });

  describe('on a persistent TAP that was there before', () => {
    beforeEach(async function () {
      needs(this, 'ip');
      const owner = hasOtherUsers() ? ['user', '65534'] : [];
      const { code, stderr } = await run('ip', ['tuntap', 'add', 'fp0', 'mode', 'tap', ...owner]);
      expect(code, stderr).to.equal(0);
    });

    afterEach(async () => {
      if (host.exists) await run('ip', ['link', 'del', 'fp0']);
    });

    it('takes back address and state at the end, and leaves the interface', async () => {
      const server = await start();
      expect((await server.event('ready')).temporary).to.equal(false);
      expect(await server.end()).to.equal(0);
      expect([host.exists, host.isUp, host.address]).to.deep.equal([true, false, undefined]);
    });

    it('takes back after a crash what the dead one had changed', async () => {
      await (await start('--user', 'root')).end('SIGKILL');
      expect([host.isUp, String(host.address)]).to.deep.equal([true, '10.77.0.1']);
      expect(await (await start()).end()).to.equal(0);
      expect([host.isUp, host.address]).to.deep.equal([false, undefined]);
    });

    it('keeps the addresses that it has, and becomes their neighbour', async () => {
      await run('ip', ['addr', 'add', '10.5.5.9/28', 'dev', 'fp0']);
      await run('ip', ['link', 'set', 'fp0', 'up']);
      const server = await start();
      expect((await server.event('ready')).url).to.equal('http://10.5.5.2/');
      expect(await server.end()).to.equal(0);
      expect([host.isUp, String(host.address)]).to.deep.equal([true, '10.5.5.9']);
    });

    it('wants one made for several queues for several workers, and says how', async () => {
      expectError(await serve(site, '--workers', '2'), 5, 'mode tap multi_queue');
      await run('ip', ['link', 'del', 'fp0']);
      await run('ip', ['tuntap', 'add', 'fp0', 'mode', 'tap', 'multi_queue']);
      expectError(await serve(site), 5, 'fp0 was made for several queues');
      expect(await (await start('--workers', '2')).end()).to.equal(0);
    });

    it('needs no privilege when it is the own interface of the user, set up', async function () {
      needsAnotherUser(this);
      await run('ip', ['addr', 'add', '10.77.0.1/24', 'dev', 'fp0']);
      await run('ip', ['link', 'set', 'fp0', 'up']);
      const server = await ServeProcess.start([site], asNobody(), ['setpriv', ...AS_NOBODY]);
      started.push(server);
      expect(await server.end()).to.equal(0);
      expect(String(host.address)).to.equal('10.77.0.1');
    });

    it('says that only root can set it up when nobody has', async function () {
      needsAnotherUser(this);
      expectError(
        await run('setpriv', [...AS_NOBODY, process.execPath, CLI, 'serve', '--json', site], asNobody()),
        4,
        'This user may not',
      );
    });
  });

  /** Surroundings of another user, with a folder of their own for state. */
  function asNobody() {
    const own = join(folder, 'nobody');
    mkdirSync(own, { recursive: true });
    chmodSync(own, 0o777);
    return { env: { ...env, FASTPATH_RUNTIME_DIR: join(own, 'run') } };
  }
});
