/**
 * The process gives its privileges away when the interface is set up: after that it parses bytes from strangers.
 *
 * Root becomes that user for good: supplementary groups, group, user (setgroups(2), setgid(2), setuid(2); the C
 * library applies each to all threads of the process), which takes every capability away too (capabilities(7),
 * "Effect of user ID changes on capabilities"). With `no_new_privs`, a program that the process starts gains no
 * privileges by its set-user-ID bit.
 *
 * The keeper, another process, does the work at the end that needs privileges: keeper.ts.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { addressOf, check, sys } from '../../net/device/libc.js';
import { ServeError } from '../serve-error.js';

/** Linux: include/uapi/linux/prctl.h. */
const PR_SET_NO_NEW_PRIVS = 38;
/** Linux: include/uapi/linux/seccomp.h; the call's number on the processors that we run on. */
const SECCOMP_NUMBER: Readonly<Record<string, number>> = { x64: 317, arm64: 277 };
const SECCOMP_SET_MODE_FILTER = 1;
const FOR_ALL_THREADS = 1;
/** Without this flag older kernels slow the process down against Spectre. */
const SPECULATION_AS_BEFORE = 4;
const SECCOMP_RET_ALLOW = 0x7fff_0000;
/** BPF_RET of the constant. */
const BPF_RETURN = 0x06;
/** The user `nobody`, by number if no file has the name. */
const NOBODY: ServeUser = { name: 'nobody', uid: 65_534, gid: 65_534 };

/**
 * The user that the process becomes.
 *
 * @example
 * ```ts
 * import type { FolderServer } from 'fastpath';
 *
 * export const runsAs = (server: FolderServer) => server.user?.name ?? 'the user that started it';
 * ```
 */
export interface ServeUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The facts that the choice depends on. A test passes its own. */
export interface UserSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** The user of this name or number. @throws if there is none */
  lookUp(name: string): ServeUser;
  /** This root may become that user: a user namespace may not know the number. */
  canBecome(user: ServeUser): boolean;
}

/**
 * The user to become after the set-up: the one that was asked for, else the one who called sudo, else `nobody`.
 * Undefined: no change, because this is an ordinary user or the only one there is, or because root was asked for.
 * @throws {ServeError} `bad-option`, `no-privilege`
 */
export function chooseUser(wish: string | undefined, sources: UserSources = SYSTEM): ServeUser | undefined {
  const { uid } = sources;
  const user = wish === undefined ? defaultUser(sources) : lookUp(wish, sources);
  if (user.uid === uid) return undefined;
  if (uid === 0 && sources.canBecome(user)) return user;
  if (wish === undefined) return undefined;
  const reason = uid === 0 ? 'the user namespace of this process does not know that number' : 'only root may';
  throw new ServeError(
    'no-privilege',
    `this process cannot become ${user.name} (${user.uid}): ${reason}`,
    'Leave --user away.',
  );
}

/** sudo says who called it: sudo(8), "ENVIRONMENT". */
function defaultUser({ env, lookUp }: UserSources): ServeUser {
  const { SUDO_USER: name, SUDO_UID, SUDO_GID } = env;
  const [uid, gid] = [Number(SUDO_UID), Number(SUDO_GID)];
  if (name !== undefined && uid > 0 && gid >= 0) return { name, uid, gid };
  try {
    return lookUp(NOBODY.name);
  } catch {
    return NOBODY;
  }
}

function lookUp(wish: string, sources: UserSources): ServeUser {
  try {
    return sources.lookUp(wish);
  } catch {
    throw new ServeError(
      'bad-option',
      `there is no user ${wish}`,
      'Name a user of this machine, or a number: --user nobody',
    );
  }
}

/** The machine's own answers. id(1) asks every source of names that the machine has, not only /etc/passwd. */
const SYSTEM: UserSources = {
  env: process.env,
  uid: process.geteuid?.() ?? 0,
  lookUp(name) {
    if (/^\d+$/.test(name)) return userOfNumber(Number(name));
    return { name, ...numbersOf(name) };
  },
  canBecome: ({ uid, gid }) => isMapped('uid_map', uid) && isMapped('gid_map', gid),
};

function userOfNumber(uid: number): ServeUser {
  try {
    return { name: String(uid), uid, gid: numbersOf(String(uid)).gid };
  } catch {
    return { name: String(uid), uid, gid: uid }; // a number without a name is a user too
  }
}

