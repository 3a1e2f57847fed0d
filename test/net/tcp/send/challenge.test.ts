/** RFC 5961: limits on what a segment that should not have come can make us say. */
import { expect } from 'chai';
import { SECOND } from '../../../../src/net/clock.js';
import { reach } from '../../../support/reach.js';
import { ScriptedPeer } from '../../../support/scripted-peer.js';

describe('tcp: challenge ACKs', () => {
  it('a thousand bad RSTs in a second: a few ACKs [5961-5]', () => {
    const peer = reach('ESTABLISHED');
    for (let i = 0; i < 1000; i++) {
      peer.send('R', { seq: 100 + i });
      peer.wait(1);
    }
    expect(peer.takeAll().length).to.be.within(1, 3);
    expect(peer.state).to.equal('ESTABLISHED');
  });

  it('two ends that disagree do not acknowledge each other for ever [5961-5]', () => {
    const peer = reach('ESTABLISHED');
    let answers = 0;
    for (let i = 0; i < 100; i++) {
      peer.send('.', { seq: 50_000_000, ack: 1 });
      answers += peer.takeAll().length;
      peer.wait(10);
    }
    expect(answers).to.be.at.most(3);
  });

  it('all connections together have a limit, drawn anew each second [5961-5]', () => {
    const peer = new ScriptedPeer({ tcp: { challengeAcksPerSecond: 20 } });
    const ports = Array.from({ length: 100 }, (_, i) => 2000 + i);
    for (const peerPort of ports) {
      peer.send('S', { seq: 0, peerPort, mss: 1460 });
      const { sequence } = peer.expect('S.');
      peer.send('.', { seq: 1, peerPort, ack: 1 });
      expect(sequence).to.be.a('number');
    }
    const limits = new Set<number>();
    for (let second = 0; second < 8; second++) {
      peer.wait(1000);
      for (const peerPort of ports) peer.send('S', { seq: 500, peerPort });
      limits.add(peer.takeAll().length);
    }
    expect(Math.min(...limits)).to.be.at.least(10);
    expect(Math.max(...limits)).to.be.at.most(30);
    expect(limits.size).to.be.greaterThan(2);
    expect(peer.clock.now).to.be.greaterThan(7 * SECOND);
  });

  it('a blind ACK flood gets no data out of us [5961-4]', () => {
    const peer = reach('ESTABLISHED');
    peer.write(1000);
    peer.expect('P.');
    for (let i = 1; i < 1000; i++) peer.send('.', { seq: 1, ack: 1001 + i * 1000 });
    expect(peer.program.connection.queuedBytes).to.equal(1000);
    expect(peer.takeAll().length).to.be.at.most(1);
  });
});
