/**
 * How the thread of a data path sleeps until it has something to do: until a frame has come, the bell was rung, or the
 * time is over. `PollWaiter` calls poll(2); a ring (ring/ring-tap.ts) does it in the same call that moves its frames.
 * Caller: driver/poll-loop.ts.
 */
import { addressOf, EINTR, lastErrno, POLLERR, POLLHUP, POLLIN, POLLNVAL, SystemError, sys } from './libc.js';

/** What `wait` has found: a sum of these. */
export const FRAMES = 1;
export const BELL = 2;
/** The device is gone for good. */
export const GONE = 4;

/** Sleeps for a driver, until there is something to do. */
export interface Waiter {
  /**
   * Sleeps at most so many microseconds (not at all: 0) and returns what was found: a sum of `FRAMES`, `BELL` and
   * `GONE`; 0 if the time is over, or for no reason. @throws {SystemError} if the wait itself fails.
   */
  wait(microseconds: number): number;
  /** False: more frames may be there although `receive` says that there is none. */
  readonly isDrained: boolean;
}

const BROKEN = POLLERR | POLLHUP | POLLNVAL;

/** Sleeps in poll(2). */
export class PollWaiter implements Waiter {
  /** A device behind a descriptor says itself that it has no more: by EAGAIN. */
  readonly isDrained = true;
  /** Two `struct pollfd`: 32-bit descriptor, 16 bits of events asked for, 16 bits of events found. */
  readonly #descriptors = new Int16Array(8);
  readonly #address = addressOf(this.#descriptors);

  /** @param fd readable when the device has a frame; @param bellFd readable when the bell was rung */
  constructor(fd: number, bellFd: number) {
    const words = new Int32Array(this.#descriptors.buffer);
    words[0] = fd;
    words[2] = bellFd;
    this.#descriptors[2] = POLLIN;
    this.#descriptors[6] = POLLIN;
  }

  wait(microseconds: number): number {
    // Rounded up: waking early would only mean to sleep again.
    const ready = sys.poll(this.#address, 2, Math.ceil(microseconds / 1000));
    if (ready > 0) return this.#found();
    if (ready < 0) {
      const errno = lastErrno();
      if (errno !== EINTR) throw new SystemError('poll', errno);
    }
    return 0;
  }

  #found(): number {
    const device = this.#descriptors[3]!;
    let found = this.#descriptors[7]! !== 0 ? BELL : 0;
    if ((device & BROKEN) !== 0) found |= GONE;
    if ((device & POLLIN) !== 0) found |= FRAMES;
    return found;
  }
}
