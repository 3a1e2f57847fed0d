/** A bridge with a DHCP server on it, and `fastpath serve` that asks there for its address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CURL, needs, readableFolder, run, ServeProcess } from './serve-process.js';

export async function ip(words: string): Promise<void> {
  const { code, stderr } = await run('ip', words.split(' '));
  if (code !== 0) throw new Error(`ip ${words}: ${stderr}`);
}

/** What curl gets there. */
export const body = async (url: string) => (await run('curl', [...CURL, '-g', url])).stdout;

export const urlOf = async (server: ServeProcess) => String((await server.event('ready')).url);

/** For each test a bridge br0 of its own, with this machine at 192.168.50.1 and fd50::1. */
export class DhcpGround {
  readonly folder = readableFolder('fastpath-dhcp-');
  readonly site = join(this.folder, 'site');
  readonly capture = join(this.folder, 'capture.pcapng');
  readonly env = { ...process.env, FASTPATH_RUNTIME_DIR: join(this.folder, 'run') };
  readonly #started: ServeProcess[] = [];
  readonly #servers: Dnsmasq[] = [];

  /** Sets the hooks of the suite. */
  constructor() {
    const { folder, site } = this;
    before(function () {
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
    afterEach(() => this.#clear());
    after(() => rmSync(folder, { recursive: true, force: true }));
  }

  begin(...args: string[]): ServeProcess {
    const server = new ServeProcess([this.site, '--bridge', 'br0', ...args], { env: this.env });
    this.#started.push(server);
    return server;
  }

  async serve(...args: string[]): Promise<ServeProcess> {
    const server = this.begin(...args);
    await server.event('ready');
    return server;
  }

  dnsmasq(range: string, ...more: string[]): Dnsmasq {
    const leases = join(this.folder, `leases${this.#servers.length}`);
    const server = new Dnsmasq(leases, [`--dhcp-range=${range}`, ...more]);
    this.#servers.push(server);
    return server;
  }

  async #clear(): Promise<void> {
    for (const server of this.#started.splice(0)) if (server.child.exitCode === null) await server.end('SIGKILL');
    for (const server of this.#servers.splice(0)) await server.end();
    for (const name of ['fp0', 'veth0', 'br0']) await run('ip', ['link', 'del', name]);
    rmSync(join(this.folder, 'run'), { recursive: true, force: true });
  }
}

/** A DHCP server on br0. */
export class Dnsmasq {
  log = '';
  readonly #child: ChildProcess;

  constructor(leaseFile: string, more: readonly string[]) {
    const usual = ['--no-daemon', '--conf-file=/dev/null', '--port=0', '--interface=br0', '--bind-interfaces'];
    const dhcp = ['--log-dhcp', '--dhcp-authoritative', '--no-ping', `--dhcp-leasefile=${leaseFile}`];
    const times = ['--dhcp-option=option:T1,2s', '--dhcp-option=option:T2,6s', '--user=root', '--pid-file='];
    this.#child = spawn('dnsmasq', [...usual, ...dhcp, ...times, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.on('data', (data: Buffer) => (this.log += data));
  }

  /** Waits for a word in its log. */
  async says(word: string): Promise<void> {
    for (const end = performance.now() + 30_000; !this.log.includes(word); ) {
      if (performance.now() > end) throw new Error(`no ${word} in: ${this.log}`);
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
