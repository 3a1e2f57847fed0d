/** RFC 7323: timestamps and PAWS. */
import { expect } from 'chai';
import type { TcpSettings } from '../../../src/net/tcp/settings.js';
import { reach } from '../../support/reach.js';
import type { ScriptedPeer } from '../../support/scripted-peer.js';

const SYN = { mss: 1460, ts: [1000, 0] as const };
const DAY = 86_400_000;

/** ACKs wait, so that several segments are answered by one. */
function at(tcp: Partial<TcpSettings> = {}): ScriptedPeer {
  return reach('ESTABLISHED', { tcp: { quickAcks: 0, ...tcp } }, SYN);
}

describe('tcp: timestamps', () => {
  it('on every segment once agreed on, which all tests check; TSecr 0 without ACK [7323-3]', () => {
    const peer = reach('SYN-SENT');
    expect(peer.last.ts![1]).to.equal(0);
  });

  it('not on any if the SYN had none [7323-3]', () => {
    const peer = reach('ESTABLISHED', {}, { mss: 1460 });
    peer.send('.', { data: 10 });
    peer.expect('.', { tsEcho: null });
  });

  it('a segment without them: taken, and its ACK echoes what came last [7323-4]', () => {
    const peer = at();
    peer.send('P.', { data: 100, ts: null });
    peer.wait(50);
    peer.expect('.', { ack: 101, tsEcho: 1000 });
    expect(peer.program.bytes).to.equal(100);
    peer.send('.', { seq: 0, ts: null });
    peer.expect('.', { ack: 101, tsEcho: 1000 });
  });

  it('an ACK without them: SND.UNA moves, and the round trip is that of the segment [7323-4]', () => {
    const peer = at();
    peer.write(1000);
    peer.takeAll();
    peer.wait(30);
    peer.send('.', { ack: 1001, ts: null });
    expect(peer.program.connection.queuedBytes).to.equal(0);
    expect(peer.controlBlock!.roundTrip.latest).to.equal(30_000);
  });

  it('a segment without them, where they are required: dropped, and the connection goes on [7323-4]', () => {
    const peer = at({ requireTimestamps: true });
    peer.send('P.', { data: 100, ts: null });
    peer.expectNothing(1000);
    expect(peer.program.bytes).to.equal(0);
    peer.send('P.', { seq: 1, data: 100 });
    peer.wait(50);
    peer.expect('.', { ack: 101 });
  });

  for (const seq of [1, 5000, -100_000]) {
    it(`a SYN without them, at ${seq}: challenged all the same, for the peer may have restarted [5961-3]`, () => {
      const peer = at();
      peer.send('S', { seq, ts: null });
      peer.expect('.', { ack: 1 });
      expect(peer.state).to.equal('ESTABLISHED');
    });
  }

  it('two segments, one ACK: the earlier is echoed [7323-5]', () => {
    const peer = at();
    peer.send('.', { data: 1448, ts: [1010, 0] });
    peer.send('.', { data: 1448, ts: [1011, 0] });
    peer.expect('.', { ack: 2897, tsEcho: 1010 });
  });

  it('a gap: the last in order is echoed; filled: the filler [7323-5]', () => {
    const peer = at();
    peer.send('.', { data: 100, ts: [1010, 0] });
    peer.wait(50);
    peer.expect('.', { tsEcho: 1010 });
    peer.send('.', { seq: 201, data: 100, ts: [1020, 0] });
    peer.expect('.', { ack: 101, tsEcho: 1010 });
    peer.send('.', { seq: 101, data: 100, ts: [1030, 0] });
    peer.expect('.', { ack: 301, tsEcho: 1030 });
  });

  it('PAWS: an older value, though the number fits: an ACK, nothing delivered [7323-7]', () => {
    const peer = at();
    peer.send('P.', { data: 100, ts: [999, 0] });
    peer.expect('.', { ack: 1, tsEcho: 1000 });
    expect(peer.program.bytes).to.equal(0);
    expect(peer.stack.statistics.tcp.pawsDropped).to.equal(1);
  });

  it('PAWS comes before the window check, and its ACKs are limited [7323-7] [5961-5]', () => {
    const peer = at();
    for (let i = 0; i < 100; i++) peer.send('P.', { seq: 1_000_000, data: 100, ts: [900, 0] });
    expect(peer.takeAll()).to.have.length(1);
    expect(peer.stack.statistics.tcp.pawsDropped).to.equal(100);
    expect(peer.stack.statistics.tcp.outsideWindow).to.equal(0);
  });

  it('PAWS: a value that wraps is later [7323-7]', () => {
    const peer = reach('SYN-RECEIVED', {}, { mss: 1460, ts: [0xffff_fff0, 0] });
    peer.send('.', { seq: 1, ack: 1, ts: [0xffff_fff8, 0] });
    peer.send('P.', { data: 100, ts: [5, 0] });
    peer.expect('.', { ack: 101, tsEcho: 5 });
  });

  it('PAWS: a RST is exempt [7323-7]', () => {
    const peer = at();
    peer.send('R', { seq: 1, ts: [900, 0] });
    expect(peer.state).to.equal('CLOSED');
  });

  it('idle for more than 24 days: any value is taken [7323-8]', () => {
    for (const days of [23, 25]) {
      const peer = at();
      peer.wait(days * DAY);
      peer.send('P.', { data: 100, ts: [5, 0] });
      expect(peer.program.bytes, `after ${days} days`).to.equal(days > 24 ? 100 : 0);
    }
  });

  it('a segment from outside the window does not move what is echoed [7323-5]', () => {
    const peer = at();
    peer.send('.', { seq: 1_000_000, data: 100, ts: [5000, 0] });
    peer.expect('.', { ack: 1, tsEcho: 1000 });
  });

  it('our clock ticks once a millisecond [7323-9]', () => {
    const peer = at();
    peer.write(10);
    const { ts } = peer.expect('P.');
    peer.send('.');
    peer.wait(12_345);
    peer.write(10);
    expect((peer.expect('P.').ts![0] - ts![0]) | 0).to.equal(12_345);
  });
});
