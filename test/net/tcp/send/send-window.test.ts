/** What the peer's window allows: RFC 9293 sections 3.8.6.1, 3.8.6.2.1 and 3.7.4. */
import { expect } from 'chai';
import { add } from '../../../../src/net/tcp/sequence.js';
import { reach } from '../../../support/reach.js';
import { ScriptedPeer } from '../../../support/scripted-peer.js';

describe('tcp: the send window', () => {
  it('nothing is ever sent beyond it, nor beyond cwnd [5681-1]', () => {
    const peer = reach('ESTABLISHED');
    peer.window = 5000;
    peer.send('.', {});
    peer.write(100_000);
    let edge = 5001;
    for (let round = 0; round < 20; round++) {
      for (const { data } of peer.takeAll()) expect(data.length).to.be.at.most(1460);
      expect(peer.acknowledged).to.be.at.most(edge);
      peer.send('.');
      edge = peer.acknowledged + 5000;
    }
    expect(peer.acknowledged).to.be.greaterThan(80_000);
  });

  it('opens by a few bytes: nothing, until a full segment fits [9293-MUST-38]', () => {
    const peer = reach('ESTABLISHED');
    peer.write(2920);
    peer.takeAll();
    peer.send('.', { ack: 2921, win: 0 });
    peer.write(5000);
    for (const win of [10, 100, 1459]) peer.send('.', { win });
    peer.expectNothing();
    peer.send('.', { win: 1460 });
    peer.expect('.', { seq: 2921, length: 1460 });
    peer.expectNothing();
  });

  it('a peer with small windows only gets half of the largest it ever had [9293-MUST-38]', () => {
    const peer = new ScriptedPeer();
    peer.window = 600;
    peer.establish();
    peer.write(5000);
    peer.expect('.', { seq: 1, length: 600 });
    peer.send('.', { ack: 601, win: 299 });
    peer.expectNothing();
    peer.send('.', { ack: 601, win: 300 });
    peer.expect('.', { seq: 601, length: 300 });
  });

  it('a window too small for a segment is used in the end: the override time-out [9293-MUST-38]', () => {
    const peer = reach('ESTABLISHED');
    peer.send('.', { win: 100 });
    peer.write(5000);
    peer.expectNothing(100);
    peer.wait(2000);
    peer.expect('.', { seq: 1, length: 100 });
  });

  it('closed: the first probe after one RTO, then doubling to a cap [9293-MUST-36] [9293-SHLD-29] [9293-SHLD-30] [LX-9]', () => {
    const peer = reach('ESTABLISHED');
    peer.send('.', { win: 0 });
    const { rto } = peer.program.connection.info();
    peer.write(5000);
    for (const factor of [1, 2, 4, 8, 16]) {
      peer.expectAfter((factor * rto) / 1000, '.', { seq: 0, length: 0 }, 5);
      peer.send('.', { win: 0 });
    }
    peer.wait(10 * 3_600_000);
    const gaps = peer.trace.filter((line) => line.includes('>')).map((line) => Number.parseFloat(line));
    expect(gaps.at(-1)! - gaps.at(-2)!).to.be.at.most(121);
  });

  it('waits of the probes do not double the time-out of the data behind them [9293-SHLD-30] [6298-6]', () => {
    const peer = reach('ESTABLISHED', { tcp: { tailLossProbe: false } });
    peer.send('.', { win: 0 });
    const { rto } = peer.program.connection.info();
    peer.write(100);
    for (const factor of [1, 2, 4]) peer.expectAfter((factor * rto) / 1000, '.', { seq: 0 });
    expect(peer.program.connection.info()).to.include({ rto, backoff: 0 });
    peer.send('.', { win: 10_000 });
    peer.expect('P.', { seq: 1, length: 100 });
    peer.expectAfter(rto / 1000, 'P.', { seq: 1 });
  });

  it('a window that opens ends no doubling of the time-out: that takes a sample [6298-6]', () => {
    const peer = reach('ESTABLISHED', { tcp: { tailLossProbe: false } });
    const { rto } = peer.program.connection.info();
    peer.write(100);
    peer.expect('P.', { seq: 1 });
    peer.expectAfter(rto / 1000, 'P.', { seq: 1 });
    peer.send('.', { ack: 101, win: 0 });
    peer.write(100);
    peer.expectAfter((2 * rto) / 1000, '.', { seq: 100 });
    peer.expectAfter((4 * rto) / 1000, '.', { seq: 100 });
    peer.send('.', { win: 10_000 });
    peer.expect('P.', { seq: 101, length: 100 });
    peer.expectAfter((2 * rto) / 1000, 'P.', { seq: 101 });
  });

  it('open for as long as probes are answered: an hour, then data at once [9293-MUST-37] [9293-SHLD-17] [9293-MUST-35]', () => {
    const peer = reach('ESTABLISHED');
    peer.send('.', { win: 0 });
    peer.write(1000);
    for (const end = peer.clock.now + 3600e6; peer.clock.now < end; ) {
      peer.wait(1000);
      if (peer.takeAll().length > 0) peer.send('.', { win: 0 });
    }
    expect(peer.state).to.equal('ESTABLISHED');
    peer.send('.', { win: 65_535 });
    peer.expect('P.', { seq: 1, length: 1000 });
  });

  it('probes that nobody answers end it [9293-MUST-20]', () => {
    const peer = reach('ESTABLISHED');
    peer.send('.', { win: 0 });
    peer.write(1000);
    peer.wait(3_600_000);
    expect(peer.takeAll()).to.have.length(15);
    expect(peer.program.reason).to.equal('timeout');
  });

  for (const [name, before] of [
    ['closed before anything was sent', (peer: ScriptedPeer) => peer.send('.', { win: 0 })],
    ['shrunk to nothing afterwards', () => {}],
  ] as const) {
    it(`${name}, and the program has let go: not kept for ever, however the peer answers`, () => {
      const peer = reach('ESTABLISHED');
      before(peer);
      peer.write(1000);
      peer.program.connection.detach();
      const start = peer.clock.now;
      while (peer.state !== 'CLOSED' && peer.clock.now < start + 3600e6) {
        peer.wait(1000);
        if (peer.takeAll().length > 0) peer.send('.', { ack: 1, win: 0 });
      }
      expect((peer.clock.now - start) / 1e6).to.be.within(30, 300);
    });
  }

  it('closed for longer than the user time-out: over, though probes are answered', () => {
    const peer = reach('ESTABLISHED');
    peer.program.connection.userTimeout = 5e6;
    peer.send('.', { win: 0 });
    peer.write(1000);
    const start = peer.clock.now;
    while (peer.state !== 'CLOSED' && peer.clock.now < start + 60e6) {
      peer.wait(10);
      if (peer.takeAll().length > 0) peer.send('.', { win: 0 });
    }
    expect(peer.program.reason).to.equal('timeout');
    expect((peer.clock.now - start) / 1e6).to.be.within(5, 5.1);
  });

  it('opened in time, the user time-out begins anew with what is sent then', () => {
    const peer = reach('ESTABLISHED');
    peer.program.connection.userTimeout = 5e6;
    peer.send('.', { win: 0 });
    peer.write(1000);
    for (let i = 0; i < 45; i++) {
      peer.wait(100);
      if (peer.takeAll().length > 0) peer.send('.', { win: 0 });
    }
    peer.send('.', { win: 65_535 });
    peer.wait(4900);
    expect(peer.state).to.equal('ESTABLISHED');
    peer.wait(200);
    expect(peer.program.reason).to.equal('timeout');
  });

  it('shrunk below what is out: nothing new; what fits is sent again; the connection lives [9293-MUST-34] [9293-SHLD-15] [9293-SHLD-16] [9293-SHLD-17]', () => {
    const peer = reach('ESTABLISHED', { tcp: { blackHoleDetection: false } });
    peer.write(14_600);
    expect(peer.takeAll()).to.have.length(10);
    peer.write(10_000);
    peer.send('.', { ack: 1461, win: 2920 });
    peer.expectNothing(100);
    for (let i = 0; i < 20; i++) {
      peer.wait(5000);
      if (peer.takeAll().length > 0) peer.send('.', { win: 2920, ack: 1461 });
    }
    expect(peer.state).to.equal('ESTABLISHED');
    expect(peer.takeAll().every(({ sequence }) => sequence !== 14_601)).to.equal(true);
    peer.send('.', { win: 65_535, ack: 14_601 });
    peer.expect('.', { seq: 14_601, length: 1460 });
  });
});

