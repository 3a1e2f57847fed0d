/**
 * The register of running servers: one small file for each, in a folder that does not survive a reboot (/run). It has
 * three purposes.
 *
 * - **One at a time.** The file is created exclusively, so if two servers start at once, only one goes on, and the
 *   other can name the first.
 * - **After a crash.** A TAP interface that we made vanishes with the process, however it ends: the kernel takes it
 *   away with its last descriptor, addresses and all. What we changed on an interface that was there before (a
 *   persistent TAP) stays, so it is written down *before* it is done, and the next start takes it back.
 * - **`fastpath status`** reads the folder, and asks each server through the socket beside the file.
 *
 * The name of the file contains the number of the network namespace, since two namespaces may each have an fp0.
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anotherName } from '../network/plan.js';
import { ServeError } from '../serve-error.js';
import { isAlive, type ProcessId, processStart } from './process-id.js';

/** The changes to take back on an interface that outlives us. */
export interface Undo {
  /** Addresses (with prefix lengths) that we gave to the host's end. */
  readonly addresses: readonly string[];
  /** We set the interface up; it was down before. */
  readonly wasDown: boolean;
  /** We made the interface a port of a bridge. */
  readonly joinedBridge?: boolean;
}

export interface RuntimeState extends ProcessId {
  /** `pid` is a number in this namespace. In another one it says nothing about whether the process lives. */
  readonly pidNamespace: string;
  readonly networkNamespace: string;
  readonly interfaceName: string;
  readonly url: string;
  readonly folder: string;
  /** ISO 8601. */
  readonly since: string;
  /** The changes to undo. Absent: there is nothing to undo when we are gone. */
  readonly undo?: Undo;
  /** The process that undoes them and removes this file, also after a crash. Absent: the server itself does that. */
  readonly keeper?: ProcessId;
}

const RUN = '/run';
const ROOT_FOLDER = join(RUN, 'fastpath');
/** Where ip-netns(8) keeps the namespaces that have names. */
const NAMED_NAMESPACES = '/run/netns';

/**
 * The folder of the state files: /run/fastpath for root, else the user's own runtime folder. Who made a user namespace
 * is root in it, but /run is somebody else's all the same, and so is the number 0 outside: user_namespaces(7).
 */
export function runtimeFolder(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? 0): string {
  if (env.FASTPATH_RUNTIME_DIR !== undefined) return env.FASTPATH_RUNTIME_DIR;
  if (uid === 0 && ownerOf(RUN) === 0) return ROOT_FOLDER;
  if (env.XDG_RUNTIME_DIR !== undefined) return join(env.XDG_RUNTIME_DIR, 'fastpath');
  return join(tmpdir(), `fastpath-${outsideNumber(uid, readFileSync('/proc/self/uid_map', 'utf8'))}`);
}

/** The number that a user has outside of the user namespace with this uid_map: lines of "inside, outside, count". */
export function outsideNumber(uid: number, map: string): number {
  for (const line of map.trim().split('\n')) {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    if (uid >= inside && uid < inside + count) return outside + uid - inside;
  }
  return uid;
}

/**
 * All folders in which this user may look for states: the user's own and root's. For root, those of all users. A
 * folder of a user must belong to that user: anybody may make one in the system's temporary folder.
 */
export function runtimeFolders(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? 0): string[] {
  const own = runtimeFolder(env, uid);
  if (env.FASTPATH_RUNTIME_DIR !== undefined) return [own];
  const others =
    uid === 0 ? [...foldersIn('/run/user', /^(\d+)$/, 'fastpath'), ...foldersIn(tmpdir(), /^fastpath-(\d+)$/)] : [];
  return [...new Set([ROOT_FOLDER, own, ...serviceFolders(), ...others])];
}

/** /run/fastpath-NAME, as the systemd unit of NAME makes it. Only root can make a folder in /run, so it is no trap. */
function serviceFolders(): string[] {
  return namesIn(RUN)
    .filter((name) => name.startsWith('fastpath-'))
    .map((name) => join(RUN, name));
}

/** The folders in `parent` with a name that has a user's number in it, and belong to that user. */
function foldersIn(parent: string, pattern: RegExp, below = ''): string[] {
  return namesIn(parent).flatMap((name) => {
    const uid = pattern.exec(name)?.[1];
    const folder = join(parent, name, below);
    return uid !== undefined && ownerOf(folder) === Number(uid) ? [folder] : [];
  });
}

