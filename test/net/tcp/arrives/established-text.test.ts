/** RFC 9293 section 3.10.7.4 in ESTABLISHED, step seven: the segment text. */

import { expect } from 'chai';
import { toUnsigned } from '../../../../src/net/tcp/sequence.js';
import { reach } from '../../../support/reach.js';
import { streamBytes } from '../../../support/scripted-peer.js';

const at = () => reach('ESTABLISHED');

/** Nothing is acknowledged at once unless it must be. */
const SLOW_ACKS = { tcp: { quickAcks: 0 } };

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

  for (const bytes of [100, 500, 1000]) {
    it(`a peer whose full segments have ${bytes} bytes: each second one gets an ACK at once [9293-SHLD-19]`, () => {
      const peer = reach('ESTABLISHED', SLOW_ACKS);
      // Two of them tell how large they are, after a larger one if need be.
      peer.send('.', { data: 1460 });
      peer.send('.', { data: bytes });
      peer.send('.', { data: bytes });
      peer.wait(50);
      peer.takeAll();
      for (let pair = 0; pair < 5; pair++) {
        peer.send('.', { data: bytes });
        peer.expectNothing();
        peer.send('.', { data: bytes });
        peer.expect('.', { ack: peer.nxt });
      }
    });
  }

  it('small writes with PSH are no full segments: one ACK for many, after a moment [9293-SHLD-18]', () => {
    const peer = reach('ESTABLISHED', SLOW_ACKS);
    for (let i = 0; i < 5; i++) peer.send('P.', { data: 100 });
    peer.expectNothing();
    peer.wait(40);
    peer.expect('.', { ack: 501 });
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
    expect(toUnsigned(peer.controlBlock!.snd.iss)).to.be.within(0xfffffe00, 0xfffffe10);
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
