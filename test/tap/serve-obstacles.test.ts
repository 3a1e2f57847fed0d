/** What keeps `fastpath serve` from starting or going on, with its exit status; and a TAP that was there before. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { describeInNamespace } from '../support/namespace.js';
import { hasOtherUsers, needsAnotherUser, ServeGround } from '../support/serve-ground.js';
import { CLI, type Ended, needs, run } from '../support/serve-process.js';

/** A program that opens a TAP of its own, and keeps it until it is killed. */
const FOREIGN_TAP = `import { TapDevice } from ${JSON.stringify(new URL('../../src/net/device/tap.js', import.meta.url))};
TapDevice.open({ name: 'fp0', multiQueue: true });
console.log('open');
setInterval(() => {}, 1000);`;

describeInNamespace(import.meta.url, 'fastpath serve and what is in its way', () => {
  const ground = new ServeGround('fastpath-obstacles-');
  const { folder, site, env, host, start, serve } = ground;

  afterEach(() => ground.endServers());
  after(() => ground.remove());

  function expectError(ended: Ended, exitCode: number, message: string): Ended {
    const { code, stdout, stderr } = ended;
    expect(code, stderr).to.equal(exitCode);
    expect(stderr).to.contain(message);
    const event = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(event).to.include({ event: 'error', exitCode });
    expect(event.advice).to.be.a('string').that.is.not.empty;
    return ended;
  }

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
      expectError(await ground.serveAsNobody(), 4, 'This user may not');
    });

    it('5: an interface of another kind', async () => {
      expectError(await serve(site, '-i', 'lo'), 5, 'lo is an interface already, and not a TAP');
    });

    it('5: another fastpath; but on another interface there is room for one', async () => {
      const first = await start();
      expectError(await serve(site), 5, `fastpath (process ${first.child.pid}) serves`);
      expectError(await serve(site, '--workers', '2'), 5, 'fp0 is taken');
      const second = await start('-i', 'fp1', '--port', '8080');
      expect((await second.event('ready')).url).to.equal('http://172.30.77.2:8080/');
      expect(second.events.find(({ event }) => event === 'note')?.message).to.contain('10.77.0.0/24 is in use');
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
      const { stderr } = expectError(await serve(join(folder, 'nowhere')), 7, 'there is no such folder');
      expect(stderr).to.contain('Name a folder that is there.');
      expectError(await serve(join(site, 'index.html')), 7, 'this is not a folder');
    });

    it('8: the interface is removed while it serves', async function () {
      needs(this, 'ip');
      const server = await start();
      await run('ip', ['link', 'del', 'fp0']);
      expect(await server.closed()).to.equal(8);
      expect(server.stderr).to.contain('the interface was removed while it was in use');
      ground.expectNothingLeft();
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
      ground.expectNothingLeft();
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

    it('takes back address and state at the end, also what a dead one had changed, and leaves the interface', async () => {
      await (await start('--user', 'root')).end('SIGKILL');
      expect([host.isUp, String(host.address)]).to.deep.equal([true, '10.77.0.1']);
      const server = await start();
      expect((await server.event('ready')).temporary).to.equal(false);
      expect(await server.end()).to.equal(0);
      expect([host.exists, host.isUp, host.address]).to.deep.equal([true, false, undefined]);
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
      const server = await ground.startAsNobody();
      expect(await server.end()).to.equal(0);
      expect(String(host.address)).to.equal('10.77.0.1');
    });

    it('says that only root can set it up when nobody has', async function () {
      needsAnotherUser(this);
      expectError(await ground.serveAsNobody(), 4, 'This user may not');
    });
  });
});
