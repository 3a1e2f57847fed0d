/**
 * The fast driver: a loop that owns its thread. It sleeps in poll(2) on the TAP and on a bell (wakeup.ts), with the
 * stack's next deadline as the time-out, takes the frames that have come through the stack, and sleeps again. There is
 * no promise, no event and no allocation. With a ring (device/ring) as its waiter, it sleeps in the call that moves the
 * frames.
 *
 *     poll ──> clock ──> read, stack, writev … up to `frameBudget` ──> timers ──> poll
 *          └─> bell rung: `woken`
 *
 * `run` does not return until `stop` is called, so it is for a worker thread; its owner talks to it by posting a
 * message and ringing the bell, and `woken` reads the message with receiveMessageOnPort. Caller: src/serve.
 */
import type { Clock } from '../clock.js';
import type { Device } from '../device/device.js';
import { IncomingFrame } from '../device/frame.js';
import { addressOf, monotonicMicroseconds, POLLIN, sys } from '../device/libc.js';
import { BELL, FRAMES, GONE, PollWaiter, type Waiter } from '../device/waiter.js';
import { type DrivenStack, nextDeadlineOf, runTimersOf } from './driven.js';
import type { Wakeup } from './wakeup.js';

/** What a `PollLoop` drives, and what it calls between frames. @see {@link PollLoop} */
export interface PollLoopOptions {
  stack: DrivenStack;
  device: Device;
  clock: Clock;
  /** The descriptor that is readable when `device.receive` has something. */
  fd: number;
  bell: Wakeup;
  /** How to sleep; by default in poll(2). A ring sleeps in the call that moves its frames. @internal */
  waiter?: Waiter | undefined;
  /** The bell was rung. */
  woken: () => void;
  /** Frames taken before timers and bell get their turn; default 64. */
  frameBudget?: number;
}

/**
 * Counters of the loop; read them from `woken` or after `run`.
 *
 * @example
 * ```ts
 * import type { PollLoop } from 'fastpath';
 *
 * export const framesPerTurn = ({ statistics }: PollLoop) => statistics.frames / statistics.polls;
 * ```
 */
export interface PollLoopStatistics {
  polls: number;
  /** Polls that ended because a deadline was due. */
  timeouts: number;
  wakeups: number;
  frames: number;
  /** Turns that took the whole budget: more was waiting. */
  fullTurns: number;
}

/** How a loop ended. @see {@link PollLoop} */
export type PollLoopEnd = 'stopped' | 'device-gone';

/** The longest sleep, ms: poll's time-out is an int. */
const LONGEST_SLEEP_MS = 3_600_000;

/** This many frames share one reading of the clock, which costs as much as a tenth of a frame. */
const FRAMES_AT_ONCE = 16;
/** Timers give way this long to frames that wait in the device, microseconds. */
const TIMER_PATIENCE = 5_000;

/**
 * Drives one stack in a thread of its own. It sleeps in poll(2) on the TAP and on a bell, until the stack's next
 * deadline at the latest. Then it takes the frames that have come, at most `frameBudget` of them, and runs the timers.
 *
 * `run` does not return until `stop` is called or the device is gone. Another thread talks to it with a message and a
 * ring of the bell; `woken` reads the message, with `receiveMessageOnPort` of node:worker_threads.
 *
 * @example
 * ```ts
 * import { type Clock, PollLoop, type Stack, type TapDevice, Wakeup } from 'fastpath';
 *
 * // Gives a whole thread to a stack. Another thread rings the bell to be heard.
 * export function serve(stack: Stack, device: TapDevice, clock: Clock): void {
 *   const loop: PollLoop = new PollLoop({
 *     stack,
 *     device,
 *     clock,
 *     fd: device.readFd,
 *     bell: Wakeup.create(),
 *     woken: () => loop.stop(),
 *   });
 *   const end = loop.run(); // it returns when the loop has stopped
 *   console.log(end);
 * }
 * ```
 */
export class PollLoop {
  readonly statistics: PollLoopStatistics = { polls: 0, timeouts: 0, wakeups: 0, frames: 0, fullTurns: 0 };

