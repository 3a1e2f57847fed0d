/** RFC 4987: a flood of SYNs, and cookies. */
import { expect } from 'chai';
import { ScriptedPeer } from '../../../support/scripted-peer.js';

const ALWAYS = { tcp: { synCookies: 'always' as const } };

describe('tcp: SYN cookies', () => {
  it('a flood of 5,000 SYNs: bounded memory, and a client that comes then is served [4987-1] [LX-7]', () => {
    const peer = new ScriptedPeer({ listen: { backlog: 100 } });
    for (let i = 0; i < 5000; i++) {
      peer.send('S', { source: `10.0.0.${3 + (i % 250)}`, peerPort: 1024 + Math.floor(i / 250), seq: 0, mss: 1460 });
      peer.bench.departed.length = 0;
      peer.trace.length = 0;
    }
    expect(peer.stack.connectionCount).to.equal(100);
    peer.establish();
    peer.send('P.', { data: 'GET' });
    peer.expect('.', { ack: 4 });
    expect(peer.program.data.toString()).to.equal('GET');
    // Half-open ones end by themselves.
    peer.wait(64_000);
    expect(peer.stack.connectionCount).to.equal(1);
  });

  it('no state after the SYN; the ACK brings it back: MSS at least [4987-2]', () => {
    const peer = new ScriptedPeer(ALWAYS);
    peer.send('S', { seq: 0, mss: 1024 });
    peer.expect('S.', { ack: 1, win: 65_535, wscale: null, sackOk: null, tsEcho: null });
    expect(peer.stack.connectionCount).to.equal(0);
    peer.send('.', { seq: 1, ack: 1 });
    expect(peer.state).to.equal('ESTABLISHED');
    peer.write(5000);
    peer.expect('.', { seq: 1, length: 1024 });
  });

  it('the ACK was lost: the first data brings it back too [4987-2]', () => {
    const peer = new ScriptedPeer(ALWAYS);
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.', { ack: 1 });
    peer.send('P.', { seq: 1, ack: 1, data: 'GET' });
    peer.expect('.', { ack: 4 });
    expect(peer.program.data.toString()).to.equal('GET');
  });

  it('with timestamps, window scale and SACK come back as well [4987-2]', () => {
    const peer = new ScriptedPeer(ALWAYS);
    peer.send('S', { seq: 0, mss: 1460, sackOk: true, wscale: 9, ts: [1000, 0] });
    peer.expect('S.', { ack: 1, sackOk: true, tsEcho: 1000 });
    expect(peer.last.wscale).to.be.a('number');
    peer.send('.', { seq: 1, ack: 1, win: 100 });
    const info = peer.program.connection.info();
    expect([info.sack, info.timestamps, info.sendScale]).to.deep.equal([true, true, 9]);
    expect(info.sndWnd).to.equal(51_200);
  });

  it('a wrong one: RST [4987-2]', () => {
    const peer = new ScriptedPeer(ALWAYS);
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.');
    for (const [seq, ack] of [
      [1, 2],
      [1, 0],
      [2, 1],
      [1, 16_777_217],
    ] as const) {
      peer.send('.', { seq, ack });
      peer.expect('R', { seq: ack });
    }
    expect(peer.stack.connectionCount).to.equal(0);
  });

  it('one from another port: RST [4987-2]', () => {
    const peer = new ScriptedPeer(ALWAYS);
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.');
    peer.send('.', { seq: 1, ack: 1, peerPort: 40_001 });
    peer.expect('R');
  });

  it('too old: RST [4987-2]', () => {
    const peer = new ScriptedPeer(ALWAYS);
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.');
    peer.wait(200_000);
    peer.send('.', { seq: 1, ack: 1 });
    peer.expect('R', { seq: 1 });
  });

  it('an ACK that nobody gave a cookie for: RST, without trying [4987-2]', () => {
    const peer = new ScriptedPeer();
    peer.send('.', { seq: 1, ack: 12_345 });
    peer.expect('R', { seq: 12_345 });
  });

  it('no round trip is made up for it: nobody knows when the SYN-ACK left [6298-4]', () => {
    const peer = new ScriptedPeer(ALWAYS);
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.');
    peer.wait(300);
    peer.send('.', { seq: 1, ack: 1 });
    expect(peer.program.connection.info().smoothedRtt).to.equal(0);
  });
});
