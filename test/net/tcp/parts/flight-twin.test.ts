import { expect } from 'chai';
import fc from 'fast-check';
import { AckOutcome } from '../../../../src/net/tcp/parts/ack-outcome.js';
import { Flight } from '../../../../src/net/tcp/parts/flight.js';
import { SentSegmentPool } from '../../../../src/net/tcp/parts/sent-segment.js';
import {
  add,
  distance,
  isAfter,
  isAtOrBefore,
  type Sequence,
  toSequence,
  ZERO,
} from '../../../../src/net/tcp/sequence.js';
import { PlainFlight } from '../../../support/plain-flight.js';

/** Numbers wrap in the middle of all that is done here. */
const BASE = toSequence(0x7fffffff - 5000);

/** What a connection may do to its flight. Places are parts of the flight, from 0 to 1. */
const place = fc.double({ min: 0, max: 1, noNaN: true });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ add: fc.integer({ min: 1, max: 40 }), segment: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 6, arbitrary: fc.record({ sack: fc.tuple(place, place), unit: fc.constantFrom(1, 3, 10) }) },
  { weight: 2, arbitrary: fc.record({ acknowledge: place }) },
  { weight: 3, arbitrary: fc.record({ patience: fc.nat(60) }) },
  { weight: 3, arbitrary: fc.record({ resend: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.constantFrom('time-out' as const, 'undo' as const) },
);

/** Both flights, driven together. */
class Twins {
  readonly flight = new Flight(new SentSegmentPool());
  readonly plain = new PlainFlight();
  una = 0;
  nxt = 0;
  now = 0;
  /** An ACK ended inside what was SACKed: what is left of a joined record counts in proportion only. */
  countsDiffer = false;
  #rackOrder = 0;
  #rackTo = BASE;

  send(length: number, segmentBytes: number): void {
    const [from, to] = [add(BASE, this.nxt), add(BASE, this.nxt + length)];
    this.flight.add(from, to, segmentBytes, this.now);
    this.plain.add(from, to, segmentBytes, this.now);
    this.nxt += length;
  }

  acknowledge(bytes: number): void {
    const una = add(BASE, this.una + bytes);
    const isSacked = (at: Sequence) =>
      this.plain.records.some((one) => one.sacked && isAtOrBefore(one.from, at) && isAfter(one.to, at));
    this.countsDiffer ||= isSacked(una) && isSacked(add(una, -1));
    this.#both((flight, outcome) => flight.acknowledge(una, outcome));
    this.una += bytes;
  }

  sack(from: number, to: number, unit: number): void {
    const [left, right] = [add(BASE, this.una + from), add(BASE, this.una + to)];
    this.#both((flight, outcome) => flight.sack(left, right, unit, outcome));
  }

  detect(patience: number): void {
    const { now } = this;
    const fast = this.flight.loseOverdue(this.#rackOrder, this.#rackTo, patience, now);
    expect(fast).to.equal(this.plain.loseOverdue(this.#rackOrder, this.#rackTo, patience, now));
  }

  resend(times: number): void {
    for (let i = 0; i < times; i++) {
      const [fast, plain] = [this.flight.firstLost(), this.plain.firstLost()];
      expect(fast === null).to.equal(plain === undefined);
      if (fast === null || plain === undefined) return;
      expect([fast.from, fast.to]).to.deep.equal([plain.from, plain.to]);
      this.flight.resend(fast, 7, this.now);
      this.plain.resend(plain, 7, this.now);
    }
  }

  /** One event for both, and what it said about the ACK; RACK's segment moves as `rackUpdate` moves it. */
  #both(event: (flight: Flight | PlainFlight, outcome: AckOutcome) => void): void {
    const [fast, plain] = [new AckOutcome(), new AckOutcome()];
    event(this.flight, fast);
    event(this.plain, plain);
    expect({ ...fast }).to.deep.equal({ ...plain });
    const isNewer = fast.newestOrder > this.#rackOrder || isAfter(fast.newestTo, this.#rackTo);
    if (!fast.hasNewest || fast.newestOrder < this.#rackOrder || !isNewer) return;
    this.#rackOrder = fast.newestOrder;
    this.#rackTo = fast.newestTo;
  }

  /** The same bytes are out, SACKed and lost. */
  compare(): void {
    const letter = (one: { sacked: boolean; lost: boolean }) => (one.sacked ? 'S' : one.lost ? 'L' : '-');
    let fast = '';
    for (let one = this.flight.first; one !== null; one = one.next) fast += letter(one).repeat(one.length);
    const plain = this.plain.records.map((one) => letter(one).repeat(distance(one.from, one.to))).join('');
    expect(fast).to.equal(plain);
    const count = (wanted: string) => [...plain].filter((one) => one === wanted).length;
    expect(this.flight.outstanding).to.equal(plain.length);
    expect([this.flight.sackedBytes, this.flight.lostBytes]).to.deep.equal([count('S'), count('L')]);
    if (!this.countsDiffer) expect(this.flight.sackedSegments).to.equal(this.plain.sackedSegments);
    else if (!plain.includes('S')) expect(this.flight.sackedSegments).to.equal(0);
  }
}

function drive(twins: Twins, steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): void {
  for (const one of steps) {
    twins.now += 10;
    const out = twins.nxt - twins.una;
    if (one === 'time-out') {
      twins.flight.loseAll();
      twins.plain.loseAll();
    } else if (one === 'undo') {
      twins.flight.findAll();
      twins.plain.findAll();
    } else if ('add' in one) twins.send(one.add, one.segment);
    else if ('sack' in one) {
      const [a, b] = one.sack.map((part) => Math.round(part * out)) as [number, number];
      if (a !== b) twins.sack(Math.min(a, b), Math.max(a, b), one.unit);
    } else if ('acknowledge' in one) twins.acknowledge(Math.round((one.acknowledge * out) / 3));
    else if ('patience' in one) twins.detect(one.patience);
    else twins.resend(one.resend);
    twins.compare();
  }
}

describe('tcp: flight, beside its plain twin', () => {
  it('says and keeps the same as a walk over all records', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => drive(new Twins(), steps)),
      { numRuns: 400 },
    );
  });

  it('says and keeps the same where the flight is so long that it has an index', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
        const twins = new Twins();
        for (let i = 0; i < 1500; i++) twins.send(1 + (i % 5), 3);
        // Every third record arrives, so that neither twin has long stretches.
        for (let at = 0; at + 3 < 4000; at += 9) twins.sack(at, at + 3, 1);
        drive(twins, steps);
      }),
      { numRuns: 12 },
    );
  });

  it('a record that has left the flight is in no search any more, whoever has it now', () => {
    const pool = new SentSegmentPool();
    const [one, other] = [new Flight(pool), new Flight(pool)];
    const outcome = new AckOutcome();
    for (let i = 0; i < 2000; i++) one.add(add(ZERO, 10 * i), add(ZERO, 10 * i + 10), 10, 1);
    one.sack(toSequence(19_990), toSequence(20_000), 10, outcome);
    one.acknowledge(toSequence(19_980), outcome);
    for (let i = 0; i < 2000; i++) other.add(toSequence(80_000 + 10 * i), toSequence(80_010 + 10 * i), 10, 1);
    expect(one.recordAt(toSequence(19_985))).to.equal(one.first);
    expect(one.recordAt(toSequence(19_990))).to.equal(one.last);
    expect(one.recordAt(toSequence(90_000))).to.equal(null);
  });
});
