/** RFC 9293 section 3.10.7.4 in ESTABLISHED, steps five to eight: ACK, URG, text, FIN. */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';
import { ScriptedPeer, streamBytes } from '../../../support/scripted-peer.js';

const at = () => reach('ESTABLISHED');

/** Nothing is acknowledged at once unless it must be. */
const SLOW_ACKS = { tcp: { quickAcks: 0 } };

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
    expect(peer.controlBlock!.snd.una - peer.controlBlock!.snd.iss).to.equal(101);
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

describe('tcp: text arrives in ESTABLISHED', () => {
  it('in order: to the program, in place [9293-E4]', () => {
    const peer = at();
    peer.send('P.', { seq: 1, data: 'one' });
    peer.expect('.', { ack: 4 });
    peer.send('P.', { seq: 4, data: 'two' });
    peer.expect('.', { ack: 7 });
    expect(peer.program.data.toString()).to.equal('onetwo');
  });

  it('one segment: its ACK waits, but less than half a second [9293-SHLD-18] [9293-MUST-40]', () => {
    const peer = reach('ESTABLISHED', SLOW_ACKS);
    peer.send('P.', { seq: 1, data: 1460 });
    peer.expectAfter(40, '.', { ack: 1461 });
    peer.expectNothing(10_000);
  });

  it('two full segments: an ACK at once [9293-SHLD-19]', () => {
    const peer = reach('ESTABLISHED', SLOW_ACKS);
    peer.send('.', { seq: 1, data: 1460 });
    peer.expectNothing();
    peer.send('.', { seq: 1461, data: 1460 });
    peer.expect('.', { ack: 2921 });
    peer.expectNothing(10_000);
  });

  it('an answer of the program carries the ACK [9293-SHLD-18]', () => {
    const peer = reach('ESTABLISHED', SLOW_ACKS);
    peer.send('P.', { seq: 1, data: 100 });
    peer.write(10);
    peer.expect('P.', { seq: 1, ack: 101, length: 10 });
    peer.send('.', { ack: 11 });
    peer.expectNothing(10_000);
  });

  it('the first segments of a connection are acknowledged at once [LX-4]', () => {
    const peer = at();
    for (let i = 0; i < 16; i++) {
      peer.send('.', { data: 100 });
      peer.expect('.', { ack: 101 + 100 * i });
    }
    peer.send('.', { data: 100 });
    peer.expectAfter(40, '.', { ack: 1701 });
  });

  it('out of order: an ACK of RCV.NXT at once; the gap filled: one ACK of all [9293-SHLD-31] [9293-MAY-13] [5681-8]', () => {
    const peer = reach('ESTABLISHED', SLOW_ACKS);
    for (let i = 1; i <= 9; i++) {
      peer.send('.', { seq: 1 + 100 * i, data: 100 });
      peer.expect('.', { ack: 1 });
    }
    expect(peer.program.bytes).to.equal(0);
    peer.send('.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 1001 });
    peer.expectNothing(1000);
    expect(peer.program.data.equals(streamBytes(1, 1001))).to.equal(true);
  });

  it('the first of two gaps filled: an ACK at once, up to the second [9293-MUST-58] [9293-MUST-59]', () => {
    const peer = reach('ESTABLISHED', SLOW_ACKS);
    peer.send('.', { seq: 101, data: 100 });
    peer.send('.', { seq: 301, data: 100 });
    expect(peer.takeAll()).to.have.length(2);
    peer.send('.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 201 });
    peer.send('.', { seq: 201, data: 100 });
    peer.expect('.', { ack: 401 });
    peer.expectNothing();
  });

  it('half old, half new: the new half is taken once [9293-E5]', () => {
    const peer = at();
    peer.send('.', { seq: 1, data: 100 });
    peer.send('.', { seq: 51, data: 100 });
    peer.send('.', { seq: 1, data: 200 });
    expect(peer.program.data.equals(streamBytes(1, 201))).to.equal(true);
    expect(peer.takeAll().at(-1)!.acknowledgment).to.equal(1_000_201);
  });

  it('overlapping what waits behind a gap, on either side, within and over it: the stream is exact [9293-E5]', () => {
    const peer = at();
    for (const [from, to] of [
      [301, 401],
      [351, 451],
      [251, 351],
      [201, 501],
      [311, 321],
      [101, 205],
      [1, 150],
    ] as const) {
      peer.send('.', { seq: from, data: to - from });
    }
    expect(peer.program.data.equals(streamBytes(1, 501))).to.equal(true);
    expect(peer.takeAll().at(-1)!.acknowledgment).to.equal(1_000_501);
  });

  it('what came first stays: a later copy with other bytes changes nothing [9293-E5]', () => {
    const peer = at();
    peer.send('.', { seq: 4, data: 'def' });
    peer.send('.', { seq: 4, data: 'XYZ' });
    peer.send('.', { seq: 1, data: 'abcX' });
    expect(peer.program.data.toString().slice(0, 3)).to.equal('abc');
    expect(peer.program.bytes).to.equal(6);
    expect(peer.program.data.toString().slice(4)).to.equal('ef');
  });

  it('past the right edge: cut there [9293-E5]', () => {
    const peer = reach('ESTABLISHED', { tcp: { receiveBufferBytes: 1000 } });
    peer.program.appetite = 0;
    peer.send('.', { seq: 1, data: 1460 });
    peer.expect('.', { ack: 1001, win: 0 });
    expect(peer.program.connection.unreadBytes).to.equal(1000);
    peer.program.appetite = Number.POSITIVE_INFINITY;
    peer.program.connection.resume();
    peer.bench.run();
    peer.expect('.', { ack: 1001, win: 1000 });
    expect(peer.program.data.equals(streamBytes(1, 1001))).to.equal(true);
  });

  it('at a zero window: an ACK of where we stand, and nothing is taken [9293-MAY-8]', () => {
    const peer = reach('ESTABLISHED', { tcp: { receiveBufferBytes: 1000 } });
    peer.program.appetite = 0;
    peer.send('.', { seq: 1, data: 1000 });
    peer.expect('.', { ack: 1001, win: 0 });
    peer.send('.', { seq: 1001, data: 1 });
    peer.expect('.', { ack: 1001, win: 0 });
  });

  it('a zero window still lets RST, and the ACK of a segment, count [9293-MUST-66]', () => {
    const peer = reach('ESTABLISHED', { tcp: { receiveBufferBytes: 1000 } });
    peer.program.appetite = 0;
    peer.send('.', { seq: 1, data: 1000 });
    peer.expect('.', { win: 0 });
    peer.write(10);
    peer.expect('P.', { seq: 1, length: 10 });
    peer.send('P.', { seq: 1001, ack: 11, data: 5 });
    expect(peer.program.connection.queuedBytes).to.equal(0);
    peer.send('R', { seq: 1001 });
    expect(peer.state).to.equal('CLOSED');
  });

  it('a zero window lets URG count [9293-MUST-66]', () => {
    const peer = reach('ESTABLISHED', { tcp: { receiveBufferBytes: 1000 } });
    peer.program.appetite = 0;
    peer.send('.', { seq: 1, data: 1000 });
    peer.expect('.', { win: 0 });
    peer.send('U.', { seq: 1001, urg: 7 });
    expect(peer.program.connection.urgentBytes).to.equal(1007);
  });

  it('options in a later segment are found at any byte [9293-MUST-5] [9293-MUST-64]', () => {
    const peer = reach('ESTABLISHED', {}, { mss: 1460, ts: [1000, 0] });
    const { ts } = peer.last;
    const [value, echo] = [1001, ts![0]];
    const word = (n: number) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
    peer.send('.', { data: 10, ts: null, options: [1, 8, 10, ...word(value), ...word(echo), 1, 1, 1, 1, 1] });
    peer.expect('.', { ack: 11, tsEcho: 1001 });
  });

  it('an MSS option after the handshake is ignored [9293-MUST-65]', () => {
    const peer = at();
    peer.send('.', { mss: 500 });
    peer.write(1460);
    peer.expect('P.', { seq: 1, length: 1460 });
  });

  it('sequence numbers wrap on both sides in the middle of the stream [9293-E12]', () => {
    const peer = reach('ESTABLISHED', { isn: 0xfffffff0, stackIsn: 0xfffffe00 });
    expect(peer.controlBlock!.snd.iss >>> 0).to.be.within(0xfffffe00, 0xfffffe10);
    for (let i = 0; i < 10; i++) peer.send('.', { data: 1000 });
    expect(peer.program.data.equals(streamBytes(1, 10_001))).to.equal(true);
    peer.takeAll();
    peer.write(5000);
    for (let got = 0; got < 5000; got = peer.acknowledged - 1) {
      const all = peer.takeAll();
      if (all.length === 0) peer.fail('the stack stopped sending');
      peer.send('.');
    }
    expect(peer.program.connection.queuedBytes).to.equal(0);
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
