/**
 * The points of the pictures of a connection, thinned out so that no picture has more than its pixels can show.
 *
 * The time-sequence graph is Stevens's, in the manner of tcptrace: data of one side as bars from their first to their
 * last byte, the other side's acknowledgments below them as stairs, its window above them, SACK blocks between.
 */
import { ACK } from '../../net/wire/tcp.js';
import { NEVER_ARRIVES, REPEATS } from './findings.js';
import type { SegmentRow, Segments } from './segments.js';

/** Numbers by turns: time, first byte, byte behind the last, and what it is. */
export interface TimeSequence {
  /** `[time, from, to, kind]`: kind 0 new data, 1 sent again, 2 lost on the link. */
  readonly data: Float64Array;
  /** `[time, acknowledged, right edge of the window]`. */
  readonly acks: Float64Array;
  /** `[time, left, right]`. */
  readonly sacks: Float64Array;
  /** Segments in this stretch, of which some may share a pixel. */
  readonly segments: number;
  /** Different times among them. */
  readonly moments: number;
  /** Segments of the whole connection. */
  readonly total: number;
  readonly highest: number;
  readonly end: number;
}

export const NEW = 0;
export const AGAIN = 1;
export const GONE = 2;

/** A stretch of time of a side's data, as wide as `columns` pixels. */
export interface PlotWish {
  readonly fromClient: boolean;
  /** Microseconds since the capture began; with `byOrder`, rows from 0. */
  readonly begin: number;
  readonly end: number;
  /** Every segment has the same distance to the next: for a clock that stands still. Times are rows then. */
  readonly byOrder?: boolean;
  readonly columns: number;
}

/** The points of a time-sequence graph. */
export function timeSequence(segments: Segments, wish: PlotWish): TimeSequence {
  const { fromClient, begin, end, byOrder = false, columns } = wish;
  const data: number[] = [];
  const acks: number[] = [];
  const sacks: number[] = [];
  const thin = new Thinner(begin, end, columns);
  const [first, last] = byOrder
    ? [Math.ceil(begin), Math.min(segments.count, Math.floor(end) + 1)]
    : [segments.firstAt(begin), segments.firstAt(end + 1)];
  let [highest, moments, before, index] = [0, 0, Number.NaN, first];
  for (const row of segments.rows(first, last)) {
    if (row.time !== before) moments++;
    before = row.time;
    const time = byOrder ? index++ : row.time;
    if (row.isFromClient === fromClient) {
      if (row.length === 0) continue;
      const to = row.sequence + row.length;
      highest = Math.max(highest, to);
      const kind = row.findings & NEVER_ARRIVES ? GONE : row.findings & REPEATS ? AGAIN : NEW;
      thin.data(data, time, row.sequence, to, kind);
    } else if (row.flags & ACK) {
      highest = Math.max(highest, row.acknowledgment);
      thin.ack(acks, time, row.acknowledgment, row.acknowledgment + row.window);
      for (let i = 0; i + 1 < row.sack.length; i += 2) thin.sack(sacks, time, row.sack[i] ?? 0, row.sack[i + 1] ?? 0);
    }
  }
  return {
    data: Float64Array.from(data),
    acks: Float64Array.from(acks),
    sacks: Float64Array.from(sacks),
    segments: last - first,
    moments,
    total: segments.count,
    highest,
    end,
  };
}

/** Bars of one kind in one column of pixels. More than so many are joined, also where they do not touch. */
const MOST_BARS = 4;

/** The last column with bars of a kind, and where these bars begin in the list. */
interface Bars {
  column: number;
  readonly places: number[];
}

/** Joins what falls into the same column of pixels and touches what is there. */
class Thinner {
  readonly #begin: number;
  readonly #width: number;
  readonly #kinds: readonly Bars[] = [NEW, AGAIN, GONE].map(() => ({ column: -1, places: [] }));
  readonly #sacks: Bars = { column: -1, places: [] };
  #lastAck = -1;

  constructor(begin: number, end: number, columns: number) {
    this.#begin = begin;
    this.#width = Math.max(1, (end - begin) / Math.max(1, columns));
  }

