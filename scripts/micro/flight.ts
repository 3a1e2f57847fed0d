/**
 * What an ACK costs loss detection when the flight is long: SACK blocks and a RACK pass, by the flight and by its plain
 * twin, which walks all records as the flight did once. Run: `node dist/scripts/micro/flight.js`.
 */

import { AckOutcome } from '../../src/net/tcp/parts/ack-outcome.js';
import { Flight } from '../../src/net/tcp/parts/flight.js';
import { SentSegmentPool } from '../../src/net/tcp/parts/sent-segment.js';
import { type Sequence, toSequence } from '../../src/net/tcp/sequence.js';
import { PlainFlight } from '../../test/support/plain-flight.js';

const ROUNDS = 5;
const WINDOW = 1_500_000;
const ACKS = 200;
const outcome = new AckOutcome();

/** What both twins have. */
interface Scoreboard {
  add(from: Sequence, to: Sequence, segmentBytes: number, now: number): void;
  sack(left: Sequence, right: Sequence, unit: number, outcome: AckOutcome): void;
  loseOverdue(order: number, to: Sequence, patience: number, now: number): number;
}

/** A case: how the peer's SACK blocks lie. Each ACK has three of a segment each. */
type Places = (ack: number, block: number, segments: number) => number;

const CASES: Record<string, Places> = {
  // The first segment is missing and all that follow arrive: the newest block grows.
  'one hole': (ack, block) => 1 + 3 * ack + block,
  // Every other segment is missing, from the front on.
  'every other lost': (ack, block) => 1 + 2 * (3 * ack + block),
  // Blocks all over the flight, as only a peer that means harm sends them.
  scattered: (ack, block, segments) => 1 + 2 * ((((3 * ack + block) * 7919) % segments) >> 1),
};

/** Microseconds an ACK: the best of several rounds, since all noise only adds. */
function measure(make: () => Scoreboard, mss: number, place: Places): number {
  const segments = Math.floor(WINDOW / mss);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const flight = make();
    for (let i = 0; i < segments; i++) flight.add(toSequence(i * mss), toSequence((i + 1) * mss), mss, i);
    const start = process.hrtime.bigint();
    for (let ack = 0; ack < ACKS; ack++) {
      outcome.reset();
      for (let block = 0; block < 3; block++) {
        const at = place(ack, block, segments - 1) % segments;
        flight.sack(toSequence(at * mss), toSequence((at + 1) * mss), mss, outcome);
      }
      // A pass that finds nothing lost: RACK's segment is late in the flight, and patience is long.
      flight.loseOverdue(segments >> 1, toSequence((segments >> 1) * mss), 1_000_000_000, segments + ack);
    }
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / ACKS);
  }
  return best;
}

for (const mss of [48, 536, 1460]) {
  for (const [name, place] of Object.entries(CASES)) {
    const plain = measure(() => new PlainFlight(), mss, place);
    const fast = measure(() => new Flight(new SentSegmentPool()), mss, place);
    const ratio = (plain / fast).toFixed(0);
    console.log(
      `MSS ${mss}, ${Math.floor(WINDOW / mss)} segments, ${name}: ` +
        `plain walk ${plain.toFixed(1)} µs an ACK, flight ${fast.toFixed(2)} µs, ratio ${ratio}`,
    );
  }
}
