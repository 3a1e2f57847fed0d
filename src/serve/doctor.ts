/**
 * Checks everything that serving needs, and leaves the machine as it was. Each check says what it saw and, if
 * something is wrong, how to correct it. `fastpath doctor` prints them.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { release } from 'node:os';
import type { IpNetwork } from '../net/wire/address.js';
import type { NetworkWish } from './network/network-plan.js';
import { anotherName, DEFAULT_INTERFACE, planNetwork } from './network/plan.js';
import { ServeError } from './serve-error.js';

/** `warning`: serving works, but not as well as it could. */
export type CheckResult = 'ok' | 'warning' | 'failed';

export interface Check {
  readonly name: string;
  readonly result: CheckResult;
  /** What was seen. */
  readonly detail: string;
  /** What to do, when it is not ok. */
  readonly fix?: string;
}

/** The result of a check; a plain text means that it passed. */
type Finding = string | { readonly result: 'warning' | 'failed'; readonly detail: string; readonly fix: string };

const TUN = '/dev/net/tun';
/** The oldest Node that package.json allows. */
const OLDEST_NODE = [20, 19] as const;

/** Runs all checks. If a check fails, those that depend on it are left out. */
export async function diagnose(wish: NetworkWish): Promise<Check[]> {
  const checks: Check[] = [];
  const add = (name: string, finding: Finding) => {
    checks.push(typeof finding === 'string' ? { name, result: 'ok', detail: finding } : { name, ...finding });
    return typeof finding === 'string' || finding.result !== 'failed';
  };
  const name = wish.interfaceName ?? DEFAULT_INTERFACE;
  add('Node version', checkNode());
  const hasKoffi = add('native calls', await checkKoffi());
  const hasTun = add('tun device', checkTun());
  if (!hasKoffi) return checks;
  add('addresses', await checkAddress(wish));
  if (!hasTun || !add('interface name', await checkName(name))) return checks;
  if (add('privilege', await checkPrivilege(name))) add('offload', await checkOffload());
  add('frames', await checkFrames());
  return checks;
}

/** What `--frames auto` would choose. Both ways work, so this is never a failure. */
async function checkFrames(): Promise<Finding> {
  const { chooseFrames } = await import('./worker/frames.js');
  const { text, ringMissing } = chooseFrames('auto');
  if (ringMissing === undefined) return `frames move by ${text}`;
  return {
    result: 'warning',
    detail: `frames move by ${text}`,
    fix: 'System calls are slow here, and io_uring would save a fifth of the CPU time for small files.',
  };
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantMajor, wantMinor] = OLDEST_NODE;
  if (process.platform !== 'linux') {
    return {
      result: 'failed',
      detail: `this is ${process.platform}`,
      fix: 'TAP interfaces of this kind are Linux only.',
    };
  }
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return `Node ${process.version}`;
  return {
    result: 'failed',
    detail: `Node ${process.version} is too old`,
    fix: `Install Node ${wantMajor}.${wantMinor} or later.`,
  };
}

async function checkKoffi(): Promise<Finding> {
  try {
    await import('../net/device/libc.js');
    return `koffi calls the C library on ${process.arch}`;
  } catch (error) {
    return {
      result: 'failed',
      detail: `koffi does not load: ${(error as Error).message.split('\n')[0]}`,
      fix: 'Run "npm ci" again on this machine: the package has a binary part for each kind of processor and C library.',
    };
  }
}

function checkTun(): Finding {
  if (!existsSync(TUN)) {
    return {
      result: 'failed',
      detail: `there is no ${TUN}`,
      fix: 'sudo modprobe tun; in a container: --device /dev/net/tun --cap-add NET_ADMIN',
    };
  }
  try {
    accessSync(TUN, constants.R_OK | constants.W_OK);
    return `${TUN} can be opened`;
  } catch {
    return { result: 'failed', detail: `${TUN} is closed to this user`, fix: `Use sudo, or: sudo chmod 666 ${TUN}` };
  }
}

async function checkAddress(wish: NetworkWish): Promise<Finding> {
  const { readHostView } = await import('./network/host-view.js');
  const list = (networks: readonly IpNetwork[]) => networks.join(', ');
  try {
    const plan = planNetwork(wish, readHostView());
    if (plan.dynamic !== undefined) return `${plan.hostInterface} would be asked for an address at the start`;
    const detail = `${list(plan.addresses)} is free; this machine would be ${list(plan.host)}`;
    const [note] = plan.notes;
    if (note === undefined) return detail;
    return { result: 'warning', detail: `${note} ${detail}`, fix: 'Nothing: it was chosen for you.' };
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    return { result: 'failed', detail: error.message, fix: error.advice };
  }
}

async function checkName(name: string): Promise<Finding> {
  const { HostInterface } = await import('../net/device/host-interface.js');
  const host = new HostInterface(name);
  const kind = host.kind;
  if (kind === undefined) return `${name} is free`;
  if (kind !== 'tap') {
    return {
      result: 'failed',
      detail: `${name} is an interface of another kind`,
      fix: 'Choose another: --interface fp1',
    };
  }
  const [user] = host.users();
  if (user === undefined) return `${name} is a TAP that nobody uses`;
  const detail = `${name} is in use by process ${user.pid} (${user.command})`;
  return { result: 'failed', detail, fix: `Stop it, or choose another: --interface ${anotherName(name)}` };
}

/** Opens the queue as `serve` would, and closes it again: an interface that this makes vanishes at once. */
async function checkPrivilege(name: string): Promise<Finding> {
  const { openQueues } = await import('./network/setup.js');
  const { TapDevice } = await import('../net/device/tap.js');
  try {
    for (const handle of openQueues(name, { count: 1, offload: true })) TapDevice.adopt(handle).close();
    return process.getuid?.() === 0 ? 'this is root' : `this user may open ${name}`;
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    return { result: 'failed', detail: error.message, fix: error.advice };
  }
}

/** Which super-segments the kernel takes follows from its version; that it takes any was seen by the check before. */
async function checkOffload(): Promise<Finding> {
  const { BIG_SUPER_SEGMENT_BYTES, SUPER_SEGMENT_BYTES } = await import('../net/device/tap-open.js');
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const big = major > 6 || (major === 6 && minor >= 3);
  if (big) return `Linux ${release()} takes super-segments of up to ${BIG_SUPER_SEGMENT_BYTES} bytes`;
  return {
    result: 'warning',
    detail: `Linux ${release()} takes super-segments of up to ${SUPER_SEGMENT_BYTES} bytes`,
    fix: 'Linux 6.3 and later take larger ones, which saves a quarter of the work for large files.',
  };
}
