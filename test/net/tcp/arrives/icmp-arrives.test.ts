/** ICMP errors: RFC 9293 section 3.9.2.2, RFC 5927, path MTU by RFC 1191. */

import { expect } from 'chai';
import { add, toUnsigned, toWord } from '../../../../src/net/tcp/sequence.js';
import { concat, ethernet, icmp, ipv4, word16, word32 } from '../../../support/packets.js';
import { reach } from '../../../support/reach.js';
import type { ScriptedPeer } from '../../../support/scripted-peer.js';
import { PEER, PEER_MAC, STACK, STACK_MAC } from '../../../support/stack-bench.js';

const ROUTER = '10.0.0.254';

/** An error about a segment that the stack sent from this (relative) number on. */
function send(
  peer: ScriptedPeer,
  type: number,
  code: number,
  seq: number,
  rest = 0,
  ports = [peer.port, peer.peerPort],
) {
  const sequence = toWord(add(peer.controlBlock!.snd.iss, seq));
  const quoted = ipv4({
    source: STACK,
    destination: PEER,
    protocol: 6,
    payload: concat(word16(ports[0]!), word16(ports[1]!), word32(sequence)),
    totalLength: 1500,
    dontFragment: true,
  });
  const packet = ipv4({ source: ROUTER, destination: STACK, protocol: 1, payload: icmp(type, code, rest, quoted) });
  peer.bench.inject(ethernet(STACK_MAC, PEER_MAC, 0x0800, packet));
}

/** A connection with ten full segments in flight. */
function sending(tcp = {}): ScriptedPeer {
  const peer = reach('ESTABLISHED', { tcp });
  peer.write(14_600);
  if (peer.takeAll().length !== 10) peer.fail('not ten segments');
  return peer;
}

describe('tcp: an ICMP error arrives', () => {
  for (const [name, type, code] of [
    ['network unreachable', 3, 0],
    ['host unreachable', 3, 1],
    ['source route failed', 3, 5],
    ['time exceeded', 11, 0],
    ['parameter problem', 12, 0],
  ] as const) {
    it(`${name}: the connection goes on, and the program may hear of it [9293-MUST-56] [9293-MUST-47] [9293-SHLD-25]`, () => {
      const peer = sending();
      const heard: number[][] = [];
      Object.assign(peer.program, { softError: (...error: number[]) => heard.push(error) });
      send(peer, type, code, 1);
      expect(peer.state).to.equal('ESTABLISHED');
      expect(heard).to.deep.equal([[type, code]]);
      peer.expectNothing();
    });
  }

  for (const [name, type, code, errno] of [
    ['network unreachable', 3, 0, 'ENETUNREACH'],
    ['host unreachable', 3, 1, 'EHOSTUNREACH'],
    ['protocol unreachable', 3, 2, 'ENOPROTOOPT'],
    ['port unreachable', 3, 3, 'ECONNREFUSED'],
    ['source route failed', 3, 5, 'EOPNOTSUPP'],
    ['network unknown', 3, 6, 'ENETUNREACH'],
    ['host unknown', 3, 7, 'EHOSTDOWN'],
    ['source host isolated', 3, 8, 'ENONET'],
    ['network prohibited', 3, 9, 'ENETUNREACH'],
    ['host prohibited', 3, 10, 'EHOSTUNREACH'],
    ['network, for this type of service', 3, 11, 'ENETUNREACH'],
    ['host, for this type of service', 3, 12, 'EHOSTUNREACH'],
    ['filtered', 3, 13, 'EHOSTUNREACH'],
    ['precedence violation', 3, 14, 'EHOSTUNREACH'],
    ['precedence cut off', 3, 15, 'EHOSTUNREACH'],
    ['time exceeded', 11, 0, 'EHOSTUNREACH'],
    ['parameter problem', 12, 0, 'EPROTO'],
  ] as const) {
    it(`${name} (${type}/${code}): ends an attempt to connect with ${errno} [9293-SHLD-26] [5461-1]`, () => {
      const peer = reach('SYN-SENT');
      send(peer, type, code, 0);
      expect(peer.bench.failures).to.deep.equal([errno === 'ECONNREFUSED' ? 'refused' : 'unreachable']);
      expect(peer.bench.failureCodes).to.deep.equal([errno]);
      expect(peer.state).to.equal('CLOSED');
      expect(peer.stack.connectionCount).to.equal(0);
    });
  }

  it('a code that no RFC gives a meaning: ignored, also by an attempt to connect', () => {
    const peer = reach('SYN-SENT');
    send(peer, 3, 16, 0);
    expect(peer.state).to.equal('SYN-SENT');
  });

  it('a half-open connection is forgotten, and its listener has room for another [5461-1]', () => {
    const peer = reach('SYN-RECEIVED', { listen: { backlog: 1 } });
    send(peer, 3, 13, 0);
    expect(peer.state).to.equal('CLOSED');
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.', { ack: 1 });
  });

  it('a connection that is up and then times out: the program hears what ICMP has said [9293-MUST-56]', () => {
    const peer = sending({ dataRetries: 3 });
    send(peer, 3, 1, 1);
    peer.wait(60_000);
    expect([peer.program.reason, peer.program.code]).to.deep.equal(['timeout', 'EHOSTUNREACH']);
  });

  it('… unless something got through since: then it hears of the silence [9293-MUST-56]', () => {
    const peer = sending({ dataRetries: 3 });
    send(peer, 3, 1, 1);
    peer.send('.', { ack: 1461 });
    peer.wait(60_000);
    expect([peer.program.reason, peer.program.code]).to.deep.equal(['timeout', 'ETIMEDOUT']);
  });

  it('a program that does not listen is not bothered [9293-SHLD-20]', () => {
    const peer = sending();
    send(peer, 3, 1, 1);
    expect(peer.state).to.equal('ESTABLISHED');
  });

  for (const code of [2, 3]) {
    it(`protocol or port unreachable (3/${code}): not one that is up [5927-2]`, () => {
      const peer = sending();
      send(peer, 3, code, 1);
      expect(peer.state).to.equal('ESTABLISHED');
    });
  }

  it('source quench: dropped, windows and timers as before [9293-MUST-55] [6633-1]', () => {
    const peer = sending();
    const before = peer.program.connection.info();
    send(peer, 4, 0, 1);
    expect(peer.program.connection.info()).to.deep.equal(before);
  });

  it('the quoted number is not in flight: ignored, and counted [5927-1]', () => {
    const peer = sending();
    for (const seq of [0, 14_601, -5, 1_000_000]) send(peer, 3, 4, seq, 600);
    expect(peer.stack.statistics.tcp.icmpIgnored).to.equal(4);
    expect(peer.program.connection.info().pathMtu).to.equal(1500);
    const opening = reach('SYN-SENT');
    send(opening, 3, 3, 77);
    expect(opening.state).to.equal('SYN-SENT');
  });

  it('only the connection that it quotes is meant [9293-MUST-54]', () => {
    const peer = sending();
    const heard: number[] = [];
    Object.assign(peer.program, { softError: (type: number) => heard.push(type) });
    send(peer, 3, 1, 1, 0, [peer.port, peer.peerPort + 1]);
    send(peer, 3, 1, 1, 0, [peer.port + 1, peer.peerPort]);
    expect(heard).to.deep.equal([]);
  });
});

