import { expect } from 'chai';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { OURS, OURS_6, PEER, PEER_6 } from '../../support/internet-world.js';
import { icmp, icmpv6, ipv4, ipv6, pattern, readIp } from '../../support/packets.js';
import { address, datagram, UdpWorld } from '../../support/udp-world.js';

describe('UDP: ICMP errors', () => {
  let udp: UdpWorld;
  beforeEach(() => {
    udp = new UdpWorld();
  });

  /** An ICMP error about a datagram from our port `from` to the peer's port `to`. */
  function error(type: number, code: number, from: number, to: number, rest = 0): void {
    const quoted = datagram(OURS, PEER, [from, to], pattern(20));
    const quote = ipv4({ source: OURS, destination: PEER, protocol: 17, payload: quoted });
    udp.world.ip({ protocol: 1, payload: icmp(type, code, rest, quote) });
  }

  function error6(type: number, code: number, from: number, to: number, rest = 0): void {
    const quoted = datagram(OURS_6, PEER_6, [from, to], pattern(20));
    const quote = ipv6({ source: OURS_6, destination: PEER_6, next: 17, payload: quoted });
    udp.world.ip6({ next: 58, payload: icmpv6(PEER_6, OURS_6, type, code, rest, quote) });
  }

  it('each error reaches the program with its meaning, those that may pass too [1122-44]', () => {
    udp.bind(53);
    for (const [type, code, meaning] of [
      [3, 0, 'ENETUNREACH'],
      [3, 1, 'EHOSTUNREACH'],
      [3, 2, 'ENOPROTOOPT'],
      [3, 3, 'ECONNREFUSED'],
      [3, 5, 'EOPNOTSUPP'],
      [11, 0, 'EHOSTUNREACH'],
      [11, 1, 'EHOSTUNREACH'],
      [12, 0, 'EPROTO'],
    ] as const) {
      error(type, code, 53, 9);
      expect(udp.errors.pop()).to.deep.equal({ code: meaning, type, port: 53, remote: PEER });
    }
    error6(1, 4, 53, 9);
    error6(3, 0, 53, 9);
    expect(udp.errors.map(({ code }) => code)).to.deep.equal(['ECONNREFUSED', 'EHOSTUNREACH']);
    expect(udp.statistics.errorsReceived).to.equal(10);
  });

  it('an error about a port that is not bound, or not to that end, is ignored [8085-14]', () => {
    udp.bind(53, { remote: { address: address(PEER), port: 9 } });
    udp.bind(54, { address: address('10.77.0.3') });
    udp.bind(56, { family: 6 });
    error(3, 3, 55, 9);
    error(3, 3, 53, 10);
    error(3, 3, 54, 9);
    error(3, 3, 56, 9);
    error6(1, 4, 53, 9);
    expect([udp.errors.length, udp.statistics.errorsIgnored]).to.deep.equal([0, 5]);
    error(3, 3, 53, 9);
    expect(udp.errors).to.have.length(1);
  });

  it('source quench is ignored (RFC 6633)', () => {
    udp.bind(53);
    error(4, 0, 53, 9);
    expect(udp.errors).to.deep.equal([]);
  });

  it('"too big" lowers the path MTU: the next datagrams go in smaller fragments [8085-5]', () => {
    const port = udp.bind(53);
    const send = (to: string) => {
      port.send(SummedBytes.of(pattern(1400)), address(to), 9);
      return udp.sent().map((frame) => readIp(frame).totalLength);
    };
    expect([send(PEER), send(PEER_6)]).to.deep.equal([[1428], [1448]]);
    error(3, 4, 53, 9, 900);
    error6(2, 0, 53, 9, 1300);
    expect(udp.errors.map(({ code }) => code)).to.deep.equal(['EMSGSIZE', 'EMSGSIZE']);
    expect([port.maxPayload(address(PEER)), port.maxPayload(address(PEER_6))]).to.deep.equal([872, 1252]);
    expect(Math.max(...send(PEER))).to.be.at.most(900);
    expect(Math.max(...send(PEER_6))).to.be.at.most(1300);
  });

  it('a forged "too big" goes no lower than 552, and then routers may cut [8085-5]', () => {
    const port = udp.bind(53);
    port.send(SummedBytes.of(pattern(400)), address(PEER), 9);
    expect(readIp(udp.sent()[0]!).dontFragment).to.equal(true);
    error(3, 4, 53, 9, 68);
    expect(port.maxPayload(address(PEER))).to.equal(552 - 28);
    port.send(SummedBytes.of(pattern(400)), address(PEER), 9);
    expect(readIp(udp.sent()[0]!).dontFragment).to.equal(false);
  });

  it('"too big" about what nobody can have sent changes nothing [8085-14]', () => {
    const port = udp.bind(53);
    port.send(SummedBytes.of(pattern(10)), address(PEER), 9);
    error(3, 4, 54, 9, 600);
    expect(port.maxPayload(address(PEER))).to.equal(1472);
  });

  it('a program without a handler for errors is not disturbed', () => {
    udp.udp.bind(60, { received: () => {} });
    error(3, 3, 60, 9);
    expect(udp.statistics.errorsReceived).to.equal(1);
  });
});
