/** Waiting for what threads, processes and sockets do by themselves. A test in virtual time needs none of this. */
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';

/** So long it looks in each turn of the event loop, and after that every few milliseconds; ms. */
const EAGER_MS = 20;
const EVERY_MS = 5;
/**
 * So long a test waits for what takes a moment, on a machine that may be busy; ms. It is shorter than mocha's patience,
 * so that the error says what did not come.
 */
export const PATIENCE_MS = 90_000;
/** So long it waits before it sends again. */
const AGAIN_MS = 1_000;

/**
 * Fulfilled when this holds.
 * @param what what is waited for, in the words of the error
 * @throws {Error} if it does not hold in time
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = String(holds),
  withinMs = PATIENCE_MS,
): Promise<void> {
  const from = performance.now();
  while (!(await holds())) {
    const waitedMs = performance.now() - from;
    if (waitedMs > withinMs) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await (waitedMs < EAGER_MS ? turn() : pause(EVERY_MS));
  }
}

/**
 * Sends, and sends again after a while, until this holds: what is sent may be lost on a machine that is slow.
 * @param what what is waited for, in the words of the error
 * @throws {Error} if it does not hold in time
 */
export async function sendUntil(
  send: () => unknown,
  holds: () => boolean,
  { everyMs = AGAIN_MS, what = String(holds) } = {},
): Promise<void> {
  const repeat = setInterval(send, everyMs);
  send();
  await until(holds, what).finally(() => clearInterval(repeat));
}
