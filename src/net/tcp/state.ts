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
 * RST and time-outs lead from everywhere to CLOSED and are not in the table. A connection in TIME-WAIT is kept in a
 * smaller form (time-wait.ts), one in LISTEN is a `Listener`, and one in CLOSED does not exist.
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

/** One of the eleven states. */
export type State = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** The names that RFC 9293 gives them. */
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

export const ACTIVE_OPEN = 0;
export const SYN_RECEIVED_EVENT = 1;
export const SYN_ACKNOWLEDGED = 2;
export const CLOSE_CALL = 3;
export const FIN_RECEIVED = 4;
export const FIN_ACKNOWLEDGED = 5;

/** What moves a connection from one state to the next. */
export type Event = 0 | 1 | 2 | 3 | 4 | 5;
const EVENTS = 6;

const ARROWS: readonly (readonly [State, Event, State])[] = [
  [CLOSED, ACTIVE_OPEN, SYN_SENT],
  [LISTEN, SYN_RECEIVED_EVENT, SYN_RECEIVED],
  [SYN_SENT, SYN_RECEIVED_EVENT, SYN_RECEIVED],
  [SYN_SENT, SYN_ACKNOWLEDGED, ESTABLISHED],
  [SYN_RECEIVED, SYN_ACKNOWLEDGED, ESTABLISHED],
  [SYN_RECEIVED, CLOSE_CALL, FIN_WAIT_1],
  [SYN_RECEIVED, FIN_RECEIVED, CLOSE_WAIT],
  [ESTABLISHED, CLOSE_CALL, FIN_WAIT_1],
  [ESTABLISHED, FIN_RECEIVED, CLOSE_WAIT],
  [FIN_WAIT_1, FIN_ACKNOWLEDGED, FIN_WAIT_2],
  [FIN_WAIT_1, FIN_RECEIVED, CLOSING],
  [FIN_WAIT_2, FIN_RECEIVED, TIME_WAIT],
  [CLOSE_WAIT, CLOSE_CALL, LAST_ACK],
  [CLOSING, FIN_ACKNOWLEDGED, TIME_WAIT],
  [LAST_ACK, FIN_ACKNOWLEDGED, CLOSED],
];

const TABLE: State[] = [];
for (let i = 0; i < STATE_NAMES.length * EVENTS; i++) TABLE.push(Math.floor(i / EVENTS) as State);
for (const [from, event, to] of ARROWS) TABLE[from * EVENTS + event] = to;

/** The state that `event` leads to; the same state where the diagram has no such arrow. */
export function nextState(state: State, event: Event): State {
  return TABLE[state * EVENTS + event]!;
}

/** True from ESTABLISHED on: each side knows that the other has its sequence number (RFC 9293 section 3.5.2, group 3, "synchronized"). */
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
