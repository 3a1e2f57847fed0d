/**
 * The states of an HTTP connection, as a table.
 *
 *                                 +-------------------- answered, persists --------------------+
 *                                 v                        ^               ^                  |
 *     (established) ---> IDLE --- began ---> IN_HEAD --- headEnded ---> IN_BODY --- bodyEnded -+
 *                          |                   |                         |
 *                          +---- waits --------+--------- waits ---------+----> WAITING ---- answered, persists
 *                          |                   |                         |         |
 *                          +-------------------+-------------------------+---------+-- lastAnswer --> DRAINING --> CLOSED
 *
 * On the fast path a request lies whole in one segment and the connection never leaves IDLE. DRAINING is what RFC 9112
 * section 9.6 asks for: our FIN is queued behind the last answer, and bytes that the client still sends are thrown away
 * for a while. Closing at once would answer them with RST, and the client's TCP would throw away the answer.
 */

/** Between two requests: nothing of the next one has come. */
export const IDLE = 0;
/** A part of a head has come. */
export const IN_HEAD = 1;
/** The head has come, and not all of the body. */
export const IN_BODY = 2;
/** The answer, or the rest of it, is waited for (pending-answer.ts). It has taken the request over. */
export const WAITING = 3;
/** The last answer is queued, and our FIN behind it. */
export const DRAINING = 4;
export const CLOSED = 5;
export type ConnectionState = 0 | 1 | 2 | 3 | 4 | 5;

/** The first bytes of a head have come, but not all of it. */
export const BEGAN = 0;
/** A head is complete and its body is not here yet. */
export const HEAD_ENDED = 1;
/** An answer after which the connection persists has been queued. */
export const ANSWERED = 2;
/** The last answer has been queued, or the client has gone and gets no answer. */
export const LAST_ANSWER = 3;
/** TCP says that the connection is gone. */
export const TCP_GONE = 4;
/** The answer has to be waited for. */
export const WAITS = 5;
export type ConnectionEvent = 0 | 1 | 2 | 3 | 4 | 5;

export const STATE_NAMES = ['idle', 'in head', 'in body', 'waiting', 'draining', 'closed'] as const;
export const EVENT_NAMES = ['began', 'head ended', 'answered', 'last answer', 'gone', 'waits'] as const;

const NO = -1;
// biome-ignore format: a table
const TRANSITIONS = Int8Array.of(
  //            BEGAN    HEAD_ENDED  ANSWERED  LAST_ANSWER  TCP_GONE WAITS
  /* IDLE */      IN_HEAD, IN_BODY,    IDLE,     DRAINING,    CLOSED, WAITING,
  /* IN_HEAD */   IN_HEAD, IN_BODY,    IDLE,     DRAINING,    CLOSED, WAITING,
  /* IN_BODY */   NO,      NO,         IDLE,     DRAINING,    CLOSED, WAITING,
  /* WAITING */   NO,      IN_BODY,    IDLE,     DRAINING,    CLOSED, WAITING,
  /* DRAINING */  NO,      NO,         NO,       DRAINING,    CLOSED, NO,
  /* CLOSED */    NO,      NO,         NO,       NO,          CLOSED, NO,
);
const EVENTS = EVENT_NAMES.length;

/** The state after `event`. @throws {Error} for an event that cannot happen in `state`: a mistake of ours. */
export function nextState(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  const next = TRANSITIONS[state * EVENTS + event];
  if (next === NO) throw new Error(`http: "${EVENT_NAMES[event]}" in state "${STATE_NAMES[state]}"`);
  return next as ConnectionState;
}
