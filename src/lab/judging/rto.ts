/** The cases of the lab `rto`. */
import { SECOND } from '../../net/clock.js';
import { RoundTrip } from '../../net/tcp/parts/round-trip.js';
import { type Case, same } from './case.js';
import { scriptCase } from './script.js';

const MS = 1000;
/** Bounds with hardly any floor, so that the formulas of the RFC show. */
const PLAIN = { initialRto: SECOND, minimumRto: 1, maximumRto: 60 * SECOND };
/** A time-out that may be neither short nor long. */
const NARROW = { initialRto: 5 * SECOND, minimumRto: 4 * SECOND, maximumRto: 6 * SECOND };
const LINUX = { initialRto: SECOND, minimumRto: 200 * MS, maximumRto: 120 * SECOND };

/** An estimator that has taken these samples, milliseconds. */
function after(samples: readonly number[], bounds = PLAIN): RoundTrip {
  const estimator = new RoundTrip(bounds);
  for (const [i, sample] of samples.entries()) estimator.sample(sample * MS, i * SECOND);
  return estimator;
}

/** The averages of RFC 6298 in integers, by the definition: eight times SRTT and four times RTTVAR. */
function scaledRto(samples: readonly number[]): number {
  let [times8, times4] = [0, 0];
  for (const [i, r] of samples.entries()) {
    const smoothed = Math.floor(times8 / 8);
    times4 = i === 0 ? 2 * r : times4 + Math.abs(r - smoothed) - Math.floor(times4 / 4);
    times8 = i === 0 ? 8 * r : times8 + r - smoothed;
  }
  return Math.floor(times8 / 8) + times4;
}

