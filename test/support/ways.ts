/** The two ways in which frames cross to the kernel, for tests of either. */
import type { Device } from '../../src/net/device/device.js';
import { tryRing } from '../../src/net/device/ring/measure.js';
import { RingTap } from '../../src/net/device/ring/ring-tap.js';
import type { TapDevice } from '../../src/net/device/tap.js';
import type { Waiter } from '../../src/net/device/waiter.js';
import type { FramesWay } from '../../src/serve/worker/frames.js';

export const WAYS: readonly FramesWay[] = ['plain', 'ring'];

/** Skips the test, or those that a hook is for, aloud, where there is no io_uring for us. */
export function needsRing(test: Mocha.Context): void {
  const missing = tryRing();
  if (missing === undefined) return;
  const skipped = test.currentTest ?? test.test;
  if (skipped !== undefined) skipped.title += ` (io_uring: ${missing})`;
  test.skip();
}

/** What a stack sends to and how its loop sleeps, for a TAP; `close` hands over what waits, and leaves the TAP open. */
export function wayOf(
  way: FramesWay,
  tap: TapDevice,
  bellFd: number,
): { device: Device; waiter: Waiter | undefined; close(): void } {
  if (way === 'plain') return { device: tap, waiter: undefined, close() {} };
  const ring = new RingTap({ tap, bellFd });
  return { device: ring, waiter: ring, close: () => ring.close() };
}
