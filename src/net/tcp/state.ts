/**
 * The states of a connection and the ways between them: RFC 9293 section 3.3.2, figure 5, as a table.
 *
 *     CLOSED --active open--> SYN-SENT --SYN,ACK--> ESTABLISHED <--ACK of SYN-- SYN-RECEIVED <--SYN-- LISTEN
 *                                                  close /     \ FIN
 *                                             FIN-WAIT-1         CLOSE-WAIT
 *                               ACK of FIN /       | FIN              | close
 *                              FIN-WAIT-2        CLOSING           LAST-ACK
 *                                  | FIN            | ACK of FIN      | ACK of FIN
 *                                  +-> TIME-WAIT <--+              CLOSED
 *
 * The table below also has what the figure leaves out. It has resets, time-outs, ICMP errors and ABORT, which lead to
 * CLOSED, and it says which events cannot come in a state at all. docs/tcp-states.md is drawn from it (`npm run
 * states:draw`).
 *
 * A connection in TIME-WAIT is kept in a smaller form (time-wait-table.ts), one in LISTEN is a `Listener`, and one in
 * CLOSED does not exist.
 */

export const CLOSED = 0;
export const LISTEN = 1;
export const SYN_SENT = 2;
export const SYN_RECEIVED = 3;
export const ESTABLISHED = 4;
export const FIN_WAIT_1 = 5;
export const FIN_WAIT_2 = 6;
export const CLOSE_WAIT = 7;
export const CLOSING = 8;
export const LAST_ACK = 9;
export const TIME_WAIT = 10;

/** One of the eleven states. @see {@link nextState} */
export type State = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/**
 * The names that RFC 9293 gives them.
 *
 * @example
 * ```ts
 * import { STATE_NAMES } from 'fastpath/browser';
 *
 * console.log(STATE_NAMES[4]); // ESTABLISHED
 * ```
 */
export const STATE_NAMES: readonly string[] = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
];

/** What moves a connection from one state to the next. Calls of the program: */
export const PASSIVE_OPEN = 0;
export const ACTIVE_OPEN = 1;
export const CLOSE_CALL = 2;
/** ABORT. It also happens when the stack stops, and when data comes for a program that has let go. */
export const ABORT_CALL = 3;
/** Segments, once they are found acceptable: the peer's SYN, the ACK of ours, its FIN in order, the ACK of ours. */
export const SYN_ARRIVES = 4;
export const SYN_ACKNOWLEDGED = 5;
export const FIN_ARRIVES = 6;
export const FIN_ACKNOWLEDGED = 7;
export const RESET_ARRIVES = 8;
/** An ICMP error about a segment in flight (section 3.9.2.2). */
export const ICMP_ERROR_ARRIVES = 9;
/**
 * Time-outs: the peer does not answer (R2, the user time-out, keep-alive), and the end of 2 MSL or of FIN-WAIT-2's
 * limit.
 */
export const GIVEN_UP = 10;
export const WAIT_OVER = 11;

/** One of the twelve events. @see {@link nextState} */
export type Event = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11;

/**
 * What the table in docs/tcp-states.md calls them.
 *
 * @example
 * ```ts
 * import { EVENT_NAMES } from 'fastpath/browser';
 *
 * console.log(EVENT_NAMES.indexOf('RST')); // 8
 * ```
 */
export const EVENT_NAMES: readonly string[] = [
  'passive OPEN',
  'active OPEN',
  'CLOSE',
  'ABORT',
  'SYN',
  'ACK of SYN',
  'FIN',
  'ACK of FIN',
  'RST',
  'ICMP error',
  'given up',
  'wait over',
];

