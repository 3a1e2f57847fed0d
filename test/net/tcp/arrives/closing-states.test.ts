/** RFC 9293 section 3.10.7.4 in the states of closing: FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT, CLOSING, LAST-ACK. */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';
import { ScriptedPeer, streamBytes } from '../../../support/scripted-peer.js';

describe('tcp: a segment arrives in FIN-WAIT-1', () => {
  it('ACK of our FIN: FIN-WAIT-2 [9293-E9]', () => {
    const peer = reach('FIN-WAIT-1');
    peer.send('.', { seq: 1, ack: 2 });
    peer.expectNothing();
    expect(peer.state).to.equal('FIN-WAIT-2');
  });

  it('ACK of the data before our FIN only: stays, and the FIN is sent again [9293-E9] [6298-6]', () => {
    const peer = new ScriptedPeer();
    peer.establish();
    peer.write(100);
    peer.expect('P.', { seq: 1, length: 100 });
    peer.close();
    peer.expect('F.', { seq: 101, length: 0 });
    peer.send('.', { seq: 1, ack: 101 });
    expect(peer.state).to.equal('FIN-WAIT-1');
    peer.expectAfter(200, 'F.', { seq: 101 }, 10);
    peer.send('.', { seq: 1, ack: 102 });
    expect(peer.state).to.equal('FIN-WAIT-2');
  });

  it('data: taken and acknowledged, we have only stopped sending [9293-E9]', () => {
    const peer = reach('FIN-WAIT-1');
    peer.send('P.', { seq: 1, ack: 1, data: 100 });
    peer.expect('.', { seq: 2, ack: 101 });
    expect(peer.program.data.equals(streamBytes(1, 101))).to.equal(true);
    expect(peer.state).to.equal('FIN-WAIT-1');
  });

  it('FIN without the ACK of ours: CLOSING [9293-E10]', () => {
    const peer = reach('FIN-WAIT-1');
    peer.send('F.', { seq: 1, ack: 1 });
    peer.expect('.', { seq: 2, ack: 2 });
    expect(peer.state).to.equal('CLOSING');
    expect(peer.program.hasEnded).to.equal(true);
  });

  it('FIN with the ACK of ours: TIME-WAIT at once [9293-E10]', () => {
    const peer = reach('FIN-WAIT-1');
    peer.send('F.', { seq: 1, ack: 2 });
    peer.expect('.', { seq: 2, ack: 2 });
    expect(peer.state).to.equal('TIME-WAIT');
    expect(peer.program.reason).to.equal('closed');
  });

  it('data and FIN in any order: TIME-WAIT when all is there [9293-E8]', () => {
    const peer = reach('FIN-WAIT-1');
    peer.send('F.', { seq: 201, ack: 2 });
    peer.expect('.', { ack: 1 });
    peer.send('.', { seq: 101, ack: 2, data: 100 });
    peer.expect('.', { ack: 1 });
    expect(peer.state).to.equal('FIN-WAIT-2');
    peer.send('.', { seq: 1, ack: 2, data: 100 });
    peer.expect('.', { ack: 202 });
    expect(peer.state).to.equal('TIME-WAIT');
    expect(peer.program.data.equals(streamBytes(1, 201))).to.equal(true);
  });

  it('silence: the FIN is sent again and again, and given up in the end [9293-MUST-20]', () => {
    const peer = reach('FIN-WAIT-1');
    peer.wait(3_600_000);
    expect(peer.takeAll().every(({ flags }) => flags === 'F.')).to.equal(true);
    expect(peer.program.reason).to.equal('timeout');
    expect(peer.state).to.equal('CLOSED');
  });
});

describe('tcp: a segment arrives in FIN-WAIT-2', () => {
  it('data: taken, for as long as the peer likes [9293-E9]', () => {
    const peer = reach('FIN-WAIT-2');
    for (let i = 0; i < 10; i++) {
      peer.wait(100_000);
      peer.send('P.', { ack: 2, data: 100 });
      peer.expect('.', { seq: 2, ack: 101 + 100 * i });
    }
    expect(peer.program.bytes).to.equal(1000);
  });

  it('FIN: acknowledged, TIME-WAIT, and the program is done [9293-E9]', () => {
    const peer = reach('FIN-WAIT-2');
    peer.send('F.', { seq: 1, ack: 2 });
    peer.expect('.', { seq: 2, ack: 2 });
    expect(peer.state).to.equal('TIME-WAIT');
    expect([peer.program.hasEnded, peer.program.reason]).to.deep.equal([true, 'closed']);
  });

  it('FIN with bytes that the program has not read: they and the end are not lost [9293-E8]', () => {
    const peer = reach('FIN-WAIT-2');
    peer.program.appetite = 10;
    peer.send('FP.', { seq: 1, ack: 2, data: 100 });
    peer.expect('.', { ack: 102 });
    peer.program.appetite = 1000;
    peer.program.connection.resume();
    expect(peer.program.bytes).to.equal(100);
    expect(peer.program.hasEnded).to.equal(true);
  });

  it('of a program that has let go: ends after 60 s, or with a RST if data comes [LX-3] [LX-1]', () => {
    for (const withData of [false, true]) {
      const peer = new ScriptedPeer();
      peer.establish();
      peer.program.connection.detach();
      peer.bench.run();
      peer.expect('F.', { seq: 1 });
      peer.send('.', { seq: 1, ack: 2 });
      expect(peer.state).to.equal('FIN-WAIT-2');
      peer.expectNothing(59_000);
      if (withData) {
        peer.send('P.', { seq: 1, ack: 2, data: 10 });
        peer.expect('R', { seq: 2 });
      } else peer.expectNothing(2000);
      expect(peer.state).to.equal('CLOSED');
      expect(peer.stack.connectionCount).to.equal(0);
    }
  });
});