  readonly #options: PollLoopOptions;
  readonly #frameBudget: number;
  readonly #frame = new IncomingFrame(new Uint8Array(0));
  #waiter: Waiter;
  /** A `struct pollfd` for the bell alone: 32-bit descriptor, 16 bits of events asked for, 16 bits of events found. */
  readonly #bell = new Int16Array(4);
  readonly #started = monotonicMicroseconds();
  #stopped = false;

  constructor(options: PollLoopOptions) {
    this.#options = options;
    this.#frameBudget = options.frameBudget ?? 64;
    this.#waiter = options.waiter ?? new PollWaiter(options.fd, options.bell.fd);
    new Int32Array(this.#bell.buffer)[0] = options.bell.fd;
    this.#bell[2] = POLLIN;
    this.#setClock();
  }

  /** Sleeps in another way from the next turn on. @internal */
  waitWith(waiter: Waiter): void {
    this.#waiter = waiter;
  }

  /** Ends `run` after the turn that is on; call it from the loop's own thread (from `woken`, mostly). */
  stop(): void {
    this.#stopped = true;
  }

  /** Runs until `stop`, or until the interface is removed. @throws {SystemError} if the wait itself fails. */
  run(): PollLoopEnd {
    while (!this.#stopped) if (!this.turn(LONGEST_SLEEP_MS)) return 'device-gone';
    return 'stopped';
  }

  /** One turn: sleeps at most `longestSleepMs`, then does what there is to do. False if the device is gone. */
  turn(longestSleepMs: number): boolean {
    const options = this.#options;
    const found = this.#sleep(longestSleepMs);
    this.#setClock();
    if ((found & GONE) !== 0) return false;
    // A device that holds frames back may have some although nothing came.
    const mayHold = (found & FRAMES) !== 0 || options.device.nextDeadline !== undefined;
    const isEmpty = !mayHold || this.#drain();
    const overdue = options.clock.now - nextDeadlineOf(options);
    // A frame in the device may be just the ACK that a timer waits for: the frames come first, unless that takes too
    // long.
    if (overdue >= 0 && (isEmpty || overdue > TIMER_PATIENCE)) runTimersOf(options);
    if ((found & BELL) !== 0) this.#wake();
    return true;
  }

  /** A turn on the bell alone: frames wait in the device. For an owner that has still to be set up. */
  turnDeaf(longestSleepMs: number): void {
    const ready = sys.poll(addressOf(this.#bell), 1, longestSleepMs);
    this.#setClock();
    if (ready > 0) this.#wake();
  }

  #sleep(longestSleepMs: number): number {
    const statistics = this.statistics;
    statistics.polls++;
    const found = this.#waiter.wait(this.#sleepTime(longestSleepMs * 1000));
    if (found === 0) statistics.timeouts++;
    return found;
  }

  /** Microseconds until the next deadline. */
  #sleepTime(longest: number): number {
    const deadline = nextDeadlineOf(this.#options);
    if (deadline === Infinity) return longest;
    const time = deadline - this.#options.clock.now;
    return time <= 0 ? 0 : Math.min(time, longest);
  }

  /** Takes frames until there are no more, or the budget is used up; true: the device has no more. */
  #drain(): boolean {
    const { device, stack } = this.#options;
    const frame = this.#frame;
    const budget = this.#frameBudget;
    let taken = 0;
    while (taken < budget && device.receive(frame)) {
      taken++;
      stack.receive(frame);
      if (taken % FRAMES_AT_ONCE === 0) this.#setClock();
    }
    this.statistics.frames += taken;
    if (taken < budget) return this.#waiter.isDrained;
    this.statistics.fullTurns++;
    return false;
  }

  #wake(): void {
    this.statistics.wakeups++;
    this.#options.bell.clear();
    this.#options.woken();
  }

  /** Once a turn and every few frames: frames that are read together have arrived "now". */
  #setClock(): void {
    this.#options.clock.now = monotonicMicroseconds() - this.#started;
  }
}
