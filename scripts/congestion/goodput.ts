/**
 * `npm run congestion:goodput`: what a download gets through a lossy path, fastpath against Linux, in namespaces of its
 * own. How and why so is in docs/congestion.md. Both are measured at the same time, cell by cell, flow by flow with the
 * same seed of losses. Exits with 1 if fastpath stays below the aim anywhere.
 */
import { AIM, CELLS, type Cell, cellName } from './cells.js';
import type { LaneCounts, LaneOptions } from './lab/lane.js';
import { inLab } from './lab/main.js';
import { type Control, FASTPATH, type Lab, LINUX } from './lab/network.js';
import type { ReaderResult } from './lab/reader.js';
import { parseOptions, type RunOptions } from './options.js';

const FIRST_PORT = 8000;
/** Seconds at the start that the second ratio leaves out: chance decides in slow start how far a flow gets at first. */
const START_SECONDS = 5;

interface Flow {
  readonly cell: Cell;
  readonly address: string;
  readonly lane: LaneOptions;
}

/** Each flow with a lane of its own; the n-th flow of a cell has the same seed for both. */
function plan(seed: number): Flow[] {
  const flows: Flow[] = [];
  for (const address of [FASTPATH, LINUX]) {
    for (const cell of CELLS) {
      for (let i = 0; i < cell.flows; i++) {
        const port = FIRST_PORT + flows.length;
        const lane = { port, roundTrip: cell.roundTripMs * 1000, loss: cell.loss, seed: seed + i };
        flows.push({ cell, address, lane });
      }
    }
  }
  return flows;
}

/** What one side got in one cell. */
interface Side {
  /** Mbit/s a flow, from the first second on and without the start. */
  readonly whole: number;
  readonly later: number;
  /** Share of the data frames that the relay lost. */
  readonly lost: number;
}

function measure(flows: readonly Flow[], result: ReaderResult, counts: Record<number, LaneCounts>, pick: Flow): Side {
  let [whole, later, offered, lost, n] = [0, 0, 0, 0, 0];
  for (const [index, flow] of flows.entries()) {
    if (flow.cell !== pick.cell || flow.address !== pick.address) continue;
    n++;
    whole += rate(result[index]!);
    later += rate(result[index]!.slice(START_SECONDS));
    offered += counts[flow.lane.port]?.offered ?? 0;
    lost += counts[flow.lane.port]?.lost ?? 0;
  }
  return { whole: whole / n, later: later / n, lost: lost / offered };
}

/** Mbit/s of bytes counted each second. */
function rate(bytes: readonly number[]): number {
  return (bytes.reduce((sum, value) => sum + value, 0) * 8) / bytes.length / 1e6;
}

async function compare(lab: Lab, control: Control, options: RunOptions): Promise<boolean> {
  const flows = plan(options.seed);
  await lab.start(
    flows.map(({ lane }) => lane),
    control,
  );
  const targets = flows.map(({ address, lane }) => ({ address, port: lane.port }));
  const result = await lab.read({ durationMs: options.seconds * 1000, intervalMs: 1000, flows: targets });
  const counts = await lab.stop();
  console.log(
    `\n${control}: Mbit/s a flow, ${options.seconds} s${' '.repeat(8)}fastpath   Linux   ratio   after ${START_SECONDS} s`,
  );
  let reached = true;
  for (const cell of CELLS) {
    const side = (address: string) =>
      measure(flows, result, counts, flows.find((f) => f.cell === cell && f.address === address)!);
    const [ours, theirs] = [side(FASTPATH), side(LINUX)];
    const ratio = ours.whole / theirs.whole;
    reached &&= ratio >= AIM;
    const columns = [
      ours.whole.toFixed(2).padStart(8),
      theirs.whole.toFixed(2).padStart(8),
      ratio.toFixed(2).padStart(8),
    ];
    const lost = `lost ${(ours.lost * 100).toFixed(2)} and ${(theirs.lost * 100).toFixed(2)} %`;
    const verdict = ratio >= AIM ? '' : `   below ${AIM}`;
    console.log(
      `  ${cellName(cell).padEnd(28)}${columns.join('')}${(ours.later / theirs.later).toFixed(2).padStart(10)}   ${lost}${verdict}`,
    );
  }
  return reached;
}

const options = parseOptions('congestion:goodput', 'Downloads through lossy paths, fastpath against Linux.', 60, 14);
await inLab(async (lab) => {
  let reached = true;
  for (const control of options.controls) reached = (await compare(lab, control, options)) && reached;
  // A quick run is too short to be judged.
  return reached || options.quick ? 0 : 1;
});