describe('tcp: a segment arrives in CLOSE-WAIT', () => {
  it('we go on sending, and its ACKs count [9293-E9]', () => {
    const peer = reach('CLOSE-WAIT');
    peer.write(3000);
    expect(peer.takeAll().reduce((sum, { data }) => sum + data.length, 0)).to.equal(3000);
    peer.send('.', { seq: 2, ack: 3001 });
    expect(peer.program.connection.queuedBytes).to.equal(0);
    peer.close();
    peer.expect('F.', { seq: 3001, ack: 2 });
    expect(peer.state).to.equal('LAST-ACK');
  });

  it('data after the FIN: ignored [9293-E8]', () => {
    const peer = reach('CLOSE-WAIT');
    peer.send('P.', { seq: 2, data: 100 });
    expect(peer.program.bytes).to.equal(0);
    for (const { acknowledgment } of peer.takeAll()) expect(acknowledgment).to.equal(1_000_002);
  });

  it('the FIN again: acknowledged again [9293-E4]', () => {
    const peer = reach('CLOSE-WAIT');
    peer.send('F.', { seq: 1 });
    peer.expect('.', { seq: 1, ack: 2 });
    expect(peer.state).to.equal('CLOSE-WAIT');
  });

  it('a half-closed connection lives for as long as both like [9293-E9] [9293-MUST-24]', () => {
    const peer = reach('CLOSE-WAIT');
    peer.expectNothing(86_400_000);
    peer.write(10);
    peer.expect('P.', { seq: 1, length: 10 });
  });
});

describe('tcp: a segment arrives in CLOSING', () => {
  it('ACK of our FIN: TIME-WAIT [9293-E10]', () => {
    const peer = reach('CLOSING');
    peer.send('.', { seq: 2, ack: 2 });
    peer.expectNothing();
    expect(peer.state).to.equal('TIME-WAIT');
    expect(peer.program.reason).to.equal('closed');
  });

  it('the FIN again, without the ACK: acknowledged again [9293-E4]', () => {
    const peer = reach('CLOSING');
    peer.send('F.', { seq: 1, ack: 1 });
    peer.expect('.', { seq: 2, ack: 2 });
    expect(peer.state).to.equal('CLOSING');
  });

  it('the FIN again, with the ACK of ours, as from a peer that lost our ACK: TIME-WAIT in the end [9293-E10]', () => {
    const peer = reach('CLOSING');
    peer.send('F.', { seq: 1, ack: 2 });
    peer.takeAll();
    peer.send('.', { seq: 2, ack: 2 });
    expect(peer.state).to.equal('TIME-WAIT');
  });
});

describe('tcp: a segment arrives in LAST-ACK', () => {
  it('ACK of our FIN: over, without TIME-WAIT [9293-E9]', () => {
    const peer = reach('LAST-ACK');
    peer.send('.', { seq: 2, ack: 2 });
    peer.expectNothing(100_000);
    expect(peer.state).to.equal('CLOSED');
    expect(peer.program.reason).to.equal('closed');
    peer.send('.', { seq: 2, ack: 2 });
    peer.expect('R', { seq: 2 });
  });

  it('an old ACK: stays, and the FIN is sent again [6298-6]', () => {
    const peer = reach('LAST-ACK');
    peer.send('.', { seq: 2, ack: 1 });
    expect(peer.state).to.equal('LAST-ACK');
    peer.expectAfter(200, 'F.', { seq: 1 }, 10);
  });

  it('the FIN again: acknowledged again [9293-E4]', () => {
    const peer = reach('LAST-ACK');
    peer.send('F.', { seq: 1, ack: 1 });
    peer.expect('.', { seq: 2, ack: 2 });
  });
});
