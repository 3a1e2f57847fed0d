/** What every thread that answers requests is given, and what it and the main thread say to each other. */
import type { ThreadLink } from '../channel/index.js';

/** All of it survives structured cloning. */
export interface BeatingSetup {
  /** An int32 that the thread's event loop moves now and then: the main thread sees that it is alive. */
  readonly beats: SharedArrayBuffer;
}

/** Serve the sockets of these channels. It comes once. */
export interface ServeMessage {
  readonly kind: 'serve';
  readonly links: readonly ThreadLink[];
}

/** End. */
export interface StopMessage {
  readonly kind: 'stop';
}

/** What a thread says of its life. Other kinds of messages go to its owner. */
export type LifeMessage =
  /** It can serve. */
  | { readonly kind: 'ready' }
  /** It cannot, and ends. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'warning'; readonly text: string };

/** Between two beats, ms. */
const BEAT_MS = 100;

/** Lets this thread's heartbeat be seen. Called once in the thread. */
export function beginToBeat({ beats }: BeatingSetup): void {
  const word = new Int32Array(beats);
  setInterval(() => Atomics.add(word, 0, 1), BEAT_MS).unref();
}
