/**
 * The networks that people really have: a client behind a router, a bridge with other hosts on it, two servers there.
 * Each other host is a network namespace of its own, at the far end of a veth pair.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { describeInNamespace } from '../support/namespace.js';
import { CURL, fastpath, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';

describeInNamespace(import.meta.url, 'fastpath serve in a network', () => {
  const folder = readableFolder('fastpath-networks-');
  const site = join(folder, 'site');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  const started: ServeProcess[] = [];
  const hosts: ReturnType<typeof spawnHost>[] = [];

  before(function () {
    needs(this, 'ip', 'unshare', 'nsenter', 'curl', 'sysctl');
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), 'hello');
  });

  afterEach(async () => {
    for (const server of started.splice(0)) if (server.child.exitCode === null) await server.end('SIGKILL');
    // Each at once: the interfaces of a namespace or of a process that has ended go some time later.
    for (const name of ['veth0', 'br0', 'fp0', 'fp1']) await run('ip', ['link', 'del', name]);
    for (const host of hosts.splice(0)) (await host.catch(() => undefined))?.end();
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  async function ip(words: string): Promise<void> {
    const { code, stderr } = await run('ip', words.split(' '));
    if (code !== 0) throw new Error(`ip ${words}: ${stderr}`);
  }

  async function start(...args: string[]): Promise<ServeProcess> {
    const server = new ServeProcess([site, ...args], { env });
    started.push(server);
    await server.event('ready');
    return server;
  }

  const refused = (...args: string[]) => fastpath(['serve', '--json', site, ...args], { env });

  /** Another host, with its end of a wire: `near` here, eth0 there. */
  async function host(near: string): Promise<Awaited<ReturnType<typeof spawnHost>>> {
    const other = spawnHost(near);
    hosts.push(other);
    return other;
  }

  /** br0 with 10.50.0.1/24, and another host on it. */
  async function bridgeWithHost(address: string) {
    await ip('link add br0 type bridge');
    await ip('addr add 10.50.0.1/24 dev br0');
    await ip('link set br0 up');
    const other = await host('veth0');
    await ip('link set veth0 master br0 up');
    await other.ip(`addr add ${address} dev eth0`);
    return other;
  }

  it('answers clients behind this machine, over IPv4 and IPv6: it is the default router', async () => {
    const client = await host('veth0');
    await ip('addr add 10.60.0.1/24 dev veth0');
    await ip('addr add fd60::1/64 dev veth0 nodad');
    await ip('link set veth0 up');
    await client.ip('addr add 10.60.0.2/24 dev eth0');
    await client.ip('addr add fd60::2/64 dev eth0 nodad');
    await client.ip('route add default via 10.60.0.1');
    await client.ip('-6 route add default via fd60::1');
    await run('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
    const server = await start('-a', '10.77.0.2', '-a', 'fd77::2');
    await server.event('probe');
    expect((await server.event('ready')).gateways).to.deep.equal(['10.77.0.1', 'fd77::1']);
    expect(await client.curl('http://10.77.0.2/')).to.equal('hello');
    expect(await client.curl('http://[fd77::2]/')).to.equal('hello');
  });

  it('joins a bridge at a free address of it, a second one at the next, and answers all that are there', async () => {
    const other = await bridgeWithHost('10.50.0.250/24'); // the first that would be tried
    const server = await start('--bridge', 'br0');
    const ready = await server.event('ready');
    expect(ready).to.include({ url: 'http://10.50.0.249/', bridge: 'br0', temporary: true });
    expect(ready.hostAddresses).to.deep.equal(['10.50.0.1/24']);
    expect((await server.event('probe')).passed).to.equal(true);
    expect((await run('curl', [...CURL, 'http://10.50.0.249/'])).stdout).to.equal('hello');
    const second = await (await start('--bridge', 'br0', '-i', 'fp1')).event('ready');
    expect(second.url).to.equal('http://10.50.0.248/');
    expect(second.mac).not.to.equal(ready.mac);
    for (const { url } of [ready, second]) expect(await other.curl(String(url))).to.equal('hello');
    expect(await server.end()).to.equal(0);
    expect(new HostInterface('fp0').exists).to.equal(false);
  });

  it('refuses an address that another host on the bridge has, with its Ethernet address: status 6', async () => {
    const other = await bridgeWithHost('10.50.0.2/24');
    const { code, stderr } = await refused('--bridge', 'br0', '-a', '10.50.0.2');
    expect(code, stderr).to.equal(6);
    expect(stderr).to.contain(`10.50.0.2 is taken: the host with the Ethernet address ${other.mac} on br0 has it`);
    expect(new HostInterface('fp0').exists).to.equal(false);
  });

  it('ends with status 6 if the probes of the start find another host that has the address', async () => {
    const other = await bridgeWithHost('10.50.0.2/24');
    const server = await start('--bridge', 'br0', '-a', '10.50.0.66');
    await other.ip('addr add 10.50.0.66/24 dev eth0'); // it was not there when the server asked; now it answers
    expect(await server.closed()).to.equal(6);
    expect(server.events.at(-1)).to.include({ event: 'error', code: 'address-taken' });
    expect(server.stderr).to.contain(`10.50.0.66 is taken: the host with the Ethernet address ${other.mac}`);
  });

  it('reports a host that takes the address later, and serves on', async () => {
    const other = await bridgeWithHost('10.50.0.2/24');
    const server = await start('--bridge', 'br0', '-a', '10.50.0.66');
    const announced = (counters: unknown) =>
      (counters as Record<string, number>)['stack.internet.arp.announcementsSent'] ?? 0;
    await server.event('status', ({ counters }) => announced(counters) >= 1); // the address is held
    await other.ip('addr add 10.50.0.66/24 dev eth0');
    await other.curl('http://10.50.0.1/', '--interface', '10.50.0.66'); // asks for the way, and so speaks from it
    expect(await server.event('conflict')).to.include({ address: '10.50.0.66', mac: other.mac });
    await server.event('status', ({ conflicts }) => (conflicts as unknown[]).length === 1);
    const { stdout } = await fastpath(['status'], { env });
    expect(stdout).to.contain(`another host (${other.mac}) uses 10.50.0.66`);
    expect((await run('curl', [...CURL, 'http://10.50.0.66/'])).stdout).to.equal('hello');
    expect(await server.end()).to.equal(0);
  });

  it('takes a persistent TAP that is a port of a bridge as it is, and leaves it so', async () => {
    await bridgeWithHost('10.50.0.2/24');
    await ip('tuntap add fp0 mode tap');
    await ip('link set fp0 master br0');
    const server = await start('-a', '10.50.0.77');
    expect(await server.event('ready')).to.include({ url: 'http://10.50.0.77/', bridge: 'br0', temporary: false });
    expect((await server.event('probe')).passed).to.equal(true);
    expect(await server.end()).to.equal(0);
    const tap = new HostInterface('fp0');
    expect([tap.bridge, tap.isUp]).to.deep.equal(['br0', false]);
  });

  it('takes a persistent TAP out of the bridge again that it made a port of it', async () => {
    await bridgeWithHost('10.50.0.2/24');
    await ip('tuntap add fp0 mode tap');
    const server = await start('--bridge', 'br0');
    const tap = new HostInterface('fp0');
    expect(tap.bridge).to.equal('br0');
    expect(await server.end()).to.equal(0);
    expect([tap.bridge, tap.isUp]).to.deep.equal([undefined, false]);
  });

  it('says once that its interface is down or has lost its address, and once that all is in order', async () => {
    const server = await start();
    const said = (name: string) => server.events.filter(({ event }) => event === name);
    await ip('link set fp0 down');
    expect((await server.event('warning')).message)
      .to.contain('fp0 is down')
      .and.contain('ip link set fp0 up');
    const looks = said('status').length + 2; // it looks as often as it tells its numbers
    await server.event('status', () => said('status').length >= looks);
    await ip('link set fp0 up');
    await server.event('note', ({ message }) => String(message).includes('fp0 is as it should be again'));
    await ip('addr flush dev fp0');
    await server.event('warning', ({ message }) => String(message).includes('fp0 has lost its address 10.77.0.1/24'));
    await ip('addr add 10.77.0.1/24 dev fp0');
    await server.event(
      'note',
      () => said('note').filter(({ message }) => /as it should/.test(`${message}`)).length === 2,
    );
    expect(said('warning')).to.have.lengthOf(2);
  });
});

