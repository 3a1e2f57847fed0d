/** One download through a short queue and through a deep one. RFC 8033 section 1, RFC 7567. */
import { tcbEventsOf } from '../drawing/windows.js';
import type { Experiment } from './experiment.js';
import { chosen, ms, QUIET, ran } from './run.js';

/** Bits a second. */
const RATES = [10_000_000, 8_000_000, 12_000_000, 16_000_000, 9_000_000, 14_000_000, 11_000_000] as const;
/** One way, microseconds. */
const DELAY = 10_000;
/** Bytes that may wait in front of the link. */
const SHORT = 25_000;
const DEEP = 250_000;
const BYTES = 8_000_000;

/** What a download felt: the round trip over the time, and how long it took. Seconds and milliseconds. */
interface Download {
  readonly points: readonly (readonly [seconds: number, ms: number])[];
  readonly least: number;
  readonly most: number;
  readonly seconds: number;
}

function download(rate: number, queueBytes: number, seed: number): Download {
  const world = ran({
    seed,
    hosts: { client: {}, server: {} },
    links: [{ ends: ['client', 'server'], both: { delay: DELAY }, back: { rate, queueBytes } }],
    start: (world) => world.at(QUIET, (now) => void now.transfer('server', 'client', { content: BYTES })),
  });
  const events = tcbEventsOf(world.history.events, 'client').filter(({ view }) => view.info.smoothedRtt > 0);
  const points = events.map(({ time, view }) => [(time - QUIET) / 1e6, view.info.smoothedRtt / 1000] as const);
  const values = points.map(([, value]) => value);
  const seconds = ((world.transfers[0]?.doneAt ?? Number.NaN) - QUIET) / 1e6;
  const least = (events.at(-1)?.view.info.minimumRtt ?? Number.NaN) / 1000;
  const most = values.reduce((a, b) => Math.max(a, b));
  return { points, least, most, seconds };
}

export const bufferbloat: Experiment = {
  name: 'bufferbloat',
  title: 'Bufferbloat: what a deep queue costs',
  explanation: [
    'In front of a slow link packets wait in a queue. A sender that goes by losses hears nothing until the queue is ' +
      'full. So it fills the queue, however deep it is, and keeps it nearly full.',
    'The link is busy with a short queue, too. A deep one makes the download hardly faster. But every packet waits ' +
      'behind all the others: a call or a game on the same link stutters.',
  ],
  run(seed) {
    const rate = chosen(seed, RATES);
    const [short, deep] = [download(rate, SHORT, seed), download(rate, DEEP, seed)];
    const added = deep.most - deep.least;
    return {
      picture: {
        kind: 'charts',
        charts: [
          {
            title: 'Round trip of a download through two queues',
            xLabel: 'seconds',
            yLabel: 'ms',
            xRange: [0, Math.max(short.seconds, deep.seconds)],
            yRange: [0, deep.most * 1.1],
            series: [
              { name: `queue of ${DEEP / 1000} kB`, color: 'b', points: deep.points },
              { name: `queue of ${SHORT / 1000} kB`, color: 'a', points: short.points },
            ],
          },
        ],
      },
      findings: [
        `The link takes ${rate / 1e6} Mbit/s. An empty path has a round trip of ${ms(deep.least)}.`,
        `The download of ${BYTES / 1e6} MB takes ${short.seconds.toFixed(1)} s through the short queue, and ` +
          `${deep.seconds.toFixed(1)} s through the deep one.`,
        `The short queue adds ${ms(short.most - short.least)} to the round trip at most.`,
      ],
      question: {
        text: `The deep queue takes ${DEEP / 1000} kB. How many milliseconds does it add to the round trip at most?`,
        unit: 'ms',
        answer: added,
        tolerance: Math.round(added / 8),
        hint: 'How long does the link need for all bytes that wait in the full queue? A byte has 8 bits.',
        because:
          `A full queue of ${DEEP / 1000} kB leaves in ${ms((DEEP * 8000) / rate)} at ${rate / 1e6} Mbit/s. The ` +
          `sender's smoothed round trip went up by ${ms(added)}.`,
      },
    };
  },
};
