/**
 * How large the receive buffer should be: "dynamic right-sizing" (W. Feng et al., 2001), as Linux does it
 * (tcp_rcv_space_adjust). A window allows one buffer each round trip. So the receiver measures the round trip, counts
 * what the program takes in one, and offers at least twice that: then the network or the program bounds the speed,
 * and not the buffer. If a program does not read, its buffer does not grow.
 */
import { MILLISECOND } from '../../clock.js';
import { distance, type Sequence, ZERO } from '../sequence.js';

/** What is taken in the first round trip is compared with this many segments: the peer's first window (RFC 6928). */
const FIRST_WINDOW_SEGMENTS = 10;
/** Room for small variations, in segments. */
const CUSHION_SEGMENTS = 16;

export class ReceiveTuning {
  /** The round trip eightfold, microseconds; 0: not known yet. */
  #roundTripTimes8 = 0;
  /** Without timestamps: at least a round trip has passed when all that had been offered at `#probeSince` has come. */
  #probeTo: Sequence = ZERO;
  #probeSince = 0;
  #probing = false;
  /** TSecr of the last sample: several segments echo the same. */
  #lastEcho = 0;
  /**
   * The running measurement: its start (a stamp of the clock), its first byte, and the bytes that the program took in
   * the measurement before.
   */
  #since: number;
  #from: Sequence;
  #takenBefore: number;

  /** @param first the number of the stream's first byte @param stamp when the connection was established */
  constructor(first: Sequence, mss: number, stamp: number) {
    this.#from = first;
    this.#since = stamp;
    this.#takenBefore = FIRST_WINDOW_SEGMENTS * mss;
  }

  /** A full segment echoes a timestamp that we sent so many milliseconds ago; less than one counts as one. */
  sample(echo: number, milliseconds: number): void {
    if (echo === this.#lastEcho) return;
    this.#lastEcho = echo;
    const sample = Math.max(1, milliseconds) * MILLISECOND;
    const eighths = this.#roundTripTimes8;
    this.#roundTripTimes8 = eighths === 0 ? sample << 3 : eighths + sample - (eighths >> 3);
  }

  /**
   * The same without timestamps: data has come up to `next`, and we offer a window up to `edge`. Such a sample is never
   * too short but often too long, so the shortest counts.
   */
  sampleByWindow(next: Sequence, edge: Sequence, stamp: number): void {
    if (this.#probing && distance(this.#probeTo, next) < 0) return;
    if (this.#probing) {
      const eighths = Math.max(1, (stamp - this.#probeSince) | 0) << 3;
      if (this.#roundTripTimes8 === 0 || eighths < this.#roundTripTimes8) this.#roundTripTimes8 = eighths;
    }
    this.#probing = true;
    this.#probeTo = edge;
    this.#probeSince = stamp;
  }

  /**
   * The program has taken all before `taken`. Returns the buffer that is wanted, bytes; 0: no news. The factor of two
   * allows for a loss, which takes a round trip to mend. If more came than in the round trip before, the difference is
   * added twice, since the peer's window doubles in slow start.
   */
  wanted(taken: Sequence, mss: number, stamp: number): number {
    const elapsed = (stamp - this.#since) | 0;
    if (this.#roundTripTimes8 === 0 || elapsed < this.#roundTripTimes8 >> 3) return 0;
    const count = distance(this.#from, taken);
    const before = this.#takenBefore;
    this.#since = stamp;
    this.#from = taken;
    if (count <= before) return 0;
    this.#takenBefore = count;
    const steady = 2 * count + CUSHION_SEGMENTS * mss;
    return Math.floor(steady + (2 * steady * (count - before)) / before);
  }
}
