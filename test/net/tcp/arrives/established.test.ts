/** RFC 9293 section 3.10.7.4 in ESTABLISHED, steps five and six: ACK and URG. */

import { expect } from 'chai';
import { distance } from '../../../../src/net/tcp/sequence.js';
import { reach } from '../../../support/reach.js';
import { streamBytes } from '../../../support/scripted-peer.js';

const at = () => reach('ESTABLISHED');

describe('tcp: an ACK arrives in ESTABLISHED', () => {
  it('ACK of all that is out: the program hears, the timer stops [9293-E6] [6298-5]', () => {
    const peer = at();
    peer.write(100);
    peer.expect('P.', { seq: 1, length: 100 });
    expect(peer.program.connection.queuedBytes).to.equal(100);
    peer.send('.', { seq: 1, ack: 101 });
    expect(peer.program.connection.queuedBytes).to.equal(0);
    peer.expectNothing(100_000);
  });

  it('ACK of a part: the rest is still out, and sent again in the end [6298-5]', () => {
    const peer = at();
    peer.write(100);
    peer.expect('P.', { seq: 1, length: 100 });
    peer.send('.', { seq: 1, ack: 41 });
    expect(peer.program.connection.queuedBytes).to.equal(100);
    const again = peer.expectAfter(200, 'P.', { seq: 41, length: 60 }, 20);
    expect(Buffer.from(again.data).equals(streamBytes(41, 101))).to.equal(true);
  });

  it('an old ACK, with data: the ACK is ignored, the data is taken [9293-E6]', () => {
    const peer = at();
    peer.write(100);
    peer.expect('P.', { seq: 1 });
    peer.send('.', { seq: 1, ack: 101 });
    peer.send('P.', { seq: 1, ack: 50, win: 1, data: 10 });
    peer.expect('.', { seq: 101, ack: 11 });
    expect(peer.program.bytes).to.equal(10);
    expect(distance(peer.controlBlock!.snd.iss, peer.controlBlock!.snd.una)).to.equal(101);
  });

  it('the window is taken from a newer segment only: WL1 [9293-E7]', () => {
    const peer = at();
    peer.send('P.', { seq: 101, data: 100, win: 6000 });
    expect(peer.controlBlock!.snd.wnd).to.equal(6000);
    // Sent before the other, and overtaken by it.
    peer.send('P.', { seq: 1, data: 100, win: 1 });
    expect(peer.controlBlock!.snd.wnd).to.equal(6000);
    expect(peer.program.bytes).to.equal(200);
  });

  it('the window is taken from a newer ACK only: WL2 [9293-E7]', () => {
    const peer = at();
    peer.write(200);
    peer.expect('P.');
    peer.send('.', { seq: 1, ack: 201, win: 6000 });
    peer.send('.', { seq: 1, ack: 101, win: 1 });
    expect(peer.controlBlock!.snd.wnd).to.equal(6000);
  });

  it('a window of 65535 is one of 65535, and all of it is used [9293-MUST-1]', () => {
    const peer = reach('ESTABLISHED', { tcp: { initialWindowSegments: 100 } });
    peer.write(100_000);
    expect(peer.takeAll().reduce((sum, segment) => sum + segment.data.length, 0)).to.be.within(64_076, 65_535);
  });
});

describe('tcp: URG arrives in ESTABLISHED', () => {
  it('urgent data comes with the rest, in line, and the program hears how far it goes [9293-MUST-30] [9293-MUST-32]', () => {
    const peer = at();
    let heard = 0;
    Object.assign(peer.program, { urgent: () => (heard = peer.program.connection.urgentBytes) });
    peer.send('UP.', { seq: 1, urg: 3, data: 'abcdef' });
    peer.expect('.', { ack: 7 });
    expect(heard).to.equal(3);
    expect(peer.program.data.toString()).to.equal('abcdef');
    expect(peer.program.connection.urgentBytes).to.equal(0);
  });

  it('a pointer beyond the segment: urgent until that byte has come [9293-MUST-31] [9293-MUST-33] [9293-MUST-62]', () => {
    const peer = at();
    peer.send('U.', { seq: 1, urg: 150, data: 100 });
    expect(peer.program.connection.urgentBytes).to.equal(50);
    peer.send('.', { seq: 101, data: 30 });
    expect(peer.program.connection.urgentBytes).to.equal(20);
    peer.send('.', { seq: 131, data: 30 });
    expect(peer.program.connection.urgentBytes).to.equal(0);
    expect(peer.program.data.equals(streamBytes(1, 161))).to.equal(true);
  });

  it('a pointer does not move back [9293-MUST-31]', () => {
    const peer = at();
    peer.send('U.', { seq: 1, urg: 500 });
    peer.send('U.', { seq: 1, urg: 100 });
    expect(peer.program.connection.urgentBytes).to.equal(500);
  });

  it('the pointer without the flag says nothing [9293-MUST-30]', () => {
    const peer = at();
    peer.send('P.', { seq: 1, urg: 500, data: 10 });
    expect(peer.program.connection.urgentBytes).to.equal(0);
  });
});
