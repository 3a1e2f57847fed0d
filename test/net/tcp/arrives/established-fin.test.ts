/** RFC 9293 section 3.10.7.4 in ESTABLISHED, step eight: FIN. */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';
import { ScriptedPeer, streamBytes } from '../../../support/scripted-peer.js';

const at = () => reach('ESTABLISHED');

describe('tcp: FIN arrives in ESTABLISHED', () => {
  it('in order: acknowledged, the program hears, CLOSE-WAIT [9293-E8] [9293-MUST-12]', () => {
    const peer = at();
    peer.send('F.', { seq: 1 });
    peer.expect('.', { seq: 1, ack: 2 });
    expect(peer.state).to.equal('CLOSE-WAIT');
    expect(peer.program.hasEnded).to.equal(true);
    expect(peer.program.reason).to.equal(undefined);
  });

  it('with data: the data first, and one ACK that goes past both [9293-E8]', () => {
    const peer = at();
    peer.send('FP.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 102 });
    peer.expectNothing();
    expect(peer.program.bytes).to.equal(100);
    expect(peer.program.hasEnded).to.equal(true);
  });

  it('before missing data: it counts when the gap is filled, and not before [9293-E8]', () => {
    const peer = at();
    peer.send('FP.', { seq: 101, data: 100 });
    peer.expect('.', { ack: 1 });
    expect(peer.program.hasEnded).to.equal(false);
    expect(peer.state).to.equal('ESTABLISHED');
    peer.send('.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 202 });
    expect(peer.program.hasEnded).to.equal(true);
    expect(peer.program.data.equals(streamBytes(1, 201))).to.equal(true);
    expect(peer.state).to.equal('CLOSE-WAIT');
  });

  it('alone and before missing data: likewise [9293-E8]', () => {
    const peer = at();
    peer.send('F.', { seq: 101 });
    peer.expect('.', { ack: 1 });
    peer.send('.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 102 });
    expect(peer.state).to.equal('CLOSE-WAIT');
  });

  it('beyond the window: cut off with the data before it, and taken when there is room [9293-E5] [9293-E8]', () => {
    const peer = reach('ESTABLISHED', { tcp: { receiveBufferBytes: 1000 } });
    peer.program.appetite = 0;
    peer.send('FP.', { seq: 1, data: 1200 });
    peer.expect('.', { ack: 1001, win: 0 });
    expect(peer.state).to.equal('ESTABLISHED');
    peer.program.appetite = Number.POSITIVE_INFINITY;
    peer.program.connection.resume();
    peer.bench.run();
    peer.expect('.', { ack: 1001, win: 1000 });
    peer.send('FP.', { seq: 1001, data: 200 });
    peer.expect('.', { ack: 1202 });
    expect(peer.program.data.equals(streamBytes(1, 1201))).to.equal(true);
  });

  it('at a zero window: answered, so that the peer knows we are there [9293-MAY-8]', () => {
    const peer = reach('ESTABLISHED', { tcp: { receiveBufferBytes: 1000 } });
    peer.program.appetite = 0;
    peer.send('.', { seq: 1, data: 1000 });
    peer.expect('.', { win: 0 });
    peer.send('F.', { seq: 1001 });
    expect(peer.takeAll()).to.have.length(1);
  });

  it('a program that has not read all hears of the end only after the last byte [9293-E8]', () => {
    const peer = at();
    peer.program.appetite = 10;
    peer.send('FP.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 102 });
    expect(peer.program.hasEnded).to.equal(false);
    peer.program.appetite = 1000;
    peer.program.connection.resume();
    expect(peer.program.bytes).to.equal(100);
    expect(peer.program.hasEnded).to.equal(true);
  });

  it('a program that lets go with bytes unread: RST, so that the peer does not believe them read [9293-MAY-1] [9293-SHLD-3] [LX-1]', () => {
    const peer = at();
    peer.program.appetite = 0;
    peer.send('P.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 101 });
    peer.program.connection.detach();
    peer.bench.run();
    peer.expect('R.', { seq: 1, ack: 101 });
    expect(peer.state).to.equal('CLOSED');
  });

  it('data for a program that has let go: RST [9293-SHLD-3] [LX-1]', () => {
    const peer = new ScriptedPeer();
    peer.establish();
    peer.program.connection.detach();
    peer.bench.run();
    peer.expect('F.', { seq: 1 });
    peer.send('P.', { seq: 1, ack: 2, data: 10 });
    expect(peer.takeAll().at(-1)!.flags).to.match(/^R/);
    expect(peer.state).to.equal('CLOSED');
  });
});
