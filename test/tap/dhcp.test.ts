/**
 * Addresses that the network gives: a bridge with dnsmasq on it, which is the DHCP server, and the router of IPv6.
 * dnsmasq's shortest lease is two minutes; T1 and T2 are set to seconds, so that a lease is extended while we watch.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';

/** The Ethernet address of our interface in the test that wants to know it. */
const MAC = '02:66:70:00:00:0d';

describeInNamespace(import.meta.url, 'fastpath serve at an address that the network gives', function () {
  this.timeout(90_000);
  const folder = readableFolder('fastpath-dhcp-');
  const site = join(folder, 'site');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  const started: ServeProcess[] = [];
  const servers: Dnsmasq[] = [];

  before(async function () {
    needs(this, 'ip', 'curl', 'dnsmasq');
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), 'hello');
  });

  beforeEach(async () => {
    await ip('link add br0 type bridge');
    await ip('addr add 192.168.50.1/24 dev br0');
    await ip('addr add fd50::1/64 dev br0 nodad');
    await ip('link set br0 up');
  });

  afterEach(async () => {
    for (const server of started.splice(0)) if (server.child.exitCode === null) await server.end('SIGKILL');
    for (const server of servers.splice(0)) await server.end();
    for (const name of ['fp0', 'veth0', 'br0']) await run('ip', ['link', 'del', name]);
    rmSync(join(folder, 'run'), { recursive: true, force: true });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  async function ip(words: string): Promise<void> {
    const { code, stderr } = await run('ip', words.split(' '));
    if (code !== 0) throw new Error(`ip ${words}: ${stderr}`);
  }

  async function serve(...args: string[]): Promise<ServeProcess> {
    const server = new ServeProcess([site, '--bridge', 'br0', ...args], { env });
    started.push(server);
    await server.event('ready');
    return server;
  }

  function dnsmasq(range: string, ...more: string[]): Dnsmasq {
    const server = new Dnsmasq(join(folder, `leases${servers.length}`), [`--dhcp-range=${range}`, ...more]);
    servers.push(server);
    return server;
  }

  const urlOf = async (server: ServeProcess) => String((await server.event('ready')).url);
  const body = async (url: string) => (await run('curl', ['-g', '-sS', '-m', '8', url])).stdout;
  const counter = (name: string, least: number) => (event: Record<string, unknown>) =>
    Number((event.counters as Record<string, number>)[name]) >= least;

  it('has a lease, with two workers: extended by its server, then by another one, refused, and given back', async () => {
    const first = dnsmasq('192.168.50.50,192.168.50.60,2m');
    const server = await serve('-a', 'dhcp', '--hostname', 'web1', '--workers', '2');
    const url = await urlOf(server);
    expect(url).to.match(/^http:\/\/192\.168\.50\.(5\d|60)\/$/);
    expect(await body(url)).to.equal('hello');
    await server.event('status', counter('dhcp.renewed', 1));
    expect(first.log).to.match(/DHCPACK\(br0\) [\d.]+ [\da-f:]+ web1/);
    const { stdout } = await fastpath(['status'], { env });
    expect(stdout).to.match(
      /192\.168\.50\.\d+\/24 is leased from 192\.168\.50\.1 until .*T1 .*T2 .*router 192\.168\.50\.1/,
    );

    await first.end();
    await ip('addr del 192.168.50.1/24 dev br0');
    await ip('addr add 192.168.50.2/24 dev br0');
    const second = dnsmasq('192.168.50.50,192.168.50.60,2m');
    await server.event('status', counter('dhcp.rebound', 1));
    expect(await body(url)).to.equal('hello');

    await second.end();
    const third = dnsmasq('192.168.50.100,192.168.50.110,2m');
    expect((await server.event('warning', ({ message }) => /no longer/.test(String(message)))).message).to.contain(
      'a DHCP server has refused to extend its lease',
    );
    const news = await server.event('note', ({ message }) =>
      /we are 192\.168\.50\.1\d\d\/24 now/.test(String(message)),
    );
    const now = `http://${/192\.168\.50\.1\d\d/.exec(String(news.message))?.[0]}/`;
    for (let i = 0; i < 8; i++) expect(await body(now)).to.equal('hello'); // from both workers
    expect(await server.end()).to.equal(0);
    await third.says('DHCPRELEASE');
  });

  it('declines an address that another host has, and serves at the next one', async () => {
    await ip('link add veth0 type veth peer name veth1');
    await ip('link set veth0 master br0 up');
    await ip('addr add 192.168.50.70/32 dev veth1');
    await ip('link set veth1 up');
    const dhcp = dnsmasq('192.168.50.50,192.168.50.60,2m', `--dhcp-host=${MAC},192.168.50.70`);
    const server = await serve('-a', 'dhcp', '--mac', MAC);
    expect(dhcp.log).to.contain('DHCPDECLINE(br0) 192.168.50.70');
    expect(await urlOf(server)).not.to.contain('192.168.50.70');
    expect(await body(await urlOf(server))).to.equal('hello');
  });

  it('asks for the address of the last run after a crash: one request, and no DISCOVER (2131-11)', async () => {
    const dhcp = dnsmasq('192.168.50.50,192.168.50.60,2m');
    const killed = await serve('-a', 'dhcp');
    const url = await urlOf(killed);
    await killed.end('SIGKILL');
    const discovers = () => dhcp.log.split('DHCPDISCOVER').length;
    const before = discovers();
    const server = await serve('-a', 'dhcp');
    expect(await urlOf(server)).to.equal(url);
    expect(discovers()).to.equal(before);
  });

  it('makes an IPv6 address of a router prefix, which tells nothing of our Ethernet address, beside DHCP', async () => {
    dnsmasq('192.168.50.50,192.168.50.60,2m', '--enable-ra', '--dhcp-range=fd50::,ra-only,64');
    const server = await serve('-a', 'dhcp', '-a', 'auto', '--workers', '2');
    const { addresses } = (await server.event('ready')) as unknown as { addresses: string[] };
    const [leased, automatic] = addresses.map((text) => text.split('/')[0]);
    expect(leased).to.match(/^192\.168\.50\./);
    expect(automatic)
      .to.match(/^fd50:/)
      .and.not.contain('ff:fe');
    for (let i = 0; i < 8; i++) expect(await body(`http://[${automatic}]/`)).to.equal('hello');
    expect(await body(`http://${leased}/`)).to.equal('hello');
    expect(await server.end()).to.equal(0);
  });

  it('without a server says that it asks, and Ctrl-C ends that', async () => {
    const server = new ServeProcess([site, '--bridge', 'br0', '-a', 'dhcp'], { env });
    started.push(server);
    await server.event('note', ({ message }) => /asking for an address on br0/.test(String(message)));
    await server.end();
    expect((await run('ip', ['link', 'show', 'fp0'])).code).not.to.equal(0);
  });

  it('on a link of its own has nobody to ask, and says so', async () => {
    const { code, stdout, stderr } = await fastpath(['serve', '--json', site, '-a', 'dhcp'], { env });
    expect(code).to.equal(2);
    expect(stdout + stderr)
      .to.contain('needs a network with a DHCP server')
      .and.contain('--bridge br0');
  });
});

/** A DHCP server on br0. */
class Dnsmasq {
  log = '';
  readonly #child: ChildProcess;

  constructor(leaseFile: string, more: readonly string[]) {
    const usual = ['--no-daemon', '--conf-file=/dev/null', '--port=0', '--interface=br0', '--bind-interfaces'];
    const dhcp = ['--log-dhcp', '--dhcp-authoritative', '--no-ping', `--dhcp-leasefile=${leaseFile}`];
    const times = ['--dhcp-option=option:T1,4s', '--dhcp-option=option:T2,8s', '--user=root', '--pid-file='];
    this.#child = spawn('dnsmasq', [...usual, ...dhcp, ...times, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.on('data', (data: Buffer) => (this.log += data));
  }

  /** Waits for a word in its log. */
  async says(word: string): Promise<void> {
    for (let tries = 0; !this.log.includes(word); tries++) {
      if (tries === 100) throw new Error(`no ${word} in: ${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}
