import { expect } from 'chai';
import fc from 'fast-check';
import { ICMP_ERROR } from '../../../src/net/ip/icmp-error.js';
import { FAR, GATEWAY, GATEWAY_MAC, InternetWorld, OURS, PEER } from '../../support/internet-world.js';
import {
  BROADCAST_MAC,
  concat,
  icmp,
  ipv4,
  PEER_MAC,
  pattern,
  plainChecksum,
  readIcmp,
  readIp,
  udp,
  word16,
} from '../../support/packets.js';

/** The first bytes of a TCP header: ports, sequence number, acknowledgement number. */
const tcpStart = concat(word16(80), word16(40000), [1, 2, 3, 4], [0, 0, 0, 0], new Uint8Array(8));

describe('ICMP', () => {
  let world: InternetWorld;

  beforeEach(() => {
    world = new InternetWorld({ gateway: GATEWAY }).started();
    world.introduce();
  });

  function ping(data: Uint8Array, fields = {}, link = {}): Uint8Array[] {
    return world.ip({ protocol: 1, payload: icmp(8, 0, 0x12345678, data), ...fields }, link);
  }

  it('a ping with a code gets it back: only the type changes, as RFC 792 says and Linux does (1122-9)', () => {
    const [sent] = world.ip({ protocol: 1, payload: icmp(8, 9, 0x12345678, pattern(56)) });
    expect(readIcmp(sent!)).to.include({ type: 0, code: 9, rest: 0x12345678, sumIsGood: true });
  });

  for (const length of [0, 1, 56, 1472]) {
    it(`a ping of ${length} bytes is answered: same id, number and data, from the address asked (1122-9)`, () => {
      const sent = ping(pattern(length), { tos: 0xb8 });
      expect(sent).to.have.length(1);
      const reply = readIcmp(sent[0]!);
      expect(reply).to.include({ type: 0, code: 0, rest: 0x12345678, sumIsGood: true });
      expect(reply.data).to.deep.equal(pattern(length));
      expect(reply.ip).to.include({ source: OURS, destination: PEER, headerIsGood: true, ethernetTo: PEER_MAC });
      expect(reply.ip).to.include({ ttl: 64, trafficClass: 0xb8 });
    });
  }

  it('a ping of nothing but zeros gets the checksum 0xffff, not 0x0000 (RFC 1624 section 3)', () => {
    const [sent] = world.ip({ protocol: 1, payload: icmp(8, 0, 0, new Uint8Array(56)) });
    expect(Array.from(readIp(sent!).payload.slice(0, 4))).to.deep.equal([0, 0, 0xff, 0xff]);
  });

  it('the checksum of any answer is what a full computation gives', () => {
    const byte = fc.constantFrom(0, 0, 0, 0xff, 1);
    const message = fc.tuple(fc.array(byte, { maxLength: 24 }), fc.constantFrom(0, 1, -1, 0xffff), fc.nat(1));
    fc.assert(
      fc.property(message, ([data, rest, code]) => {
        const [sent] = world.ip({ protocol: 1, payload: icmp(8, code, rest, Uint8Array.from(data)) });
        const reply = readIp(sent!).payload;
        const field = (reply[2]! << 8) | reply[3]!;
        reply.set([0, 0], 2);
        expect(field).to.equal(plainChecksum(reply));
      }),
      { numRuns: 500 },
    );
  });

  it('a ping of 8000 bytes in fragments is answered in fragments (1122-9)', () => {
    const message = icmp(8, 0, 0x00010002, pattern(8000));
    let sent: Uint8Array[] = [];
    for (let from = 0; from < message.length; from += 1480) {
      const payload = message.slice(from, from + 1480);
      sent = world.ip({ protocol: 1, payload, offset: from, more: from + 1480 < message.length });
    }
    const parts = sent.map(readIp);
    expect(parts).to.have.length(6);
    for (const part of parts) {
      expect(part).to.include({ headerIsGood: true, protocol: 1, id: parts[0]!.id, dontFragment: false });
      expect(part.totalLength).to.be.at.most(1500);
    }
    const whole = new Uint8Array(message.length);
    for (const part of parts) whole.set(part.payload, part.offset);
    expect(parts.map((part) => part.more)).to.deep.equal([true, true, true, true, true, false]);
    expect(whole.slice(8)).to.deep.equal(message.slice(8));
    expect(whole[0]).to.equal(0);
    expect(plainChecksum(whole)).to.equal(0);
  });

  it('a ping to a broadcast address is ignored (1122-9)', () => {
    expect(ping(pattern(8), { destination: '10.77.0.255' }, { to: BROADCAST_MAC })).to.have.length(0);
    expect(ping(pattern(8), { destination: '224.0.0.1' }, { to: '01:00:5e:00:00:01' })).to.have.length(0);
  });

  it('a checksum that is wrong, an unknown type, or too few bytes: dropped and counted (1122-12)', () => {
    const bad = icmp(8, 0, 1, pattern(10));
    bad[2]! ^= 1;
    expect(world.ip({ protocol: 1, payload: bad })).to.have.length(0);
    expect(world.ip({ protocol: 1, payload: icmp(99, 0, 1) })).to.have.length(0);
    expect(world.ip({ protocol: 1, payload: icmp(13, 0, 1, new Uint8Array(12)) })).to.have.length(0);
    expect(world.ip({ protocol: 1, payload: icmp(8, 0, 1).slice(0, 7) })).to.have.length(0);
    expect(world.statistics.icmp).to.include({ badChecksum: 1, unknownType: 2, malformed: 1 });
  });

  describe('errors that we send', () => {
    it('UDP to a closed port: 3/3, quoting the header and the data; unknown protocol: 3/2 (1122-11)', () => {
      const payload = udp(PEER, OURS, pattern(10));
      const port = readIcmp(world.ip({ protocol: 17, payload })[0]!);
      expect(port).to.include({ type: 3, code: 3, rest: 0, sumIsGood: true });
      expect(port.data).to.deep.equal(ipv4({ source: PEER, destination: OURS, protocol: 17, payload }));
      const protocol = readIcmp(world.ip({ protocol: 200, payload: pattern(40) })[0]!);
      expect(protocol).to.include({ type: 3, code: 2, sumIsGood: true });
      expect(protocol.ip).to.include({ source: OURS, destination: PEER });
    });

    it('the TOS of the packet, without ECN, and the precedence of network control (1812-1)', () => {
      for (const [tos, expected] of [
        [0, 0xc0],
        [0x28, 0xc8],
        [0xff, 0xdc],
      ] as const) {
        const error = readIcmp(world.ip({ protocol: 200, payload: pattern(40), tos })[0]!);
        expect(error.ip.trafficClass).to.equal(expected);
      }
    });

    it('10,000 errors due within a second: about a hundred at once, then a hundred a second (1122-11)', () => {
      let answers = 0;
      for (let i = 0; i < 10_000; i++) {
        world.clock.now += 100;
        answers += world.ip({ protocol: 17, payload: udp(PEER, OURS, []) }).length;
      }
      expect(answers).to.be.within(170, 230);
      expect(world.statistics.icmp.rateLimited).to.equal(10_000 - answers);
    });

    it('a UDP datagram with a bad checksum or length is dropped at a closed port too; without checksum it is refused', () => {
      const refused = (payload: Uint8Array) => world.ip({ protocol: 17, payload }).length;
      expect(refused(udp(PEER, OURS, pattern(9)))).to.equal(1);
      expect(refused(udp(PEER, OURS, pattern(9), 0))).to.equal(1);
      expect(refused(udp(PEER, OURS, pattern(9), 0x1234))).to.equal(0);
      expect(refused(udp(PEER, OURS, pattern(9)).slice(0, 16))).to.equal(0);
      expect(refused(pattern(7))).to.equal(0);
    });

    it('the limit can be set', () => {
      world = new InternetWorld({ icmpErrorsPerSecond: 3 }).started();
      world.introduce();
      let answers = 0;
      for (let i = 0; i < 50; i++) answers += world.ip({ protocol: 17, payload: udp(PEER, OURS, []) }).length;
      expect(answers).to.be.within(2, 9);
    });

    for (const [what, fields, link] of [
      ['a broadcast', { destination: '10.77.0.255', protocol: 17 }, { to: BROADCAST_MAC }],
      ['a broadcast address in a unicast frame', { destination: '255.255.255.255', protocol: 17 }, {}],
      ['a multicast', { destination: '224.0.0.1', protocol: 17 }, { to: '01:00:5e:00:00:01' }],
      ['a broadcast frame', { protocol: 17 }, { to: BROADCAST_MAC }],
      ['a later fragment', { protocol: 17, offset: 64, more: false }, {}],
      ['a source that is no single host', { protocol: 17, source: '10.77.0.255' }, {}],
      ['a source of 0.0.0.0', { protocol: 17, source: '0.0.0.0' }, {}],
    ] as [string, object, object][]) {
      it(`no error about ${what} (1122-10)`, () => {
        expect(world.ip({ payload: udp(PEER, OURS, pattern(8), 0), ...fields }, link)).to.have.length(0);
        expect(world.advance(100)).to.have.length(0);
      });
    }

    it('no error about an ICMP error: neither by us nor by a transport (1122-10)', () => {
      world.layer.register(1, {
        receive: (packet) => world.layer.sendIcmpError(packet, 3, 2),
        icmpError: () => {},
      });
      for (const type of [3, 4, 5, 11, 12]) {
        const payload = icmp(type, 0, 0, ipv4({ source: OURS, destination: PEER, protocol: 6, payload: tcpStart }));
        expect(world.ip({ protocol: 1, payload })).to.have.length(0);
      }
      expect(world.ip({ protocol: 1, payload: icmp(8, 0, 0) })).to.have.length(1);
    });
  });

  describe('errors that we receive', () => {
    function error(type: number, code: number, rest = 0, quoted: Partial<Parameters<typeof ipv4>[0]> = {}): void {
      const quote = ipv4({
        source: OURS,
        destination: PEER,
        protocol: 6,
        payload: tcpStart,
        totalLength: 1500,
        ...quoted,
      });
      world.ip({ protocol: 1, payload: icmp(type, code, rest, quote), source: '10.77.0.77' });
    }

    it('reach the transport with addresses, ports, sequence number and meaning', () => {
      error(3, 3);
      expect(world.errors).to.deep.equal([
        {
          kind: ICMP_ERROR.HARD,
          type: 3,
          code: 3,
          mtu: 0,
          local: OURS,
          remote: PEER,
          localPort: 80,
          remotePort: 40000,
          sequence: 0x01020304,
        },
      ]);
    });

    it('host unreachable, time exceeded and parameter problem are soft; protocol unreachable is hard (1122-12)', () => {
      for (const [type, code] of [
        [3, 0],
        [3, 1],
        [3, 13],
        [11, 0],
        [12, 0],
        [3, 2],
      ] as [number, number][])
        error(type, code);
      const { SOFT, HARD } = ICMP_ERROR;
      expect(world.errors.map(({ kind }) => kind)).to.deep.equal([SOFT, SOFT, SOFT, SOFT, SOFT, HARD]);
    });

    it('fragmentation needed tells the MTU (1191-1)', () => {
      error(3, 4, 1400);
      expect(world.errors[0]).to.include({ kind: ICMP_ERROR.TOO_BIG, mtu: 1400 });
    });

    it('an old router that tells no MTU: the next plateau below the packet (1191-2)', () => {
      error(3, 4, 0);
      error(3, 4, 0, { totalLength: 1492 });
      error(3, 4, 0, { totalLength: 9000 });
      expect(world.errors.map(({ mtu }) => mtu)).to.deep.equal([1492, 1280, 8166]);
    });

    it('source quench is ignored (RFC 6633)', () => {
      error(4, 0);
      expect(world.errors).to.have.length(0);
    });

    it('a quote that is not of a packet of ours is ignored', () => {
      error(3, 4, 1400, { source: '10.77.0.3' });
      error(3, 4, 1400, { offset: 64 });
      error(3, 4, 1400, { version: 6 });
      error(3, 4, 1400, { payload: tcpStart.slice(0, 7) });
      error(3, 4, 1400, { ihl: 15 });
      world.ip({ protocol: 1, payload: icmp(3, 4, 1400, new Uint8Array(19)) });
      expect(world.errors).to.have.length(0);
      expect(world.statistics.icmp.errorsIgnored).to.equal(6);
    });
  });

  describe('redirects', () => {
    const BETTER = '10.77.0.9';
    const BETTER_MAC = '02:fa:57:00:00:09';

    beforeEach(() => {
      world.introduce(GATEWAY, GATEWAY_MAC);
      world.introduce(BETTER, BETTER_MAC);
    });

    function redirect(source: string, to: string): void {
      const quote = ipv4({ source: OURS, destination: FAR, protocol: 6, payload: tcpStart });
      const [a, b, c, d] = to.split('.').map(Number) as [number, number, number, number];
      const rest = (a << 24) | (b << 16) | (c << 8) | d;
      world.ip({ protocol: 1, payload: icmp(5, 1, rest, quote), source });
    }

    function firstHop(): string {
      return readIp(world.send(world.route(FAR), tcpStart)[0]!).ethernetTo;
    }

    it('one from the gateway in use, towards a neighbour, is followed (1122-12)', () => {
      expect(firstHop()).to.equal(GATEWAY_MAC);
      redirect(GATEWAY, BETTER);
      expect(firstHop()).to.equal(BETTER_MAC);
    });

    it('one from anybody else, or towards another network or ourselves, changes nothing (1122-12)', () => {
      expect(firstHop()).to.equal(GATEWAY_MAC);
      redirect(PEER, BETTER);
      redirect(GATEWAY, '192.0.2.99');
      redirect(GATEWAY, OURS);
      redirect(GATEWAY, '10.77.0.255');
      expect(firstHop()).to.equal(GATEWAY_MAC);
      expect(world.statistics.icmp.redirectsIgnored).to.equal(4);
    });

    it('a neighbour cannot redirect what goes to itself: it is no gateway (1122-12)', () => {
      world.send(world.route(PEER), tcpStart);
      const quote = ipv4({ source: OURS, destination: PEER, protocol: 6, payload: tcpStart });
      world.ip({ protocol: 1, payload: icmp(5, 1, (10 << 24) | (77 << 16) | 9, quote), source: PEER });
      expect(readIp(world.send(world.route(PEER), tcpStart)[0]!).ethernetTo).to.equal(PEER_MAC);
    });

    it('a first hop that does not answer is given up for the gateway again', () => {
      firstHop();
      redirect(GATEWAY, '10.77.0.50');
      expect(world.send(world.route(FAR), tcpStart)).to.have.length(1);
      world.advance(4);
      expect(firstHop()).to.equal(GATEWAY_MAC);
    });
  });
});
