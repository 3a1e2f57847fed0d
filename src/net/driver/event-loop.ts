/**
 * Drives one stack from Node's own event loop, beside the program's other work: for embedding, and for tests in real
 * time. (A server that wants all of a core gives the stack a thread and the poll loop.)
 *
 *     const driver = new EventLoopDriver();
 *     const device = TapDevice.open({ name: 'tap0' });
 *     const stack = createStack({ device, clock: driver.clock, random: new SystemRandom(), … });
 *     driver.start(stack, device);
 *
 * A device with a descriptor (`fd`) is watched by libuv's epoll, through koffi; one without calls `onReadable`.
 * Compared with the poll loop, each batch of frames costs a turn of libuv and a callback through koffi more. A
 * responder without TCP needs 3.5 instead of 3.4 µs CPU a request when 32 connections fill the batches, and 3 µs more
 * for a lone request (Node 20). A frame that comes during the program's other work waits for it.
 *
 * The clock stands still while the stack works, as under every driver. Between those turns, the program's own code may
 * call into the stack (to connect, to send). The stack then reads the clock, and that read is how the driver learns of
 * it: the time is brought up to date, and the timer is set anew when the code has returned.
 */
import { Clock } from '../clock.js';
import type { Device } from '../device/device.js';
import { IncomingFrame } from '../device/frame.js';
import { monotonicMicroseconds, type Watch, watchReadable } from '../device/libc.js';
import { type Driven, type DrivenStack, nextDeadlineOf, runTimersOf } from './driven.js';

/** How an `EventLoopDriver` shares the event loop with the rest of the program. @see {@link EventLoopDriver} */
export interface EventLoopOptions {
  /** Frames taken before the rest of the program gets its turn, at most; default 64. */
  frameBudget?: number;
  /** How long frames are taken before that, at most, microseconds; default 4,000. A super-segment can be much work. */
  timeBudget?: number;
  /** Called when the device is gone (its interface was removed); the driver has stopped then. */
  onGone?: () => void;
}

/** A clock that is right outside the driver's turns too, and tells the driver that it was read there. */
class LiveClock extends Clock {
  readonly #started = monotonicMicroseconds();
  /** Null during a turn. */
  onRead: (() => void) | null = null;

  override get now(): number {
    if (this.onRead !== null) {
      this.refresh();
      this.onRead();
    }
    return super.now;
  }

  override set now(microseconds: number) {
    super.now = microseconds;
  }

  refresh(): void {
    super.now = monotonicMicroseconds() - this.#started;
  }
}

/**
 * The clock is read again after so much work: a frame is one, and one more for each 4 KiB in it. So the time is right
 * for whom a long turn serves last.
 */
const WORK_AT_ONCE = 16;
const BYTES_OF_WORK = 4096;
/** How long timers give way to frames that wait in the device, microseconds. */
const TIMER_PATIENCE = 5_000;

/** setTimeout takes no more than 2^31 - 1 ms. */
const LONGEST_SLEEP_MS = 0x7fff_ffff;

/**
 * Drives one stack from Node's own event loop, beside the program's other work. Make the stack with `clock` of the
 * driver, then call `start`. A frame that comes during the program's other work waits for it; a server that wants all
 * of a core takes a `PollLoop` in a thread of its own.
 *
 * The clock stands still while the stack works. The program may call into the stack at any other time: the driver
 * brings the clock up to date then, and sets its timer anew.
 *
 * @example
 * ```ts
 * import { EventLoopDriver, type Stack, type TapDevice } from 'fastpath';
 *
 * const driver = new EventLoopDriver({ onGone: () => console.error('the interface is gone') });
 * // The stack was made with `driver.clock`.
 * export function drive(stack: Stack, device: TapDevice): void {
 *   driver.start(stack, device);
 *   stack.start();
 * }
 * ```
 */
export class EventLoopDriver {
  readonly #clock = new LiveClock();
  readonly #frameBudget: number;
  readonly #timeBudget: number;
  readonly #onGone: (() => void) | undefined;
  readonly #frame = new IncomingFrame(new Uint8Array(0));
  #driven: Driven | null = null;
  #watch: Watch | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** When the timer fires, in the clock's microseconds. */
  #timerDue = Infinity;
  #turnPlanned = false;
  #armPlanned = false;
  #referenced = true;

