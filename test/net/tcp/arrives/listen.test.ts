/** RFC 9293 section 3.10.7.2. */
import { expect } from 'chai';
import { ScriptedPeer } from '../../../support/scripted-peer.js';

describe('tcp: a segment arrives in LISTEN', () => {
  it('RST: ignored [9293-E2]', () => {
    const peer = new ScriptedPeer();
    peer.send('R', { seq: 0 });
    peer.send('RS', { seq: 0 });
    peer.send('R.', { seq: 0, ack: 5 });
    peer.expectNothing();
    expect(peer.stack.connectionCount).to.equal(0);
  });

  it('ACK, whatever comes with it: RST with the number it acknowledges [9293-E2]', () => {
    const peer = new ScriptedPeer();
    for (const flags of ['.', 'S.', 'F.', 'P.']) {
      peer.send(flags, { seq: 0, ack: 77 });
      peer.expect('R', { seq: 77 });
    }
    expect(peer.stack.connectionCount).to.equal(0);
  });

  it('neither RST, ACK nor SYN: dropped [9293-E2]', () => {
    const peer = new ScriptedPeer();
    peer.send('-', { seq: 0 });
    peer.send('F', { seq: 0 });
    peer.send('P', { seq: 0, data: 10 });
    peer.expectNothing();
    expect(peer.stack.connectionCount).to.equal(0);
  });

  it('SYN: SYN-ACK with an MSS, and SYN-RECEIVED [9293-E2] [9293-SHLD-5] [9293-MUST-67]', () => {
    const peer = new ScriptedPeer();
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.', { seq: 0, ack: 1, length: 0, mss: 1460 });
    expect(peer.state).to.equal('SYN-RECEIVED');
    expect(peer.bench.programs).to.have.length(0);
  });

  it('SYN with all four reserved bits set: SYN-ACK all the same, with none [9293-E12]', () => {
    const peer = new ScriptedPeer();
    peer.send('S', { seq: 0, reserved: 15 });
    peer.expect('S.', { seq: 0, ack: 1 });
  });

  it('SYN with data: only the SYN is acknowledged, and the data is taken when it comes again [9293-E11]', () => {
    const peer = new ScriptedPeer();
    peer.send('S', { seq: 0, mss: 1460, data: 'GET' });
    peer.expect('S.', { seq: 0, ack: 1 });
    peer.send('.', { seq: 1, ack: 1 });
    peer.send('P.', { seq: 1, ack: 1, data: 'GET' });
    peer.expect('.', { ack: 4 });
    expect(peer.program.data.toString()).to.equal('GET');
  });

  for (const flags of ['SF', 'SFPU']) {
    it(`SYN with FIN (${flags}): dropped, and a SYN without is taken afterwards [9293-E2]`, () => {
      const peer = new ScriptedPeer();
      peer.send(flags, { seq: 0, mss: 1460 });
      peer.expectNothing(3000);
      expect(peer.state).to.equal('CLOSED');
      peer.send('S', { seq: 0, mss: 1460 });
      peer.expect('S.', { seq: 0, ack: 1 });
    });
  }

  it('options at any byte, among unknown ones and NOPs: understood [9293-MUST-4] [9293-MUST-6] [9293-MUST-68]', () => {
    const peer = new ScriptedPeer();
    peer.send('S', { seq: 0, options: [1, 1, 200, 6, 1, 2, 3, 4, 1, 2, 4, 3, 232, 0, 99, 99] });
    peer.expect('S.', { ack: 1 });
    peer.send('.', { seq: 1, ack: 1 });
    peer.write(2000);
    peer.expect('.', { seq: 1, length: 1000 });
  });

  for (const [what, options] of [
    ['of length 0', [8, 0]],
    ['of length 1', [3, 1]],
    ['that reaches past the header', [2, 40, 1, 1]],
    ['that has no length byte', [1, 1, 1, 2]],
    ['of the wrong length for its kind', [2, 3, 5, 4, 5, 1, 1, 1, 3, 4, 7, 7]],
  ] as const) {
    it(`an option ${what} does no harm [9293-MUST-7]`, () => {
      const peer = new ScriptedPeer();
      peer.send('S', { seq: 0, options });
      peer.expect('S.', { ack: 1, wscale: null, tsEcho: null, sackOk: null });
      peer.send('.', { seq: 1, ack: 1 });
      expect(peer.state).to.equal('ESTABLISHED');
    });
  }

  it('each option is granted only to a SYN that has it [2018-1] [7323-1] [7323-3]', () => {
    for (const sackOk of [true, false]) {
      for (const wscale of [7, undefined]) {
        for (const ts of [[55, 0] as const, undefined]) {
          const peer = new ScriptedPeer();
          peer.send('S', { seq: 0, mss: 1460, sackOk, ...(wscale && { wscale }), ...(ts && { ts }) });
          peer.expect('S.', { sackOk: sackOk || null, tsEcho: ts ? 55 : null, ...(!wscale && { wscale: null }) });
          if (wscale) expect(peer.last.wscale).to.be.a('number');
        }
      }
    }
  });

  it('a user time-out option is ignored [5482-1]', () => {
    const peer = new ScriptedPeer();
    peer.send('S', { seq: 0, mss: 1460, options: [28, 4, 0x80, 1] });
    peer.expect('S.', { ack: 1 });
    peer.send('.', { seq: 1, ack: 1 });
    peer.write(10);
    peer.expect('P.');
    peer.wait(100_000);
    expect(peer.state).to.equal('ESTABLISHED');
  });

  for (const [what, cookie] of [
    ['asks for a cookie', []],
    ['has a cookie', [1, 2, 3, 4, 5, 6, 7, 8]],
  ] as const) {
    it(`a SYN that ${what} of Fast Open, with data: its option is ignored, only the SYN acknowledged [7413-1]`, () => {
      const peer = new ScriptedPeer();
      peer.send('S', { seq: 0, mss: 1460, options: [34, 2 + cookie.length, ...cookie], data: 100 });
      peer.expect('S.', { ack: 1 });
      expect(peer.bench.programs).to.have.length(0);
      peer.send('P.', { seq: 1, ack: 1, data: 100 });
      peer.expect('.', { ack: 101 });
      expect(peer.program.bytes).to.equal(100);
    });
  }

  it('IP options do not disturb: router alert, padding, and a source route, which is not obeyed [9293-MUST-50] [9293-MUST-51] [1122-5]', () => {
    for (const [i, ipOptions] of [
      [148, 4, 0, 0],
      [1, 1, 1, 0],
      [7, 7, 4, 0, 0, 0, 0],
    ].entries()) {
      const peer = new ScriptedPeer();
      peer.send('S', { seq: 0, mss: 1460, ipOptions });
      peer.expect('S.', { ack: 1 });
      peer.send('P.', { seq: 1, ack: 1, data: 10, ipOptions });
      expect(peer.program.bytes, `options ${i}`).to.equal(10);
    }
    const peer = new ScriptedPeer();
    peer.send('S', { seq: 0, mss: 1460, ipOptions: [131, 7, 8, 10, 0, 0, 9] });
    for (const { acknowledgment } of peer.takeAll()) expect(acknowledgment).to.equal(1_000_001);
    peer.establish();
  });

  it('a full backlog: the SYN is ignored, and the client that tries again gets in [LX-7]', () => {
    const peer = new ScriptedPeer({ listen: { backlog: 2 }, tcp: { synCookies: 'off' } });
    for (const peerPort of [1001, 1002]) {
      peer.send('S', { seq: 0, mss: 1460, peerPort });
      peer.expect('S.', { ack: 1 });
    }
    peer.send('S', { seq: 0, mss: 1460, peerPort: 1003 });
    peer.expectNothing();
    expect(peer.stack.statistics.tcp.backlogOverflows).to.equal(1);
    peer.send('R', { seq: 1, peerPort: 1001 });
    peer.send('S', { seq: 0, mss: 1460, peerPort: 1003 });
    peer.expect('S.', { ack: 1 });
  });
});
