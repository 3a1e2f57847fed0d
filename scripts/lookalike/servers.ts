/**
 * The two servers that are compared, each on a link of its own whose other end is ours alone:
 *
 *     fp0   fastpath serve --no-offload                    10.77.0.2
 *     lk0 ── veth ── lk1 in a network namespace of its own   10.78.0.2   Linux, with linux-server.ts or nginx on it
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseMac } from '../../src/net/wire/address.js';
import { FramePort } from '../../test/support/frame-port.js';
import { RawHost } from '../../test/support/raw-host.js';
import { run, ServeProcess } from '../../test/support/serve-process.js';
import { ANSWER_BYTES } from './scenarios.js';

const LINUX_SERVER = fileURLToPath(new URL('./linux-server.js', import.meta.url));
const OUR_MAC = '02:66:70:00:00:88';

/** A server and the raw host that faces it. */
export interface Subject {
  readonly name: 'fastpath' | 'Linux';
  readonly address: string;
  readonly host: RawHost;
}

export class TwoServers {
  private constructor(
    readonly subjects: readonly [Subject, Subject],
    readonly stop: () => Promise<void>,
  ) {}

  /** Inside a network namespace of our own only. */
  static async start(): Promise<TwoServers> {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-lookalike-'));
    chmodSync(folder, 0o755); // the server reads it as the user nobody
    const site = join(folder, 'site');
    mkdirSync(site);
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    const headBytes = 300; // more than any head has
    writeFileSync(join(site, 'page.bin'), Buffer.alloc(ANSWER_BYTES, 'x'));
    const fastpath = await ServeProcess.start([site, '--no-offload'], { env });
    const sizes = await answerSizes();
    const linux = await LinuxServer.start(sizes.map((size) => Math.min(size, ANSWER_BYTES + headBytes)));
    const subjects = [subject('fastpath', 'fp0', '10.77.0'), subject('Linux', 'lk0', '10.78.0')] as const;
    return new TwoServers([...subjects], async () => {
      await fastpath.end();
      linux.stop();
      rmSync(folder, { recursive: true, force: true });
    });
  }
}

function subject(name: Subject['name'], interfaceName: string, network: string): Subject {
  const link = new FramePort(interfaceName, parseMac(OUR_MAC));
  const host = new RawHost(link, OUR_MAC, `${network}.9`, `${network}.2`);
  host.findPeer();
  return { name, address: `${network}.2`, host };
}

/** How long fastpath's answers are, head included: the Linux server says as much. */
async function answerSizes(): Promise<number[]> {
  const sizes = ['keep-alive', 'close'].map(async (connection) => {
    const format = '%{size_header} %{size_download}';
    const header = connection === 'close' ? ['-H', 'Connection: close'] : [];
    const out = ['-s', '-o', '/dev/null', '-w', format];
    const { stdout } = await run('curl', [...out, ...header, 'http://10.77.0.2/page.bin']);
    return stdout.split(' ').reduce((total, part) => total + Number(part), 0);
  });
  return Promise.all(sizes);
}

/** Linux's TCP in a namespace of its own, with frames no longer than the MTU and checksums in them, as on a wire. */
class LinuxServer {
  private constructor(private readonly processes: readonly ChildProcess[]) {}

  static async start(sizes: readonly number[]): Promise<LinuxServer> {
    const holder = spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' });
    const own = readlinkSync('/proc/self/ns/net');
    while (readlinkSync(`/proc/${holder.pid}/ns/net`) === own) await new Promise((resolve) => setTimeout(resolve, 20));
    const inside = ['nsenter', '-t', `${holder.pid}`, '-n', '--'];
    for (const command of [
      ['ip', 'link', 'add', 'lk0', 'type', 'veth', 'peer', 'name', 'lk1', 'netns', `${holder.pid}`],
      ['ip', 'addr', 'add', '10.78.0.1/24', 'dev', 'lk0'],
      ['ip', 'link', 'set', 'lk0', 'up'],
      [...inside, 'ip', 'addr', 'add', '10.78.0.2/24', 'dev', 'lk1'],
      [...inside, 'ip', 'link', 'set', 'lk1', 'up'],
      [...inside, 'ethtool', '-K', 'lk1', 'tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off'],
    ]) {
      const { code, stderr } = await run(command[0]!, command.slice(1));
      if (code !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
    }
    // The machine's default may be one that paces (bbr).
    await run(inside[0]!, [...inside.slice(1), 'sysctl', '-qw', 'net.ipv4.tcp_congestion_control=reno']);
    const [program, ...rest] = [...inside, process.execPath, LINUX_SERVER, ...sizes.map(String)];
    const server = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(createInterface({ input: server.stdout }), 'line');
    return new LinuxServer([server, holder]);
  }

  stop(): void {
    for (const child of this.processes) child.kill('SIGKILL');
  }
}
