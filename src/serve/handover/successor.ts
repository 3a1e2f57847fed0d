/**
 * The old process's side of a hand-over: starts a new process of the same program with the same arguments, which may
 * be a newer version of it, and lets that take over the interface. See message.ts for the conversation.
 *
 * The interface is never without a reader, and no connection is refused or broken. Frames that come in the moment
 * between two readers wait in the interface's queue.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { AF_UNIX, addressOf, check, O_NONBLOCK, SOCK_CLOEXEC, SOCK_SEQPACKET, sys } from '../../net/device/libc.js';
import type { TapHandle } from '../../net/device/tap.js';
import { ServeError } from '../serve-error.js';
import { type Bequest, bequestToJson, type HandoverMessage, VARIABLE } from './message.js';

/** Where the new process finds its first descriptor: behind its standard streams and the channel. */
const FIRST_FD = 4;

/** What is handed over, with this process's own descriptors. */
export type Estate = Omit<Bequest, 'relays'>;

/** What the old process does when the new one is ready. */
export interface Release {
  /** Lets the workers read their frames from these descriptors, and gives up the name. */
  release(relays: readonly number[]): Promise<void>;
  /** Takes both back, because the new process has failed after all. */
  takeBack(): Promise<void>;
}

/** The process that serves now. */
export interface Successor {
  readonly pid: number;
  /** Fulfilled when it ends, with its signal or its exit status, if that is before this process's end. */
  readonly ended: Promise<SuccessorEnd>;
}

export interface SuccessorEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Hands everything over; fulfilled when the new process answers requests. This process then has only to end.
 * @throws {ServeError} if the new process does not get that far; then this one goes on as before
 */
export async function handOver(estate: Estate, own: Release): Promise<Successor> {
  const { queues } = estate;
  const relays = queues.map(() => socketPair());
  const child = start(estate, relays);
  const ended = new Promise<SuccessorEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  try {
    await said(child, 'take');
    await own.release(relays.map(({ ours }) => ours));
    try {
      child.send({ fastpath: 'taken' } satisfies HandoverMessage);
      await said(child, 'serves');
    } catch (error) {
      await own.takeBack();
      throw error;
    }
  } catch (error) {
    for (const { ours } of relays) sys.close(ours);
    throw error;
  } finally {
    for (const { theirs } of relays) sys.close(theirs);
  }
  child.disconnect();
  child.unref();
  return { pid: child.pid ?? 0, ended };
}

function start(estate: Estate, relays: readonly SocketPair[]): ChildProcess {
  const { queues } = estate;
  const fds = [...queues.map(({ fd }) => fd), ...relays.map(({ theirs }) => theirs)];
  const bequest: Bequest = {
    ...estate,
    queues: queues.map((queue: TapHandle, i) => ({ ...queue, fd: FIRST_FD + i })),
    relays: relays.map((_, i) => FIRST_FD + queues.length + i),
  };
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    // A service manager that watches us by our number is to watch the new process.
    env: { ...process.env, WATCHDOG_PID: undefined, [VARIABLE]: bequestToJson(bequest) },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...fds],
  });
  child.on('error', () => {}); // seen by its exit
  return child;
}

/** @throws {ServeError} if the new process ends before it says this */
async function said(child: ChildProcess, what: HandoverMessage['fastpath']): Promise<void> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new ServeError(
      'failure',
      `the new process ended (${signal ?? `status ${code}`}) before it served: this one goes on`,
      'Its own messages, above, say why.',
    );
  });
  ended.catch(() => {}); // once it has said so, its end is its own affair
  const heard = new Promise<void>((resolve) => {
    child.on('message', (message) => {
      if ((message as HandoverMessage).fastpath === what) resolve();
    });
  });
  await Promise.race([heard, ended]);
}

interface SocketPair {
  readonly ours: number;
  readonly theirs: number;
}

/** Two ends of a socket that keeps each frame whole: unix(7). */
function socketPair(): SocketPair {
  const pair = new Int32Array(2);
  const type = SOCK_SEQPACKET | SOCK_CLOEXEC | O_NONBLOCK;
  check(sys.socketpair(AF_UNIX, type, 0, addressOf(pair)), 'socketpair');
  const [ours = -1, theirs = -1] = pair;
  return { ours, theirs };
}
