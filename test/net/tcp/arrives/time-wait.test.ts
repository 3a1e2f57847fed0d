/** RFC 9293 section 3.10.7.4 in TIME-WAIT, RFC 6191 (a new connection), RFC 1337 (resets). */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';

const at = () => reach('TIME-WAIT');
const withTimestamps = () => reach('TIME-WAIT', {}, { mss: 1460, ts: [1000, 0] });

describe('tcp: a segment arrives in TIME-WAIT', () => {
  it('the FIN again: acknowledged again, and the 60 s start anew; afterwards: RST [9293-MUST-13] [LX-2]', () => {
    const peer = at();
    peer.wait(59_000);
    peer.send('F.', { seq: 1, ack: 2 });
    peer.expect('.', { seq: 2, ack: 2 });
    peer.wait(51_000);
    peer.send('F.', { seq: 1, ack: 2 });
    peer.expect('.', { seq: 2, ack: 2 });
    peer.wait(59_999);
    expect(peer.state).to.equal('TIME-WAIT');
    peer.wait(1);
    expect(peer.state).to.equal('CLOSED');
    peer.send('F.', { seq: 1, ack: 2 });
    peer.expect('R', { seq: 2 });
  });

  it('a SYN that opens nothing, or a segment without ACK: the wait does not start anew [LX-2]', () => {
    const peer = at();
    peer.wait(59_000);
    peer.send('S', { seq: -50_000, mss: 1460 });
    peer.expect('.', { seq: 2, ack: 2 });
    peer.send('P', { seq: 2, data: 1 });
    peer.wait(1000);
    expect(peer.state).to.equal('CLOSED');
  });

  it('nobody remembers it but the table of those that wait [9293-MUST-13]', () => {
    const peer = at();
    expect(peer.stack.connectionCount).to.equal(0);
    expect(peer.stack.tcp.host.timeWaits.size).to.equal(1);
    expect(peer.stack.tcp.host.timers.size).to.equal(0);
  });

  it('RST with the exact number: it is over, and a peer that has restarted is let in at once [1337-1]', () => {
    const peer = at();
    peer.send('S', { seq: -50_000, mss: 1460 });
    peer.expect('.', { seq: 2, ack: 2 });
    peer.send('R', { seq: 2 });
    peer.expectNothing();
    expect(peer.state).to.equal('CLOSED');
    peer.wait(1000);
    peer.send('S', { seq: -50_000, mss: 1460 });
    peer.expect('S.', { ack: -49_999 });
  });

  it('RST with another number, or with an old timestamp: ignored [1337-1]', () => {
    const peer = withTimestamps();
    peer.send('R', { seq: 3 });
    peer.send('R', { seq: 1 });
    peer.send('R.', { seq: 2, ack: 2, ts: [999, 0] });
    peer.expectNothing();
    expect(peer.state).to.equal('TIME-WAIT');
    peer.send('R.', { seq: 2, ack: 2, ts: [1000, 0] });
    expect(peer.state).to.equal('CLOSED');
  });

  it('RST, though exact, with RFC 1337 asked for: ignored [1337-1]', () => {
    const peer = reach('TIME-WAIT', { tcp: { rfc1337: true } });
    peer.send('R', { seq: 2 });
    peer.send('R.', { seq: 2, ack: 2 });
    peer.expectNothing();
    expect(peer.state).to.equal('TIME-WAIT');
    peer.send('F.', { seq: 1, ack: 2 });
    peer.expect('.', { seq: 2, ack: 2 });
  });

  it('a plain ACK that fits: nothing [9293-MUST-13]', () => {
    const peer = at();
    peer.send('.', { seq: 2, ack: 2 });
    peer.expectNothing();
  });

  it('old data: an ACK of where we stood [9293-E4]', () => {
    const peer = at();
    peer.send('.', { seq: 1, ack: 2, data: 1 });
    peer.expect('.', { seq: 2, ack: 2 });
  });

  it('bare ACKs that do not fit: one answer each half second, so that two ends do not go on for ever', () => {
    const peer = at();
    for (let i = 0; i < 5; i++) peer.send('.', { seq: 1, ack: 2 });
    peer.expect('.', { seq: 2, ack: 2 });
    peer.expectNothing();
    peer.wait(500);
    peer.send('.', { seq: 1, ack: 2 });
    peer.expect('.', { seq: 2, ack: 2 });
  });

  it('SYN with a later number: a new connection from the same port [6191-1] [9293-MAY-2]', () => {
    const peer = at();
    peer.send('S', { seq: 50_000, mss: 1460 });
    const answer = peer.expect('S.', { ack: 50_001 });
    expect(peer.state).to.equal('SYN-RECEIVED');
    peer.send('.', { seq: 50_001, ack: 1 });
    peer.send('P.', { seq: 50_001, ack: 1, data: 'again' });
    peer.expect('.', { ack: 50_006 });
    expect(peer.program.data.toString()).to.equal('again');
    expect(answer.flags).to.equal('S.');
    expect(peer.stack.tcp.host.timeWaits.size).to.equal(0);
  });

  it('SYN with an earlier number and no timestamps: no new connection [6191-1]', () => {
    const peer = at();
    peer.send('S', { seq: -50_000, mss: 1460 });
    peer.expect('.', { seq: 2, ack: 2 });
    expect(peer.state).to.equal('TIME-WAIT');
  });

  it('SYN with a later timestamp, whatever its number: a new connection [6191-1] [9293-SHLD-4]', () => {
    const peer = withTimestamps();
    peer.send('S', { seq: -50_000, mss: 1460, ts: [2000, 0] });
    peer.expect('S.', { ack: -49_999, tsEcho: 2000 });
  });

  it('SYN with an earlier timestamp, whatever its number: no new connection [6191-1]', () => {
    const peer = withTimestamps();
    peer.send('S', { seq: 50_000, mss: 1460, ts: [900, 0] });
    expect(peer.takeAll().some(({ flags }) => flags.includes('S'))).to.equal(false);
    expect(peer.state).to.equal('TIME-WAIT');
  });

  it('SYN with the same timestamp: by its number [6191-1]', () => {
    const peer = withTimestamps();
    peer.send('S', { seq: -5, mss: 1460, ts: [1000, 0] });
    expect(peer.takeAll().some(({ flags }) => flags.includes('S'))).to.equal(false);
    peer.send('S', { seq: 50_000, mss: 1460, ts: [1000, 0] });
    peer.expect('S.', { ack: 50_001 });
  });

  it('SYN with a later number where nobody listens, or with a FIN: opens nothing, and the wait goes on', () => {
    const peer = at();
    peer.send('SF', { seq: 100_000, mss: 1460 });
    peer.expect('.', { seq: 2, ack: 2 });
    peer.wait(500);
    peer.stack.tcp.host.listeners.clear();
    peer.send('S', { seq: 100_000, mss: 1460 });
    peer.expect('.', { seq: 2, ack: 2 });
    expect(peer.state).to.equal('TIME-WAIT');
  });

  it('its ACKs carry timestamps if those were agreed on [7323-3]', () => {
    const peer = withTimestamps();
    peer.wait(10);
    peer.send('F.', { seq: 1, ack: 2, ts: [1005, 0] });
    peer.expect('.', { seq: 2, ack: 2, tsEcho: 1000 });
  });

  it('the new connection numbers above the old one [9293-SHLD-4]', () => {
    const peer = at();
    const old = peer.last.sequence;
    peer.wait(100);
    peer.send('S', { seq: 50_000, mss: 1460 });
    expect((peer.expect('S.').sequence - old) | 0).to.be.greaterThan(0);
  });
});
