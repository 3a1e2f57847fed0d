/** The figures of docs/congestion.md that come from virtual time: whole downloads, and one recovery from near. */

import { type Chart, type Note, type Series, svg } from '../../../src/drawing/chart.js';
import type { FlowRecord, Sample } from '../virtual-flow.js';
import { ONE_LOSS_AT, PATH_BYTES, record, SECONDS } from './scenarios.js';

const NAMES = { newreno: 'NewReno', cubic: 'CUBIC' } as const;
const KIB = 1024;
const MOST_KIB = 200;

/** File name → SVG. The same text at every run. */
export function figures(): Map<string, string> {
  const files = new Map<string, string>();
  for (const control of ['newreno', 'cubic'] as const) {
    const run = record(control);
    files.set(`congestion-${control}.svg`, svg([whole(NAMES[control], run)]));
    if (control === 'newreno') files.set('congestion-recovery.svg', svg([near(run)]));
  }
  return files;
}

function whole(name: string, run: FlowRecord): Chart {
  return {
    title: `${name}: 10 Mbit/s, 40 ms, a queue of one bandwidth-delay product`,
    xLabel: 'seconds since the connection was established',
    yLabel: 'KiB',
    xRange: [0, SECONDS],
    yRange: [0, MOST_KIB],
    series: [...curves(run.samples), pathSeries(SECONDS)],
    notes: features(run.samples),
  };
}

/** Fast recovery of the single loss, a few round trips of it. */
function near(run: FlowRecord): Chart {
  const from = enters(run.samples, 'recovery', ONE_LOSS_AT - 0.1)!.time;
  const range = [from - 0.15, from + 0.25] as const;
  const shown = run.samples.filter(({ time }) => time > range[0] - 1 && time < range[1]);
  return {
    title: 'NewReno, one lost frame from near: proportional rate reduction',
    xLabel: 'seconds since the connection was established',
    yLabel: 'KiB',
    xRange: range,
    yRange: [0, MOST_KIB],
    series: [flightSize(shown), ...curves(shown)],
  };
}

function curves(samples: readonly Sample[]): Series[] {
  const points = (value: (sample: Sample) => number) =>
    samples.map((sample) => [sample.time, value(sample) / KIB] as const);
  const finite = samples.filter(({ ssthresh }) => ssthresh !== Number.POSITIVE_INFINITY);
  return [
    { name: 'in the network (pipe)', color: 'c', shade: true, points: points(({ pipe }) => pipe) },
    { name: 'ssthresh', color: 'b', dashed: true, points: finite.map((s) => [s.time, s.ssthresh / KIB] as const) },
    { name: 'cwnd', color: 'a', points: points(({ cwnd }) => cwnd) },
  ];
}

/** Sent and not acknowledged: while a hole is open it grows, although the network holds less and less of it. */
function flightSize(samples: readonly Sample[]): Series {
  const points = samples.map((sample) => [sample.time, sample.inFlight / KIB] as const);
  return { name: 'FlightSize', color: 'c', points };
}

/** What the path holds without a queue: above this line the rest waits in the router. */
function pathSeries(seconds: number): Series {
  const level = PATH_BYTES / KIB;
  return {
    name: 'bandwidth-delay product',
    color: 'd',
    dashed: true,
    points: [
      [0, level],
      [seconds, level],
    ],
  };
}

/** The numbers in the figure, explained in docs/congestion.md. */
function features(samples: readonly Sample[]): Note[] {
  const notes: Note[] = [{ x: 0.25, y: 12, text: '1' }];
  const mark = (sample: Sample | undefined, text: string) => {
    if (sample !== undefined) notes.push({ x: sample.time, y: sample.cwnd / KIB + 14, text });
  };
  mark(enters(samples, 'recovery', 0), '2');
  mark(beforeNext(samples, 4), '3');
  mark(enters(samples, 'recovery', ONE_LOSS_AT - 0.1), '4');
  mark(enters(samples, 'loss', 15), '5');
  mark(leaves(samples, 'loss', 16.7), '6');
  mark(enters(samples, 'recovery', 24), '7');
  return notes;
}

/** The last sample before `state` is entered for the first time from `from` on: the height from which it falls. */
function enters(samples: readonly Sample[], state: string, from: number): Sample | undefined {
  const index = samples.findIndex(
    (sample, i) => sample.time >= from && sample.state === state && samples[i - 1]?.state !== state,
  );
  return index < 1 ? undefined : { ...samples[index - 1]!, time: samples[index]!.time };
}

function leaves(samples: readonly Sample[], state: string, from: number): Sample | undefined {
  return samples.find((sample, i) => sample.time >= from && sample.state !== state && samples[i - 1]?.state === state);
}

function beforeNext(samples: readonly Sample[], time: number): Sample | undefined {
  return samples.find((sample) => sample.time >= time);
}