/** A network namespace with the far end of a veth pair in it, as eth0. */
async function spawnHost(near: string) {
  const { spawn } = await import('node:child_process');
  const { readlinkSync } = await import('node:fs');
  const child = spawn('unshare', ['--net', '--', 'sleep', '300'], { stdio: 'ignore' });
  const pid = String(child.pid);
  const here = readlinkSync('/proc/self/ns/net');
  while (readlinkSync(`/proc/${pid}/ns/net`) === here) await new Promise((resolve) => setTimeout(resolve, 5));
  const inside = (words: readonly string[]) => run('nsenter', ['-t', pid, '-n', '--', ...words]);
  const made = await run('ip', ['link', 'add', near, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid]);
  if (made.code !== 0) throw new Error(made.stderr);
  await inside(['ip', 'link', 'set', 'eth0', 'up']);
  const { stdout } = await inside(['cat', '/sys/class/net/eth0/address']);
  const shown = await inside(['ip', '-br', 'link', 'show', 'eth0']);
  return {
    mac: /([0-9a-f]{2}:){5}[0-9a-f]{2}/.exec(shown.stdout)?.[0] ?? stdout.trim(),
    async ip(words: string): Promise<void> {
      const { code, stderr } = await inside(['ip', ...words.split(' ')]);
      if (code !== 0) throw new Error(`ip ${words}: ${stderr}`);
    },
    async curl(url: string, ...options: string[]): Promise<string> {
      const { stdout: body, stderr } = await inside(['curl', ...CURL, ...options, url]);
      return body === '' ? stderr : body;
    },
    end: () => child.kill('SIGKILL'),
  };
}
