/** The windows of a connection over time, as a chart: for the book and for experiments. */
import type { InspectEvent, TcbEvent } from '../inspect/events.js';
import type { Chart } from './chart.js';

/** The end that began the connection, or the one that waited for it. */
export type Side = 'client' | 'server';

/** The blocks of each connection at one end, in the order in which they began. */
export function connectionsOf(all: readonly InspectEvent[], side: Side): TcbEvent[][] {
  const events = all.filter((event) => event.kind === 'tcb');
  const isActive = (event: TcbEvent) => event.view.info.state === 'SYN-SENT';
  const begins = events.filter((event) => event.before === '' && isActive(event) === (side === 'client'));
  return begins.map((first) =>
    events.filter(({ host, connection }) => host === first.host && connection === first.connection),
  );
}

/** The blocks of the first connection at one end. @throws {Error} if there is none. */
export function tcbEventsOf(all: readonly InspectEvent[], side: Side): TcbEvent[] {
  const [first] = connectionsOf(all, side);
  if (first === undefined) throw new Error(`no connection has a ${side}`);
  return first;
}

/** Charts of the same axes, one of each connection, so that they can be compared. */
export function comparedWindows(titles: readonly string[], connections: readonly TcbEvent[][]): Chart[] {
  const begin = connections[0]?.[0]?.time;
  const charts = connections.map((events, index) => windowsChart(titles[index] ?? '', events, begin));
  const most = (range: 'xRange' | 'yRange') => Math.max(...charts.map((chart) => chart[range][1]));
  return charts.map((chart) => ({ ...chart, xRange: [0, most('xRange')], yRange: [0, most('yRange')] }));
}

/** Congestion window, slow start threshold and bytes in flight, in kB over seconds since `begin`, microseconds. */
export function windowsChart(title: string, events: readonly TcbEvent[], begin = events[0]?.time ?? 0): Chart {
  const line = (value: (event: TcbEvent) => number) =>
    events.map((event) => [(event.time - begin) / 1e6, value(event) / 1000] as const);
  const window = line(({ view }) => view.info.congestionWindow);
  const threshold = line(({ view }) => view.info.slowStartThreshold).filter(([, y]) => Number.isFinite(y));
  const flight = line(({ view }) => (view.info.sndNxt - view.info.sndUna) >>> 0);
  const highest = (points: typeof window) => points.reduce((most, [, y]) => Math.max(most, y), 1);
  return {
    title,
    xLabel: 'seconds',
    yLabel: 'kB',
    xRange: [0, Math.max(0.001, window.at(-1)?.[0] ?? 0)],
    yRange: [0, Math.max(highest(window), highest(flight)) * 1.05],
    series: [
      { name: 'in flight', color: 'a', points: flight, shade: true },
      { name: 'cwnd', color: 'd', points: window },
      { name: 'ssthresh', color: 'c', points: threshold, dashed: true },
    ],
  };
}