export const cases: readonly Case[] = [
  {
    name: 'the first sample R makes SRTT R, RTTVAR R/2 and the time-out SRTT + 4 RTTVAR',
    section: 'RFC 6298 section 2.2',
    nudge: 'One sample R says nothing about how much samples vary, so RTTVAR begins as R/2, and the time-out is 3 R.',
    hint: '#smoothedTimes8 = 8 R = r << 3, and #varianceTimes4 = 4 (R / 2) = r << 1. With #backoff 0, rto is #base.',
    run: () => {
      const estimator = after([800]);
      same('SRTT after one sample of 800 ms, µs', estimator.smoothed, 800 * MS);
      same('RTTVAR after one sample of 800 ms, µs', estimator.variance, 400 * MS);
      same('RTO after one sample of 800 ms, and no time-out yet, µs', estimator.rto, 2400 * MS);
    },
  },
  {
    name: 'later samples: RTTVAR first, by a quarter, with the old SRTT; then SRTT, by an eighth',
    section: 'RFC 6298 section 2.3',
    nudge:
      'The order matters: “The value of SRTT used in the update to RTTVAR is its value before updating SRTT itself.”',
    hint: 'error = r - SRTT. Then 4 RTTVAR grows by |error| - RTTVAR, and 8 SRTT by error: no division is left.',
    run: () => {
      const estimator = after([800, 1600]);
      same('RTTVAR after 800 and 1600 ms, µs', estimator.variance, 500 * MS);
      same('SRTT after 800 and 1600 ms, µs', estimator.smoothed, 900 * MS);
      same('RTO after 800 and 1600 ms, µs', estimator.rto, 2900 * MS);
    },
  },
  {
    name: 'a sample below the average makes RTTVAR grow, too',
    section: 'RFC 6298 section 2.3',
    nudge: 'A distance is never negative.',
    hint: 'Math.abs(error).',
    run: () => {
      const estimator = after([800, 400]);
      same('RTTVAR after 800 and 400 ms, µs', estimator.variance, 400 * MS);
      same('SRTT after 800 and 400 ms, µs', estimator.smoothed, 750 * MS);
    },
  },
  {
    name: 'the averages are integers: their divisions are shifts',
    section: 'Jacobson and Karels (1988), appendix A',
    nudge:
      'The fields keep 8 SRTT and 4 RTTVAR, whole microseconds. A division gives a fraction, and fractions add up.',
    hint: 'SRTT is #smoothedTimes8 >> 3, RTTVAR is #varianceTimes4 >> 2. Write no / 4 and no * 7 / 8.',
    run: () => {
      const estimator = new RoundTrip(PLAIN);
      const samples = [1003, 2002, 1507, 1501, 999, 3001];
      for (const [i, sample] of samples.entries()) {
        estimator.sample(sample, i * SECOND);
        const taken = samples.slice(0, i + 1);
        same(`RTO after samples of ${taken.join(', ')} µs`, estimator.rto, scaledRto(taken));
      }
    },
  },
  {
    name: 'a sample is at least 1 µs, and at most two minutes',
    section: 'RFC 6298 section 2, and LARGEST_SAMPLE in the file',
    nudge: 'A sample of 0 would look like none, and eight times a huge one no longer fits 31 bits.',
    hint: 'r = Math.min(Math.max(1, microseconds), LARGEST_SAMPLE), and `latest` is r.',
    run: () => {
      const [quick, slow] = [new RoundTrip(PLAIN), new RoundTrip(PLAIN)];
      quick.sample(0, 0);
      same('the latest sample after one of 0 µs', quick.latest, 1);
      same('SRTT after a sample of 0 µs', quick.smoothed, 1);
      slow.sample(400 * SECOND, 0);
      same('the latest sample after one of 400 s, µs', slow.latest, 120 * SECOND);
      same('SRTT after a sample of 400 s, µs', slow.smoothed, 120 * SECOND);
    },
  },
  {
    name: 'the time-out has a floor and a ceiling',
    section: 'RFC 6298 sections 2.4 and 2.5',
    nudge: 'Without a floor, one late ACK on a steady path looks like a loss. (Here the floor is under 4 RTTVAR.)',
    hint: 'SRTT + max(minimumRto, 4 RTTVAR), and the whole of it between minimumRto and maximumRto.',
    run: () => {
      const steady = after(Array<number>(100).fill(10), LINUX);
      same('RTO after a hundred samples of 10 ms, µs', steady.rto, 210 * MS);
      same('RTO after a sample of 50 s, µs', after([50_000], PLAIN).rto, 60 * SECOND);
    },
  },
  {
    name: 'each time-out doubles the next, up to the ceiling',
    section: 'RFC 6298 section 5.5',
    nudge: 'The network may be overloaded. A host that shouts every second makes it worse.',
    hint: 'rto = min(base * 2^backoff, maximumRto). Keep the base, so that the back-off can end.',
    run: () => {
      const estimator = after([100], LINUX);
      for (const seconds of [0.3, 0.6, 1.2, 2.4, 4.8, 9.6, 19.2, 38.4, 76.8, 120, 120]) {
        same(`RTO with a back-off of ${estimator.backoff}, µs`, estimator.rto, seconds * SECOND);
        estimator.backOff();
      }
    },
  },
  {
    name: '#setRto keeps every time-out between the bounds',
    section: 'RFC 6298 sections 2.4, 2.5 and 5.7',
    nudge: 'restartAfterLostSyn sets a time-out of 3 s. The bounds hold for that one, too.',
    hint: '#setRto: #base = Math.min(Math.max(microseconds, minimumRto), maximumRto).',
    run: () => {
      for (const [bounds, seconds] of [
        [NARROW, 4],
        [{ ...NARROW, minimumRto: SECOND, maximumRto: 2 * SECOND }, 2],
      ] as const) {
        const estimator = new RoundTrip(bounds);
        estimator.backOff();
        estimator.restartAfterLostSyn();
        const { minimumRto, maximumRto } = bounds;
        same(`RTO of 3 s between bounds of ${minimumRto} and ${maximumRto} µs`, estimator.rto, seconds * SECOND);
      }
    },
  },
  {
    name: 'the time-out stays at the ceiling however often it has doubled',
    section: 'RFC 6298 section 5.5, RFC 9293 section 3.8.3',
    nudge:
      'The operators << and | work on 32 bits: 300000 << 13 is negative. Such a timer fires at once, again and again.',
    hint: 'Multiply: this.#base * 2 ** this.#backoff does not wrap. Or bound the shift before you use it.',
    run: () => {
      const estimator = after([100], LINUX);
      for (let count = 1; count <= 40; count++) {
        estimator.backOff();
        same('#backoff', estimator.backoff, count);
        if (count >= 9) same(`RTO with a back-off of ${count}, µs`, estimator.rto, 120 * SECOND);
      }
    },
  },
  {
    name: 'a sample ends the back-off: the time-out is again what the samples say',
    section: 'RFC 6298 section 5, last paragraph',
    nudge: 'Until a sample comes, nobody knows whether the path has become longer than the time-out.',
    hint: 'sample: #backoff = 0 before #setRto, so that #applyBackoff leaves the base as it is.',
    run: () => {
      const estimator = after([100], LINUX);
      estimator.backOff();
      estimator.backOff();
      estimator.sample(100 * MS, SECOND);
      same('RTO after two time-outs and a sample of 100 ms, µs', estimator.rto, 300 * MS);
      same('#backoff after two time-outs and a sample', estimator.backoff, 0);
    },
  },
  {
    name: 'the least sample is remembered, for five minutes',
    section: 'RFC 8985 section 6.2',
    nudge: 'RACK needs the least round trip. A path may change, so an old minimum is given up.',
    hint: 'Take r if there is no minimum, if r <= minimum, or if ((now - since) | 0) > MINIMUM_WINDOW.',
    run: () => {
      const estimator = new RoundTrip(PLAIN);
      estimator.sample(30 * MS, 0);
      estimator.sample(50 * MS, SECOND);
      same('the minimum after 30 and 50 ms, µs', estimator.minimum, 30 * MS);
      estimator.sample(50 * MS, 301 * SECOND);
      same('the minimum after five minutes, µs', estimator.minimum, 50 * MS);
      same('the latest sample, µs', estimator.latest, 50 * MS);
    },
  },
  {
    name: 'the five minutes run from the last time that the minimum was seen, and a stamp may wrap between',
    section: 'RFC 8985 section 6.2, and `stamp` in net/clock.ts',
    nudge:
      '`now` is a stamp of 32 bits that goes from 2147483647 to -2147483648. So compare differences, and wrap them.',
    hint: 'r <= minimum renews #minimumSince, too. The age is (now - this.#minimumSince) | 0, and must be above the bound.',
    run: () => {
      const minimumOf = (...samples: readonly (readonly [number, number])[]) => {
        const estimator = new RoundTrip(PLAIN);
        for (const [ms, seconds] of samples) estimator.sample(ms * MS, seconds * SECOND);
        return estimator.minimum / MS;
      };
      same('the minimum: 30 ms at 0 s, 50 ms at 300 s', minimumOf([30, 0], [50, 300]), 30);
      same('the minimum: 30 ms at 0 and at 200 s, 50 ms at 400 s', minimumOf([30, 0], [30, 200], [50, 400]), 30);
      const late = minimumOf([30, 0], [50, 301], [60, 302]);
      same('the minimum: 30 ms at 0 s, 50 ms at 301 s, 60 ms at 302 s', late, 50);
      const wrapped = new RoundTrip(PLAIN);
      wrapped.sample(30 * MS, (2100 * SECOND) | 0);
      wrapped.sample(50 * MS, (2401 * SECOND) | 0);
      same('the minimum 301 s later, the stamp has wrapped, µs', wrapped.minimum, 50 * MS);
    },
  },
  scriptCase('rto/backs-off.pkt', {
    name: 'in the whole stack: a segment without an answer is sent again after 0.3, 0.6, 1.2 and 2.4 s',
    section: 'RFC 6298 section 5',
    nudge: 'The time between two copies of the segment is your rto.',
    hint: 'The handshake took 0.1 s: SRTT 0.1 s, RTTVAR 0.05 s, so the first time-out is 0.3 s.',
  }),
];