describe('tcp: path MTU', () => {
  it('need-fragment: smaller segments; what was too large goes again at once; the window stays [1191-1]', () => {
    const peer = sending();
    const { congestionWindow } = peer.program.connection.info();
    send(peer, 3, 4, 1, 1400);
    const again = peer.takeAll();
    expect(again.length).to.be.greaterThan(0);
    expect(Math.max(...again.map(({ data }) => data.length))).to.equal(1360);
    expect(again[0]!.sequence).to.equal(toUnsigned(add(peer.controlBlock!.snd.iss, 1)));
    const info = peer.program.connection.info();
    expect([info.pathMtu, info.sendMss]).to.deep.equal([1400, 1360]);
    expect(info.congestionWindow).to.equal(congestionWindow);
    for (let round = 0; round < 20 && peer.program.connection.queuedBytes > 0; round++) {
      peer.send('.');
      peer.wait(50);
      peer.takeAll();
    }
    expect(peer.program.connection.queuedBytes).to.equal(0);
  });

  it('what fits the path all the same is not sent again [1191-1]', () => {
    const peer = reach('ESTABLISHED');
    peer.write(1460 + 1360);
    peer.takeAll();
    send(peer, 3, 4, 1, 1400);
    expect(peer.takeAll().map(({ data }) => data.length)).to.deep.equal([1360, 100]);
  });

  it('never raised by it, and never below 68 [1191-2]', () => {
    const peer = sending();
    send(peer, 3, 4, 1, 9000);
    expect(peer.program.connection.info().pathMtu).to.equal(1500);
    send(peer, 3, 4, 1, 20);
    peer.takeAll();
    expect(peer.program.connection.info().pathMtu).to.be.at.least(68);
    expect(peer.program.connection.info().sendMss).to.be.at.least(28);
  });

  it('MTU 0, as from an old router: the next lower plateau [1191-2]', () => {
    const peer = sending();
    send(peer, 3, 4, 1, 0);
    expect(peer.program.connection.info().pathMtu).to.be.within(1000, 1499);
  });

  it('forgotten after ten minutes [1191-2]', () => {
    const peer = sending();
    send(peer, 3, 4, 1, 1400);
    peer.takeAll();
    peer.send('.');
    peer.wait(601_000);
    peer.takeAll();
    peer.send('.');
    peer.takeAll();
    peer.write(1460);
    expect(peer.takeAll()[0]!.data.length).to.equal(1460);
  });

  it('a black hole: full segments that vanish without a word are tried smaller [4821-1]', () => {
    const peer = sending();
    const sizes: number[] = [];
    for (let i = 0; i < 40 && peer.program.connection.queuedBytes > 0; i++) {
      peer.wait(1000);
      for (const { data } of peer.takeAll()) {
        sizes.push(data.length);
      }
      if (sizes.at(-1)! <= 1240) peer.send('.');
    }
    expect(Math.min(...sizes)).to.be.at.most(1240);
  });

  it('all segments that we send say: do not fragment [1191-1] [6864-1]', () => {
    const peer = reach('ESTABLISHED');
    peer.write(5000);
    expect(peer.bench.departed.every(({ dontFragment }) => dontFragment)).to.equal(true);
  });
});
