/**
 * What the page asks its worker, and what the worker tells it. The worker reads and keeps everything; the page gets no
 * more than it can show. Times are microseconds since the first frame.
 */
import type { Subtraction } from '../../src/inspect/prefix-sums.js';
import type { ConnectionRow } from '../../src/inspect/trace/analyzer.js';
import type { Arrow } from '../../src/inspect/trace/exchange.js';
import type { Finding } from '../../src/inspect/trace/findings.js';
import type { PointWish } from '../../src/inspect/trace/nearest.js';
import type { Curve, TimeSequence } from '../../src/inspect/trace/plot.js';
import type { StateWays } from '../../src/inspect/trace/states.js';

/** What is being looked at. */
export type SourceKind = 'none' | 'file' | 'world' | 'server';

/** How far the reading is. */
export interface Summary {
  readonly kind: SourceKind;
  readonly name: string;
  readonly frames: number;
  readonly bytes: number;
  readonly duration: number;
  /** Milliseconds since 1970 of the first frame; NaN: there is none. */
  readonly begin: number;
  readonly connections: number;
  /** From 0 to 1, while a file is read; 1: all is read. */
  readonly progress: number;
  /** What could not be read, or was left out. */
  readonly problems: readonly string[];
  /** Counts up when something has changed. */
  readonly version: number;
  /** Of a world: what its controls show. */
  readonly world?: WorldState;
  /** Of a server: the newest numbers. */
  readonly server?: Readonly<Record<string, number>>;
  readonly filter?: FilterState;
}

export interface WorldState {
  readonly seed: number;
  readonly now: number;
  readonly events: number;
  readonly isPlaying: boolean;
  readonly isOver: boolean;
  readonly preset: string;
}

export interface FilterState {
  readonly text: string;
  readonly matches: number;
  readonly isDone: boolean;
  /** The first connection that has a frame which passes; 0: none has. */
  readonly first: number;
}

export interface ConnectionList {
  readonly rows: readonly ConnectionView[];
  readonly total: number;
}

/** A row of the table of connections. */
export interface ConnectionView extends ConnectionRow {
  readonly state: string;
  /** None of its frames passes the filter. */
  readonly isHidden: boolean;
  /** The interface where it was seen; '': there is only one. */
  readonly place: string;
  /** Microseconds; undefined: not known. */
  readonly rtt: number | undefined;
  /** Bytes; undefined: only a world or a server knows it. */
  readonly cwnd: number | undefined;
}

export const ORDERS = ['number', 'bytes', 'troubles', 'end'] as const;
export type Order = (typeof ORDERS)[number];

/** One rung of the ladder. */
export interface Rung {
  readonly row: number;
  readonly frame: number;
  readonly time: number;
  readonly arrival: number;
  readonly isFromClient: boolean;
  readonly flags: string;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly hasAck: boolean;
  readonly length: number;
  readonly window: number;
  /** False: the scale of the window is not known, so it stands as in the header. */
  readonly hasScale: boolean;
  readonly sack: readonly number[];
  readonly findings: readonly Finding[];
}

export interface RungList {
  readonly rungs: readonly Rung[];
  readonly total: number;
}

/** The curves of one side of a connection. */
export interface Curves {
  readonly flight: Curve;
  readonly rtt: Curve;
  /** Bytes, and microseconds; empty for a capture, which does not show them. */
  readonly cwnd: Curve;
  readonly ssthresh: Curve;
  readonly rto: Curve;
}

/** A frame as one line. */
export interface FrameLine {
  readonly number: number;
  readonly time: number;
  readonly length: number;
  readonly connection: number;
  readonly line: string;
}

export interface FrameList {
  readonly lines: readonly FrameLine[];
  readonly total: number;
}

export interface FieldView {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly meaning: string;
  readonly section: string;
  readonly from: number;
  readonly to: number;
}

