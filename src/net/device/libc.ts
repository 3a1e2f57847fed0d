/**
 * The C library, called directly: the only file with a foreign-function interface (koffi).
 *
 * It is for 64-bit little-endian Linux. Every pointer is passed as a plain number (addresses are below 2^53), so koffi
 * need not look at an object: write(2) of 64 bytes to /dev/null costs 150 ns this way, 163 ns with a Buffer and
 * 296 ns through `fs.writeSync` (Node 20). None of the calls in `sys` allocates.
 *
 * A call that fails returns -1; `lastErrno()` must be read before the next call.
 * Manual pages: tun's Documentation/networking/tuntap.rst, netdevice(7), poll(2), readv(2), eventfd(2).
 */
import { constants } from 'node:os';
import koffi from 'koffi';

/** The process's own symbols: glibc or musl, whichever Node runs on. */
const library = koffi.load(null);

/** System calls, with addresses as numbers. */
export interface SystemCalls {
  ioctl(fd: number, request: number, argument: number): number;
  read(fd: number, address: number, length: number): number;
  write(fd: number, address: number, length: number): number;
  writev(fd: number, vectors: number, count: number): number;
  /** `descriptors` is the address of an array of `struct pollfd`; a time-out of -1 waits for ever. */
  poll(descriptors: number, count: number, timeoutMs: number): number;
  eventfd(initial: number, flags: number): number;
  socket(family: number, type: number, protocol: number): number;
  connect(fd: number, address: number, length: number): number;
  socketpair(family: number, type: number, protocol: number, pair: number): number;
  close(fd: number): number;
  /** Waits for a lock on the open file; closing it gives the lock back. */
  flock(fd: number, operation: number): number;
  clockGettime(clock: number, timespec: number): number;
  /** prctl(2) and capset(2) act on the calling thread alone. */
  prctl(option: number, argument2: number, argument3: number, argument4: number, argument5: number): number;
  capset(header: number, data: number): number;
  /** A system call by its number, for one that the C library has no function for. */
  syscall(number: number, argument1: number, argument2: number, argument3: number): number;
  /** io_uring_enter(2), by its number: the C library has no function for it. */
  enterRing(
    number: number,
    fd: number,
    submit: number,
    completions: number,
    flags: number,
    argument: number,
    argumentBytes: number,
  ): number;
  /** An address, or a BigInt that is none: mapShared. */
  mmap(address: number, length: number, protection: number, flags: number, fd: number, offset: number): number | bigint;
  munmap(address: number, length: number): number;
  /** Two that do next to nothing, to measure with: a system call, and a function that makes none. */
  getppid(): number;
  abs(value: number): number;
}

const open = library.func('open', 'int', ['str', 'int', 'int']) as (
  path: string,
  flags: number,
  mode: number,
) => number;

export const sys: SystemCalls = {
  ioctl: library.func('ioctl', 'int', ['int', 'ulong', 'uintptr_t']),
  read: library.func('read', 'int', ['int', 'uintptr_t', 'size_t']),
  write: library.func('write', 'int', ['int', 'uintptr_t', 'size_t']),
  writev: library.func('writev', 'int', ['int', 'uintptr_t', 'int']),
  poll: library.func('poll', 'int', ['uintptr_t', 'ulong', 'int']),
  eventfd: library.func('eventfd', 'int', ['uint', 'int']),
  socket: library.func('socket', 'int', ['int', 'int', 'int']),
  connect: library.func('connect', 'int', ['int', 'uintptr_t', 'uint']),
  socketpair: library.func('socketpair', 'int', ['int', 'int', 'int', 'uintptr_t']),
  close: library.func('close', 'int', ['int']),
  flock: library.func('flock', 'int', ['int', 'int']),
  clockGettime: library.func('clock_gettime', 'int', ['int', 'uintptr_t']),
  prctl: library.func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']),
  capset: library.func('capset', 'int', ['uintptr_t', 'uintptr_t']),
  syscall: library.func('syscall', 'long', ['long', 'ulong', 'ulong', 'uintptr_t']),
  enterRing: library.func('syscall', 'long', ['long', 'int', 'uint', 'uint', 'uint', 'uintptr_t', 'size_t']),
  mmap: library.func('mmap', 'uintptr_t', ['uintptr_t', 'size_t', 'int', 'int', 'int', 'long']),
  munmap: library.func('munmap', 'int', ['uintptr_t', 'size_t']),
  getppid: library.func('getppid', 'int', []),
  abs: library.func('abs', 'int', ['int']),
};

const eaccess = library.func('eaccess', 'int', ['str', 'int']) as (path: string, mode: number) => number;

/**
 * Whether this process may read (`fs.constants.R_OK`), write or enter `path` as the user that it acts as just now.
 * access(2), and with it Node's `fs.access`, asks for the real user: eaccess(3).
 */
