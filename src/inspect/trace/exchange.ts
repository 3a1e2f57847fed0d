/**
 * The frames of a world as arrows between its hosts: what is drawn as a ladder with a lane for each host or switch. It
 * takes frames of every protocol; the ladder of a TCP connection is made from segments.ts.
 *
 * The rows keep the order of time, but no scale: every frame gets room for its line of text, whether a microsecond or a
 * minute lies before it.
 */
import { describeFrame } from '../../net/wire/describe.js';
import type { SequenceBase } from '../../net/wire/describe-tcp.js';
import type { Fate, InspectEvent } from '../events.js';
import { TcpNumbers } from './tcp-numbers.js';

/** A frame on its way from one end of a link to the other. Times are microseconds. */
export interface Arrow {
  readonly number: number;
  readonly from: string;
  readonly to: string;
  readonly time: number;
  /** Infinity: it has not arrived, or never will. */
  readonly arrival: number;
  readonly fate: Fate;
  /** What it says, without the addresses: the lanes show who speaks. */
  readonly text: string;
}

/** An arrow with its place in the drawing, in pixels. */
export interface PlacedArrow extends Arrow {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** Where its text begins, or ends: beside the sender, and within the drawing. */
  readonly textX: number;
  readonly textAnchor: 'start' | 'end';
}

/** A drawing: lanes from left to right, arrows from top to bottom. */
export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly lanes: readonly { readonly name: string; readonly x: number }[];
  readonly arrows: readonly PlacedArrow[];
}

/** Room for the times on the left, and for the names on top. */
const LEFT = 96;
const RIGHT = 36;
const TOP = 56;
const BOTTOM = 14;
/** Room for the text of a frame, and between its sending and its arrival. */
const ROW = 26;
const SLOPE = 12;
/** Between a lane and the text beside it, and what a letter of the text takes. */
const ASIDE = 8;
const LETTER = 7.3;
/** The options of a TCP segment, as `describeFrame` writes them. */
const OPTIONS = /, options \[[^\]]*\]/;

/**
 * The frames among `events`, in the order of sending, but for those whose text begins with a word of `hidden` and those
 * that were sent before `since`, microseconds. `describe` says what a frame says.
 */
export function arrowsOf(
  events: readonly InspectEvent[],
  hidden: readonly string[] = [],
  since = 0,
  describe = wordsOf,
): Arrow[] {
  const arrows = new Map<number, Arrow>();
  const numbers = new TcpNumbers();
  for (const event of events) {
    if (event.kind === 'frame') {
      const { number, from, to, time, fate, bytes } = event;
      const words = describe(bytes, numbers.baseOf(bytes));
      const text = `${words}${event.corrupted ? ' (damaged)' : ''}${event.marked ? ' (marked CE)' : ''}`;
      if (time < since || hidden.some((words) => text.startsWith(words))) continue;
      arrows.set(number, { number, from, to, time, arrival: Number.POSITIVE_INFINITY, fate, text });
    } else if (event.kind === 'arrival') {
      const arrow = arrows.get(event.number);
      if (arrow?.arrival === Number.POSITIVE_INFINITY) arrows.set(event.number, { ...arrow, arrival: event.time });
    }
  }
  return [...arrows.values()];
}

/** What a frame says, as tcpdump prints it, but without the two addresses and the TCP options. */
export function wordsOf(bytes: Uint8Array, base?: SequenceBase): string {
  return withOptions(bytes, base).replace(OPTIONS, '');
}

/** The same with the SACK blocks: `, sack 1 {2889:4329}, length 0`. */
export function wordsWithSack(bytes: Uint8Array, base?: SequenceBase): string {
  return withOptions(bytes, base).replace(OPTIONS, (options) => {
    const sack = /sack \d [^,\]]*/.exec(options)?.[0];
    return sack === undefined ? '' : `, ${sack}`;
  });
}

function withOptions(bytes: Uint8Array, base?: SequenceBase): string {
  return describeFrame(bytes, 0, bytes.length, base)
    .replace(/^IP6? \S+ > \S+: /, '')
    .replace(/^(ARP, .*|ICMP6, (?:neighbor|router|multicast) .*), length \d+$/, '$1')
    .replace(/^Flags (\[\S+\]),/, '$1');
}