/** The owner of a folder; undefined for anything else, a link too. */
function ownerOf(folder: string): number | undefined {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() ? stats.uid : undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The name of a network namespace as `ip netns` shows it; undefined: it has none. */
export function namespaceName(networkNamespace: string): string | undefined {
  return namesIn(NAMED_NAMESPACES).find(
    (name) => String(statSync(join(NAMED_NAMESPACES, name), { throwIfNoEntry: false })?.ino) === networkNamespace,
  );
}

/** This process's part of a state: pid, start and namespaces. */
export function describeProcess(): Pick<RuntimeState, 'pid' | 'processStart' | 'pidNamespace' | 'networkNamespace'> {
  return {
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    pidNamespace: namespaceOf('pid'),
    networkNamespace: namespaceOf('net'),
  };
}

function namespaceOf(kind: 'pid' | 'net'): string {
  return /\d+/.exec(readlinkSync(`/proc/self/ns/${kind}`))?.[0] ?? '0';
}

/** The state files of one folder. */
export class RuntimeStates {
  constructor(readonly folder = runtimeFolder()) {}

  /** Where the state of this server lies; its socket has the same name with `.sock`. */
  pathOf(state: Pick<RuntimeState, 'networkNamespace' | 'interfaceName'>, extension = 'json'): string {
    return join(this.folder, `${state.networkNamespace}-${encodeURIComponent(state.interfaceName)}.${extension}`);
  }

  /**
   * Takes the interface's name for this process. What a dead server left is handed to `takeBack` first.
   * @throws {ServeError} `interface-taken` if a living one has it; `failure` if the folder cannot be written.
   */
  claim(state: RuntimeState, takeBack: (left: RuntimeState) => void): void {
    this.#makeFolder();
    this.#sweep(state);
    for (let attempt = 0; attempt < 3; attempt++) {
      if (this.#create(state)) return;
      const other = this.#read(this.pathOf(state));
      if (other !== undefined && isAlive(other)) throw takenBy(other);
      if (other?.keeper !== undefined) waitForEnd(other.keeper);
      const left = this.#read(this.pathOf(state));
      if (left !== undefined) takeBack(left);
      this.#remove(state);
    }
    throw new ServeError('interface-taken', `another fastpath is starting on ${state.interfaceName}`, 'Try again.');
  }

  /** The number of the process that has this name, dead or alive; undefined: it was given back. */
  holder(state: RuntimeState): number | undefined {
    return this.#read(this.pathOf(state))?.pid;
  }

  /** Replaces this process's state, in one step. */
  update(state: RuntimeState): void {
    const path = this.pathOf(state);
    writeFileSync(`${path}.new`, serialize(state), { mode: 0o644 });
    renameSync(`${path}.new`, path);
  }

  /** Gives the name back, unless another process has taken it over meanwhile. */
  release(state: RuntimeState): void {
    const there = this.#read(this.pathOf(state));
    if (there === undefined || (there.pid === state.pid && there.processStart === state.processStart)) {
      this.#remove(state);
      this.#forgetLease(state);
    }
  }

  /** A lease that was given back leaves an empty file. One that a crash has left is for the next start. */
  #forgetLease(state: RuntimeState): void {
    const path = this.pathOf(state, 'lease');
    if (statSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path, { force: true });
  }

  #remove(state: Pick<RuntimeState, 'networkNamespace' | 'interfaceName'>): void {
    rmSync(this.pathOf(state), { force: true });
    rmSync(this.pathOf(state, 'sock'), { force: true });
    rmSync(this.pathOf(state, 'log'), { force: true });
  }

  /** Every state in the folder, of dead servers too. */
  list(): RuntimeState[] {
    return namesIn(this.folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => this.#read(join(this.folder, name)))
      .filter((state) => state !== undefined);
  }

  /**
   * Removes files of dead servers with other names or in other network namespaces, if they have left nothing to undo:
   * their interfaces vanished with them. The namespace may be gone too, and then no start would ever claim the name.
   * Servers of another PID namespace are left alone: each of them looks dead from here.
   */
  #sweep(own: RuntimeState): void {
    for (const other of this.list()) {
      const isOther = this.pathOf(other) !== this.pathOf(own);
      const isForgotten = other.undo === undefined && other.pidNamespace === own.pidNamespace && !isAlive(other);
      if (isOther && isForgotten) this.release(other);
    }
  }

  #makeFolder(): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o755 });
      const owner = ownerOf(this.folder);
      if (owner !== process.geteuid?.())
        throw new Error(owner === undefined ? 'it is no folder' : `it belongs to user ${owner}`);
    } catch (cause) {
      throw new ServeError(
        'failure',
        `cannot use the folder ${this.folder}: ${(cause as Error).message}`,
        'Name another one in the environment variable FASTPATH_RUNTIME_DIR.',
        { cause },
      );
    }
  }

  /** Writes the file if there is none; false if there is. */
  #create(state: RuntimeState): boolean {
    try {
      writeFileSync(this.pathOf(state), serialize(state), { flag: 'wx', mode: 0o644 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw new ServeError('failure', `cannot write in ${this.folder}: ${(error as Error).message}`);
    }
  }

  /** A file that is gone, damaged or half-written counts as no file. */
  #read(path: string): RuntimeState | undefined {
    try {
      const state = JSON.parse(readFileSync(path, 'utf8')) as RuntimeState;
      return typeof state.pid === 'number' && typeof state.interfaceName === 'string' ? state : undefined;
    } catch {
      return undefined;
    }
  }
}

/** How long the keeper of a server that has crashed may take to clean up, ms; it takes some ten. */
const KEEPER_PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** Blocks this thread: it has nothing else to do yet. */
function waitForEnd(keeper: ProcessId): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < KEEPER_PATIENCE_MS && isAlive(keeper); waited += LOOK_EVERY_MS) {
    Atomics.wait(nothing, 0, 0, LOOK_EVERY_MS);
  }
}

function serialize(state: RuntimeState): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

function takenBy(other: RuntimeState): ServeError {
  return new ServeError(
    'interface-taken',
    `${other.interfaceName} is taken: ` +
      `fastpath (process ${other.pid}) serves ${other.folder} there since ${other.since}`,
    `Stop it (kill ${other.pid}), or use another interface: --interface ${anotherName(other.interfaceName)}. ` +
      '"fastpath status" lists them all.',
  );
}
