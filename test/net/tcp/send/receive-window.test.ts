/** The window we offer: RFC 9293 section 3.8.6.2.2, RFC 7323 section 2. */
import { expect } from 'chai';
import { windowScaleFor } from '../../../../src/net/tcp/send/receive-window.js';
import { reach } from '../../../support/reach.js';
import { type PeerSegment, ScriptedPeer } from '../../../support/scripted-peer.js';

/** A peer that scales windows, so that we may. */
const SCALED: PeerSegment = { mss: 1460, wscale: 0 };

/** A program that reads nothing until told. */
function lazy(receiveBufferBytes: number, syn: PeerSegment = { mss: 1460 }): ScriptedPeer {
  const peer = reach('ESTABLISHED', { tcp: { receiveBufferBytes } }, syn);
  peer.program.appetite = 0;
  return peer;
}

function read(peer: ScriptedPeer, bytes: number): void {
  peer.program.appetite = peer.program.bytes + bytes;
  peer.program.connection.resume();
  peer.bench.run();
}

describe('tcp: the receive window', () => {
  it('the scale is the least that lets the whole buffer be offered [7323-1]', () => {
    expect([0, 65_535, 65_536, 131_071, 131_072, 2 ** 30].map(windowScaleFor)).to.deep.equal([0, 0, 1, 1, 2, 14]);
    expect(windowScaleFor(2 ** 31 - 1)).to.equal(14);
  });

  it('falls by what is not read, and never moves its edge back [9293-SHLD-14]', () => {
    const peer = lazy(10_000);
    let edge = 0;
    for (let sent = 0; sent < 10_000; sent += 1000) {
      peer.send('.', { data: 1000 });
      const { acknowledgment, window } = peer.expect('.');
      expect(acknowledgment - 1_000_001 + window).to.be.at.least(edge);
      edge = acknowledgment - 1_000_001 + window;
    }
    expect(peer.last.window).to.equal(0);
  });

  it('full, and the program reads a byte: the edge stays [9293-MUST-39]', () => {
    const peer = lazy(10_000);
    for (let i = 0; i < 10; i++) peer.send('.', { data: 1000 });
    peer.takeAll();
    for (let i = 0; i < 100; i++) read(peer, 1);
    peer.expectNothing();
    peer.send('.', { seq: 10_000, data: 1 });
    peer.expect('.', { ack: 10_001, win: 0 });
  });

  it('half full, and the program reads a little: the edge stays until a full segment more fits [9293-MUST-39]', () => {
    const peer = lazy(10_000);
    for (let i = 0; i < 5; i++) peer.send('.', { data: 1000 });
    peer.takeAll();
    read(peer, 1459);
    peer.send('.', { seq: 5000, data: 1 });
    peer.expect('.', { ack: 5001, win: 5000 });
    read(peer, 1);
    peer.send('.', { seq: 5000, data: 1 });
    peer.expect('.', { ack: 5001, win: 6460 });
  });

  it('opens again with an update of its own when there is room for two segments or half the buffer [9293-MUST-39]', () => {
    const peer = lazy(10_000);
    for (let i = 0; i < 10; i++) peer.send('.', { data: 1000 });
    peer.takeAll();
    read(peer, 2919);
    peer.expectNothing();
    read(peer, 1);
    peer.expect('.', { ack: 10_001, win: 2920 });
    const small = lazy(1000);
    small.send('.', { data: 1000 });
    small.expect('.', { win: 0 });
    read(small, 499);
    small.expectNothing();
    read(small, 1);
    small.expect('.', { win: 500 });
  });

  it('a peer that probes a closed window gets its answer, and the byte is not lost [9293-MAY-8] [LX-9]', () => {
    const peer = lazy(1000);
    peer.send('.', { data: 1000 });
    peer.expect('.', { win: 0 });
    peer.send('.', { seq: 1000, data: 0 });
    peer.expect('.', { ack: 1001, win: 0 });
    peer.send('.', { seq: 1001, data: 1 });
    peer.expect('.', { ack: 1001, win: 0 });
    read(peer, 1000);
    peer.expect('.', { ack: 1001, win: 1000 });
    peer.send('.', { seq: 1001, data: 1 });
    peer.expect('.', { ack: 1002 });
  });

  it('is not scaled in a SYN-ACK, and is afterwards [7323-1]', () => {
    const peer = new ScriptedPeer({ tcp: { receiveBufferBytes: 262_144 } });
    peer.send('S', { mss: 1460, wscale: 0 });
    peer.expect('S.', { win: 65_535, wscale: 3 });
    peer.send('.', { seq: 1, ack: 1 });
    peer.send('.', { data: 1000 });
    expect(peer.expect('.').window << 3).to.be.within(262_144 - 16, 262_144);
  });

  it('without the option from the peer it is never scaled [7323-1]', () => {
    const peer = new ScriptedPeer({ tcp: { receiveBufferBytes: 262_144 } });
    peer.send('S', { mss: 1460 });
    peer.expect('S.', { win: 65_535, wscale: null });
    peer.send('.', { seq: 1, ack: 1 });
    peer.send('.', { data: 1000 });
    peer.expect('.', { win: 65_535 });
  });

  it('a shift of 20 counts as 14 [7323-1]', () => {
    const peer = new ScriptedPeer();
    peer.send('S', { mss: 1460, wscale: 20 });
    peer.expect('S.');
    peer.send('.', { seq: 1, ack: 1, win: 3 });
    expect(peer.controlBlock!.snd.wnd).to.equal(3 << 14);
  });

  for (const [name, bytes] of [
    ['segments of odd lengths', 1453],
    ['small ones', 77],
  ] as const) {
    it(`${name}, and nobody reads: scaled as it is, the edge told never moves left [9293-SHLD-14] [7323-2]`, () => {
      const peer = lazy(262_144, SCALED);
      peer.send('.', { data: bytes });
      let edge = 0;
      for (let sent = 0; sent < 200_000; sent += bytes) {
        peer.send('.', { data: bytes });
        for (const { acknowledgment, window } of peer.takeAll()) {
          const told = acknowledgment + (window << 3);
          expect(told).to.be.at.least(edge);
          edge = told;
        }
      }
      expect(edge - 1_000_000).to.be.within(262_144, 262_144 * (1 + 1 / 16) + 8);
    });
  }

  it('three bytes at a time, each acknowledged, and nobody reads: the edge stops a sixteenth beyond the buffer', () => {
    const peer = reach('ESTABLISHED', { tcp: { receiveBufferBytes: 65_536, quickAcks: 1e6 } }, SCALED);
    peer.program.appetite = 0;
    let window = 1;
    for (let sent = 0; sent < 80_000 && window > 0; sent += 3) {
      peer.send('.', { data: 3 });
      window = peer.takeAll().at(-1)!.window;
    }
    expect(peer.program.connection.unreadBytes).to.be.within(65_536, 65_536 + 4096 + 4);
    peer.send('.', { data: 1 });
    peer.expect('.', { win: 0 });
  });

  it('in TIME-WAIT the window is no less than what was offered [9293-SHLD-14]', () => {
    const peer = reach('FIN-WAIT-2', {}, SCALED);
    peer.send('.', { data: 1 });
    peer.wait(50);
    const { acknowledgment, window } = peer.expect('.');
    peer.send('F.', {});
    const last = peer.expect('.');
    peer.send('F.', { seq: 2 });
    const again = peer.expect('.');
    for (const { acknowledgment: ack, window: field } of [last, again]) {
      expect(ack + (field << 3)).to.be.at.least(acknowledgment + (window << 3));
    }
  });

  it('what was once offered is taken, though rounding has moved the edge meanwhile [7323-2]', () => {
    const peer = lazy(262_144, SCALED);
    let edge = 65_536;
    for (let i = 0; i < 60; i++) {
      peer.send('.', { data: 1453 });
      for (const { acknowledgment, window } of peer.takeAll()) {
        edge = Math.max(edge, acknowledgment - 1_000_000 + (window << 3));
      }
    }
    // Up to the furthest edge that was ever told.
    while (peer.nxt < edge) peer.send('.', { data: Math.min(1460, edge - peer.nxt) });
    expect(peer.program.connection.unreadBytes).to.equal(edge - 1);
  });
});
