/**
 * The way from one state to the next. If an event comes that cannot come in a state, this stack has a bug, so tests
 * stop there. In production the event is counted (`impossibleEvents`), the connection stays in its state, and all
 * others go on: one broken connection is no reason to end a server.
 */
import { EVENT_NAMES, type Event, IMPOSSIBLE, nextState, STATE_NAMES } from '../state.js';
import type { ControlBlock } from './control-block.js';

/** What an impossible event does. The tests set `throws`. */
export const onImpossibleEvent = { throws: false };

/** Moves `tcb` to the state that `event` leads to. */
export function takeEvent(tcb: ControlBlock, event: Event): void {
  const next = nextState(tcb.state, event);
  if (next === IMPOSSIBLE) noteImpossible(tcb, event);
  else tcb.state = next;
}

function noteImpossible(tcb: ControlBlock, event: Event): void {
  tcb.host.statistics.impossibleEvents++;
  if (onImpossibleEvent.throws) throw new Error(`${EVENT_NAMES[event]} cannot come in ${STATE_NAMES[tcb.state]}`);
}
