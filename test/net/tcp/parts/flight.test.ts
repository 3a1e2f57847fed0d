import { expect } from 'chai';
import fc from 'fast-check';
import { AckOutcome } from '../../../../src/net/tcp/parts/ack-outcome.js';
import { Flight } from '../../../../src/net/tcp/parts/flight.js';
import { SentSegmentPool } from '../../../../src/net/tcp/parts/sent-segment.js';
import { add, distance, toSequence } from '../../../../src/net/tcp/sequence.js';

/** Numbers wrap in the middle of all that is done here. */
const BASE = toSequence(0x7fffffff - 500);

function makeFlight(...lengths: number[]) {
  const flight = new Flight(new SentSegmentPool());
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    flight.add(add(BASE, at), add(BASE, at + length), length, 10 * (i + 1));
    at += length;
  }
  return { flight, outcome: new AckOutcome() };
}

/** The flight byte by byte: `-` sent, `S` SACKed, `L` lost. */
function picture(flight: Flight): string {
  let text = '';
  for (let record = flight.first; record !== null; record = record.next) {
    text += (record.sacked ? 'S' : record.lost ? 'L' : '-').repeat(record.length);
  }
  return text;
}

function count(text: string, letter: string): number {
  return [...text].filter((one) => one === letter).length;
}

describe('tcp: flight', () => {
  it('its sums are those of its records, through anything that may happen to it', () => {
    const place = fc.nat(200);
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ acknowledge: place }),
      fc.record({ sack: fc.tuple(place, place) }),
      fc.record({ lose: fc.nat(10) }),
      fc.record({ resend: fc.boolean() }),
      fc.record({ forget: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { flight, outcome } = makeFlight();
        let [una, nxt, now] = [0, 0, 0];
        for (const one of steps) {
          outcome.reset();
          const before = picture(flight);
          now += 10;
          if ('add' in one) {
            flight.add(add(BASE, nxt), add(BASE, nxt + one.add), one.add, now);
            nxt += one.add;
          } else if ('acknowledge' in one) {
            const gone = Math.min(one.acknowledge, nxt - una);
            flight.acknowledge(add(BASE, una + gone), outcome);
            una += gone;
            expect(picture(flight)).to.equal(before.slice(gone));
            expect(outcome.acked).to.equal(gone);
            expect(outcome.ackedAlreadySacked).to.equal(count(before.slice(0, gone), 'S'));
          } else if ('sack' in one) {
            const [a, b] = [Math.min(...one.sack, nxt - una), Math.min(Math.max(...one.sack), nxt - una)];
            flight.sack(add(BASE, una + a), add(BASE, una + b), 1, outcome);
            expect(picture(flight)).to.equal(before.slice(0, a) + 'S'.repeat(b - a) + before.slice(b));
            expect(outcome.sacked).to.equal(b - a - count(before.slice(a, b), 'S'));
          } else if ('lose' in one) {
            let record = flight.first;
            for (let i = 0; i < one.lose && record !== null; i++) record = record.next;
            if (record !== null) flight.markLost(record);
          } else if ('resend' in one) {
            const lost = flight.firstLost();
            expect(lost === null).to.equal(!before.includes('L'));
            if (lost !== null) {
              expect(distance(add(BASE, una), lost.from)).to.equal(before.indexOf('L'));
              flight.resend(lost, lost.length, now);
            }
          } else flight.loseSacked();
          const text = picture(flight);
          expect(flight.outstanding).to.equal(nxt - una);
          expect(flight.sackedBytes).to.equal(count(text, 'S'));
          expect(flight.lostBytes).to.equal(count(text, 'L'));
          expect(flight.pipe).to.equal(count(text, '-'));
        }
        flight.clear();
        expect([flight.outstanding, flight.sackedBytes, flight.lostBytes, flight.sackedSegments]).to.deep.equal([
          0, 0, 0, 0,
        ]);
        expect([flight.first, flight.last]).to.deep.equal([null, null]);
      }),
      { numRuns: 300 },
    );
  });

  it('records go back to the pool and come clean out of it', () => {
    const pool = new SentSegmentPool();
    const flight = new Flight(pool);
    flight.add(add(BASE, 0), add(BASE, 10), 10, 1);
    const record = flight.first!;
    flight.markLost(record);
    flight.resend(record, 10, 2);
    flight.clear();
    flight.add(add(BASE, 10), add(BASE, 20), 10, 3);
    expect(flight.first).to.equal(record);
    expect([record.resends, record.lost, record.sacked]).to.deep.equal([0, false, false]);
  });

  it('the round-trip sample is of a segment never sent again [6298-4]', () => {
    const { flight, outcome } = makeFlight(10, 10);
    flight.markLost(flight.first!);
    flight.resend(flight.first!, 10, 100);
    flight.acknowledge(add(BASE, 10), outcome);
    expect([outcome.hasOriginal, outcome.ackedResent]).to.deep.equal([false, true]);
    outcome.reset();
    flight.acknowledge(add(BASE, 20), outcome);
    expect([outcome.hasOriginal, outcome.rttSentAt, outcome.ackedResent]).to.deep.equal([true, 20, false]);
  });

  it('the newest transmission is the one sent last, a resend too [8985-1]', () => {
    const { flight, outcome } = makeFlight(10, 10, 10);
    flight.markLost(flight.first!);
    flight.resend(flight.first!, 10, 100);
    flight.sack(add(BASE, 20), add(BASE, 30), 10, outcome);
    expect([outcome.newestSentAt, outcome.newestResent]).to.deep.equal([30, false]);
    flight.acknowledge(add(BASE, 10), outcome);
    expect([outcome.newestSentAt, outcome.newestResent]).to.deep.equal([100, true]);
  });

  it('an original that arrives below what has arrived before is reordering; a resend is not [8985-2]', () => {
    const { flight, outcome } = makeFlight(10, 10, 10);
    flight.sack(add(BASE, 20), add(BASE, 30), 10, outcome);
    expect(outcome.reordering).to.equal(0);
    flight.markLost(flight.first!);
    flight.resend(flight.first!, 10, 100);
    flight.acknowledge(add(BASE, 10), outcome);
    expect(outcome.reordering).to.equal(0);
    flight.acknowledge(add(BASE, 20), outcome);
    expect(outcome.reordering).to.equal(20);
  });

  it('SACK blocks of odd bytes count whole segments only, and break nothing into dust [2018-4]', () => {
    const { flight, outcome } = makeFlight(100);
    flight.sack(add(BASE, 15), add(BASE, 45), 10, outcome);
    expect(picture(flight)).to.equal(`${'-'.repeat(20)}${'S'.repeat(20)}${'-'.repeat(60)}`);
    flight.sack(add(BASE, 61), add(BASE, 69), 10, outcome);
    flight.sack(add(BASE, 95), add(BASE, 100), 10, outcome);
    expect(flight.sackedBytes).to.equal(20);
  });
});