  /** A bar of new data grows as long as the column stays the same. What was sent again stays to be seen. */
  data(list: number[], time: number, from: number, to: number, kind: number): void {
    const bars = this.#kinds[kind];
    const most = kind === NEW ? 1 : MOST_BARS;
    if (bars !== undefined && !this.#joins(list, bars, most, time, from, to)) list.push(time, from, to, kind);
  }

  sack(list: number[], time: number, left: number, right: number): void {
    if (!this.#joins(list, this.#sacks, MOST_BARS, time, left, right)) list.push(time, left, right);
  }

  /** Makes a bar that is there longer, if it can stand for this one, too. Otherwise the caller adds one. */
  #joins(list: number[], bars: Bars, most: number, time: number, from: number, to: number): boolean {
    const column = this.#column(time);
    if (bars.column !== column) bars.places.length = 0;
    bars.column = column;
    const touches = (at: number) => from <= (list[at + 2] ?? 0) && to >= (list[at + 1] ?? 0);
    const at = bars.places.find(touches) ?? (bars.places.length < most ? undefined : bars.places.at(-1));
    if (at === undefined) {
      bars.places.push(list.length);
      return false;
    }
    list[at + 1] = Math.min(list[at + 1] ?? from, from);
    list[at + 2] = Math.max(list[at + 2] ?? to, to);
    return true;
  }

  /** The last one of a column counts: stairs go up. */
  ack(list: number[], time: number, acknowledged: number, edge: number): void {
    const column = this.#column(time);
    if (column === this.#lastAck && list.length >= 6) list.splice(-3);
    this.#lastAck = column;
    list.push(time, acknowledged, edge);
  }

  #column(time: number): number {
    return Math.floor((time - this.#begin) / this.#width);
  }
}

/** Points of a curve: times in microseconds, and values. */
export interface Curve {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** What a capture tells of a side's sending: bytes out and not acknowledged, and round trips in microseconds. */
export interface SendCurves {
  readonly flight: Curve;
  readonly rtt: Curve;
}

/**
 * Bytes in flight after each segment, and a round trip for each acknowledgment of a segment that was sent once (Karn's
 * rule). As seen where the capture was made: at the receiver the round trips are the other half.
 */
export function sendCurves(segments: Segments, fromClient: boolean, columns: number): SendCurves {
  const flight = new CurveBuilder(columns, segments);
  const rtt = new CurveBuilder(columns, segments);
  const open: { to: number; time: number; again: boolean }[] = [];
  let [sent, acknowledged] = [0, 0];
  for (const row of segments.rows()) {
    if (row.isFromClient === fromClient) {
      sent = noteSent(row, sent, open);
    } else if (row.flags & ACK && row.acknowledgment > acknowledged) {
      acknowledged = row.acknowledgment;
      const newest = takeAcknowledged(open, acknowledged);
      if (newest !== undefined && !newest.again) rtt.add(timeOf(row) - newest.time, row.time);
    } else continue;
    flight.add(Math.max(0, sent - acknowledged), row.time);
  }
  return { flight: flight.curve(), rtt: rtt.curve() };
}

/** Where the arrival is known, that is when the sender hears of it. */
function timeOf({ arrival, time }: SegmentRow): number {
  return Number.isFinite(arrival) ? arrival : time;
}

const MOST_OPEN = 65_536;

function noteSent(row: SegmentRow, sent: number, open: { to: number; time: number; again: boolean }[]): number {
  if (row.length === 0) return sent;
  const to = row.sequence + row.length;
  if (to > sent) {
    if (open.length < MOST_OPEN) open.push({ to, time: row.time, again: (row.findings & REPEATS) !== 0 });
    return to;
  }
  for (const segment of open) if (segment.to > row.sequence && segment.to <= to) segment.again = true;
  return sent;
}

function takeAcknowledged(open: { to: number; time: number; again: boolean }[], acknowledged: number) {
  let count = 0;
  while (count < open.length && (open[count]?.to ?? 0) <= acknowledged) count++;
  return open.splice(0, count).at(-1);
}

/** Keeps of each column of pixels the first value, and the highest of the others. */
class CurveBuilder {
  readonly #times: number[] = [];
  readonly #values: number[] = [];
  readonly #width: number;
  #column = -1;
  #inColumn = 0;

  constructor(columns: number, segments: Segments) {
    const begin = segments.count === 0 ? 0 : segments.at(0).time;
    const end = segments.count === 0 ? 0 : segments.at(segments.count - 1).time;
    this.#width = Math.max(1, (end - begin) / Math.max(1, columns));
  }

  add(value: number, time: number): void {
    const column = Math.floor(time / this.#width);
    if (column !== this.#column) this.#inColumn = 0;
    this.#column = column;
    const last = this.#values.length - 1;
    if (this.#inColumn === 2) {
      this.#values[last] = Math.max(this.#values[last] ?? value, value);
      return;
    }
    this.#inColumn++;
    this.#times.push(time);
    this.#values.push(value);
  }

  curve(): Curve {
    return { times: Float64Array.from(this.#times), values: Float64Array.from(this.#values) };
  }
}

/**
 * How long the first byte of each answer takes, microseconds, as seen where the capture was made: from the last data of
 * the client to the first data of the server behind it. What was sent again is left out. `[time, microseconds]`.
 */
export function answerTimes(segments: Segments): number[] {
  const points: number[] = [];
  let askedAt = Number.NaN;
  for (const { isFromClient, length, time, findings } of segments.rows()) {
    if (length === 0 || findings & REPEATS) continue;
    if (isFromClient) askedAt = time;
    else if (!Number.isNaN(askedAt)) {
      points.push(time, time - askedAt);
      askedAt = Number.NaN;
    }
  }
  return points;
}
