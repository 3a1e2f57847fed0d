/**
 * How the two threads of a channel wake each other. The worker sleeps in poll(2) and has a bell, an eventfd. The other
 * thread sleeps in Node's event loop, which can watch a socket: a byte in a socketpair wakes it.
 */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { AF_UNIX, addressOf, check, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, sys } from '../net/device/libc.js';
import { Wakeup } from '../net/driver/wakeup.js';
import { type ChannelMemory, createChannelMemory } from './memory.js';
import { type SocketTaker, ThreadEnd } from './thread-end.js';
import { type ChannelStatistics, WorkerEnd } from './worker-end.js';

/** What the worker gets in its setup. It survives structured cloning. */
export interface WorkerLink {
  readonly memory: ChannelMemory;
  /** A byte written here wakes the thread. */
  readonly wakeFd: number;
}

/** What the other thread gets. It survives structured cloning. */
export interface ThreadLink {
  readonly memory: ChannelMemory;
  /** It can be read when the worker wakes the thread. */
  readonly wakeFd: number;
  /** The worker's bell. */
  readonly bellFd: number;
  /** Its connections came by TLS. Default false. */
  readonly isSecure?: boolean;
}

/** A channel between a worker and a thread, as the main thread makes it. */
export interface Link {
  readonly worker: WorkerLink;
  readonly thread: ThreadLink;
  /** Closes the worker's descriptor. The thread closes its own (`ThreadAttachment.close`). */
  close(): void;
}

/** Both ends of a new channel. @throws {SystemError} if the process has no descriptor left */
export function createLink(bellFd: number, isSummed: boolean): Link {
  const { ringFd, watchFd } = createLoopBell();
  const memory = createChannelMemory(isSummed);
  return {
    worker: { memory, wakeFd: ringFd },
    thread: { memory, wakeFd: watchFd, bellFd },
    close: () => void sys.close(ringFd),
  };
}

/** The worker's end. Call its `drain` when the bell has rung. */
export function attachWorker({ memory, wakeFd }: WorkerLink, statistics?: ChannelStatistics): WorkerEnd {
  const byte = Uint8Array.of(1);
  const address = addressOf(byte);
  const wake = () => {
    sys.write(wakeFd, address, byte.length); // if the socket is full, the thread has been woken often enough
  };
  return new WorkerEnd(memory, wake, statistics);
}

/** The other thread's end, and how to let go of it. */
export interface ThreadAttachment {
  readonly end: ThreadEnd;
  /** Resets all connections, and closes this thread's descriptor. */
  close(): void;
}

/** Calls back whenever somebody has written to the other end of a socketpair. */
function watch(fd: number, written: () => void): Socket {
  const onread: OnReadOpts = {
    buffer: new Uint8Array(64),
    callback: () => {
      written();
      return true;
    },
  };
  // The constructor takes `onread` too, but its type does not say so.
  const options: SocketConstructorOpts & { onread: OnReadOpts } = { fd, readable: true, writable: false, onread };
  const socket = new Socket(options);
  socket.on('error', () => {}); // the other end was closed
  socket.resume();
  return socket;
}

/**
 * Attaches this thread. `opened` gets a socket for each connection. `left` is called when another thread has taken
 * over, and the last request here is over.
 */
export function attachThread(
  { memory, wakeFd, bellFd, isSecure = false }: ThreadLink,
  opened: SocketTaker,
  left?: () => void,
): ThreadAttachment {
  const bell = Wakeup.adopt(bellFd);
  const take: SocketTaker = (socket, purpose) => {
    socket.encrypted = isSecure;
    opened(socket, purpose);
  };
  const end = new ThreadEnd(memory, () => bell.ring(), take, left);
  const socket = watch(wakeFd, () => end.drain());
  end.drain(); // what was sent before
  return {
    end,
    close() {
      end.close();
      socket.destroy();
    },
  };
}

/** Closes the thread's descriptor of a channel that no thread has attached. */
export function discardThreadLink({ wakeFd }: ThreadLink): void {
  sys.close(wakeFd);
}

/** A bell for a thread in Node's event loop, which cannot watch an eventfd: both ends of a socketpair. */
export interface LoopBell {
  /** What rings it: for `createLink`. */
  readonly ringFd: number;
  /** What the thread watches: for `watchBell`. */
  readonly watchFd: number;
}

/** A new bell. @throws {SystemError} if the process has no descriptor left */
export function createLoopBell(): LoopBell {
  const pair = new Int32Array(2);
  check(sys.socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, addressOf(pair)), 'socketpair');
  const [ringFd = -1, watchFd = -1] = pair;
  return { ringFd, watchFd };
}

/** Calls `rung` in this thread's event loop when the bell has rung, until the returned function is called. */
export function watchBell(watchFd: number, rung: () => void): () => void {
  const socket = watch(watchFd, rung);
  return () => void socket.destroy();
}
