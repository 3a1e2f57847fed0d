/**
 * A gap with more pieces behind it than are kept: what is dropped must not be reported as received (RFC 2018, RFC
 * 2883).
 */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';

/** reassembly.ts: MAX_PIECES. */
const KEPT = 1024;

describe('tcp: a full reassembly', () => {
  it('the piece that finds no room is dropped and counted, and no ACK mentions it [2018-2] [2883-1]', () => {
    const peer = reach('ESTABLISHED', {}, { mss: 1460, sackOk: true });
    const piece = (index: number) => ({ seq: 2 + 2 * index, ack: 1, data: 1 });
    for (let i = 0; i < KEPT; i++) peer.send('.', piece(i));
    peer.takeAll();
    peer.send('.', piece(KEPT));
    const newest = [1, 2, 3, 4].map((age) => piece(KEPT - age).seq);
    peer.expect('.', { ack: 1, sack: newest.map((seq) => [seq, seq + 1] as const) });
    const { reassemblyDropped, duplicates } = peer.stack.statistics.tcp;
    expect([reassemblyDropped, duplicates]).to.deep.equal([1, 0]);
  });
});
