import { expect } from 'chai';
import {
  type ConnectionEvent,
  type ConnectionState,
  EVENT_NAMES,
  nextState,
  STATE_NAMES,
} from '../../../src/http/connection/state.js';

describe('the states of an HTTP connection', () => {
  const rows: readonly (readonly [state: string, event: string, next: string])[] = [
    ['idle', 'began', 'in head'],
    ['idle', 'answered', 'idle'],
    ['in head', 'head ended', 'in body'],
    ['in head', 'answered', 'idle'],
    ['in body', 'answered', 'idle'],
    ['in body', 'last answer', 'draining'],
    ['idle', 'waits', 'waiting'],
    ['in body', 'waits', 'waiting'],
    ['waiting', 'answered', 'idle'],
    ['waiting', 'last answer', 'draining'],
    ['draining', 'gone', 'closed'],
  ];
  for (const [state, event, next] of rows) {
    it(`${state}, ${event}: ${next}`, () => {
      expect(STATE_NAMES[nextState(stateOf(state), eventOf(event))]).to.equal(next);
    });
  }

  it('gone leads to closed from everywhere', () => {
    for (const state of STATE_NAMES) expect(nextState(stateOf(state), eventOf('gone'))).to.equal(stateOf('closed'));
  });

  it('nothing is answered after the last answer', () => {
    for (const event of ['began', 'head ended', 'answered']) {
      expect(() => nextState(stateOf('draining'), eventOf(event))).to.throw(`"${event}" in state "draining"`);
    }
  });
});

function stateOf(name: string): ConnectionState {
  return STATE_NAMES.indexOf(name as (typeof STATE_NAMES)[number]) as ConnectionState;
}

function eventOf(name: string): ConnectionEvent {
  return EVENT_NAMES.indexOf(name as (typeof EVENT_NAMES)[number]) as ConnectionEvent;
}