/** Places arrows between `lanes`. A frame that is still on its way ends half-way, as one that was lost. */
export function place(arrows: readonly Arrow[], lanes: readonly string[], width: number): Placed {
  const step = (width - LEFT - RIGHT) / Math.max(1, lanes.length - 1);
  const placedLanes = lanes.map((name, index) => ({ name, x: LEFT + index * step }));
  const x = (name: string) => LEFT + Math.max(0, lanes.indexOf(name)) * step;
  const { begins, ends, bottom } = rowsOf(arrows);
  const placed = arrows.map((arrow): PlacedArrow => {
    const [y1, end] = [begins.get(arrow) ?? TOP, ends.get(arrow)];
    const [x1, target] = [x(arrow.from), x(arrow.to)];
    const place = textPlace(x1, target, arrow.text, width);
    if (end !== undefined) return { ...arrow, ...place, x1, y1, x2: target, y2: end };
    return { ...arrow, ...place, x1, y1, x2: x1 + (target - x1) * 0.55, y2: y1 + SLOPE / 2 };
  });
  return { width, height: bottom + BOTTOM, lanes: placedLanes, arrows: placed };
}

/** Beside the sender; but a text that would leave its half of the drawing is moved to the edge. */
function textPlace(x1: number, x2: number, text: string, width: number): Pick<PlacedArrow, 'textX' | 'textAnchor'> {
  const length = text.length * LETTER;
  if (x2 < x1) {
    const isLong = x1 - ASIDE - length < LEFT;
    return isLong ? { textX: LEFT + ASIDE, textAnchor: 'start' } : { textX: x1 - ASIDE, textAnchor: 'end' };
  }
  const isLong = x1 + ASIDE + length > width;
  return isLong ? { textX: width - ASIDE / 2, textAnchor: 'end' } : { textX: x1 + ASIDE, textAnchor: 'start' };
}

interface Moment {
  readonly arrow: Arrow;
  readonly time: number;
  readonly isArrival: boolean;
}

/** The row of each sending and each arrival, by time. An arrival comes before what is sent at the same moment. */
function rowsOf(arrows: readonly Arrow[]) {
  const moments = arrows.flatMap((arrow): Moment[] => [
    { arrow, time: arrow.time, isArrival: false },
    ...(Number.isFinite(arrow.arrival) ? [{ arrow, time: arrow.arrival, isArrival: true }] : []),
  ]);
  moments.sort((a, b) => a.time - b.time || order(a) - order(b) || a.arrow.number - b.arrow.number);
  const begins = new Map<Arrow, number>();
  const ends = new Map<Arrow, number>();
  let y = TOP - ROW / 2;
  let lastSent = Number.NEGATIVE_INFINITY;
  for (const { arrow, isArrival } of moments) {
    if (isArrival) {
      y = Math.max(y, (begins.get(arrow) ?? y) + SLOPE);
      ends.set(arrow, y);
    } else {
      y = Math.max(y, lastSent + ROW, TOP);
      begins.set(arrow, y);
      lastSent = y;
    }
  }
  return { begins, ends, bottom: Math.max(y, lastSent + SLOPE) };
}

/** A frame that arrives at once arrives after it was sent. */
function order({ arrow, isArrival }: Moment): number {
  return isArrival && arrow.arrival > arrow.time ? 0 : isArrival ? 2 : 1;
}

/** The lanes of a world, from left to right: a switch stands in the middle, so that its arrows are short. */
export function lanesOf(hosts: readonly string[], ends: readonly string[]): string[] {
  const between = [...new Set(ends)].filter((name) => !hosts.includes(name));
  const middle = Math.floor(hosts.length / 2);
  return [...hosts.slice(0, middle), ...between, ...hosts.slice(middle)];
}

/** The head of an arrow as a path of SVG, turned as its line is. */
export function headOf({ x1, y1, x2, y2 }: Pick<PlacedArrow, 'x1' | 'y1' | 'x2' | 'y2'>): string {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [backX, backY] = [x2 - dx * 9, y2 - dy * 9];
  const point = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const sides = [point(backX - dy * 4, backY + dx * 4), point(backX + dy * 4, backY - dx * 4)];
  return `M${point(x2, y2)}L${sides.join('L')}z`;
}
