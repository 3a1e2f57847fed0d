import { expect } from 'chai';
import { onImpossibleEvent, takeEvent } from '../../../src/net/tcp/block/transition.js';
import * as state from '../../../src/net/tcp/state.js';
import { reach } from '../../support/reach.js';

/** The arrows of figure 5 of RFC 9293 section 3.3.2 and of section 3.10.7.4, eighth step, copied by hand. */
const FIGURE_5 = [
  'CLOSED, passive OPEN: LISTEN',
  'CLOSED, active OPEN: SYN-SENT',
  'LISTEN, SYN: SYN-RECEIVED',
  'LISTEN, CLOSE: CLOSED',
  'SYN-SENT, SYN: SYN-RECEIVED',
  'SYN-SENT, ACK of SYN: ESTABLISHED',
  'SYN-SENT, CLOSE: CLOSED',
  'SYN-RECEIVED, ACK of SYN: ESTABLISHED',
  'SYN-RECEIVED, CLOSE: FIN-WAIT-1',
  'SYN-RECEIVED, FIN: CLOSE-WAIT',
  'ESTABLISHED, CLOSE: FIN-WAIT-1',
  'ESTABLISHED, FIN: CLOSE-WAIT',
  'FIN-WAIT-1, ACK of FIN: FIN-WAIT-2',
  'FIN-WAIT-1, FIN: CLOSING',
  'FIN-WAIT-2, FIN: TIME-WAIT',
  'CLOSE-WAIT, CLOSE: LAST-ACK',
  'CLOSING, ACK of FIN: TIME-WAIT',
  'LAST-ACK, ACK of FIN: CLOSED',
  'TIME-WAIT, wait over: CLOSED',
];

/**
 * What the figure leaves out: the early ends (sections 3.10.5, 3.10.7.4 second step, 3.10.8, 3.9.2.2), LX-3, RFC 6191,
 * RFC 1337.
 */
const EARLY_ENDS: Record<string, string[]> = {
  ABORT: state.STATE_NAMES.filter((name) => name !== 'CLOSED'),
  RST: state.STATE_NAMES.filter((name) => name !== 'CLOSED' && name !== 'LISTEN'),
  'given up': state.STATE_NAMES.filter((name) => !['CLOSED', 'LISTEN', 'TIME-WAIT'].includes(name)),
  'ICMP error': ['SYN-SENT', 'SYN-RECEIVED'],
  'wait over': ['FIN-WAIT-2'],
};

function eachPair(visit: (from: string, event: string, next: number, number: number) => void): void {
  for (const [number, name] of state.STATE_NAMES.entries()) {
    for (const [event, eventName] of state.EVENT_NAMES.entries()) {
      visit(name, eventName, state.nextState(number as state.State, event as state.Event), number);
    }
  }
}

describe('tcp: states', () => {
  it('every arrow of the diagram is there, and no other [9293-E9] [9293-E10]', () => {
    const arrows: string[] = [];
    eachPair((from, event, next, number) => {
      if (next !== state.IMPOSSIBLE && next !== number) arrows.push(`${from}, ${event}: ${state.STATE_NAMES[next]}`);
    });
    const early = Object.entries(EARLY_ENDS).flatMap(([event, from]) =>
      from.map((name) => `${name}, ${event}: CLOSED`),
    );
    expect(arrows).to.have.members([...FIGURE_5, ...early, 'TIME-WAIT, SYN: SYN-RECEIVED']);
  });

  it('what comes too late or too often changes nothing, and all else cannot come', () => {
    const stays: Record<string, string[]> = {};
    eachPair((from, event, next, number) => {
      if (next === number) stays[event] = [...(stays[event] ?? []), from];
    });
    const synchronized = ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK'];
    expect(stays).to.deep.equal({
      CLOSE: ['CLOSED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'],
      ABORT: ['CLOSED'],
      SYN: ['CLOSED', 'SYN-RECEIVED', ...synchronized],
      FIN: ['TIME-WAIT'],
      RST: ['CLOSED', 'LISTEN'],
      'ICMP error': ['CLOSED', 'LISTEN', ...synchronized, 'TIME-WAIT'],
    });
  });

  it('an event that cannot come is an error in tests; in production it is counted and changes nothing', () => {
    const tcb = reach('ESTABLISHED').controlBlock!;
    expect(() => takeEvent(tcb, state.SYN_ACKNOWLEDGED)).to.throw('ACK of SYN cannot come in ESTABLISHED');
    onImpossibleEvent.throws = false;
    try {
      takeEvent(tcb, state.WAIT_OVER);
    } finally {
      onImpossibleEvent.throws = true;
    }
    expect([tcb.state, tcb.host.statistics.impossibleEvents]).to.deep.equal([state.ESTABLISHED, 2]);
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
