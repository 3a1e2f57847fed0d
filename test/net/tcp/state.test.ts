import { expect } from 'chai';
import * as state from '../../../src/net/tcp/state.js';

const EVENTS: Record<string, state.Event> = {
  'active open': state.ACTIVE_OPEN,
  SYN: state.SYN_RECEIVED_EVENT,
  'ACK of SYN': state.SYN_ACKNOWLEDGED,
  close: state.CLOSE_CALL,
  FIN: state.FIN_RECEIVED,
  'ACK of FIN': state.FIN_ACKNOWLEDGED,
};

/** The arrows of figure 5 of RFC 9293 section 3.3.2, copied by hand. */
const FIGURE_5 = [
  'CLOSED, active open: SYN-SENT',
  'LISTEN, SYN: SYN-RECEIVED',
  'SYN-SENT, SYN: SYN-RECEIVED',
  'SYN-SENT, ACK of SYN: ESTABLISHED',
  'SYN-RECEIVED, ACK of SYN: ESTABLISHED',
  'SYN-RECEIVED, close: FIN-WAIT-1',
  'SYN-RECEIVED, FIN: CLOSE-WAIT',
  'ESTABLISHED, close: FIN-WAIT-1',
  'ESTABLISHED, FIN: CLOSE-WAIT',
  'FIN-WAIT-1, ACK of FIN: FIN-WAIT-2',
  'FIN-WAIT-1, FIN: CLOSING',
  'FIN-WAIT-2, FIN: TIME-WAIT',
  'CLOSE-WAIT, close: LAST-ACK',
  'CLOSING, ACK of FIN: TIME-WAIT',
  'LAST-ACK, ACK of FIN: CLOSED',
];

describe('tcp: states', () => {
  it('every arrow of the diagram is there, and no other [9293-E9] [9293-E10]', () => {
    const arrows: string[] = [];
    for (const [number, name] of state.STATE_NAMES.entries()) {
      for (const [eventName, event] of Object.entries(EVENTS)) {
        const next = state.nextState(number as state.State, event);
        if (next !== number) arrows.push(`${name}, ${eventName}: ${state.STATE_NAMES[next]}`);
      }
    }
    expect(arrows).to.have.members(FIGURE_5);
  });

  it('what may be sent and received in which state', () => {
    const names = (test: (which: state.State) => boolean) =>
      state.STATE_NAMES.filter((_, number) => test(number as state.State));
    expect(names(state.maySend)).to.have.members(['SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT']);
    expect(names(state.mayReceive)).to.have.members(['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2']);
    expect(names(state.mayTransmit)).to.have.members([
      'ESTABLISHED',
      'FIN-WAIT-1',
      'CLOSE-WAIT',
      'CLOSING',
      'LAST-ACK',
    ]);
  });
});
