/**
 * What a figure of the book is: a world of src/browser that depends on a few settings, and the views that show it. A
 * chapter has a file beside this folder with its figures; web/book shows them, scripts/book draws their pictures.
 */

import { World } from '../../../../src/browser/world.js';
import type { WorldOptions } from '../../../../src/browser/world-options.js';
import { arrowsOf } from '../../../../src/inspect/trace/exchange.js';
import type { SumFigure } from './sum.js';

/** A number that the reader may change. It stands in the address of the page. */
export interface Control {
  readonly label: string;
  /** What stands behind the number: ms, %, Mbit/s. */
  readonly unit?: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Default 1. */
  readonly step?: number;
  /** A short list to choose from, in place of a number. */
  readonly choices?: readonly { readonly value: number; readonly label: string }[];
}

/** What a figure can show. The first view is the one that is seen first. */
export const VIEWS = {
  exchange: 'Frames',
  ladder: 'TCP ladder',
  sequence: 'Time–sequence',
  curves: 'cwnd and RTT',
  states: 'States',
  cache: 'Prefix sums',
} as const;
export type View = keyof typeof VIEWS;

/** How far the world has run when the figure is first seen, and in the picture. */
export type Start = 'begin' | 'end' | { readonly frames: number } | { readonly milliseconds: number };

/** A figure of a chapter. */
export type AnyFigure = Figure | SumFigure;

/** A figure that runs a world. */
export interface Figure {
  readonly kind: 'world';
  readonly title: string;
  /** One or two sentences: what is to be seen. */
  readonly tells: string;
  readonly controls: Readonly<Record<string, Control>>;
  readonly views: readonly View[];
  readonly start: Start;
  /** The seed at first; default 1. */
  readonly seed: number;
  /** The frame whose bytes are shown at first, from 1; 0: none. */
  readonly frame: number;
  /** The side of the connection whose graphs are shown at first. */
  readonly side: 'client' | 'server';
  /** Frames whose line begins so are left out: announcements of addresses, unless the figure is about them. */
  readonly hides: readonly string[];
  /** Frames that were sent before are left out, microseconds: `QUIET` leaves out all that hosts say at their start. */
  readonly since: number;
  /** Frames of the picture, at most. */
  readonly pictureFrames: number;
  /** The frames are written to docs/book/captures too: those of every link, or those that one host sees. */
  readonly capture: boolean | string;
  /** Virtual seconds in a real one when it plays: one of those that web/figures/controls.tsx offers. */
  readonly speed: 0.001 | 0.01 | 0.1 | 1 | 10;
  world(settings: Settings): Omit<WorldOptions, 'seed'>;
}

/** The value of each control. */
export type Settings = Readonly<Record<string, number>>;

/** What `figure` is given: all but the world has a default. */
export interface FigureOptions<Name extends string>
  extends Partial<Omit<Figure, 'kind' | 'controls' | 'world' | 'title' | 'tells'>> {
  readonly title: string;
  readonly tells: string;
  readonly controls?: Readonly<Record<Name, Control>>;
  /** Makes the world. It must do the same each time: a figure goes back by living again. */
  readonly world: (settings: Readonly<Record<Name, number>>) => Omit<WorldOptions, 'seed'>;
}

const DEFAULTS = {
  kind: 'world',
  views: ['exchange'],
  start: 'end',
  seed: 1,
  frame: 0,
  side: 'server',
  hides: ['ARP, Announcement'],
  since: 0,
  pictureFrames: 16,
  capture: false,
  speed: 0.1,
} as const;

/** Declares a figure. */
export function figure<Name extends string = never>(options: FigureOptions<Name>): Figure {
  const { controls = {}, world, ...rest } = options;
  return {
    ...DEFAULTS,
    ...rest,
    controls,
    world: (settings) => world(settings as Readonly<Record<Name, number>>),
  };
}

/** The settings of a figure that nobody has changed. */
export function defaultsOf({ controls }: Figure): Settings {
  return Object.fromEntries(Object.entries(controls).map(([name, { value }]) => [name, value]));
}

/** A run to the end stops here, microseconds: ten minutes of virtual time. */
const LONGEST = 600_000_000;

/** A run to the first frame stops here, microseconds. */
const LONGEST_IDLE = 60_000_000;
/** How the line of a TCP segment begins: `[S], seq 0`. */
const TCP_FLAGS = '[';

/** Runs a world to where its figure begins. */
export function runToStart(world: World, start: Start): void {
  if (start === 'begin') return;
  if (start === 'end') world.runUntilIdle(undefined, LONGEST);
  else if ('frames' in start) while (world.frames < start.frames && world.step() !== undefined);
  else world.runTo(start.milliseconds * 1000);
}

/**
 * Runs a world that has begun again to the first frame that a view shows: a reader who presses "Play" does not wait for
 * announcements, which the figure leaves out. A world that shows something already stays where it is.
 *
 * @param view the one that the reader sees
 */
export function runToFirst(world: World, { hides, since }: Pick<Figure, 'hides' | 'since'>, view: View): void {
  if (view === 'cache') return;
  const isShown = () => {
    const { events } = world.history;
    if (view === 'exchange') return arrowsOf(events, hides, since).length > 0;
    return arrowsOf(events).some(({ text }) => text.startsWith(TCP_FLAGS));
  };
  const end = world.now + LONGEST_IDLE;
  while (!isShown() && world.nextTime <= end) world.step();
}

/** The world of a figure as it is first seen. */
export function worldOf(figure: Figure, settings = defaultsOf(figure), seed = figure.seed): World {
  const world = new World({ ...figure.world(settings), seed });
  runToStart(world, figure.start);
  return world;
}

// ── Controls that many figures have ──

/** Milliseconds on the way, one way. */
export function delay(value: number, max = 200): Control {
  return { label: 'Delay', unit: 'ms', value, min: 0, max };
}

/** Percent of the frames that are lost. */
export function loss(value: number, max = 30): Control {
  return { label: 'Loss', unit: '%', value, min: 0, max, step: 0.5 };
}

/** Megabits a second. */
export function rate(value: number, max = 100): Control {
  return { label: 'Rate', unit: 'Mbit/s', value, min: 0.1, max, step: 0.1 };
}

/** Bytes: the size of a datagram, an MTU. */
export function bytes(label: string, value: number, min: number, max: number): Control {
  return { label, unit: 'bytes', value, min, max };
}

/** A choice from a short list: the label of each value, in the order of the list. */
export function choice(label: string, value: number, labels: readonly (readonly [number, string])[]): Control {
  const values = labels.map(([each]) => each);
  const choices = labels.map(([value, label]) => ({ value, label }));
  return { label, value, min: Math.min(...values), max: Math.max(...values), choices };
}

/** Something that is on (1) at first and can be switched off (0). */
export function onOff(label: string): Control {
  return choice(label, 1, [
    [1, 'on'],
    [0, 'off'],
  ]);
}
