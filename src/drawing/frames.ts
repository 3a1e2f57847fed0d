/** Frames as arrows between the ends of links, for the book and for experiments: as SVG, and as text for a terminal. */
import type { InspectEvent } from '../inspect/events.js';
import { type Arrow, arrowsOf, headOf, lanesOf, type PlacedArrow, place, wordsOf } from '../inspect/trace/exchange.js';
import { type Drawing, escaped } from './page.js';
import { wrapped } from './wrap.js';

const WIDTH = 760;
/** A line of text for the frames that find no room. */
const LAST_LINE = 22;

/** Frames to be drawn. */
export interface Frames {
  readonly title: string;
  /** From left to right. */
  readonly lanes: readonly string[];
  readonly arrows: readonly Arrow[];
  /** How many frames come behind these. */
  readonly left: number;
}

/** What a world has to tell: its hosts, its links and its events. `World` of src/browser is one. */
export interface Watched {
  readonly hosts: readonly { readonly name: string }[];
  readonly links: readonly { readonly ends: readonly [string, string] }[];
  readonly history: { readonly events: readonly InspectEvent[] };
}

/**
 * The first `most` frames of a world from `since` on, but for those whose text begins with a word of `hides`.
 * `describe` says what a frame says.
 */
export function framesOf(
  title: string,
  world: Watched,
  most: number,
  hides: readonly string[] = [],
  since = 0,
  describe = wordsOf,
): Frames {
  const all = arrowsOf(world.history.events, hides, since, describe);
  const lanes = lanesOf(
    world.hosts.map(({ name }) => name),
    world.links.flatMap(({ ends }) => ends),
  );
  const arrows = all.slice(0, most);
  return { title, lanes, arrows, left: all.length - arrows.length };
}

/** Draws frames for an SVG page. */
export function framesDrawing(frames: Frames): Drawing {
  const { width, height, lanes, arrows } = place(frames.arrows, frames.lanes, WIDTH);
  const { title, left } = frames;
  return {
    title,
    width,
    height: left > 0 ? height + LAST_LINE : height,
    lines: [
      ...lanes.flatMap(({ name, x }) => [
        `<line class="lane" x1="${x}" y1="34" x2="${x}" y2="${height}"/>`,
        `<text class="name" x="${x}" y="22" text-anchor="middle">${escaped(name)}</text>`,
      ]),
      ...arrows.map(wayOf),
      ...arrows.map(saysOf),
      ...arrows.map(endOf),
      ...(left > 0 ? [`<text class="time" x="6" y="${height + 12}">${more(left)}</text>`] : []),
    ],
  };
}

/** What a letter of a picture takes, and how much of a line of text its letters fill, pixels. */
const LETTER = 7.25;
const LETTERS_HIGH = 11;

/** The line of an arrow, and the time before it. */
function wayOf(arrow: PlacedArrow): string {
  const { x1, y1, x2, y2, time } = arrow;
  const seconds = `<text class="time" x="6" y="${at(y1 - 2)}">${(time / 1e6).toFixed(6)}</text>`;
  return grouped(arrow, `${seconds}<path class="way" d="M${at(x1)} ${at(y1)}L${at(x2)} ${at(y2)}"/>`);
}

/** What a frame says. It hides the lines of earlier frames that pass behind it: of those that were sent at one time. */
function saysOf(arrow: PlacedArrow): string {
  const { textX, textAnchor, y1, text, fate } = arrow;
  const words = fate === 'delivered' ? text : `${text} (${fate})`;
  const width = words.length * LETTER;
  const left = textAnchor === 'start' ? textX : textX - width;
  const place = `x="${at(left)}" y="${at(y1 - 2 - LETTERS_HIGH)}" width="${at(width)}" height="${LETTERS_HIGH}"`;
  const says = `<text x="${at(textX)}" y="${at(y1 - 4)}" text-anchor="${textAnchor}">${escaped(words)}</text>`;
  return grouped(arrow, `<rect class="page" ${place}/>${says}`);
}

/** The head of an arrow, or the cross of a frame that is lost. Nothing hides it. */
function endOf(arrow: PlacedArrow): string {
  const { x2, y2, fate } = arrow;
  const cross = `<path class="way" d="M${at(x2 - 5)} ${at(y2 - 5)}l10 10m0 -10l-10 10"/>`;
  return grouped(arrow, fate === 'delivered' ? `<path class="head" d="${headOf(arrow)}"/>` : cross);
}

function grouped({ fate }: PlacedArrow, elements: string): string {
  return `<g${fate === 'delivered' ? '' : ' class="lost"'}>${elements}</g>`;
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function more(left: number): string {
  return `… and ${left} more ${left === 1 ? 'frame' : 'frames'}`;
}

/** Letters of a lane in a terminal, and of the time in front of them. */
const LANE = 15;
const TIME = 12;

/** How far in the words of a frame are that find no room beside its arrow. */
const INDENT = '    ';

/**
 * The same as lines of text: a time, an arrow between the lanes, and what the frame says.
 * @param width the columns of the terminal: what a frame says goes below its arrow if that is too narrow
 */
export function framesText({ lanes, arrows, left }: Frames, width = Number.POSITIVE_INFINITY): string {
  const names = lanes.map((name) => name.slice(0, LANE - 1).padEnd(LANE)).join('');
  const lines = arrows.flatMap(({ time, from, to, fate, text }) => {
    const isLost = fate !== 'delivered';
    const words = isLost ? `${text} (${fate})` : text;
    const way = wayText(lanes.length, lanes.indexOf(from), lanes.indexOf(to), isLost);
    const arrow = `${(time / 1e6).toFixed(6).padStart(TIME - 2)}  ${way}`;
    const line = `${arrow}  ${words}`;
    return line.length <= width ? [line] : [arrow, ...wrapped(words, width, INDENT)];
  });
  const head = `${'seconds'.padStart(TIME - 2)}  ${names}`.trimEnd();
  return [head, ...lines, ...(left > 0 ? [`${' '.repeat(TIME)}${more(left)}`] : [])].join('\n');
}

/** An arrow between two lanes; a lost frame ends in a cross half-way. */
function wayText(lanes: number, from: number, to: number, isLost: boolean): string {
  const letters = Array.from<unknown, string>({ length: (lanes - 1) * LANE + 1 }, (_, at) =>
    at % LANE === 0 ? '|' : ' ',
  );
  const [begin, end] = [from * LANE, to * LANE];
  const step = Math.sign(end - begin);
  const stop = isLost ? begin + step * Math.ceil(Math.abs(end - begin) / 2) : end - step;
  for (let at = begin + step; at !== stop; at += step) letters[at] = '-';
  letters[stop] = isLost ? 'x' : step > 0 ? '>' : '<';
  return letters.join('');
}
