/**
 * What an observer is told, as plain data: frames, control blocks, timers. Times are microseconds of the clock, sizes
 * bytes. The world of src/browser makes all of these, a server only some.
 */
import type { ConnectionName, TcbView, TimerName } from './tcb-view.js';

/** What became of a frame on a link. @see {@link FrameEvent} */
export type Fate =
  /** It arrives, or will. */
  | 'delivered'
  /** The link lost it, by chance or because it was told to. */
  | 'lost'
  /** The queue in front of the link was full. */
  | 'queue full'
  /** It is longer than the link takes, and nobody says so: an MTU black hole. */
  | 'too long';

/**
 * A frame enters a link.
 *
 * @example
 * ```ts
 * import type { FrameEvent } from 'fastpath/browser';
 *
 * export const isGone = ({ fate }: FrameEvent) => fate === 'lost' || fate === 'queue full';
 * ```
 */
export interface FrameEvent {
  readonly kind: 'frame';
  readonly time: number;
  /** From 1, in the order of sending. A switch that passes a frame on makes a new one. */
  readonly number: number;
  readonly link: string;
  /** The names of the two ends. */
  readonly from: string;
  readonly to: string;
  /** The whole frame, from the Ethernet header on, with the mark that the queue has set. Not to be changed. */
  readonly bytes: Uint8Array;
  readonly fate: Fate;
  /** What else the link did to it. */
  readonly duplicated: boolean;
  readonly corrupted: boolean;
  readonly reordered: boolean;
  /** The queue was long, and the packet has the mark of congestion (CE, RFC 3168). */
  readonly marked: boolean;
}

/** A frame leaves a link at the other end. A double arrives twice. @see {@link Observer} */
export interface ArrivalEvent {
  readonly kind: 'arrival';
  readonly time: number;
  readonly number: number;
  readonly link: string;
  readonly from: string;
  readonly to: string;
}

/** The control block of a connection has changed. @see {@link Observer} */
export interface TcbEvent {
  readonly kind: 'tcb';
  readonly time: number;
  readonly host: string;
  /** From 1, in the order in which the host's connections began. */
  readonly connection: number;
  /** The state before; '' for a new connection. `view.info.state` has the new one. */
  readonly before: string;
  readonly view: TcbView;
}

/** A connection is gone, or lives on in TIME-WAIT without a control block. @see {@link Observer} */
export interface TcbGoneEvent {
  readonly kind: 'gone';
  readonly time: number;
  readonly host: string;
  readonly connection: number;
  readonly before: string;
  readonly state: 'CLOSED' | 'TIME-WAIT';
  readonly name: ConnectionName;
}

/** A timer of a connection has expired. @see {@link Observer} */
export interface TimerEvent {
  readonly kind: 'timer';
  readonly time: number;
  readonly host: string;
  readonly connection: number;
  readonly timer: TimerName;
}

/** Anything that can be observed. @see {@link Observer} */
export type InspectEvent = FrameEvent | ArrivalEvent | TcbEvent | TcbGoneEvent | TimerEvent;

/**
 * Takes events, in their order.
 *
 * @example
 * ```ts
 * import { type Observer, World } from 'fastpath/browser';
 *
 * const states: string[] = [];
 * const observer: Observer = (event) => {
 *   if (event.kind === 'tcb' && event.host === 'a') states.push(event.view.info.state);
 * };
 * const world = new World({ hosts: { a: {}, b: {} }, link: { both: { delay: 10_000 } } });
 * world.observe(observer);
 * world.do((world) => world.transfer('a', 'b', { content: 1_000, close: false }));
 * world.runUntilIdle();
 * console.log([...new Set(states)].slice(0, 2).join(', ')); // SYN-SENT, ESTABLISHED
 * ```
 */
export type Observer = (event: InspectEvent) => void;
