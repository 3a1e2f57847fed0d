/**
 * How many datagrams a second are answered for one client's network. The sender of a datagram may be forged, and the
 * answers then hit somebody else. Two such servers could even answer each other for ever.
 *
 * The table has a fixed size. Networks that share a row share its allowance, so a flood from many addresses can only
 * make answers rarer. The row is chosen with a secret.
 */
import type { Clock } from '../../net/clock.js';
import { SECOND } from '../../net/clock.js';
import type { Random } from '../../net/random.js';
import type { Datagram } from '../../net/udp/datagram.js';

/** Rows; a power of two. */
const ROWS = 4_096;

export class ReplyLimit {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #secret: number;
  /** Answers in the second of `#seconds`. */
  readonly #counts = new Int32Array(ROWS);
  readonly #seconds = new Int32Array(ROWS);

  constructor(clock: Clock, random: Random, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#secret = random.nextInt32();
  }

  /** Whether the sender of `packet` may have one more answer; if so, it is counted. */
  allows({ source0, source1, source2, source3, isV6 }: Datagram['packet']): boolean {
    const network = isV6 ? Math.imul(source0, 0x7feb352d) ^ (source1 & ~0xff) : source3 & ~0xff;
    let hash = Math.imul(network ^ this.#secret ^ source2, 0x846ca68b);
    hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
    const row = (hash >>> 16) & (ROWS - 1);
    const second = (this.#clock.now / SECOND) | 0;
    if (this.#seconds[row] !== second) {
      this.#seconds[row] = second;
      this.#counts[row] = 0;
    }
    const count = (this.#counts[row] as number) + 1; // a row of the table
    this.#counts[row] = count;
    return count <= this.#perSecond;
  }
}
