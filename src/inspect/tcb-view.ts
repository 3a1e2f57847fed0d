/**
 * A connection's control block as plain data: what a person wants to see of it. It reads the block and changes nothing,
 * so a stack that nobody looks at pays nothing. Callers: stack-watch.ts, and the pages of web/.
 */
import type { ControlBlock } from '../net/tcp/block/control-block.js';
import type { ConnectionInfo } from '../net/tcp/connection-info.js';
import { statusOf } from '../net/tcp/life/status.js';
import { toUnsigned } from '../net/tcp/sequence.js';
import { TIMER_KINDS, type TimerKind } from '../net/tcp/timers.js';

/**
 * The names of the timers of a connection, by their kinds.
 *
 * @example
 * ```ts
 * import { TIMER_NAMES } from 'fastpath/browser';
 *
 * console.log(TIMER_NAMES.includes('persist')); // true
 * ```
 */
export const TIMER_NAMES = [
  'loss probe',
  'retransmission',
  'persist',
  'reordering',
  'delayed ACK',
  'keep-alive',
  'FIN-WAIT-2',
  'application',
  'pacing',
] as const;

/** The name of one of a connection's timers. @see {@link TIMER_NAMES} */
export type TimerName = (typeof TIMER_NAMES)[number];

/** A timer that runs, and when it expires, microseconds of the stack's clock. @see {@link TcbView} */
export interface RunningTimer {
  readonly name: TimerName;
  readonly deadline: number;
}

/** A segment that has been sent and not acknowledged. Sequence numbers are unsigned. @see {@link TcbView} */
export interface FlightView {
  readonly from: number;
  readonly to: number;
  /** Microseconds of the clock, modulo 2^32. */
  readonly sentAt: number;
  readonly resent: boolean;
  readonly sacked: boolean;
  readonly lost: boolean;
}

/** Addresses and ports as text and numbers. @see {@link TcbView} */
export interface ConnectionName {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/**
 * A connection at one moment.
 *
 * @example
 * ```ts
 * import type { TcbView } from 'fastpath/browser';
 *
 * export function describe({ remoteAddress, remotePort, info, timers, flight }: TcbView): string {
 *   const lost = flight.filter((segment) => segment.lost).length;
 *   return `${remoteAddress}:${remotePort} ${info.state}, ${lost} lost, next: ${timers[0]?.name ?? 'nothing'}`;
 * }
 * ```
 */
export interface TcbView extends ConnectionName {
  readonly info: ConnectionInfo;
  readonly timers: readonly RunningTimer[];
  /** What is out, oldest first; at most `MOST_IN_VIEW` segments. */
  readonly flight: readonly FlightView[];
}

/** A view shows so many segments of a flight: more fit on no screen. */
export const MOST_IN_VIEW = 512;

/** The four numbers that name a connection. */
export function nameOf(tcb: ControlBlock): ConnectionName {
  return {
    localAddress: String(tcb.route.local),
    localPort: tcb.localPort,
    remoteAddress: String(tcb.route.remote),
    remotePort: tcb.remotePort,
  };
}

/** A snapshot of `tcb`. */
export function viewOf(tcb: ControlBlock): TcbView {
  return { ...nameOf(tcb), info: statusOf(tcb), timers: timersOf(tcb), flight: flightOf(tcb) };
}

/** The timers of a connection that run. */
export function timersOf(tcb: ControlBlock): RunningTimer[] {
  const { timers } = tcb.host;
  const running: RunningTimer[] = [];
  for (let kind = 0; kind < TIMER_KINDS; kind++) {
    const deadline = timers.deadline(tcb, kind as TimerKind);
    if (deadline !== Number.POSITIVE_INFINITY) running.push({ name: TIMER_NAMES[kind as TimerKind], deadline });
  }
  return running;
}

function flightOf({ flight }: ControlBlock): FlightView[] {
  const segments: FlightView[] = [];
  for (let segment = flight.first; segment !== null && segments.length < MOST_IN_VIEW; segment = segment.next) {
    segments.push({
      from: toUnsigned(segment.from),
      to: toUnsigned(segment.to),
      sentAt: segment.sentAt >>> 0,
      resent: segment.resends > 0,
      sacked: segment.sacked,
      lost: segment.lost,
    });
  }
  return segments;
}
