/**
 * `fastpath serve` from its start to its end, in all the ways that those can come: what it says, which exit code it
 * has, and what it leaves behind (nothing).
 */
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { needsAnotherUser, ServeGround } from '../support/serve-ground.js';
import { CURL, fastpath, needs, run, type ServeProcess } from '../support/serve-process.js';

/** More than any socket's buffers take in. */
const LARGE_BYTES = 32 * 1024 * 1024;

const acknowledged = (counters: unknown) => (counters as Record<string, number>)['stack.tcp.bytesAcknowledged'] ?? 0;

describeInNamespace(import.meta.url, 'the life of fastpath serve', () => {
  const ground = new ServeGround('fastpath-life-');
  const { folder, runtime, env, host, start } = ground;
  /** With a file that no socket's buffer takes in. */
  const largeSite = join(folder, 'large');

  before(() => {
    mkdirSync(largeSite);
    writeFileSync(join(largeSite, 'index.html'), 'hello');
    writeFileSync(join(largeSite, 'big.bin'), Buffer.alloc(LARGE_BYTES));
  });

  afterEach(() => ground.endServers());
  after(() => ground.remove());

  /** A connection that has asked for the large file and reads none of it. */
  async function stalledDownload(): Promise<Socket> {
    const socket = connect(80, '10.77.0.2');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.pause();
    return socket;
  }

  /** Waits until the server tells of more bytes than the self-probe's: the download is under way. */
  const sentSome = (server: ServeProcess) =>
    server.counters((counters) => (counters['stack.tcp.bytesSent'] ?? 0) > 10_000);

  it('answers at an address of each family; SIGINT closes an idle connection, and leaves nothing behind', async function () {
    needs(this, 'curl');
    const server = await start('-a', '10.77.0.2', '-a', 'fd77::2');
    expect(host.isUp).to.equal(true);
    expect((await server.event('ready')).hostAddresses).to.deep.equal(['10.77.0.1/24', 'fd77::1/64']);
    const probed = (await server.event('probe')).steps as { address: string; layer: string }[];
    expect(probed.map(({ address, layer }) => `${address} ${layer}`)).to.include.members([
      '10.77.0.2 HTTP',
      'fd77::2 HTTP',
    ]);
    const { stdout } = await run('curl', [...CURL, 'http://[fd77::2]/']);
    expect(stdout).to.equal('hello');
    const socket = connect(80, '10.77.0.2');
    await once(socket, 'connect');
    const closed = new Promise<string>((resolve) => {
      socket.once('end', () => resolve('FIN'));
      socket.once('error', (error) => resolve(error.message));
    });
    socket.resume();
    expect(await server.end('SIGINT')).to.equal(0);
    expect(await closed).to.equal('FIN');
    expect(server.events.at(-1)?.event).to.equal('stopped');
    ground.expectNothingLeft();
  });

  it('ends in order when nobody reads what it says any more', async () => {
    const server = await start();
    server.child.stdout!.destroy();
    expect(await server.closed()).to.equal(0);
    ground.expectNothingLeft();
  });

  it('waits for a stalled download no longer than its grace, says how many it cut, and counts what arrived', async () => {
    const server = await ground.startOn(largeSite, '--grace', '300ms');
    const socket = await stalledDownload();
    await sentSome(server);
    const begin = Date.now();
    expect(await server.end('SIGTERM')).to.equal(0);
    expect(Date.now() - begin).to.be.at.least(250); // and by itself it would never end
    expect(server.events.find(({ event }) => event === 'closing')?.unfinished).to.equal(1);
    const stopped = server.events.at(-1);
    expect(stopped).to.include({ event: 'stopped', cut: 1 });
    expect(acknowledged(stopped?.counters))
      .to.be.above(0)
      .and.below(LARGE_BYTES / 2);
    socket.destroy();
    ground.expectNothingLeft();
  });

  it('answers a file beyond its cache piece by piece, and waits for a download as long as it takes, if told to', async () => {
    const server = await ground.startOn(largeSite, '--cache-size', '2M', '--grace', 'forever');
    const socket = await stalledDownload();
    let received = 0;
    const ended = once(socket, 'end');
    socket.on('data', (data) => (received += data.length)).pause();
    await sentSome(server);
    server.child.kill('SIGINT');
    expect((await server.event('closing')).unfinished).to.equal(1);
    socket.resume();
    await ended;
    expect(received).to.be.above(LARGE_BYTES);
    expect(await server.closed()).to.equal(0);
    expect(server.events.at(-1)).to.include({ event: 'stopped', cut: 0 });
    expect(acknowledged(server.events.at(-1)?.counters)).to.be.above(LARGE_BYTES);
    ground.expectNothingLeft();
  });

  it('ends at once, with status 130, at the second Ctrl-C, and cleans up', async () => {
    const server = await ground.startOn(largeSite, '--grace', 'forever');
    const socket = await stalledDownload();
    server.child.kill('SIGINT');
    await server.event('stopping');
    await new Promise((resolve) => setTimeout(resolve, 700)); // npm sends one Ctrl-C twice: that does not count
    expect(await server.end('SIGINT')).to.equal(130);
    expect(server.events.at(-1)).to.include({ event: 'stopped', cut: 1 });
    socket.destroy();
    ground.expectNothingLeft();
  });

  it('starts again after a crash, and cleans up what that left', async () => {
    const crashed = await start('--user', 'root'); // no keeper, which would be quicker
    expect(await crashed.end('SIGKILL')).to.equal(null);
    expect(readdirSync(runtime)).not.to.deep.equal([]);
    const server = await start();
    expect(server.events.find(({ event }) => event === 'note')?.message).to.contain(`process ${crashed.child.pid}`);
    expect(await server.end()).to.equal(0);
    ground.expectNothingLeft();
  });

  it('starts again at once after a crash, without waiting for the keeper, which leaves nothing behind', async function () {
    needsAnotherUser(this);
    await (await start()).end('SIGKILL');
    const crashed = await start();
    await crashed.end('SIGKILL');
    // Its keeper is at work
    while (readdirSync(runtime).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    ground.expectNothingLeft();
  });

  it('is ready when it answers: with the whole of a large folder, at the very moment', async () => {
    const many = join(folder, 'many');
    mkdirSync(many, { recursive: true });
    for (let i = 0; i < 3_000; i++) writeFileSync(join(many, `${i}.txt`), `file ${i}`);
    const server = ground.begin(many, '--probe', 'off');
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
    expect((await fastpath(['status'], { env })).stdout).to.match(/^fp0 .* 1 request, /);
    const other = await fastpath(['status', '-i', 'other'], { env });
    expect(other.code).to.equal(1);
    expect(other.stderr).to.contain('no server is running on other');
    server.child.kill('SIGSTOP');
    expect((await fastpath(['status', '-i', 'fp0'], { env })).stdout).to.match(/^fp0 .* does not answer\n$/);
    server.child.kill('SIGCONT');
    await server.end();
    expect((await fastpath(['status'], { env })).stdout).to.equal('no server is running\n');
  });
});
