/**
 * Keeps the beginning of a TLS hello whose end is in the next segment. With a post-quantum key in it a ClientHello is
 * longer than a segment, and the host that it names may stand in either.
 */
import { add, type Sequence } from '../../net/tcp/sequence.js';
import type { Side } from './side.js';

/** A hello fits into one record. Longer ones are not held. */
const MAX_HELLO_BYTES = 16_384;
/** At most this many hellos are held, 4 MiB in all. The oldest is given up first. */
const MAX_HELD = 256;

interface Held {
  readonly next: Sequence;
  readonly bytes: Uint8Array;
}

export class HeldHellos {
  readonly #held = new Map<Side, Held>();

  /** Keeps a copy of `bytes`, which begin at `sequence` of the side's stream. */
  hold(side: Side, sequence: Sequence, bytes: Uint8Array): void {
    this.#held.delete(side);
    if (bytes.length > MAX_HELLO_BYTES) return;
    this.#held.set(side, { next: add(sequence, bytes.length), bytes: bytes.slice() });
    if (this.#held.size <= MAX_HELD) return;
    for (const oldest of this.#held.keys()) {
      this.#held.delete(oldest);
      return;
    }
  }

  /** What is held of the side's hello, if a segment with this number continues it; it is held no more. */
  take(side: Side, sequence: Sequence): Uint8Array | undefined {
    const held = this.#held.get(side);
    if (held === undefined || held.next !== sequence) return undefined;
    this.#held.delete(side);
    return held.bytes;
  }
}
