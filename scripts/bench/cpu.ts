/**
 * CPU time, read from /proc: of a server with all its processes and threads, of the finished client, of whole cores.
 *
 * A process's total comes from `task/TID/schedstat`, exact to the nanosecond, because one short round at 100 B is only
 * some hundred clock ticks long. How it divides into user and system is known only by ticks (`/proc/PID/stat`).
 */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ: fixed by the kernel's ABI on every architecture Node runs on
const TICK_US = 1_000_000 / TICKS_PER_SECOND;

/** CPU time used so far, microseconds. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/** The fields of /proc/PID/stat after the command's name, which may itself contain spaces and parentheses. */
export function statFields(text: string): string[] {
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended meanwhile
  }
}

/** `root` and all its descendants. */
export function processTree(root: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(readOrEmpty(`/proc/${name}/stat`))[1]);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

/** Nanoseconds on a CPU of all living threads of a process. */
function runNanoseconds(pid: number): number {
  let sum = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      sum += Number(readOrEmpty(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0);
    }
  } catch {
    // ended
  }
  return sum;
}

/** What a process and its descendants have used. */
export class ProcessUsage {
  readonly #ticks: CpuTime;
  readonly #nanoseconds: number;

  constructor(root: number) {
    let user = 0;
    let system = 0;
    let nanoseconds = 0;
    for (const pid of processTree(root)) {
      const fields = statFields(readOrEmpty(`/proc/${pid}/stat`));
      if (fields.length < 15) continue;
      user += Number(fields[11]);
      system += Number(fields[12]);
      nanoseconds += runNanoseconds(pid);
    }
    this.#ticks = { user, system };
    this.#nanoseconds = nanoseconds;
  }

  /** The time used since an earlier reading. */
  since(earlier: ProcessUsage): CpuTime {
    const user = this.#ticks.user - earlier.#ticks.user;
    const system = this.#ticks.system - earlier.#ticks.system;
    const exact = (this.#nanoseconds - earlier.#nanoseconds) / 1000;
    const total = exact > 0 ? exact : (user + system) * TICK_US;
    const userShare = user + system === 0 ? 0 : user / (user + system);
    return { user: total * userShare, system: total * (1 - userShare) };
  }
}

/** CPU time of the children that have ended and that we waited for (cutime and cstime), microseconds. */
export function endedChildrenUs(): number {
  const fields = statFields(readFileSync('/proc/self/stat', 'latin1'));
  return (Number(fields[13]) + Number(fields[14])) * TICK_US;
}

/** Microseconds that these CPUs have been idle (or taken away by the hypervisor), from the text of /proc/stat. */
export function idleUs(procStat: string, cpus: readonly number[]): number {
  let ticks = 0;
  for (const line of procStat.split('\n')) {
    const fields = line.split(/ +/);
    if (!cpus.some((cpu) => fields[0] === `cpu${cpu}`)) continue;
    const [, , , , idle, ioWait, , , steal] = fields.map(Number);
    ticks += idle! + ioWait! + (steal ?? 0);
  }
  return ticks * TICK_US;
}

/** How much of some CPUs was used by anybody between two moments. */
export class CoreUsage {
  readonly #idle: number;
  readonly #at = performance.now();

  constructor(readonly cpus: readonly number[]) {
    this.#idle = idleUs(readFileSync('/proc/stat', 'latin1'), cpus);
  }

  /** Busy microseconds since an earlier reading. */
  since(earlier: CoreUsage): number {
    const elapsed = (this.#at - earlier.#at) * 1000;
    return Math.max(0, elapsed * this.cpus.length - (this.#idle - earlier.#idle));
  }
}

/** Resident memory of a process and its descendants, bytes. */
export function residentBytes(root: number): number {
  let kilobytes = 0;
  for (const pid of processTree(root)) {
    kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? 0);
  }
  return kilobytes * 1024;
}

/** The CPUs this process may use, from the text of /proc/self/status: "0-1,4" is 0, 1 and 4. */
export function allowedCpus(status: string): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(status)?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i);
  });
}
