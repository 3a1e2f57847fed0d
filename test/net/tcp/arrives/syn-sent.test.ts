/** RFC 9293 section 3.10.7.3: we have asked to connect. */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';

describe('tcp: a segment arrives in SYN-SENT', () => {
  it('the SYN offers all: MSS, SACK, timestamps with echo 0, window scale [9293-SHLD-5] [7323-3]', () => {
    const peer = reach('SYN-SENT');
    const { mss, sackOk, ts, wscale } = peer.last;
    expect({ mss, sackOk, echo: ts?.[1] }).to.deep.equal({ mss: 1460, sackOk: true, echo: 0 });
    expect(wscale).to.be.a('number');
  });

  it('SYN-ACK of our SYN: an ACK, ESTABLISHED, and the program hears [9293-E3]', () => {
    const peer = reach('SYN-SENT');
    peer.send('S.', { seq: 0, ack: 1, mss: 1460 });
    peer.expect('.', { seq: 1, ack: 1, length: 0, tsEcho: null });
    expect(peer.state).to.equal('ESTABLISHED');
    expect(peer.program.reason).to.equal(undefined);
  });

  it('a program that sends at once: its data carries the ACK of the SYN, and no bare ACK follows [9293-E3]', () => {
    const peer = reach('SYN-SENT');
    peer.bench.onConnected = () => peer.write(100);
    peer.send('S.', { seq: 0, ack: 1, mss: 1460 });
    peer.expect('P.', { seq: 1, ack: 1, length: 100 });
    peer.expectNothing();
  });

  it('a program that closes at once: its FIN carries the ACK of the SYN [9293-E3]', () => {
    const peer = reach('SYN-SENT');
    peer.bench.onConnected = (connection) => connection.close();
    peer.send('S.', { seq: 0, ack: 1, mss: 1460 });
    peer.expect('F.', { seq: 1, ack: 1, length: 0 });
    peer.expectNothing();
    expect(peer.state).to.equal('FIN-WAIT-1');
  });

  it('a program that aborts at once: a reset, and nothing after it [9293-E3]', () => {
    const peer = reach('SYN-SENT');
    peer.bench.onConnected = (connection) => connection.abort();
    peer.send('S.', { seq: 0, ack: 1, mss: 1460 });
    peer.expect('R.', { seq: 1, ack: 1 });
    peer.expectNothing();
    expect(peer.state).to.equal('CLOSED');
  });

  it('what the SYN-ACK does not grant is off [7323-1] [7323-3] [2018-1]', () => {
    const peer = reach('SYN-SENT');
    peer.send('S.', { seq: 0, ack: 1, mss: 1000, win: 40_000 });
    peer.expect('.', { tsEcho: null });
    peer.send('.', { seq: 101, ack: 1, data: 100 });
    peer.expect('.', { ack: 1, sack: null, tsEcho: null });
    peer.write(3000);
    peer.expect('.', { seq: 1, length: 1000 });
  });

  it('SYN-ACK with data and FIN: all is taken at once [9293-E3] [9293-E8]', () => {
    const peer = reach('SYN-SENT');
    peer.send('SFP.', { seq: 0, ack: 1, mss: 1460, data: 'hello' });
    peer.expect('.', { seq: 1, ack: 7 });
    expect(peer.program.data.toString()).to.equal('hello');
    expect(peer.program.hasEnded).to.equal(true);
    expect(peer.state).to.equal('CLOSE-WAIT');
  });

  for (const ack of [0, 2, -5]) {
    it(`SYN-ACK that acknowledges ${ack} of us: RST with that number, and we still wait [9293-E3]`, () => {
      const peer = reach('SYN-SENT');
      peer.send('S.', { seq: 0, ack, mss: 1460 });
      peer.expect('R', { seq: ack });
      expect(peer.state).to.equal('SYN-SENT');
    });
  }

  it('a wrong ACK with RST: nothing [9293-E3]', () => {
    const peer = reach('SYN-SENT');
    peer.send('R.', { seq: 0, ack: 2 });
    peer.expectNothing();
    expect(peer.state).to.equal('SYN-SENT');
  });

  it('RST with the right ACK: refused [9293-E3] [9293-MUST-12]', () => {
    const peer = reach('SYN-SENT');
    peer.send('R.', { seq: 0, ack: 1 });
    peer.expectNothing();
    expect(peer.bench.failures).to.deep.equal(['refused']);
    expect(peer.state).to.equal('CLOSED');
  });

  it('RST without ACK: ignored, it could be from anybody [5961-2] [9293-E3]', () => {
    const peer = reach('SYN-SENT');
    peer.send('R', { seq: 0 });
    peer.expectNothing();
    expect(peer.state).to.equal('SYN-SENT');
    expect(peer.bench.failures).to.deep.equal([]);
  });

  it('an ACK without SYN, though right: dropped [9293-E3]', () => {
    const peer = reach('SYN-SENT');
    peer.send('.', { seq: 0, ack: 1 });
    peer.expectNothing();
    expect(peer.state).to.equal('SYN-SENT');
  });

  it('FIN or data without SYN and ACK: dropped [9293-E3]', () => {
    const peer = reach('SYN-SENT');
    peer.send('F', { seq: 0 });
    peer.send('P', { seq: 0, data: 10 });
    peer.expectNothing();
    expect(peer.state).to.equal('SYN-SENT');
  });

  it('SYN without ACK: both opened at once; SYN-ACK, and its ACK makes it ESTABLISHED [9293-MUST-10]', () => {
    const peer = reach('SYN-SENT');
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.', { seq: 0, ack: 1 });
    expect(peer.state).to.equal('SYN-RECEIVED');
    peer.send('S.', { seq: 0, ack: 1, mss: 1460 });
    expect(peer.state).to.equal('ESTABLISHED');
    peer.takeAll();
    peer.send('P.', { seq: 1, ack: 1, data: 10 });
    peer.expect('.', { seq: 1, ack: 11 });
    expect(peer.program.bytes).to.equal(10);
  });

  it('RST after a simultaneous open: refused, for it was we who opened [9293-MUST-11]', () => {
    const peer = reach('SYN-SENT');
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.', { seq: 0, ack: 1 });
    peer.send('R', { seq: 1 });
    expect(peer.bench.failures).to.deep.equal(['refused']);
    expect(peer.state).to.equal('CLOSED');
  });

  it('the window of the SYN-ACK is not scaled, later ones are [7323-1]', () => {
    const peer = reach('SYN-SENT');
    peer.send('S.', { seq: 0, ack: 1, mss: 1000, win: 3000, wscale: 4 });
    peer.expect('.');
    expect(peer.controlBlock!.snd.wnd).to.equal(3000);
    peer.send('.', { seq: 1, ack: 1, win: 3000 });
    expect(peer.controlBlock!.snd.wnd).to.equal(48_000);
  });
});
