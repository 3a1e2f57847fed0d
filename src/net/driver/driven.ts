/**
 * What a driver needs of a stack. The stack is passive: frames in, frames out, and the time of its next deadline. Its
 * driver sets the clock, hands over the frames that came and runs the timers. The drivers beside this file do that from
 * a worker's poll loop, from Node's event loop and from a virtual clock.
 */
import type { Clock } from '../clock.js';
import type { Device } from '../device/device.js';
import type { IncomingFrame } from '../device/frame.js';

/**
 * The part of a stack that a driver uses; a test can give an object literal.
 *
 * @example
 * ```ts
 * import type { DrivenStack, EventLoopDriver, IncomingFrame, TapDevice } from 'fastpath';
 *
 * // Counts frames, in the place of a stack.
 * const counter: DrivenStack & { frames: number } = {
 *   frames: 0,
 *   receive(_frame: IncomingFrame) {
 *     this.frames++;
 *   },
 *   runTimers() {},
 *   nextDeadline: () => Number.POSITIVE_INFINITY,
 * };
 * export const count = (driver: EventLoopDriver, device: TapDevice) => driver.start(counter, device);
 * ```
 */
export interface DrivenStack {
  /** Takes one frame through to its answer. */
  receive(frame: IncomingFrame): void;
  /** Runs the timers that are due at the clock's time. */
  runTimers(): void;
  /** When `runTimers` has something to do next: the clock's microseconds, or Infinity. */
  nextDeadline(): number;
}

/** A stack with the device and the clock it was made with. @see {@link DrivenStack} */
export interface Driven {
  stack: DrivenStack;
  device: Device;
  clock: Clock;
}

/** The earlier of the stack's next deadline and the device's own (a delayed frame). */
export function nextDeadlineOf(driven: Driven): number {
  const stack = driven.stack.nextDeadline();
  const device = driven.device;
  if (device.nextDeadline === undefined) return stack;
  return Math.min(stack, device.nextDeadline());
}

/** Runs the timers of both. The device's come first, because the frames that it releases are older. */
export function runTimersOf(driven: Driven): void {
  driven.device.runTimers?.();
  driven.stack.runTimers();
}
