/**
 * What every segment of ours must be like: RFC 9293 section 3.1. All tests check it (`readTcp`); here it is on show.
 */
import { expect } from 'chai';
import { plainChecksum } from '../../../support/packets.js';
import { reach } from '../../../support/reach.js';
import { ScriptedPeer, streamBytes } from '../../../support/scripted-peer.js';
import { pseudoHeader, readTcp, tcpSegment } from '../../../support/tcp-segment.js';

const SUM = pseudoHeader('10.0.0.2', '10.0.0.1');
const PLAIN = { sourcePort: 80, destinationPort: 9, flags: '.', sequence: 1 };

describe('tcp: segments that we send', () => {
  it('have a right checksum, whatever their length [9293-MUST-2]', () => {
    const peer = reach('ESTABLISHED', { listen: { noDelay: true } });
    for (let length = 1; length <= 70; length++) {
      const from = peer.acknowledged;
      peer.write(length);
      const { data } = peer.expect('P.', { length });
      expect(Buffer.from(data).equals(streamBytes(from, from + length))).to.equal(true);
      peer.send('.');
    }
  });

  it('have options that end with the header, padded with nothing but NOPs and zeros [9293-MUST-69]', () => {
    for (const sackOk of [true, false]) {
      for (const wscale of [true, false]) {
        for (const ts of [true, false]) {
          const peer = new ScriptedPeer();
          peer.send('S', { sackOk, ...(wscale && { wscale: 2 }), ...(ts && { ts: [1, 0] }) });
          expect(peer.expect('S.').headerBytes % 4).to.equal(0);
        }
      }
    }
  });

  it('never are urgent, and never have a reserved bit [9293-SHLD-13] [9293-E12]', () => {
    const peer = reach('ESTABLISHED');
    peer.send('U.', { data: 10, urg: 10, reserved: 15 });
    const { flags, urgent } = peer.expect('.', { ack: 11 });
    expect([flags, urgent]).to.deep.equal(['.', 0]);
  });

  for (const [what, segment] of [
    ['a wrong checksum', tcpSegment({ ...PLAIN, checksum: 1 }, SUM)],
    ['a reserved bit', tcpSegment({ ...PLAIN, reserved: 1 }, SUM)],
    ['urgent data', tcpSegment({ ...PLAIN, flags: 'U.', urgent: 1 }, SUM)],
    ['padding that is not zero', tcpSegment({ ...PLAIN, options: [0, 1, 0, 0] }, SUM)],
    ['an MSS without SYN', tcpSegment({ ...PLAIN, options: [2, 4, 1, 1] }, SUM)],
    ['SACK blocks on a SYN', tcpSegment({ ...PLAIN, flags: 'S', options: [5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0] }, SUM)],
    ['an option cut short', tcpSegment({ ...PLAIN, options: [8, 10, 0, 0] }, SUM)],
  ] as const) {
    it(`the check of all tests notices ${what}`, () => {
      expect(() => readTcp(segment, SUM)).to.throw();
    });
  }

  it('the check of all tests accepts a plain one', () => {
    const segment = tcpSegment(PLAIN, SUM);
    expect(readTcp(segment, SUM).flags).to.equal('.');
    expect(plainChecksum(SUM(segment.length), segment)).to.equal(0);
  });
});
