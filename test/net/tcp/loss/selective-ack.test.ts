/** SACK and D-SACK as the receiver sends them: RFC 2018, RFC 2883. */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';

const SYN = { mss: 1460, sackOk: true };
const at = () => reach('ESTABLISHED', {}, SYN);

describe('tcp: selective acknowledgment', () => {
  it('every ACK that leaves a gap has a block; none without a gap [2018-1]', () => {
    const peer = at();
    peer.send('.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 101, sack: null });
    peer.send('.', { seq: 201, data: 100 });
    peer.expect('.', { ack: 101, sack: [[201, 301]] });
    peer.send('.', { seq: 301, data: 100 });
    peer.expect('.', { ack: 101, sack: [[201, 401]] });
    peer.send('.', { seq: 101, data: 100 });
    peer.expect('.', { ack: 401, sack: null });
  });

  it('not agreed on: never a block [2018-1]', () => {
    const peer = reach('ESTABLISHED');
    peer.send('.', { seq: 201, data: 100 });
    peer.expect('.', { ack: 1, sack: null });
  });

  it('the newest island first, then the others by age; four fit, three beside timestamps [2018-2]', () => {
    for (const [syn, most] of [
      [SYN, 4],
      [{ ...SYN, ts: [1, 0] as const }, 3],
    ] as const) {
      const peer = reach('ESTABLISHED', {}, syn);
      for (const seq of [101, 301, 501, 701, 901]) peer.send('.', { seq, data: 100 });
      const blocks = [
        [901, 1001],
        [701, 801],
        [501, 601],
        [301, 401],
      ] as const;
      peer.takeAll().length;
      peer.send('.', { seq: 1001, data: 10 });
      peer.expect('.', { sack: [[901, 1011] as const, ...blocks.slice(1)].slice(0, most) });
    }
  });

  it('a segment that came twice is named first: D-SACK [2883-1] [LX-5]', () => {
    const peer = at();
    peer.send('.', { seq: 1, data: 200 });
    peer.expect('.', { ack: 201, sack: null });
    peer.send('.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 201, sack: [[1, 101]] });
    peer.send('.', { seq: 201, data: 10 });
    peer.expect('.', { ack: 211, sack: null });
  });

  it('twice, above a gap: the piece, then the island that holds it [2883-1]', () => {
    const peer = at();
    peer.send('.', { seq: 201, data: 200 });
    peer.expect('.', { sack: [[201, 401]] });
    peer.send('.', { seq: 201, data: 100 });
    peer.expect('.', {
      ack: 1,
      sack: [
        [201, 301],
        [201, 401],
      ],
    });
  });

  it('twice, over several pieces that touch: all of it in one block [2883-1]', () => {
    const peer = at();
    peer.send('.', { seq: 201, data: 100 });
    peer.send('.', { seq: 301, data: 100 });
    peer.takeAll();
    peer.send('.', { seq: 251, data: 150 });
    peer.expect('.', {
      ack: 1,
      sack: [
        [251, 401],
        [201, 401],
      ],
    });
  });

  it('the filler of a gap overlaps what waits behind it: that part is named [2883-1]', () => {
    const peer = at();
    peer.send('.', { seq: 201, data: 100 });
    peer.takeAll();
    peer.send('.', { seq: 1, data: 250 });
    peer.expect('.', { ack: 301, sack: [[201, 251]] });
    peer.send('.', { data: 10, seq: 301 });
    peer.expect('.', { ack: 311, sack: null });
  });

  it('half old and half new: only the old half is named [2883-1]', () => {
    const peer = at();
    peer.send('.', { seq: 1, data: 100 });
    peer.expect('.', { ack: 101 });
    peer.send('.', { seq: 51, data: 100 });
    peer.expect('.', { ack: 151, sack: [[51, 101]] });
  });

  it('a FIN above a gap is in the block of its data, or has one of its own, for it takes a number [2018-1]', () => {
    const peer = at();
    peer.send('F.', { seq: 301 });
    peer.expect('.', { ack: 1, sack: [[301, 302]] });
    peer.send('P.', { seq: 201, data: 100 });
    peer.expect('.', { ack: 1, sack: [[201, 302]] });
    peer.send('.', { seq: 1, data: 200 });
    peer.expect('.', { ack: 302, sack: null });
    expect(peer.state).to.equal('CLOSE-WAIT');
  });

  it('a FIN that came twice is a duplicate, above a gap and below the window, each time [2883-1]', () => {
    const peer = at();
    for (let copy = 1; copy <= 2; copy++) peer.send('FP.', { seq: 201, data: 100 });
    peer.expect('.', { ack: 1, sack: [[201, 302]] });
    const twice = [
      [201, 302],
      [201, 302],
    ] as const;
    peer.expect('.', { ack: 1, sack: twice });
    peer.send('F.', { seq: 301 });
    peer.expect('.', { ack: 1, sack: [[301, 302], twice[0]] });
    peer.send('.', { seq: 1, data: 200 });
    peer.expect('.', { ack: 302, sack: null });
    for (let copy = 1; copy <= 2; copy++) {
      peer.send('F.', { seq: 301 });
      peer.expect('.', { ack: 302, sack: [[301, 302]] });
    }
  });

  it('at a zero window a duplicate is named up to what has been taken, and no further [2883-1]', () => {
    const peer = reach('ESTABLISHED', { tcp: { receiveBufferBytes: 1000 } }, SYN);
    peer.program.appetite = 0;
    peer.send('.', { seq: 1, data: 1000 });
    peer.expect('.', { ack: 1001, win: 0 });
    peer.send('.', { seq: 501, data: 700 });
    peer.expect('.', { ack: 1001, win: 0, sack: [[501, 1001]] });
  });

  it('data that carries blocks is shorter by as much, and arrives [2018-1]', () => {
    const peer = at();
    peer.send('.', { seq: 201, data: 100 });
    peer.takeAll();
    peer.write(1460);
    peer.expect('.', { length: 1448, sack: [[201, 301]] });
    peer.expect('P.', { length: 12 });
  });

  it('blocks survive a wrap of the numbers [9293-E12]', () => {
    const peer = reach('ESTABLISHED', { isn: 0xffff_ff00 }, SYN);
    peer.send('.', { seq: 201, data: 200 });
    peer.expect('.', { ack: 1, sack: [[201, 401]] });
    peer.send('.', { seq: 1, data: 200 });
    peer.expect('.', { ack: 401, sack: null });
    expect(peer.program.bytes).to.equal(400);
  });
});
