/** RFC 9293 section 3.8.4. */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';
import type { ScriptedPeer } from '../../../support/scripted-peer.js';

const HOUR = 3_600_000;
const on = (): ScriptedPeer => reach('ESTABLISHED', { tcp: { keepAlive: true } });

describe('tcp: keep-alive', () => {
  it('off by default: silence for a day [9293-MUST-25]', () => {
    const peer = reach('ESTABLISHED');
    peer.expectNothing(24 * HOUR);
    expect(peer.state).to.equal('ESTABLISHED');
  });

  it('on: the first probe after two hours, empty, with an old number [9293-MUST-27] [9293-MUST-28] [9293-SHLD-12] [LX-9]', () => {
    const peer = on();
    peer.expectAfter(2 * HOUR, '.', { seq: 0, length: 0 });
  });

  it('traffic puts it off [9293-MUST-26]', () => {
    const peer = on();
    for (let i = 0; i < 5; i++) {
      peer.wait(HOUR);
      peer.send('.', { data: 1 });
      peer.expect('.', { length: 0 });
    }
    peer.expectAfter(2 * HOUR, '.', { seq: 0 });
  });

  it('one lost probe is not death; an answer starts anew [9293-MUST-29] [9293-MAY-6]', () => {
    const peer = on();
    peer.expectAfter(2 * HOUR, '.', { seq: 0 });
    peer.expectAfter(75_000, '.', { seq: 0 });
    peer.send('.');
    peer.expectAfter(2 * HOUR, '.', { seq: 0 });
    expect(peer.state).to.equal('ESTABLISHED');
  });

  it('nine unanswered: over, with a RST [LX-9] [9293-MUST-20]', () => {
    const peer = on();
    peer.wait(2 * HOUR + 9 * 75_000 + 1000);
    const sent = peer.takeAll().map(({ flags }) => flags);
    expect(sent).to.deep.equal([...new Array(9).fill('.'), 'R.']);
    expect(peer.program.reason).to.equal('timeout');
  });

  it('not while data is unacknowledged: that has a timer of its own [9293-MUST-26]', () => {
    const peer = on();
    peer.program.connection.keepAlive = { idle: 10e6, interval: 1e6, probes: 2 };
    peer.write(10);
    peer.expect('P.');
    peer.wait(300_000);
    expect(peer.state).to.equal('ESTABLISHED');
    expect(peer.takeAll().every(({ data }) => data.length === 10)).to.equal(true);
  });

  it('for one connection, with its own times [9293-MAY-5] [9293-MUST-24]', () => {
    const peer = reach('ESTABLISHED');
    peer.program.connection.keepAlive = { idle: 10e6, interval: 1e6, probes: 2 };
    peer.expectAfter(10_000, '.', { seq: 0 });
    peer.expectAfter(1000, '.', { seq: 0 });
    peer.expectAfter(1000, 'R.');
    const other = reach('ESTABLISHED');
    other.program.connection.keepAlive = { idle: 10e6, interval: 1e6, probes: 2 };
    other.program.connection.keepAlive = null;
    other.expectNothing(100_000);
  });
});
