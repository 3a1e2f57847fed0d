/** The picture of a figure whose first view is a graph: windows over time, or sequence numbers over time. */
import type { Figure } from '../../docs/book/figures/lib/figure.js';
import type { World } from '../../src/browser/world.js';
import { analyzed } from '../../src/drawing/analysis.js';
import { type Note, type Series, svg } from '../../src/drawing/chart.js';
import { comparedWindows, connectionsOf } from '../../src/drawing/windows.js';
import { NEW, timeSequence } from '../../src/inspect/trace/plot.js';

const COLUMNS = 400;
/** Marks of what was sent again, at most: more would hide the curve. */
const MOST_MARKS = 12;

type Points = (readonly [x: number, y: number])[];

/** Congestion window, slow start threshold and bytes in flight of the figure's side, a chart for each connection. */
export function curvesPicture({ title, side }: Figure, world: World): string {
  const connections = connectionsOf(world.history.events, side);
  if (connections.length === 0) throw new Error(`no connection has a ${side}`);
  const titles = connections.map(([first]) => (connections.length === 1 ? title : `${title}: ${first?.host}`));
  return svg(comparedWindows(titles, connections));
}

/** Sequence numbers of the figure's side: sent, acknowledged, allowed. Marks show what was lost or came again. */
export function sequencePicture({ title, side }: Figure, world: World): string {
  const analyzer = analyzed(world);
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