/** What id(1) says of a user. @throws if it knows none */
function numbersOf(user: string): { uid: number; gid: number } {
  const text = execFileSync('id', ['--', user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [, uid, gid] = /^uid=(\d+).* gid=(\d+)/.exec(text) ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`id ${user} says ${text}`);
  return { uid: Number(uid), gid: Number(gid) };
}

/** Lines of "first inside, first outside, how many": user_namespaces(7). */
function isMapped(file: 'uid_map' | 'gid_map', id: number): boolean {
  const lines = readFileSync(`/proc/self/${file}`, 'utf8').trim().split('\n');
  return lines.some((line) => {
    const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return id >= inside && id < inside + count;
  });
}

/**
 * Does something with the file permissions of `user`, groups among them, and is root again after it. `fs.access` goes
 * by the real user and sees root all the same: ask `mayAccess`.
 */
export function actingAs<Result>(user: ServeUser, action: () => Result): Result {
  const [uid = 0, gid = 0, groups = []] = [process.geteuid?.(), process.getegid?.(), process.getgroups?.()];
  const changesGroups = uid === 0 && user.uid !== 0;
  try {
    if (changesGroups) takeGroups(user);
    process.setegid?.(user.gid);
    process.seteuid?.(user.uid);
    return action();
  } finally {
    process.seteuid?.(uid);
    process.setegid?.(gid);
    if (changesGroups) process.setgroups?.(groups);
  }
}

/** The name (or number) of the user that this process becomes. */
export function userName(user: ServeUser | undefined): string {
  if (user !== undefined) return user.name;
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

/**
 * No program that any thread of this process starts will have more privileges than it has (prctl(2),
 * PR_SET_NO_NEW_PRIVS). That call is for one thread, and those of V8 are there already. A seccomp filter that allows
 * everything carries the bit to all threads when it is installed for all (seccomp(2), SECCOMP_FILTER_FLAG_TSYNC). It
 * costs a system call nothing that could be measured (write(2): 1.4 µs before and after, Linux 6.18).
 */
export function forbidNewPrivileges(): void {
  check(sys.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'prctl');
  const seccomp = SECCOMP_NUMBER[process.arch];
  if (seccomp === undefined) return;
  const program = new DataView(new ArrayBuffer(8)); // struct sock_filter: 16-bit code, two jumps, 32-bit constant
  program.setUint16(0, BPF_RETURN, true);
  program.setUint32(4, SECCOMP_RET_ALLOW, true);
  const header = new BigUint64Array([1n, BigInt(addressOf(program))]); // struct sock_fprog: length, address
  // An old kernel refuses this. Then the bit holds for this thread and the threads that it makes, which are the
  // workers.
  sys.syscall(seccomp, SECCOMP_SET_MODE_FILTER, FOR_ALL_THREADS | SPECULATION_AS_BEFORE, addressOf(header));
}

/**
 * Becomes `user`, with all threads of this process.
 * @throws {ServeError} `no-privilege` if the kernel refuses, or if any thread kept something
 */
export function dropPrivileges(user: ServeUser): void {
  try {
    takeGroups(user);
    process.setgid?.(user.gid);
    process.setuid?.(user.uid);
  } catch (cause) {
    throw new ServeError(
      'no-privilege',
      `this process may not become ${user.name} (${user.uid}): ${(cause as Error).message}`,
      'Allow it (CAP_SETUID, CAP_SETGID), or stay root knowingly: --user root',
      { cause },
    );
  }
  verify(user);
}

/** @types/node does not know initgroups(3). */
interface GroupCalls {
  initgroups?(user: string, extraGroup: number): void;
}

/** All groups of a user who has a name; for a user without one, only the first group. */
function takeGroups({ name, gid }: ServeUser): void {
  if (!/^\d+$/.test(name)) {
    try {
      (process as GroupCalls).initgroups?.(name, gid);
      return;
    } catch {
      // no such name in the files: only its number counts
    }
  }
  process.setgroups?.([gid]);
}

/** Looks at every thread: proc_pid_status(5). */
function verify({ name, uid, gid }: ServeUser): void {
  for (const thread of readdirSync('/proc/self/task')) {
    const status = readFileSync(`/proc/self/task/${thread}/status`, 'utf8');
    const ids = (key: string) =>
      new RegExp(`^${key}:(.*)$`, 'm').exec(status)?.[1]?.trim().split(/\s+/).map(Number) ?? [];
    const isUser = ids('Uid').every((id) => id === uid) && ids('Gid').every((id) => id === gid);
    const hasNone = /^CapPrm:\t0+$/m.test(status) && /^CapEff:\t0+$/m.test(status);
    if (isUser && hasNone) continue;
    throw new ServeError(
      'no-privilege',
      `thread ${thread} kept privileges after becoming ${name}`,
      'Please report it.',
    );
  }
}