  constructor(options: EventLoopOptions = {}) {
    this.#frameBudget = options.frameBudget ?? 64;
    this.#timeBudget = options.timeBudget ?? 4_000;
    this.#onGone = options.onGone;
  }

  /** The clock to make the stack with. */
  get clock(): Clock {
    return this.#clock;
  }

  /** Begins to drive; the stack was made with `clock` and `device`. */
  start(stack: DrivenStack, device: Device): void {
    this.#driven = { stack, device, clock: this.#clock };
    this.#clock.onRead = this.#planArm;
    // By way of setImmediate, which comes in the same turn of the loop: koffi calls back outside of Node's callback
    // scopes, where process.nextTick and promises wait for somebody else's callback, and AsyncResource ends the
    // process.
    if (device.fd !== undefined) this.#watch = watchReadable(device.fd, this.#planTurn);
    else device.onReadable = this.#planTurn;
    this.#planTurn();
    if (!this.#referenced) this.unref();
  }

  /** Ends it. Neither the stack nor the device is closed. */
  stop(): void {
    const device = this.#driven?.device;
    if (device !== undefined && device.fd === undefined) device.onReadable = null;
    this.#driven = null;
    this.#clock.onRead = null;
    this.#watch?.close();
    this.#watch = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerDue = Infinity;
  }

  /** Lets the process end although the stack is still driven. */
  unref(): void {
    this.#referenced = false;
    this.#watch?.unref();
    this.#timer?.unref();
  }

  /** One turn, now: for frames and timers there are. */
  readonly #turn = (): void => {
    const driven = this.#driven;
    if (driven === null) return;
    this.#clock.onRead = null;
    this.#clock.refresh();
    const more = this.#drain(driven);
    // What waits in the device may be just the ACK that a timer waits for: first the frames, unless it takes too long.
    const overdue = this.#clock.now - nextDeadlineOf(driven);
    if (overdue >= 0 && (!more || overdue > TIMER_PATIENCE)) runTimersOf(driven);
    // A handler may have stopped the driver.
    if (this.#driven === null) return;
    this.#clock.onRead = this.#planArm;
    if (driven.device.gone) {
      this.stop();
      this.#onGone?.();
      return;
    }
    // A descriptor is reported again while it has something; anything else must be asked again.
    if (more && this.#watch === null) this.#planTurn();
    this.#arm();
  };

  /** True if a budget was used up: there may be more. */
  #drain(driven: Driven): boolean {
    const frame = this.#frame;
    const until = this.#clock.now + this.#timeBudget;
    let budget = this.#frameBudget;
    let work = 0;
    while (budget > 0 && driven.device.receive(frame)) {
      budget--;
      work += 1 + Math.floor((frame.to - frame.from) / BYTES_OF_WORK);
      driven.stack.receive(frame);
      if (work < WORK_AT_ONCE) continue;
      work = 0;
      this.#clock.refresh();
      if (this.#clock.now >= until) return true;
    }
    return budget === 0;
  }

  /** Soon, but not inside the caller: it may be in the middle of another stack's turn. */
  readonly #planTurn = (): void => {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    setImmediate(() => {
      this.#turnPlanned = false;
      this.#turn();
    });
  };

  readonly #planArm = (): void => {
    if (this.#armPlanned) return;
    this.#armPlanned = true;
    queueMicrotask(() => {
      this.#armPlanned = false;
      this.#arm();
    });
  };

  /** Sets the timer, unless one is set that fires early enough: firing in vain costs less than setting it again. */
  #arm(): void {
    const driven = this.#driven;
    if (driven === null) return;
    const onRead = this.#clock.onRead;
    this.#clock.onRead = null;
    const due = nextDeadlineOf(driven);
    const now = this.#clock.now;
    this.#clock.onRead = onRead;
    if (due === Infinity || (this.#timerDue <= due && this.#timerDue > now)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerDue = due;
    const ms = Math.min(Math.max(0, Math.ceil((due - now) / 1000)), LONGEST_SLEEP_MS);
    this.#timer = setTimeout(this.#fire, ms);
    if (!this.#referenced) this.#timer.unref();
  }

  readonly #fire = (): void => {
    this.#timer = null;
    this.#timerDue = Infinity;
    this.#turn();
  };
}
