/**
 * `npm run congestion:fairness`: two flows through one bottleneck, fastpath's and Linux's, in namespaces of their own.
 * The second comes ten seconds after the first. Each is to get 0.7 to 1.3 of its half once both are at home. Two Linux
 * flows beside them show what is usual. `--svg` draws who got what when. Exits with 1 if a share is out of bounds.
 */
import { writeFileSync } from 'node:fs';
import { type Chart, type Series, svg } from '../../src/drawing/chart.js';
import type { LaneOptions } from './lab/lane.js';
import { inLab } from './lab/main.js';
import { type Control, FASTPATH, type Lab, LINUX } from './lab/network.js';
import { parseOptions, type RunOptions } from './options.js';

const FIRST_PORT = 8000;
const RATE = 20_000_000;
const ROUND_TRIP = 40_000;
/** Of its half, for either flow (issue 9). */
const LEAST = 0.7;
const MOST = 1.3;
const INTERVAL_MS = 500;

interface Pair {
  readonly name: string;
  /** Who comes first, and who later. */
  readonly servers: readonly [string, string];
  /** Whether it is judged; else it is only there to compare with. */
  readonly judged: boolean;
}

const PAIRS: readonly Pair[] = [
  { name: 'Linux, then fastpath', servers: [LINUX, FASTPATH], judged: true },
  { name: 'fastpath, then Linux', servers: [FASTPATH, LINUX], judged: true },
  { name: 'Linux, then Linux', servers: [LINUX, LINUX], judged: false },
];

/** A rate, a round trip, and a drop-tail queue of one bandwidth-delay product. */
function bottleneck(index: number): LaneOptions {
  const queueBytes = (RATE * ROUND_TRIP) / 8e6;
  return { port: FIRST_PORT + index, roundTrip: ROUND_TRIP, loss: 0, seed: 1, rate: RATE, queueBytes };
}

/** When the second flow comes, and from when on shares count: a sixth and a third of the time. */
function phases(seconds: number): { joinsMs: number; countsFrom: number } {
  return { joinsMs: Math.round((seconds * 1000) / 6), countsFrom: Math.ceil((seconds * 1000) / 3 / INTERVAL_MS) };
}

async function compare(lab: Lab, control: Control, options: RunOptions, charts: Chart[]): Promise<boolean> {
  const { seconds } = options;
  const { joinsMs, countsFrom } = phases(seconds);
  await lab.start(
    PAIRS.map((_, index) => bottleneck(index)),
    control,
  );
  const flows = PAIRS.flatMap(({ servers }, index) =>
    servers.map((address, place) => ({ address, port: FIRST_PORT + index, startMs: place * joinsMs })),
  );
  const result = await lab.read({ durationMs: seconds * 1000, intervalMs: INTERVAL_MS, flows });
  await lab.stop();
  let fair = true;
  for (const [index, pair] of PAIRS.entries()) {
    const [first, second] = [result[2 * index]!, result[2 * index + 1]!];
    const total = (bytes: readonly number[]) => bytes.slice(countsFrom).reduce((sum, value) => sum + value, 0);
    const share = (2 * total(second)) / (total(first) + total(second));
    const used = ((total(first) + total(second)) * 8) / (RATE * (seconds - (countsFrom * INTERVAL_MS) / 1000));
    const out = share < LEAST || share > MOST;
    if (pair.judged && out) fair = false;
    const shares = `${(2 - share).toFixed(2)} and ${share.toFixed(2)} of its half`;
    const verdict = out && pair.judged ? `   beyond ${LEAST} to ${MOST}` : '';
    console.log(
      `  ${control.padEnd(6)} ${pair.name.padEnd(22)} ${shares}, ${(used * 100).toFixed(0)} % used${verdict}`,
    );
    if (index === 0) charts.push(chart(control, pair, first, second, seconds));
  }
  return fair;
}

function chart(control: Control, pair: Pair, first: number[], second: number[], seconds: number): Chart {
  const series = (name: string, color: Series['color'], bytes: readonly number[]): Series => ({
    name,
    color,
    points: bytes.map((value, i) => [(i * INTERVAL_MS) / 1000, (value * 8) / INTERVAL_MS / 1000] as const),
  });
  const half = RATE / 2e6;
  const points: Series['points'] = [
    [0, half],
    [seconds, half],
  ];
  return {
    title: `${control}: ${pair.name}, one bottleneck of 20 Mbit/s, 40 ms`,
    xLabel: 'seconds',
    yLabel: 'Mbit/s received',
    xRange: [0, seconds],
    yRange: [0, RATE / 1e6],
    series: [
      { name: 'half', color: 'd', dashed: true, points },
      series('Linux', 'b', first),
      series('fastpath', 'a', second),
    ],
  };
}

const options = parseOptions('congestion:fairness', 'Two flows through one bottleneck.', 60, 15);
await inLab(async (lab) => {
  const charts: Chart[] = [];
  let fair = true;
  for (const control of options.controls) fair = (await compare(lab, control, options, charts)) && fair;
  if (options.svg !== undefined) writeFileSync(options.svg, svg(charts));
  // A quick run is too short to be judged.
  return fair || options.quick ? 0 : 1;
});
