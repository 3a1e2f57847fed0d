/** RFC 3168 section 6.1. */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';
import { ScriptedPeer } from '../../../support/scripted-peer.js';

const ECT_0 = 2;
const CE = 3;

/** A connection that has agreed on ECN, opened by the peer. */
function agreed(tcp = {}, syn = {}): ScriptedPeer {
  const peer = new ScriptedPeer({ tcp: { initialWindowSegments: 20, tailLossProbe: false, ...tcp } });
  peer.send('SEW', { seq: 0, mss: 1000, ...syn });
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

  it('a mark on the segment that completes the handshake, or on one with an old ACK, counts like any other', () => {
    const first = new ScriptedPeer();
    first.send('SEW', { seq: 0, mss: 1000 });
    first.expect('SE.', { ack: 1 });
    first.send('.', { seq: 1, ack: 1, data: 100, tos: CE });
    first.expect('E.', { ack: 101 });
    const late = agreed();
    late.write(2000);
    late.takeAll();
    late.send('.', { ack: 2001 });
    late.send('.', { ack: 1001, data: 100, tos: CE });
    late.expect('E.', { ack: 101 });
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

  it('a loss and a mark in one window: one reduction, for which CWR is on the next new data', () => {
    const peer = agreed({ congestionControl: 'newreno' }, { sackOk: true });
    peer.write(80_000);
    peer.takeAll();
    peer.wait(10);
    const sent: { at: number; flags: string }[] = [];
    const take = () =>
      sent.push(...peer.takeAll().map(({ sequence, flags }) => ({ at: sequence - peer.stackIsn, flags })));
    // The first segment is lost, the fifth is marked.
    for (let end = 2001; end <= 20_001; end += 1000) {
      peer.send(end > 5000 ? 'E.' : '.', { ack: 1, sack: [[1001, end]] });
      take();
    }
    expect(peer.program.connection.info().slowStartThreshold).to.equal(10_000);
    const announced = sent.filter(({ flags }) => flags.includes('W'));
    expect(announced).to.have.length(1);
    expect(announced[0]!.at).to.be.within(20_001, 22_001);
    peer.wait(10);
    for (let ack = 20_001; ack <= 25_001; ack += 1000) {
      peer.send(ack <= announced[0]!.at ? 'E.' : '.', { ack });
      take();
    }
    expect(sent.filter(({ flags }) => flags.includes('W'))).to.have.length(1);
    expect(peer.program.connection.info().slowStartThreshold).to.equal(10_000);
  });

  it('a mark, and then a loss in the same window: one reduction', () => {
    const peer = agreed({ congestionControl: 'cubic' }, { sackOk: true });
    peer.write(80_000);
    peer.takeAll();
    peer.wait(10);
    peer.send('E.', { ack: 1001 });
    const { slowStartThreshold } = peer.program.connection.info();
    for (let end = 3001; end <= 20_001; end += 1000) peer.send('E.', { ack: 1001, sack: [[2001, end]] });
    expect(peer.stack.statistics.tcp.fastRetransmits).to.equal(1);
    expect(peer.program.connection.info().slowStartThreshold).to.equal(slowStartThreshold);
  });

  it('a time-out ends a reduction: the window grows from one segment, and does not leap', () => {
    const peer = agreed({ congestionControl: 'newreno', forwardRto: false });
    peer.write(80_000);
    peer.takeAll();
    peer.send('E.', { ack: 1001 });
    peer.wait(2000);
    peer.takeAll();
    peer.send('.', { ack: 2001 });
    expect(peer.program.connection.info().congestionWindow).to.equal(2000);
    const windows: number[] = [];
    while (peer.acknowledged < 24_001 && windows.length < 50) {
      peer.wait(10);
      peer.send('.');
      windows.push(peer.program.connection.info().congestionWindow);
      peer.takeAll();
    }
    for (let i = 1; i < windows.length; i++) expect(windows[i]).to.be.at.most(2 * windows[i - 1]!);
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
