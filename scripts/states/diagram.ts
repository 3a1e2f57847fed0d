/**
 * The state diagram of a connection as SVG text, from the tables of src/net/tcp/state.ts. Only the places of the boxes
 * and the bends of the lines are given here; which lines there are, and what stands beside them, is in the tables.
 */
import * as state from '../../src/net/tcp/state.js';

/** Where the boxes stand: column and row. CLOSED is drawn at the beginning and at the end. */
const PLACES: Record<string, readonly [column: number, row: number]> = {
  CLOSED: [1, 0],
  LISTEN: [0, 1],
  'SYN-SENT': [2, 1],
  'SYN-RECEIVED': [0, 2],
  ESTABLISHED: [1, 3],
  'FIN-WAIT-1': [0, 4],
  'CLOSE-WAIT': [2, 4],
  'FIN-WAIT-2': [0, 5],
  CLOSING: [1, 5],
  'LAST-ACK': [2, 5],
  'TIME-WAIT': [0, 6],
  END: [2, 6],
};

const COLUMN = 320;
const ROW = 96;
const BOX = { width: 132, height: 34 };
const LEFT = 120;
const TOP = 56;

/** Early ends lead from nearly every state to CLOSED; the table on the page has them, the figure does not. */
const EARLY: readonly state.Event[] = [
  state.ABORT_CALL,
  state.RESET_ARRIVES,
  state.ICMP_ERROR_ARRIVES,
  state.GIVEN_UP,
  state.WAIT_OVER,
];

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .page { fill: #ffffff }
  .title { font-weight: 600; font-size: 15px }
  .name { font-weight: 600; text-anchor: middle }
  .label { font-size: 12px; text-anchor: middle; paint-order: stroke; stroke: #ffffff; stroke-width: 5px }
  .box { fill: #f6f8fa; stroke: #59636e; stroke-width: 1.2 }
  .line { fill: none; stroke: #0b63c4; stroke-width: 1.4 }
  .head { fill: #0b63c4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .page { fill: #0d1117 }
    .label { stroke: #0d1117 }
    .box { fill: #161b22; stroke: #9198a1 }
    .line { stroke: #58a6ff }
    .head { fill: #58a6ff }
  }
`;

/** One line of the figure: the events that lead from one box to another. */
interface Line {
  readonly from: string;
  readonly to: string;
  readonly events: string[];
}

/** The events that lead from one state to another, in the order of the tables, with their names. */
export function* arrows(): Generator<readonly [from: string, event: state.Event, to: string]> {
  for (const [from, name] of state.STATE_NAMES.entries()) {
    for (const event of state.EVENT_NAMES.keys()) {
      const to = state.nextState(from as state.State, event as state.Event);
      const target = state.STATE_NAMES[to];
      if (target !== undefined && to !== from) yield [name, event as state.Event, target];
    }
  }
}

function lines(): Line[] {
  const found: Line[] = [];
  for (const [from, event, to] of arrows()) {
    if (to === 'CLOSED' && EARLY.includes(event) && from !== 'TIME-WAIT') continue;
    if (from === 'TIME-WAIT' && event !== state.WAIT_OVER) continue;
    const end = to === 'CLOSED' && (from === 'TIME-WAIT' || from === 'LAST-ACK') ? 'END' : to;
    const known = found.find((line) => line.from === from && line.to === end);
    const name = state.EVENT_NAMES[event] ?? '';
    if (known === undefined) found.push({ from, to: end, events: [name] });
    else known.events.push(name);
  }
  return found;
}

function centre(name: string): [x: number, y: number] {
  const place = PLACES[name];
  if (place === undefined) throw new Error(`the figure has no place for ${name}`);
  return [LEFT + place[0] * COLUMN, TOP + place[1] * ROW];
}

/** Where a line from the middle of a box to `b` leaves the box, or a `gap` beyond that. */
function edge([ax, ay]: readonly number[], [bx, by]: readonly number[], gap: number): [number, number] {
  const [dx, dy] = [bx! - ax!, by! - ay!];
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : (BOX.width / 2 + gap) / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : (BOX.height / 2 + gap) / Math.abs(dy),
  );
  return [Math.round(ax! + dx * scale), Math.round(ay! + dy * scale)];
}

/** How far the middle of a line is drawn aside, so that it keeps clear of a line or box in its way. */
function bend(line: Line, all: readonly Line[]): number {
  if (line.from === 'SYN-RECEIVED' && line.to === 'CLOSE-WAIT') return 70;
  return all.some((other) => other.from === line.to && other.to === line.from) ? 18 : 0;
}

function draw(line: Line, all: readonly Line[]): string {
  const [[ax, ay], [bx, by]] = [centre(line.from), centre(line.to)];
  const aside = bend(line, all) / Math.hypot(bx - ax, by - ay);
  const middle = [(ax + bx) / 2 + (by - ay) * aside, (ay + by) / 2 - (bx - ax) * aside].map(Math.round);
  // The middle of a quadratic curve lies half-way between its chord and its control point.
  const control = [2 * middle[0]! - (ax + bx) / 2, 2 * middle[1]! - (ay + by) / 2];
  const [start, end] = [edge([ax, ay], control, 0), edge([bx, by], control, 7)];
  const [x, y] = [0, 1].map((i) => Math.round((start[i]! + 2 * control[i]! + end[i]!) / 4));
  return (
    `<path class="line" d="M${start.join(' ')} Q${control.join(' ')} ${end.join(' ')}" marker-end="url(#head)"/>` +
    `<text class="label" x="${x}" y="${y! + 4}">${line.events.join(', ')}</text>`
  );
}

function box(name: string): string {
  const [x, y] = centre(name);
  return (
    `<rect class="box" x="${x - BOX.width / 2}" y="${y - BOX.height / 2}" width="${BOX.width}" height="${BOX.height}" ` +
    `rx="6"/><text class="name" x="${x}" y="${y + 5}">${name === 'END' ? 'CLOSED' : name}</text>`
  );
}

/** The figure. */
export function diagram(): string {
  const [width, height] = [2 * COLUMN + 2 * LEFT, TOP + 6 * ROW + 40];
  const all = lines();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    '<title>The states of a connection</title>',
    `<style>${STYLE}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" orient="auto">' +
      '<path class="head" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...all.map((line) => draw(line, all)),
    ...Object.keys(PLACES).map(box),
    '</svg>',
    '',
  ].join('\n');
}
