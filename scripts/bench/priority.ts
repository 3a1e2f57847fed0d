/**
 * The benchmark's priority over other programs of the machine: as high as it may be, and told as it is.
 *
 * `nice` counts only among the processes of one scheduling group. Where `sched_autogroup_enabled` is 1, each session
 * is a group (sched(7), "The autogroup feature"), so the value that counts against other sessions is the group's own,
 * in /proc/self/autogroup. So the benchmark runs in a session of its own (sandbox.ts) and sets both. Servers and load
 * generators inherit them, so all that is compared has the same priority.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const WANTED = -15;
const ENABLED = '/proc/sys/kernel/sched_autogroup_enabled';
const OWN_GROUP = '/proc/self/autogroup';

/** The part of the machine that this file touches. A test passes its own. */
export interface PrioritySources {
  read(path: string): string;
  write(path: string, text: string): void;
  setNice(value: number): void;
  nice(): number;
}

const MACHINE: PrioritySources = {
  read: (path) => readFileSync(path, 'latin1'),
  write: (path, text) => writeFileSync(path, text),
  setNice: (value) => setPriority(value),
  nice: () => getPriority(),
};

/** Raises the priority, and returns what has come of it, for people: what was read back, not what was asked for. */
export function raisePriority(machine: PrioritySources = MACHINE): string {
  attempt(() => machine.setNice(WANTED));
  const nice = machine.nice();
  if (attempt(() => machine.read(ENABLED))?.trim() !== '1') return `nice ${nice}`;
  attempt(() => machine.write(OWN_GROUP, `${WANTED}`));
  const group = /nice (-?\d+)/.exec(attempt(() => machine.read(OWN_GROUP)) ?? '')?.[1];
  if (group === undefined) return `nice ${nice} within a session of unknown priority`;
  if (Number(group) < 0) return `session at nice ${group}`;
  return `session at nice ${group}: as any other's (autogroup; root may raise it)`;
}

/** Undefined if the machine refuses. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
