/** The picture of a figure whose first view is a graph: windows over time, or sequence numbers over time. */
import type { Figure } from '../../docs/book/figures/lib/figure.js';
import type { World } from '../../src/browser/world.js';
import type { TcbEvent } from '../../src/inspect/events.js';
import { Analyzer, recordOf } from '../../src/inspect/trace/analyzer.js';
import { LOST, QUEUE_FULL, TOO_LONG } from '../../src/inspect/trace/findings.js';
import { NEW, timeSequence } from '../../src/inspect/trace/plot.js';
import { type Note, type Series, svg } from '../congestion/draw/svg.js';

const COLUMNS = 400;
/** Marks of what was sent again, at most: more would hide the curve. */
const MOST_MARKS = 12;
const FATES = { delivered: 0, lost: LOST, 'queue full': QUEUE_FULL, 'too long': TOO_LONG } as const;

type Points = (readonly [x: number, y: number])[];

/** Congestion window, slow start threshold and bytes in flight of the figure's side, in its first connection. */
export function curvesPicture({ title, side }: Figure, world: World): string {
  const events = tcbEventsOf(world, side);
  const begin = events[0]?.time ?? 0;
  const line = (value: (event: TcbEvent) => number): Points =>
    events.map((event) => [(event.time - begin) / 1e6, value(event) / 1000]);
  const window = line(({ view }) => view.info.congestionWindow);
  const threshold = line(({ view }) => view.info.slowStartThreshold).filter(([, y]) => Number.isFinite(y));
  const flight = line(({ view }) => (view.info.sndNxt - view.info.sndUna) >>> 0);
  const most = Math.max(1, ...window.map(([, y]) => y), ...flight.map(([, y]) => y));
  return svg([
    {
      title,
      xLabel: 'seconds',
      yLabel: 'kB',
      xRange: [0, Math.max(0.001, ...window.map(([x]) => x))],
      yRange: [0, most * 1.05],
      series: [
        { name: 'in flight', color: 'a', points: flight, shade: true },
        { name: 'cwnd', color: 'd', points: window },
        { name: 'ssthresh', color: 'c', points: threshold, dashed: true },
      ],
    },
  ]);
}

/** The blocks of the first connection at its active end (the client) or its passive end. */
function tcbEventsOf(world: World, side: Figure['side']): TcbEvent[] {
  const events = world.history.events.filter((event) => event.kind === 'tcb');
  const isActive = (event: TcbEvent) => event.view.info.state === 'SYN-SENT';
  const begins = events.filter(({ before }) => before === '');
  const first = begins.find((event) => isActive(event) === (side === 'client'));
  if (first === undefined) throw new Error(`no connection has a ${side}`);
  return events.filter(({ host, connection }) => host === first.host && connection === first.connection);
}

/** Sequence numbers of the figure's side: sent, acknowledged, allowed. Marks show what was lost or came again. */
export function sequencePicture({ title, side }: Figure, world: World): string {
  const analyzer = new Analyzer();
  for (const { bytes, time, fate, from } of world.history.frames) {
    if (from in world.options.hosts) analyzer.add(recordOf(bytes, time), { findings: FATES[fate] });
  }
  const row = analyzer.connections[0];
  if (row === undefined) throw new Error('there is no connection');
  const wish = { fromClient: side === 'client', begin: row.begin, end: row.end, columns: COLUMNS };
  const { data, acks, highest } = timeSequence(analyzer.segmentsOf(1), wish);
  const seconds = (time: number) => (time - row.begin) / 1e6;
  const sent: Points = [];
  const notes: Note[] = [];
  for (let i = 0, top = 0; i + 3 < data.length; i += 4) {
    const [time = 0, from = 0, to = 0, kind = NEW] = data.subarray(i, i + 4);
    top = Math.max(top, to);
    sent.push([seconds(time), top / 1000]);
    if (kind !== NEW && notes.length < MOST_MARKS) {
      notes.push({ x: seconds(time), y: from / 1000, text: kind === 1 ? '↻' : '×' });
    }
  }
  const stairs = (place: 1 | 2): Points =>
    Array.from({ length: acks.length / 3 }, (_, i) => [seconds(acks[3 * i] ?? 0), (acks[3 * i + place] ?? 0) / 1000]);
  const series: Series[] = [
    { name: 'sent', color: 'a', points: sent },
    { name: 'acknowledged', color: 'd', points: stairs(1) },
    { name: 'window', color: 'b', points: stairs(2), dashed: true },
  ];
  const xRange = [0, Math.max(0.001, seconds(row.end))] as const;
  return svg([
    {
      title,
      xLabel: 'seconds',
      yLabel: 'kB',
      xRange,
      yRange: [0, Math.max(0.1, (highest * 1.1) / 1000)],
      series,
      notes,
    },
  ]);
}
