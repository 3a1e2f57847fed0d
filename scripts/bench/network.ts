/**
 * The network of the benchmark. The client's namespace is the sandbox's own; fastpath and other user-space stacks put
 * their TAP there. The servers that use the kernel's TCP get a namespace of their own and veth pairs to it:
 *
 *     client namespace                        server namespace
 *       fpb0 10.200.0.1 ── veth ───────────── 10.200.0.2   as it comes: TSO, 64 KiB super-segments
 *       fpb1 10.200.1.1 ── veth, no TSO ───── 10.200.1.2   1,460 B frames
 *       fpb2 10.200.2.1 ── veth, BIG TCP ──── 10.200.2.2   super-segments of up to 256 KiB (Linux 6.3 and later)
 *       TAP of a user-space server
 */
import { writeFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Placement, run, Service, waitUntil } from './processes.js';

export type Link = 'plain' | 'noTso' | 'big';

const NETWORK_OF: Record<Link, string> = { plain: '10.200.0', noTso: '10.200.1', big: '10.200.2' };
const BIG_TCP_BYTES = 262_144;

export class Network {
  private constructor(
    private readonly holder: Service,
    /** What both kernels' TCP uses: reno where it may be chosen, else cubic. Never the machine's default unasked. */
    readonly congestionControl: string,
    /** Whether this kernel took super-segments beyond 64 KiB on a veth. */
    readonly bigTcp: boolean,
  ) {}

  /** Makes the server's namespace and the links. */
  static async create(): Promise<Network> {
    const holder = new Service(['unshare', '--net', 'sleep', 'infinity'], {});
    const own = await readlink('/proc/self/ns/net');
    await waitUntil('the server namespace', async () => {
      if (holder.failure) throw new Error(holder.failure);
      return (await readlink(`/proc/${holder.pid}/ns/net`).catch(() => own)) !== own;
    });
    await makeLink('plain', holder.pid);
    await makeLink('noTso', holder.pid);
    await makeLink('big', holder.pid);
    await cutSegments(holder.pid);
    const bigTcp = await allowBigTcp(holder.pid);
    widenLimits();
    await run(['sysctl', '-qw', 'net.core.somaxconn=65535'], { networkOf: holder.pid });
    return new Network(holder, await chooseCongestionControl(holder.pid), bigTcp);
  }

  /** A process of the server's namespace, for `Placement.networkOf`. */
  get serverPid(): number {
    return this.holder.pid;
  }

  /** The kernel servers' address on a link. */
  address(link: Link): string {
    return `${NETWORK_OF[link]}.2`;
  }

  close(): Promise<void> {
    return this.holder.stop();
  }
}

function linkName(link: Link): string {
  return `fpb${NETWORK_OF[link].at(-1)}`;
}

async function makeLink(link: Link, server: number): Promise<void> {
  const name = linkName(link);
  const inServer = { networkOf: server };
  await run(['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', `${server}`]);
  await run(['ip', 'address', 'add', `${NETWORK_OF[link]}.1/24`, 'dev', name]);
  await run(['ip', 'address', 'add', `${NETWORK_OF[link]}.2/24`, 'dev', name], inServer);
  await run(['ip', 'link', 'set', name, 'up']);
  await run(['ip', 'link', 'set', name, 'up'], inServer);
}

/** Both ends of the second link send frames no longer than the MTU. */
async function cutSegments(server: number): Promise<void> {
  const argv = ['ethtool', '-K', linkName('noTso'), 'tso', 'off', 'gso', 'off', 'gro', 'off'];
  await run(argv);
  await run(argv, { networkOf: server });
}

async function allowBigTcp(server: number): Promise<boolean> {
  const program = fileURLToPath(new URL('./big-tcp-program.js', import.meta.url));
  const argv = [process.execPath, program, linkName('big'), `${BIG_TCP_BYTES}`];
  try {
    await run(argv);
    await run(argv, { networkOf: server });
    return true;
  } catch {
    return false; // an older kernel
  }
}

/** More client ports than the default range has, for the connection-a-request workload. */
function widenLimits(): void {
  writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', '1024 65535');
}

/**
 * A machine whose default is bbr paces its answers: nginx is then up to 2.8 times slower, and the comparison flatters
 * us. The client's own kernel must not pace the requests either, so both namespaces get the same.
 */
async function chooseCongestionControl(server: number): Promise<string> {
  for (const name of ['reno', 'cubic']) {
    const here = await setCongestionControl(name, {});
    const there = await setCongestionControl(name, { networkOf: server });
    if (here && there) return name;
  }
  throw new Error('the namespaces take neither reno nor cubic as their congestion control');
}

async function setCongestionControl(name: string, place: Placement): Promise<boolean> {
  const key = 'net.ipv4.tcp_congestion_control';
  await run(['sysctl', '-qw', `${key}=${name}`], place).catch(() => {});
  return (await run(['sysctl', '-n', key], place)).trim() === name;
}
