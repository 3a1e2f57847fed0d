/** The segment that somebody means who points at a graph. */
import { ACK } from '../../net/wire/tcp.js';
import type { SegmentRow, Segments } from './segments.js';

/** A point of a graph of one side. */
export interface PointWish {
  readonly fromClient: boolean;
  /** Microseconds; with `byOrder`, rows from 0. */
  readonly time: number;
  /** As the graph counts it; undefined: only the time counts, and only segments of this side. */
  readonly sequence?: number;
  readonly byOrder?: boolean;
  /** What a pixel is worth, in units of the time and of the sequence numbers. */
  readonly timePerPixel: number;
  readonly sequencePerPixel?: number;
}

/** Pixels: what is farther away is not meant. */
const REACH = 24;
/** Where only the time counts, a segment may be anywhere above or below. */
const REACH_IN_TIME = 120;

/** The frame of the segment that is nearest to the point; 0: there is none near it. */
export function nearestSegment(segments: Segments, wish: PointWish): number {
  const reach = wish.sequence === undefined ? REACH_IN_TIME : REACH;
  const [begin, end] = [wish.time - reach * wish.timePerPixel, wish.time + reach * wish.timePerPixel];
  const [first, last] = wish.byOrder
    ? [Math.max(0, Math.ceil(begin)), Math.min(segments.count, Math.floor(end) + 1)]
    : [segments.firstAt(begin), segments.firstAt(end)];
  let [best, frame, index] = [reach, 0, first];
  for (const row of segments.rows(first, last)) {
    const across = ((wish.byOrder ? index : row.time) - wish.time) / wish.timePerPixel;
    index++;
    const distance = Math.hypot(across, heightOf(row, wish));
    if (distance < best) [best, frame] = [distance, row.frame];
  }
  return frame;
}

/** How many pixels a segment is above or below the point. */
function heightOf(row: SegmentRow, { fromClient, sequence, sequencePerPixel = 1 }: PointWish): number {
  const isOwn = row.isFromClient === fromClient;
  if (sequence === undefined) return isOwn ? 0 : Number.POSITIVE_INFINITY;
  const outside = (from: number, to: number) => Math.max(from - sequence, sequence - to, 0) / sequencePerPixel;
  if (isOwn) return row.length > 0 ? outside(row.sequence, row.sequence + row.length) : Number.POSITIVE_INFINITY;
  const heights = (row.flags & ACK) === 0 ? [] : [outside(row.acknowledgment, row.acknowledgment)];
  for (let i = 0; i + 1 < row.sack.length; i += 2) heights.push(outside(row.sack[i] ?? 0, row.sack[i + 1] ?? 0));
  return Math.min(Number.POSITIVE_INFINITY, ...heights);
}
