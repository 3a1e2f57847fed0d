/**
 * What is drawn: the same download with NewReno and with CUBIC, so that every feature of congestion control shows once.
 *
 *     10 Mbit/s, 40 ms, a drop-tail queue of one bandwidth-delay product (50 kB), and
 *     - at 8.9 s one frame lost by chance (that is, by name: the first with data then),
 *     - at 16 s nothing gets through for 700 ms: a time-out,
 *     - at 24 s a link that loses one frame in 400 for the rest of the time, seeded.
 */
import { SeededRandom } from '../../../src/net/random.js';
import { type FlowRecord, VirtualFlow } from '../virtual-flow.js';

export const RATE = 10_000_000;
export const ROUND_TRIP = 40_000;
/** Bandwidth-delay product, bytes: what the path holds without a queue. */
export const PATH_BYTES = (RATE * ROUND_TRIP) / 8e6;
export const SECONDS = 36;
/** Longer than any ACK-only or handshake frame. */
const DATA_FRAME_BYTES = 1000;
export const ONE_LOSS_AT = 8.9;
const OUTAGE = [16, 16.7] as const;
const BAD_FROM = 24;
const BAD_LOSS = 1 / 400;

/** Runs the download; always the same for the same control and seed. */
export function record(control: 'newreno' | 'cubic', seed = 7): FlowRecord {
  const random = new SeededRandom(seed);
  let oneLost = false;
  const lose = (_bytes: Uint8Array, length: number): boolean => {
    if (length < DATA_FRAME_BYTES) return false;
    const seconds = flow.network.clock.now / 1e6;
    if (!oneLost && seconds >= ONE_LOSS_AT) {
      oneLost = true;
      return true;
    }
    if (seconds >= OUTAGE[0] && seconds < OUTAGE[1]) return true;
    return seconds >= BAD_FROM && random.nextFraction() < BAD_LOSS;
  };
  const link = { rate: RATE, queueBytes: PATH_BYTES, delay: ROUND_TRIP / 2, lose };
  const flow: VirtualFlow = new VirtualFlow({ control, seed, link, seconds: SECONDS });
  return flow.run();
}
