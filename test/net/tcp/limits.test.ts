/** Every table and buffer has a bound, and something that gives way first (conventions: limits). */
import { expect } from 'chai';
import { ScriptedPeer, streamBytes } from '../../support/scripted-peer.js';

/**
 * Opens so many connections whose programs read nothing; the peer's ports are 1000 and up. Returns a way to send data
 * on one of them.
 */
function lazyConnections(peer: ScriptedPeer, count: number) {
  const isns: number[] = [];
  for (let i = 0; i < count; i++) {
    peer.send('S', { seq: 0, mss: 1460, peerPort: 1000 + i });
    isns.push(peer.expect('S.').sequence);
    peer.send('.', { seq: 1, ack: 1, peerPort: 1000 + i });
    peer.program.appetite = 0;
  }
  return (which: number, seq: number, data: number) => {
    const ack = ((isns[which]! - peer.stackIsn) | 0) + 1;
    peer.send('P.', { seq, ack, data, peerPort: 1000 + which });
  };
}

describe('tcp: limits', () => {
  it('connections in all, with a full backlog too: no cookie that would be refused when it comes back [LX-7]', () => {
    const peer = new ScriptedPeer({ tcp: { maximumConnections: 3, backlog: 1 } });
    lazyConnections(peer, 2);
    peer.send('S', { seq: 0, mss: 1460, peerPort: 2000 });
    peer.expect('S.');
    peer.send('S', { seq: 0, mss: 1460, peerPort: 2001 });
    peer.expectNothing();
    expect(peer.stack.statistics.tcp).to.include({ cookiesSent: 0, backlogOverflows: 1 });
  });

  it('connections in all: one more SYN is ignored, not reset, and taken when there is room [4987-1] [LX-7]', () => {
    const peer = new ScriptedPeer({ tcp: { maximumConnections: 3 } });
    lazyConnections(peer, 3);
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expectNothing();
    expect(peer.stack.statistics.tcp.backlogOverflows).to.equal(1);
    peer.send('R', { seq: 1, peerPort: 1000 });
    peer.establish();
  });

  it('received bytes in all: what is out of order goes first, then what a lazy program would not read', () => {
    const peer = new ScriptedPeer({ tcp: { maximumBufferedBytes: 3000 } });
    const send = lazyConnections(peer, 3);
    for (const which of [0, 1, 2]) send(which, 1, 1000);
    peer.takeAll();
    const { host } = peer.stack.tcp;
    expect(host.bufferedBytes).to.equal(3000);
    send(0, 2001, 1000);
    expect(peer.expect('.', { ack: 1001 }).sack).to.equal(undefined);
    send(1, 1001, 1000);
    expect(host.bufferedBytes).to.equal(3000);
    expect([host.statistics.reassemblyDropped, host.statistics.receiveDropped]).to.deep.equal([1, 1]);
    for (const { acknowledgment } of peer.takeAll()) expect(acknowledgment).to.equal(1_001_001);
  });

  it('a program that reads at once is served all the same, and what was dropped comes again', () => {
    const peer = new ScriptedPeer({ tcp: { maximumBufferedBytes: 1000 } });
    const send = lazyConnections(peer, 2);
    const [lazy, quick] = peer.bench.programs;
    quick!.appetite = Number.POSITIVE_INFINITY;
    send(0, 1, 1000);
    send(0, 1001, 500);
    send(1, 1, 500);
    expect([lazy!.connection.unreadBytes, quick!.bytes]).to.deep.equal([1000, 500]);
    lazy!.appetite = Number.POSITIVE_INFINITY;
    lazy!.connection.resume();
    send(0, 1001, 500);
    expect(lazy!.data.equals(streamBytes(1, 1501))).to.equal(true);
  });

  it('connections in TIME-WAIT: the oldest gives way [9293-MUST-13]', () => {
    const peer = new ScriptedPeer({ tcp: { maximumTimeWaits: 2 } });
    for (let i = 0; i < 3; i++) {
      peer.send('S', { seq: 0, mss: 1460, peerPort: 1000 + i });
      peer.expect('S.');
      peer.send('.', { seq: 1, ack: 1, peerPort: 1000 + i });
      peer.program.connection.close();
      peer.bench.run();
      peer.send('F.', { seq: 1, ack: 2, peerPort: 1000 + i });
      peer.takeAll();
    }
    expect(peer.stack.tcp.host.timeWaits.size).to.equal(2);
    expect(peer.stack.statistics.tcp.timeWaitsDropped).to.equal(1);
  });
});
