/**
 * Keeps the beginning of a message whose end is in a later segment: a TLS hello, which with a post-quantum key in it is
 * longer than a segment, or a message of LDAP.
 */
import { add, type Sequence } from '../../net/tcp/sequence.js';
import type { Side } from './side.js';

/** At most this many parts are held. The oldest is given up first. */
const MAX_HELD = 256;

interface Held {
  readonly next: Sequence;
  readonly bytes: Uint8Array;
}

export class HeldParts {
  readonly #mostBytes: number;
  readonly #held = new Map<Side, Held>();

  /** @param mostBytes longer parts are not held; 256 times as much is the most in all */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Keeps a copy of `bytes`, which begin at `sequence` of the side's stream. */
  hold(side: Side, sequence: Sequence, bytes: Uint8Array): void {
    this.#held.delete(side);
    if (bytes.length > this.#mostBytes) return;
    this.#held.set(side, { next: add(sequence, bytes.length), bytes: bytes.slice() });
    if (this.#held.size <= MAX_HELD) return;
    for (const oldest of this.#held.keys()) {
      this.#held.delete(oldest);
      return;
    }
  }

  /** What is held of the side's message, if a segment with this number continues it; it is held no more. */
  take(side: Side, sequence: Sequence): Uint8Array | undefined {
    const held = this.#held.get(side);
    if (held === undefined || held.next !== sequence) return undefined;
    this.#held.delete(side);
    return held.bytes;
  }
}
