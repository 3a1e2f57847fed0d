/**
 * How frames are to cross to the kernel: by plain system calls (read, writev and poll), or through an io_uring
 * (src/net/device/ring). Which is faster depends on what a system call costs, so that is measured at the start.
 *
 * Measured with stateless responders, ring divided by plain (requests a second / CPU time a request): where a call
 * costs 1.2 µs, 1.12 / 0.8 with as much work a request as ours; where it costs 0.15 µs, no gain.
 *
 * Callers: assembly.ts, doctor.ts.
 */
import { measureSystemCall, tryRing } from '../../net/device/ring/measure.js';

/** What was asked for: `--frames`. @see {@link ServeOptions} */
export type FramesWish = 'auto' | 'plain' | 'ring';
/** What it comes to. @see {@link FramesChoice} */
export type FramesWay = 'plain' | 'ring';

/**
 * The choice, with its reasons.
 *
 * @example
 * ```ts
 * import type { FolderServer } from 'fastpath';
 *
 * export const frames = (server: FolderServer) => server.info.frames.text;
 * ```
 */
export interface FramesChoice {
  readonly way: FramesWay;
  /** What a system call costs here, beyond the call of a function in C. */
  readonly callNanoseconds: number;
  /** For people: `plain calls (0.21 µs each; io_uring pays from 0.5 µs on)`. */
  readonly text: string;
  /** Why there is no io_uring for us; absent if there is, or if it was not looked at. */
  readonly ringMissing?: string;
}

/** A ring pays from this cost of a system call on, nanoseconds. */
export const RING_PAYS_FROM_NS = 500;

/** The facts that the choice depends on. A test passes its own. */
export interface FramesSources {
  callNanoseconds(): number;
  /** Why there is no ring for this process; undefined: there is. */
  ringMissing(): string | undefined;
}

const MACHINE: FramesSources = { callNanoseconds: measureSystemCall, ringMissing: tryRing };

/** Measures and chooses. With `auto`, a ring only where it pays and can be had. */
export function chooseFrames(wish: FramesWish, sources: FramesSources = MACHINE): FramesChoice {
  const callNanoseconds = Math.round(sources.callNanoseconds());
  const isDear = callNanoseconds >= RING_PAYS_FROM_NS;
  const cost = `${(callNanoseconds / 1000).toFixed(2)} µs`;
  if (wish === 'auto' && !isDear) {
    const text = `plain calls (${cost} each; io_uring pays from ${RING_PAYS_FROM_NS / 1000} µs on)`;
    return { way: 'plain', callNanoseconds, text };
  }
  if (wish === 'plain') return { way: 'plain', callNanoseconds, text: `plain calls (${cost} each)` };
  const ringMissing = sources.ringMissing();
  if (ringMissing === undefined) {
    return { way: 'ring', callNanoseconds, text: `io_uring (a system call costs ${cost})` };
  }
  return { way: 'plain', callNanoseconds, text: `plain calls (${cost} each; io_uring: ${ringMissing})`, ringMissing };
}