const ARROWS: readonly (readonly [State, Event, State])[] = [
  [CLOSED, PASSIVE_OPEN, LISTEN],
  [CLOSED, ACTIVE_OPEN, SYN_SENT],
  [LISTEN, CLOSE_CALL, CLOSED],
  [LISTEN, ABORT_CALL, CLOSED],
  [LISTEN, SYN_ARRIVES, SYN_RECEIVED],

  [SYN_SENT, CLOSE_CALL, CLOSED],
  [SYN_SENT, ABORT_CALL, CLOSED],
  [SYN_SENT, SYN_ARRIVES, SYN_RECEIVED],
  [SYN_SENT, SYN_ACKNOWLEDGED, ESTABLISHED],
  [SYN_SENT, RESET_ARRIVES, CLOSED],
  [SYN_SENT, ICMP_ERROR_ARRIVES, CLOSED],
  [SYN_SENT, GIVEN_UP, CLOSED],

  // What RFC 9293 calls a return to LISTEN is an end here: the `Listener` has been there all the time.
  [SYN_RECEIVED, CLOSE_CALL, FIN_WAIT_1],
  [SYN_RECEIVED, ABORT_CALL, CLOSED],
  [SYN_RECEIVED, SYN_ACKNOWLEDGED, ESTABLISHED],
  [SYN_RECEIVED, FIN_ARRIVES, CLOSE_WAIT],
  [SYN_RECEIVED, RESET_ARRIVES, CLOSED],
  [SYN_RECEIVED, ICMP_ERROR_ARRIVES, CLOSED],
  [SYN_RECEIVED, GIVEN_UP, CLOSED],

  [ESTABLISHED, CLOSE_CALL, FIN_WAIT_1],
  [ESTABLISHED, ABORT_CALL, CLOSED],
  [ESTABLISHED, FIN_ARRIVES, CLOSE_WAIT],
  [ESTABLISHED, RESET_ARRIVES, CLOSED],
  [ESTABLISHED, GIVEN_UP, CLOSED],

  [FIN_WAIT_1, ABORT_CALL, CLOSED],
  [FIN_WAIT_1, FIN_ACKNOWLEDGED, FIN_WAIT_2],
  [FIN_WAIT_1, FIN_ARRIVES, CLOSING],
  [FIN_WAIT_1, RESET_ARRIVES, CLOSED],
  [FIN_WAIT_1, GIVEN_UP, CLOSED],

  [FIN_WAIT_2, ABORT_CALL, CLOSED],
  [FIN_WAIT_2, FIN_ARRIVES, TIME_WAIT],
  [FIN_WAIT_2, RESET_ARRIVES, CLOSED],
  [FIN_WAIT_2, GIVEN_UP, CLOSED],
  [FIN_WAIT_2, WAIT_OVER, CLOSED],

  [CLOSE_WAIT, CLOSE_CALL, LAST_ACK],
  [CLOSE_WAIT, ABORT_CALL, CLOSED],
  [CLOSE_WAIT, RESET_ARRIVES, CLOSED],
  [CLOSE_WAIT, GIVEN_UP, CLOSED],

  [CLOSING, ABORT_CALL, CLOSED],
  [CLOSING, FIN_ACKNOWLEDGED, TIME_WAIT],
  [CLOSING, RESET_ARRIVES, CLOSED],
  [CLOSING, GIVEN_UP, CLOSED],

  [LAST_ACK, ABORT_CALL, CLOSED],
  [LAST_ACK, FIN_ACKNOWLEDGED, CLOSED],
  [LAST_ACK, RESET_ARRIVES, CLOSED],
  [LAST_ACK, GIVEN_UP, CLOSED],

  [TIME_WAIT, ABORT_CALL, CLOSED],
  // A SYN that may begin a new connection (RFC 6191), and a RST unless RFC 1337 is asked for.
  [TIME_WAIT, SYN_ARRIVES, SYN_RECEIVED],
  [TIME_WAIT, RESET_ARRIVES, CLOSED],
  [TIME_WAIT, WAIT_OVER, CLOSED],
];

/** Events that may come in these states and change none of them. */
const STAYS: readonly (readonly [Event, readonly State[]])[] = [
  // It has been closed before.
  [CLOSE_CALL, [CLOSED, FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT]],
  [ABORT_CALL, [CLOSED]],
  // Answered with a reset, with our SYN-ACK again, with a challenge ACK (RFC 5961 section 4).
  [SYN_ARRIVES, [CLOSED, SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK]],
  // The peer has missed our last ACK.
  [FIN_ARRIVES, [TIME_WAIT]],
  [RESET_ARRIVES, [CLOSED, LISTEN]],
  // Soft errors (RFC 5927 section 5.2).
  [ICMP_ERROR_ARRIVES, [CLOSED, LISTEN, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT]],
];

/**
 * Where an event cannot come in a state.
 *
 * @example
 * ```ts
 * import { EVENT_NAMES, IMPOSSIBLE, nextState, type TcpEvent } from 'fastpath/browser';
 *
 * const fin = EVENT_NAMES.indexOf('FIN') as TcpEvent;
 * console.log(nextState(0, fin) === IMPOSSIBLE); // true
 * ```
 */
export const IMPOSSIBLE = -1;

const EVENTS = EVENT_NAMES.length;
const TABLE: (State | typeof IMPOSSIBLE)[] = new Array(STATE_NAMES.length * EVENTS).fill(IMPOSSIBLE);
for (const [event, states] of STAYS) for (const state of states) TABLE[state * EVENTS + event] = state;
for (const [from, event, to] of ARROWS) TABLE[from * EVENTS + event] = to;

/**
 * The state that `event` leads to, `IMPOSSIBLE` if it cannot come in this one.
 *
 * @example
 * ```ts
 * import { EVENT_NAMES, nextState, STATE_NAMES, type TcpEvent, type TcpState } from 'fastpath/browser';
 *
 * const established = STATE_NAMES.indexOf('ESTABLISHED') as TcpState;
 * const fin = EVENT_NAMES.indexOf('FIN') as TcpEvent;
 * console.log(STATE_NAMES[nextState(established, fin)]); // CLOSE-WAIT
 * ```
 */
export function nextState(state: State, event: Event): State | typeof IMPOSSIBLE {
  // Every pair of the two types is in the table.
  return TABLE[state * EVENTS + event]!;
}

/**
 * True from ESTABLISHED on: each side knows that the other has its sequence number (RFC 9293 section 3.5.2, group 3,
 * "synchronized").
 */
export function isSynchronized(state: State): boolean {
  return state >= ESTABLISHED;
}

/** True if our side may still queue data: CLOSE has not been called. */
export function maySend(state: State): boolean {
  return state === ESTABLISHED || state === CLOSE_WAIT || state === SYN_RECEIVED || state === SYN_SENT;
}

/** True while segments that carry data or FIN may go out (now or again). */
export function mayTransmit(state: State): boolean {
  return state >= ESTABLISHED && state !== FIN_WAIT_2 && state !== TIME_WAIT;
}

/** True if the peer may still send data: its FIN has not arrived. */
export function mayReceive(state: State): boolean {
  return state === ESTABLISHED || state === FIN_WAIT_1 || state === FIN_WAIT_2;
}
