/** What several experiments need: a world that has run, its segments, and a choice that the seed makes. */

import { World } from '../browser/world.js';
import type { WorldOptions } from '../browser/world-options.js';
import { analyzed } from '../drawing/analysis.js';
import { framesOf } from '../drawing/frames.js';
import { wordsWithSack } from '../inspect/trace/exchange.js';
import type { SegmentRow } from '../inspect/trace/segments.js';
import { SECOND } from '../net/clock.js';
import type { Picture } from './experiment.js';

export { QUIET } from '../browser/world.js';

/** No experiment takes longer than this, in virtual time. */
const LONGEST = 600 * SECOND;
/** Frames of a picture, at most: a screen. */
const MOST_FRAMES = 32;
/** What is in no picture: the hosts announce their addresses, and ask for each other's. */
const HIDDEN = ['ARP,', 'ICMP6'];

/** One of `values`, by turns: the next seed chooses the next one. */
export function chosen<T>(seed: number, values: readonly [T, ...T[]]): T {
  return values[seed % values.length] ?? values[0];
}

/** A world that has run until nothing more happens. */
export function ran(options: WorldOptions): World {
  const world = new World(options);
  world.runUntilIdle(undefined, LONGEST);
  return world;
}

/** A segment of the world's first connection, with the time of the world at which it was sent, milliseconds. */
export interface SentSegment extends SegmentRow {
  readonly sentAt: number;
}

/** The segments of the world's first connection. @throws {Error} if it has none */
export function segmentsOf(world: World): SentSegment[] {
  const analyzer = analyzed(world);
  const first = world.history.frames[0]?.time ?? 0;
  const rows = analyzer.connections.length > 0 ? analyzer.segmentsOf(1) : undefined;
  if (rows === undefined) throw new Error('the world has no connection');
  return [...rows.rows(0, rows.count)].map((row) => ({ ...row, sentAt: (row.time + first) / 1000 }));
}

/** The first of `items` that is so. An experiment without it shows nothing. @throws {Error} if there is none */
export function firstThat<T>(items: readonly T[], isSo: (item: T) => boolean, what: string): T {
  const found = items.find(isSo);
  if (found === undefined) throw new Error(`the run has no ${what}`);
  return found;
}

/** The frames of a world as a picture. */
export function framesPicture(title: string, world: World, most = MOST_FRAMES): Picture {
  const frames = framesOf(title, world, most, HIDDEN, 0, wordsWithSack);
  const note = '`win` is in bytes: the field of the header times the scale that the SYN of the same side has told.';
  return { kind: 'frames', frames, note };
}

/** Milliseconds as a person reads them. */
export function ms(value: number): string {
  return `${Math.round(value * 10) / 10} ms`;
}
