/**
 * What a system call costs on this machine, and whether there is an io_uring for this process. Both take about a
 * millisecond. Callers: serve/frames.ts, the benchmark.
 */
import { EOPNOTSUPP, O_CLOEXEC, O_NONBLOCK, O_RDWR, openFile, sys } from '../libc.js';
import { TUN_DEVICE } from '../tun-ioctl.js';
import { Ring, RingError, type RingRequest } from './ring.js';
import { NO_WAIT, OP_NOP, OP_READ } from './uring.js';

const BATCHES = 20;
const CALLS_IN_A_BATCH = 250;
const TRIAL_ENTRIES = 8;
const TRIAL_TAG = 7;
const TRIAL_US = 100_000;

/**
 * What a system call costs, nanoseconds: getppid(2), which does nothing, less a function of the C library that does
 * nothing either. The best of many short batches, because every disturbance makes one longer.
 */
export function measureSystemCall(): number {
  let call = Number.POSITIVE_INFINITY;
  let nothing = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < BATCHES; batch++) {
    const start = performance.now();
    for (let i = 0; i < CALLS_IN_A_BATCH; i++) sys.getppid();
    const middle = performance.now();
    for (let i = 0; i < CALLS_IN_A_BATCH; i++) sys.abs(0);
    const end = performance.now();
    call = Math.min(call, middle - start);
    nothing = Math.min(nothing, end - middle);
  }
  return Math.max(0, ((call - nothing) * 1_000_000) / CALLS_IN_A_BATCH);
}

/**
 * Makes a ring and sends requests round: one that does nothing, and a read of no bytes from the tun driver, which must
 * know how not to wait. Returns why that fails, or undefined.
 */
export function tryRing(): string | undefined {
  try {
    const ring = new Ring(TRIAL_ENTRIES);
    try {
      if (resultOf(ring, { operation: OP_NOP, tag: TRIAL_TAG }) !== 0) return 'a trial request did not come back';
      return knowsNoWait(ring) ? undefined : 'the tun driver of this kernel is too old (Linux 6.4 is needed)';
    } finally {
      ring.close();
    }
  } catch (error) {
    if (error instanceof RingError) return error.reason;
    throw error;
  }
}

/** The descriptor belongs to no interface, so the read fails in one way or the other. Unopened: somebody else's say. */
function knowsNoWait(ring: Ring): boolean {
  let fd: number;
  try {
    fd = openFile(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  } catch {
    return true;
  }
  const result = resultOf(ring, { operation: OP_READ, fd, operationFlags: NO_WAIT, tag: TRIAL_TAG });
  sys.close(fd);
  return result !== -EOPNOTSUPP;
}

/** The result of one request; undefined if it does not come back. */
function resultOf(ring: Ring, request: RingRequest): number | undefined {
  ring.prepare(0, request);
  ring.queue(0);
  if (ring.enter(1, TRIAL_US) !== 0 || ring.completed !== 1 || ring.tag !== TRIAL_TAG) return undefined;
  const { result } = ring;
  ring.takeCompletion();
  return result;
}
