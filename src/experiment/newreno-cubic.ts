/** The same download with two congestion controls. RFC 5681 section 3.1, RFC 9438 section 4.6. */
import type { World } from '../browser/world.js';
import { tcbEventsOf, windowsChart } from '../drawing/windows.js';
import type { TcbEvent } from '../inspect/events.js';
import type { Experiment } from './experiment.js';
import { chosen, firstThat, QUIET, ran } from './run.js';

/** Bits a second; one way, microseconds; what waits in front of the link, bytes. */
const LINK = { rate: 10_000_000, delay: 20_000, queueBytes: 50_000 };
/** About six seconds. */
const BYTES = 7_000_000;
/** Which segment with data is lost, from 1. */
const LOST = [1500, 1700, 1900, 2100] as const;

/** What one control did with its window. */
interface Download {
  readonly events: readonly TcbEvent[];
  /** When the segment is lost, seconds since the connection began. */
  readonly lostAt: number;
  /** The window in bytes before the loss, and the threshold after it. */
  readonly before: number;
  readonly after: number;
  readonly seconds: number;
}

function download(control: 'newreno' | 'cubic', seed: number): Download {
  const world = ran({
    seed,
    hosts: { client: {}, server: { tcp: { congestionControl: control } } },
    link: { both: { delay: LINK.delay } },
    links: [
      {
        ends: ['client', 'server'],
        back: { rate: LINK.rate, queueBytes: LINK.queueBytes, loseData: [chosen(seed, LOST)] },
      },
    ],
    start: (world) => world.at(QUIET, (now) => void now.transfer('server', 'client', { content: BYTES })),
  });
  const events = tcbEventsOf(world.history.events, 'client');
  return { events, ...cutOf(world, events), seconds: ((world.transfers[0]?.doneAt ?? Number.NaN) - QUIET) / 1e6 };
}

/** How the sender took the loss of the chosen segment. */
function cutOf({ history }: World, events: readonly TcbEvent[]): Pick<Download, 'lostAt' | 'before' | 'after'> {
  const { time } = firstThat(history.frames, ({ fate }) => fate === 'lost', 'lost frame');
  const cut = firstThat(events, (event) => event.time > time && event.view.info.congestionState === 'recovery', 'cut');
  const before = events[events.indexOf(cut) - 1];
  return {
    lostAt: (time - (events[0]?.time ?? Number.NaN)) / 1e6,
    before: before?.view.info.congestionWindow ?? Number.NaN,
    after: cut.view.info.slowStartThreshold,
  };
}

/** Percent of the window that is left. */
function left({ before, after }: Download): number {
  return (100 * after) / before;
}

export const newrenoCubic: Experiment = {
  name: 'newreno-cubic',
  title: 'NewReno beside CUBIC: how far a window falls, and how it grows back',
  explanation: [
    'A sender may have as many bytes under way as its congestion window (cwnd) allows. The window grows until the ' +
      'network loses a segment. Then the sender takes a step back: it sets its threshold (ssthresh) lower, and the ' +
      'window follows.',
    'NewReno then adds one segment in each round trip: a straight line. CUBIC grows by the time since the loss: fast ' +
      'at first, slow near the old height, and fast again beyond it. Here both send the same file over the same link ' +
      'of 10 Mbit/s and 40 ms, and the same segment is lost.',
  ],
  run(seed) {
    const [newreno, cubic] = [download('newreno', seed), download('cubic', seed)];
    const share = left(cubic);
    const kB = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
    return {
      picture: {
        kind: 'charts',
        charts: [windowsChart('NewReno', newreno.events), windowsChart('CUBIC', cubic.events)],
      },
      findings: [
        `“The loss” is that of data segment ${chosen(seed, LOST)}: at ${newreno.lostAt.toFixed(2)} s with NewReno, at ` +
          `${cubic.lostAt.toFixed(2)} s with CUBIC.`,
        'At the other falls the queue in front of the link was full.',
        `NewReno has a window of ${kB(newreno.before)} at the loss, and a threshold of ${kB(newreno.after)} after it.`,
        `CUBIC has a window of ${kB(cubic.before)} at the loss, and a threshold of ${kB(cubic.after)} after it.`,
        `The download takes ${newreno.seconds.toFixed(2)} s with NewReno and ${cubic.seconds.toFixed(2)} s with CUBIC.`,
      ],
      question: {
        text: 'How many percent of its window does CUBIC keep at the loss?',
        unit: '%',
        answer: share,
        tolerance: 3,
        hint: 'Divide the threshold after the loss by the window at the loss. Both are in the line about CUBIC.',
        because:
          `CUBIC keeps ${Math.round(share)} %, NewReno ${Math.round(left(newreno))} %. RFC 9438 takes 0.7 in place ` +
          'of one half, since a long way takes many round trips to fill again.',
      },
    };
  },
};