export function mayAccess(path: string, mode: number): boolean {
  return eaccess(path, mode) === 0;
}

export const O_RDWR = 0x2;
export const O_NONBLOCK = 0x800;
export const O_CLOEXEC = 0x80000;
export const EFD_NONBLOCK = O_NONBLOCK;
export const EFD_CLOEXEC = O_CLOEXEC;
export const POLLIN = 0x1;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_SEQPACKET = 5;
export const SOCK_CLOEXEC = O_CLOEXEC;
export const SOCK_NONBLOCK = O_NONBLOCK;
export const CLOCK_MONOTONIC = 1;
export const LOCK_EX = 2;

/** Numbers of the errors that our code tells apart. */
export const {
  EAGAIN,
  EINTR,
  EINVAL,
  EBUSY,
  EPERM,
  EACCES,
  ENOENT,
  ENODEV,
  ENXIO,
  EEXIST,
  EADDRNOTAVAIL,
  ECANCELED,
  EOPNOTSUPP,
  EBADF,
  ENOSYS,
  ETIME,
} = constants.errno;
/** The interface behind a tun descriptor is gone (Linux: "file descriptor in bad state"; Node has no name for it). */
export const EBADFD = 77;

const ERROR_NAMES = new Map<number, string>(Object.entries(constants.errno).map(([name, number]) => [number, name]));
ERROR_NAMES.set(EBADFD, 'EBADFD');

/** The number of the last error of this thread. */
export function lastErrno(): number {
  return koffi.errno();
}

/** `ENOENT` for 2; `errno 4711` for a number without a name. */
export function errorName(errno: number): string {
  return ERROR_NAMES.get(errno) ?? `errno ${errno}`;
}

/** A system call failed. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  /** As in Node's own errors: `EPERM`, `ENODEV` … */
  readonly code: string;

  constructor(
    readonly syscall: string,
    readonly errno: number,
    detail = '',
  ) {
    super(`${syscall}: ${errorName(errno)}${detail === '' ? '' : ` (${detail})`}`);
    this.code = errorName(errno);
  }
}

/** Throws the last error as a `SystemError` if `result` is negative; otherwise returns it. */
export function check(result: number, syscall: string, detail = ''): number {
  if (result < 0) throw new SystemError(syscall, lastErrno(), detail);
  return result;
}

/** Opens a file. @throws {SystemError} */
export function openFile(path: string, flags: number): number {
  return check(open(path, flags, 0), 'open', path);
}

const MAP_SHARED = 0x01;
/** All pages at once. */
const MAP_POPULATE = 0x8000;
const PROT_READ_AND_WRITE = 0x3;

/** Memory that is shared with the kernel: an address for `sys.munmap`, and the same as a buffer. */
export interface SharedMapping {
  readonly address: number;
  readonly memory: ArrayBuffer;
}

/**
 * Maps `length` bytes of what the descriptor stands for, from `offset` on: mmap(2). The memory must not be touched
 * after it is unmapped. @throws {SystemError}
 */
export function mapShared(fd: number, offset: number, length: number): SharedMapping {
  const address = sys.mmap(0, length, PROT_READ_AND_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
  // MAP_FAILED has all bits set; koffi gives a number only for what a double holds exactly.
  if (typeof address !== 'number') throw new SystemError('mmap', lastErrno());
  return { address, memory: koffi.view(address, length) };
}

const bases = new WeakMap<ArrayBufferLike, number>();

/**
 * The native address of a view's first byte. It stays true for the life of its ArrayBuffer (which must not be
 * transferred or resized): asking for `buffer` makes V8 move a small array out of its heap, for good.
 */
export function addressOf(view: ArrayBufferView): number {
  const buffer = view.buffer;
  let base = bases.get(buffer);
  if (base === undefined) {
    base = buffer.byteLength === 0 ? 0 : Number(koffi.address(new Uint8Array(buffer)));
    bases.set(buffer, base);
  }
  return base + view.byteOffset;
}

/** A watch on a descriptor by Node's own event loop. */
export interface Watch {
  /** Lets the process end although the watch goes on. */
  unref(): void;
  ref(): void;
  close(): void;
}

/** Calls `ready` from Node's event loop (libuv's own epoll) whenever `fd` has something to read. */
export function watchReadable(fd: number, ready: () => void): Watch {
  return koffi.node.poll(fd, { readable: true }, ready);
}

const timespec = new Int32Array(new ArrayBuffer(16));
const timespecAddress = addressOf(timespec);

/** Microseconds of the machine's monotonic clock, whole; allocates nothing (process.hrtime makes an array). 46 ns. */
export function monotonicMicroseconds(): number {
  sys.clockGettime(CLOCK_MONOTONIC, timespecAddress);
  // struct timespec: 64-bit seconds (the low half lasts 68 years of uptime), 64-bit nanoseconds.
  return timespec[0]! * 1_000_000 + Math.floor(timespec[2]! / 1000);
}
