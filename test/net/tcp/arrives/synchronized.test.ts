/** RFC 9293 section 3.10.7.4, steps one to five, where they are the same in all synchronized states. */
import { expect } from 'chai';
import { reach, SYNCHRONIZED } from '../../../support/reach.js';
import type { ScriptedPeer } from '../../../support/scripted-peer.js';

/** Sends a segment that changes nothing; says what the stack answers: an ACK of where it stands, or nothing. */
function expectAck(peer: ScriptedPeer): void {
  peer.expect('.', { seq: peer.acknowledged, ack: peer.nxt, length: 0 });
  peer.expectNothing();
}

for (const [state, ipv6] of SYNCHRONIZED.flatMap((name) => [[name, false] as const, [name, true] as const])) {
  const at = (): ScriptedPeer => reach(state, { ipv6 });

  describe(`tcp: a segment arrives in ${state}, over ${ipv6 ? 'IPv6' : 'IPv4'}`, () => {
    it('RST with exactly RCV.NXT: the connection is gone, without an answer [5961-1]', () => {
      const peer = at();
      peer.send('R', { seq: peer.nxt });
      peer.expectNothing(100_000);
      expect(peer.state).to.equal('CLOSED');
      expect(peer.program.reason).to.equal('reset');
    });

    it('RST with data counts like one without [9293-SHLD-2]', () => {
      const peer = at();
      peer.send('R', { seq: peer.nxt, data: 10 });
      peer.expectNothing();
      expect(peer.state).to.equal('CLOSED');
    });

    it('RST elsewhere in the window: a challenge ACK, and all stays [5961-1]', () => {
      const peer = at();
      peer.send('R', { seq: peer.nxt + 1 });
      expectAck(peer);
      expect(peer.state).to.equal(state);
    });

    it('RST with data from before RCV.NXT to behind it: not the exact number, a challenge ACK [5961-1]', () => {
      const peer = at();
      peer.send('R', { seq: peer.nxt - 10, data: 20 });
      expectAck(peer);
      expect(peer.state).to.equal(state);
    });

    it('RST outside the window: dropped in silence [5961-1] [9293-E4]', () => {
      const peer = at();
      peer.send('R', { seq: peer.nxt - 1 });
      peer.send('R', { seq: peer.nxt + 1_000_000 });
      peer.expectNothing();
      expect(peer.state).to.equal(state);
    });

    it('a RST whose ACK is absurd still resets: its ACK is not looked at [9293-E4]', () => {
      const peer = at();
      peer.send('R.', { seq: peer.nxt, ack: 123_456 });
      peer.expectNothing();
      expect(peer.state).to.equal('CLOSED');
    });

    for (const [where, offset] of [
      ['at RCV.NXT', 0],
      ['in the window', 5000],
      ['before it', -100_000],
      ['beyond it', 10_000_000],
    ] as const) {
      it(`SYN ${where}: a challenge ACK, and all stays [5961-3]`, () => {
        const peer = at();
        peer.send('S', { seq: peer.nxt + offset, mss: 1460 });
        peer.expect('.', { seq: peer.acknowledged, ack: state === 'ESTABLISHED' || state.startsWith('FIN') ? 1 : 2 });
        peer.expectNothing();
        expect(peer.state).to.equal(state);
      });
    }

    it('a segment without ACK: dropped [9293-E6]', () => {
      const peer = at();
      peer.send('P', { seq: peer.nxt, data: 100 });
      peer.expectNothing();
      expect(peer.program.bytes).to.equal(0);
      expect(peer.state).to.equal(state);
    });

    it('ACK of what was never sent: an ACK, and its data is dropped [9293-E6]', () => {
      const peer = at();
      const before = peer.nxt;
      peer.send('P.', { seq: before, ack: peer.acknowledged + 1, data: 10 });
      peer.expect('.', { seq: peer.acknowledged, ack: before });
      expect(peer.program.bytes).to.equal(0);
      expect(peer.state).to.equal(state);
    });

    it('ACK from further back than any window: a challenge ACK, and its data is dropped [5961-4] [9293-MAY-12]', () => {
      const peer = at();
      const before = peer.nxt;
      peer.send('P.', { seq: before, ack: peer.acknowledged - 65_537, data: 10 });
      peer.expect('.', { seq: peer.acknowledged, ack: before });
      expect(peer.program.bytes).to.equal(0);
    });

    it('data left of the window: an ACK, which repeats where we stand [9293-E4]', () => {
      const peer = at();
      peer.send('.', { seq: peer.nxt - 1, data: 1 });
      expectAck(peer);
      expect(peer.program.bytes).to.equal(0);
    });

    it('data right of the window: an ACK [9293-E4]', () => {
      const peer = at();
      peer.send('.', { seq: peer.nxt + 1_000_000, data: 1 });
      expectAck(peer);
      expect(peer.program.bytes).to.equal(0);
    });

    it('a wrong checksum: dropped unseen [9293-MUST-3]', () => {
      const peer = at();
      peer.send('R', { seq: peer.nxt, checksum: 0x1234 });
      peer.expectNothing();
      expect(peer.state).to.equal(state);
      expect(peer.stack.statistics.tcp.badChecksum).to.equal(1);
    });

    it('a header that is too short or too long: dropped unseen [9293-MUST-7]', () => {
      const peer = at();
      for (const dataOffset of [0, 4, 6, 15]) peer.send('R', { seq: peer.nxt, dataOffset });
      peer.expectNothing();
      expect(peer.state).to.equal(state);
      expect(peer.stack.statistics.tcp.malformed).to.equal(4);
    });

    it('reserved bits set: ignored [9293-E12]', () => {
      const peer = at();
      peer.send('R', { seq: peer.nxt, reserved: 15 });
      expect(peer.state).to.equal('CLOSED');
    });
  });
}
