/** RFC 3168 section 6.1. */
import { expect } from 'chai';
import { reach } from '../../support/reach.js';
import { ScriptedPeer } from '../../support/scripted-peer.js';

const ECT_0 = 2;
const CE = 3;

/** A connection that has agreed on ECN, opened by the peer. */
function agreed(tcp = {}): ScriptedPeer {
  const peer = new ScriptedPeer({ tcp: { initialWindowSegments: 20, tailLossProbe: false, ...tcp } });
  peer.send('SEW', { seq: 0, mss: 1000 });
  peer.expect('SE.', { ack: 1 });
  expect(peer.lastTos & 3).to.equal(0);
  peer.wait(10);
  peer.send('.', { seq: 1, ack: 1 });
  return peer;
}

describe('tcp: explicit congestion notification', () => {
  it('a SYN with ECE and CWR: SYN-ACK with ECE alone [3168-1] [LX-11]', () => {
    expect(agreed().program.connection.info().ecn).to.equal(true);
  });

  for (const flags of ['S', 'SE', 'SW']) {
    it(`a SYN with ${flags.slice(1) || 'neither'}: no ECN [3168-1]`, () => {
      const peer = new ScriptedPeer();
      peer.send(flags, { seq: 0, mss: 1460 });
      peer.expect('S.');
      peer.send('.', { seq: 1, ack: 1 });
      peer.write(100);
      peer.expect('P.');
      expect(peer.lastTos & 3).to.equal(0);
    });
  }

  it('only new data is marked as capable: no ACK, no resend, no probe, no FIN [3168-2]', () => {
    const peer = agreed();
    peer.write(100);
    peer.expect('P.');
    expect(peer.lastTos & 3).to.equal(ECT_0);
    peer.wait(Math.ceil(peer.program.connection.info().rto / 1000));
    peer.expect('P.', { seq: 1 });
    expect(peer.lastTos & 3).to.equal(0);
    peer.send('.', { ack: 101, data: 10 });
    peer.expect('.');
    expect(peer.lastTos & 3).to.equal(0);
    peer.close();
    peer.expect('F.');
    expect(peer.lastTos & 3).to.equal(0);
  });

  it('a CE mark: ECE on every ACK until CWR comes [3168-3]', () => {
    const peer = agreed();
    peer.send('.', { data: 100, tos: CE });
    peer.expect('E.', { ack: 101 });
    peer.send('.', { data: 100, tos: ECT_0 });
    peer.expect('E.', { ack: 201 });
    peer.send('W.', { data: 100, tos: ECT_0 });
    peer.expect('.', { ack: 301 });
  });

  it('CWR on a segment that is marked again: ECE goes on [3168-3]', () => {
    const peer = agreed();
    peer.send('.', { data: 100, tos: CE });
    peer.expect('E.');
    peer.send('W.', { data: 100, tos: CE });
    peer.expect('E.', { ack: 201 });
  });

  it('without agreement a CE mark says nothing [3168-3]', () => {
    const peer = reach('ESTABLISHED');
    peer.send('.', { data: 100, tos: CE });
    peer.expect('.', { ack: 101 });
  });

  it('ECE: the window comes down once a round trip, and CWR is on the next new data [3168-3]', () => {
    const peer = agreed({ congestionControl: 'newreno' });
    peer.write(40_000);
    expect(peer.takeAll()).to.have.length(20);
    const flags: string[] = [];
    for (let count = 1; count <= 20; count++) {
      peer.send(count <= 10 ? 'E.' : '.', { ack: 1000 * count + 1 });
      flags.push(...peer.takeAll().map((segment) => segment.flags));
    }
    expect(flags.filter((one) => one.includes('W'))).to.have.length(1);
    expect(flags[0]).to.include('W');
    const info = peer.program.connection.info();
    expect(info.slowStartThreshold).to.be.within(9000, 10_000);
    expect(info.congestionWindow).to.be.within(9000, 11_000);
    expect(peer.stack.statistics.tcp.retransmits).to.equal(0);
  });

  it('asked for by us: ECE and CWR in the SYN; an answer with ECE alone agrees [3168-1]', () => {
    const peer = new ScriptedPeer({ tcp: { ecn: 'request' } });
    peer.connect();
    peer.expect('SEW');
    peer.send('SE.', { seq: 0, ack: 1, mss: 1460 });
    peer.expect('.');
    expect(peer.program.connection.info().ecn).to.equal(true);
  });

  it('asked for by us and answered with both: no ECN [3168-1]', () => {
    const peer = new ScriptedPeer({ tcp: { ecn: 'request' } });
    peer.connect();
    peer.expect('SEW');
    peer.send('SEW.', { seq: 0, ack: 1, mss: 1460 });
    peer.takeAll();
    expect(peer.program.connection.info().ecn).to.equal(false);
  });

  it('our SYN unanswered: the next one is plain [3168-1]', () => {
    const peer = new ScriptedPeer({ tcp: { ecn: 'request' } });
    peer.connect();
    peer.expect('SEW');
    peer.expectAfter(1000, 'S');
  });
});