describe('tcp: Nagle', () => {
  it('two small writes: the first at once, the second waits for its ACK [9293-SHLD-7] [LX-10]', () => {
    const peer = reach('ESTABLISHED');
    peer.write(10);
    peer.expect('P.', { seq: 1, length: 10 });
    peer.write(10);
    peer.write(10);
    peer.expectNothing();
    peer.send('.', { ack: 11 });
    peer.expect('P.', { seq: 11, length: 20 });
  });

  it('switched off by listener or connection: each at once [9293-MUST-17]', () => {
    const byConnection = reach('ESTABLISHED');
    byConnection.program.connection.noDelay = true;
    for (const peer of [reach('ESTABLISHED', { listen: { noDelay: true } }), byConnection]) {
      expect(peer.program.connection.noDelay).to.equal(true);
      peer.write(10);
      peer.write(10);
      peer.expect('P.', { seq: 1, length: 10 });
      peer.expect('P.', { seq: 11, length: 10 });
    }
  });

  it('writes that wait are joined into full segments, with one PSH at the end [9293-MAY-16] [9293-SHLD-27] [9293-SHLD-28] [9293-MUST-60]', () => {
    const peer = reach('ESTABLISHED');
    peer.send('.', { win: 0 });
    peer.write(500);
    peer.write(500);
    peer.write(1000);
    peer.expectNothing(1);
    peer.send('.', { win: 65_535 });
    peer.expect('.', { seq: 1, length: 1460 });
    peer.expect('P.', { seq: 1461, length: 540 });
    peer.expectNothing();
  });

  it('the last part of a large write goes out with it, with PSH [9293-MAY-15] [9293-MUST-61] [LX-10]', () => {
    const peer = reach('ESTABLISHED');
    peer.write(3000);
    peer.expect('.', { length: 1460 });
    peer.expect('.', { length: 1460 });
    peer.expect('P.', { length: 80 });
  });

  it('a small segment of 2 GiB ago holds back none', () => {
    const peer = reach('ESTABLISHED');
    peer.write(1460);
    peer.expect('P.', { seq: 1, length: 1460 });
    const { snd } = peer.controlBlock!;
    snd.smallTo = add(snd.una, -(2 ** 31 + 1)); // full segments leave it behind
    peer.write(10);
    peer.expect('P.', { seq: 1461, length: 10 });
    peer.write(10);
    peer.expectNothing();
  });

  it('a FIN takes the small rest along [9293-MAY-15]', () => {
    const peer = reach('ESTABLISHED');
    peer.write(10);
    peer.write(10);
    peer.expect('P.', { length: 10 });
    peer.close();
    peer.expect('FP.', { seq: 11, length: 10 });
  });
});