export interface LayerView {
  readonly label: string;
  readonly section: string;
  readonly problems: readonly string[];
  readonly fields: readonly FieldView[];
}

/** A frame, taken apart. */
export interface FrameDetail {
  readonly number: number;
  readonly time: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly line: string;
  /** Its numbers as the ladder shows them: counted from the SYN, and scaled; '': it is no segment of a connection. */
  readonly numbers: string;
  readonly layers: readonly LayerView[];
  readonly findings: readonly Finding[];
}

/** An object of a cache. */
export interface CacheObject {
  readonly host: string;
  readonly path: string;
  readonly bytes: number;
  /** Null: not counted. */
  readonly hits: number | null;
}

/** Who sent which frame to whom, in a world. */
export interface Exchange {
  /** The names of hosts and switches, from left to right. */
  readonly lanes: readonly string[];
  /** `frame`: its number in the session; 0: it is not there. */
  readonly arrows: readonly (Arrow & { readonly frame: number })[];
}

/** The rates of the whole capture. */
export interface Rates {
  /** Seconds, and per second. */
  readonly times: Float64Array;
  readonly frames: Float64Array;
  readonly bits: Float64Array;
  readonly again: Float64Array;
  /** Microseconds to the first byte of an answer: the longest of each stretch; NaN where there was none. */
  readonly answer: Float64Array;
  /** Of a server: requests a second, since the page was opened. */
  readonly requests?: Curve;
}

/** The sum of an interval of an object. */
export interface SumView {
  readonly steps: Subtraction;
  /** The bytes around the interval's begin, and the entries of the table around it. */
  readonly table: readonly { readonly entry: number; readonly at: number; readonly sum: number }[];
}

/** Where a segment stands. */
export interface SegmentPlace {
  /** Its row in the connection, from 0. */
  readonly row: number;
  readonly time: number;
}

/** What the worker does: every call has one argument object and one answer. */
export interface Calls {
  openFile(wish: { file: Blob; name: string }): void;
  openUrl(wish: { url: string; name: string }): void;
  openWorld(wish: { preset: string; seed: number }): void;
  openServer(wish: { url: string }): void;
  control(wish: {
    what: 'play' | 'stop' | 'step' | 'frame' | 'back' | 'backFrame' | 'end' | 'restart';
    speed?: number;
  }): void;
  summary(wish: object): Summary;
  connections(wish: { from: number; count: number; order: Order }): ConnectionList;
  /** One of them, whatever the filter hides; null: there is none of this number. */
  connection(wish: { number: number }): ConnectionView | null;
  rungs(wish: { connection: number; from: number; count: number; onlyTroubles: boolean }): RungList;
  timeSequence(wish: {
    connection: number;
    fromClient: boolean;
    /** Microseconds; or rows, with `byOrder`. */
    begin: number;
    end: number;
    byOrder: boolean;
    columns: number;
  }): TimeSequence;
  curves(wish: { connection: number; fromClient: boolean; columns: number }): Curves;
  /** The frame of the segment that is nearest to a point of a graph; 0: there is none near it. */
  nearest(wish: PointWish & { connection: number }): number;
  /** Where a frame's segment stands in its connection; null: it is none of this connection. */
  place(wish: { frame: number; connection: number }): SegmentPlace | null;
  states(wish: { connection: number }): StateWays;
  frames(wish: { from: number; count: number }): FrameList;
  frame(wish: { number: number }): FrameDetail;
  filter(wish: { text: string }): { error?: string };
  rates(wish: { columns: number }): Rates;
  cache(wish: object): readonly CacheObject[];
  exchange(wish: { hides: readonly string[]; since: number }): Exchange;
  sum(wish: { host: string; path: string; from: number; to: number }): SumView;
  pcapng(wish: object): Uint8Array;
}

export type CallName = keyof Calls;

export interface CallMessage {
  readonly id: number;
  readonly call: CallName;
  readonly wish: unknown;
}

export type AnswerMessage =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly changed: Summary };
