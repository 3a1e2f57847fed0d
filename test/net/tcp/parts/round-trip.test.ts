import { expect } from 'chai';
import { SECOND } from '../../../../src/net/clock.js';
import { RoundTrip } from '../../../../src/net/tcp/parts/round-trip.js';

const MS = 1000;
/** RFC 6298's own floor, so that its figures come out; the default is Linux's. */
const RFC_BOUNDS = { initialRto: SECOND, minimumRto: 1, maximumRto: 60 * SECOND };
const LINUX_BOUNDS = { initialRto: SECOND, minimumRto: 200 * MS, maximumRto: 120 * SECOND };

describe('tcp: round trip and time-out (RFC 6298)', () => {
  it('is 1 s before the first sample [6298-1]', () => {
    expect(new RoundTrip(RFC_BOUNDS).rto).to.equal(SECOND);
  });

  it('first sample R: SRTT R, RTTVAR R/2, RTO R + 4·R/2 [6298-2]', () => {
    const roundTrip = new RoundTrip(RFC_BOUNDS);
    roundTrip.sample(800 * MS, 0);
    expect([roundTrip.smoothed, roundTrip.variance, roundTrip.rto]).to.deep.equal([800 * MS, 400 * MS, 2400 * MS]);
  });

  it('samples of 0.8 and 1.6 s: 2.9 s [6298-2]', () => {
    const roundTrip = new RoundTrip(RFC_BOUNDS);
    roundTrip.sample(800 * MS, 0);
    roundTrip.sample(1600 * MS, 0);
    expect(roundTrip.variance).to.equal(500 * MS);
    expect(roundTrip.smoothed).to.equal(900 * MS);
    expect(roundTrip.rto).to.equal(2900 * MS);
  });

  it('the variance takes the old SRTT, before that moves [6298-2]', () => {
    const roundTrip = new RoundTrip(RFC_BOUNDS);
    roundTrip.sample(100 * MS, 0);
    roundTrip.sample(200 * MS, 0);
    expect(roundTrip.variance).to.equal(0.75 * 50 * MS + 0.25 * 100 * MS);
  });

  it('a steady round trip of 1 ms: never less than the floor above it [6298-3]', () => {
    const roundTrip = new RoundTrip(LINUX_BOUNDS);
    for (let i = 0; i < 100; i++) roundTrip.sample(MS, i);
    expect(roundTrip.rto).to.be.within(201 * MS, 202 * MS);
  });

  it('each time-out doubles it, up to the cap, which is at least 60 s [6298-3] [6298-6]', () => {
    const roundTrip = new RoundTrip(LINUX_BOUNDS);
    roundTrip.sample(100 * MS, 0);
    const seconds: number[] = [];
    for (; roundTrip.backoff < 12; roundTrip.backOff()) seconds.push(roundTrip.rto / SECOND);
    expect(seconds).to.deep.equal([0.3, 0.6, 1.2, 2.4, 4.8, 9.6, 19.2, 38.4, 76.8, 120, 120, 120]);
  });

  it('the doubling lasts until there is a sample [6298-6]', () => {
    const roundTrip = new RoundTrip(LINUX_BOUNDS);
    roundTrip.sample(100 * MS, 0);
    roundTrip.backOff();
    roundTrip.backOff();
    expect([roundTrip.rto, roundTrip.backoff]).to.deep.equal([1200 * MS, 2]);
    roundTrip.sample(100 * MS, SECOND);
    expect([roundTrip.rto, roundTrip.backoff]).to.deep.equal([300 * MS, 0]);
  });

  it('a SYN that timed out and no sample yet: 3 s when data starts [6298-1]', () => {
    const roundTrip = new RoundTrip(LINUX_BOUNDS);
    roundTrip.backOff();
    roundTrip.restartAfterLostSyn();
    expect(roundTrip.rto).to.equal(3 * SECOND);
  });

  it('a SYN that timed out, with a sample all the same (timestamps): by the sample [6298-1]', () => {
    const roundTrip = new RoundTrip(LINUX_BOUNDS);
    roundTrip.backOff();
    roundTrip.sample(10 * MS, 0);
    roundTrip.restartAfterLostSyn();
    expect(roundTrip.rto).to.equal(210 * MS);
  });

  it('the minimum is that of the last minutes, not of all time [8985-1]', () => {
    const roundTrip = new RoundTrip(LINUX_BOUNDS);
    roundTrip.sample(10 * MS, 0);
    roundTrip.sample(50 * MS, SECOND);
    expect(roundTrip.minimum).to.equal(10 * MS);
    roundTrip.sample(50 * MS, 600 * SECOND);
    expect(roundTrip.minimum).to.equal(50 * MS);
  });
});
