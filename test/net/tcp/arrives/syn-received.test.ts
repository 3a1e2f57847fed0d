/** RFC 9293 section 3.10.7.4 in SYN-RECEIVED: the SYN-ACK is out. */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';
import { streamBytes } from '../../../support/scripted-peer.js';

describe('tcp: a segment arrives in SYN-RECEIVED', () => {
  it('ACK of our SYN: ESTABLISHED, and only now the program is made [9293-E4]', () => {
    const peer = reach('SYN-RECEIVED');
    expect(peer.bench.programs).to.have.length(0);
    peer.send('.', { seq: 1, ack: 1 });
    peer.expectNothing();
    expect(peer.state).to.equal('ESTABLISHED');
    expect(peer.bench.programs).to.have.length(1);
  });

  it('ACK with data and FIN: all is taken [9293-E8]', () => {
    const peer = reach('SYN-RECEIVED');
    peer.send('FP.', { seq: 1, ack: 1, data: 50 });
    peer.expect('.', { seq: 1, ack: 52 });
    expect(peer.program.data.equals(streamBytes(1, 51))).to.equal(true);
    expect(peer.state).to.equal('CLOSE-WAIT');
  });

  it('data before the last ACK of the handshake: its own ACK completes it [9293-E4]', () => {
    const peer = reach('SYN-RECEIVED');
    peer.send('P.', { seq: 101, ack: 1, data: 100 });
    peer.expect('.', { ack: 1 });
    expect(peer.state).to.equal('ESTABLISHED');
    peer.send('P.', { seq: 1, ack: 1, data: 100 });
    peer.expect('.', { ack: 201 });
    expect(peer.program.data.equals(streamBytes(1, 201))).to.equal(true);
  });

  for (const ack of [0, 2, -100]) {
    it(`ACK of ${ack}, which is not our SYN: RST with that number [9293-E4]`, () => {
      const peer = reach('SYN-RECEIVED');
      peer.send('.', { seq: 1, ack });
      peer.expect('R', { seq: ack });
      expect(peer.state).to.equal('SYN-RECEIVED');
    });
  }

  it('RST in its place: back to LISTEN, and nobody hears of it [9293-MUST-11]', () => {
    const peer = reach('SYN-RECEIVED');
    peer.send('R', { seq: 1 });
    peer.expectNothing();
    expect(peer.state).to.equal('CLOSED');
    expect(peer.bench.programs).to.have.length(0);
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.', { ack: 1 });
  });

  it('RST elsewhere in the window: a challenge ACK [5961-1]', () => {
    const peer = reach('SYN-RECEIVED');
    peer.send('R', { seq: 100 });
    peer.expect('.', { ack: 1 });
    expect(peer.state).to.equal('SYN-RECEIVED');
  });

  it('the SYN again: it is answered, so that a peer that lost our SYN-ACK goes on [9293-E4]', () => {
    const peer = reach('SYN-RECEIVED');
    peer.send('S', { seq: 0, mss: 1460 });
    const answer = peer.takeAll();
    expect(answer).to.have.length(1);
    expect(answer[0]!.acknowledgment).to.equal(1_000_001);
    peer.send('.', { seq: 1, ack: 1 });
    expect(peer.state).to.equal('ESTABLISHED');
  });

  it('another SYN inside the window: a challenge ACK [5961-3]', () => {
    const peer = reach('SYN-RECEIVED');
    peer.send('S', { seq: 500, mss: 1460 });
    peer.expect('.', { ack: 1 });
    expect(peer.state).to.equal('SYN-RECEIVED');
  });

  it('a segment without ACK: dropped [9293-E6]', () => {
    const peer = reach('SYN-RECEIVED');
    peer.send('P', { seq: 1, data: 10 });
    peer.send('F', { seq: 1 });
    peer.expectNothing();
    expect(peer.state).to.equal('SYN-RECEIVED');
  });

  it('the SYN-ACK is sent again after 1, 3, 7, 15 and 31 s and given up after 63 [LX-6]', () => {
    const peer = reach('SYN-RECEIVED');
    for (const seconds of [1, 2, 4, 8, 16]) peer.expectAfter(seconds * 1000, 'S.', { seq: 0, ack: 1, mss: 1460 });
    peer.expectNothing(31_900);
    expect(peer.state).to.equal('SYN-RECEIVED');
    peer.wait(200);
    expect(peer.state).to.equal('CLOSED');
    peer.expectNothing(100_000);
    expect(peer.stack.connectionCount).to.equal(0);
  });

  it('the window in its ACK is scaled [7323-1]', () => {
    const peer = reach('SYN-RECEIVED', {}, { mss: 1460, wscale: 3, win: 60_000 });
    expect(peer.controlBlock!.snd.wnd).to.equal(60_000);
    peer.send('.', { seq: 1, ack: 1, win: 1000 });
    expect(peer.controlBlock!.snd.wnd).to.equal(8000);
  });
});
