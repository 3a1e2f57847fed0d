import { expect } from 'chai';
import { ICMP_ERROR } from '../../../src/net/ip/icmp-error.js';
import { InternetWorld, OURS_6, PEER_6 } from '../../support/internet-world.js';
import {
  addressBytes,
  concat,
  icmpv6,
  ipv6,
  PEER_MAC,
  pattern,
  plainChecksum,
  pseudoV6,
  readIcmp,
  readIp,
  udp,
  word16,
} from '../../support/packets.js';

const OUR_LINK_LOCAL = 'fe80::fa:57ff:fe00:2';
const ALL_NODES_MAC = '33:33:00:00:00:01';
const tcpStart = concat(word16(80), word16(40000), [1, 2, 3, 4], [0, 0, 0, 0], new Uint8Array(8));

describe('ICMPv6', () => {
  let world: InternetWorld;

  beforeEach(() => {
    world = new InternetWorld({ addresses: [`${OURS_6}/64`] }).started();
    for (const peer of [PEER_6, 'fe80::1']) {
      const target = concat(addressBytes(OURS_6), [1, 1], [0x02, 0xfa, 0x57, 0, 0, 1]);
      world.ip6({ source: peer, next: 58, hopLimit: 255, payload: icmpv6(peer, OURS_6, 135, 0, 0, target) });
    }
  });

  function ping(data: Uint8Array, source = PEER_6, destination = OURS_6, link = {}): Uint8Array[] {
    const payload = icmpv6(source, destination, 128, 0, 0x12345678, data);
    return world.ip6({ source, destination, next: 58, payload }, link);
  }

  for (const length of [0, 1, 56, 1452]) {
    it(`a ping of ${length} bytes is answered with all its data, from the address asked (4443-1)`, () => {
      const reply = readIcmp(ping(pattern(length))[0]!);
      expect(reply).to.include({ type: 129, code: 0, rest: 0x12345678, sumIsGood: true });
      expect(reply.data).to.deep.equal(pattern(length));
      expect(reply.ip).to.include({ source: OURS_6, destination: PEER_6, ethernetTo: PEER_MAC, ttl: 64 });
    });
  }

  it('a ping with a code gets it back, as from Linux (4443-1)', () => {
    const payload = icmpv6(PEER_6, OURS_6, 128, 9, 0x12345678, pattern(56));
    const [sent] = world.ip6({ source: PEER_6, destination: OURS_6, next: 58, payload });
    expect(readIcmp(sent!)).to.include({ type: 129, code: 9, rest: 0x12345678, sumIsGood: true });
  });

  it('a ping to all nodes is answered from our own address of the same scope (4443-1)', () => {
    const near = readIcmp(ping(pattern(5), 'fe80::1', 'ff02::1', { to: ALL_NODES_MAC })[0]!);
    expect(near).to.include({ type: 129, sumIsGood: true });
    expect(near.ip).to.include({ source: OUR_LINK_LOCAL, destination: 'fe80::1' });
    const wide = readIcmp(ping(pattern(5), PEER_6, 'ff02::1', { to: ALL_NODES_MAC })[0]!);
    expect(wide.ip).to.include({ source: OURS_6, destination: PEER_6 });
    expect(wide.sumIsGood).to.equal(true);
  });

  it('a ping of 8000 bytes in fragments is answered in fragments', () => {
    const message = icmpv6(PEER_6, OURS_6, 128, 0, 1, pattern(8000));
    let sent: Uint8Array[] = [];
    for (let from = 0; from < message.length; from += 1448) {
      const more = from + 1448 < message.length ? 1 : 0;
      const payload = concat([58, 0, ...word16(from | more), 0, 0, 0, 9], message.slice(from, from + 1448));
      sent = world.ip6({ next: 44, payload });
    }
    const parts = sent.map(readIp);
    expect(parts).to.have.length(6);
    const whole = new Uint8Array(message.length);
    for (const part of parts) {
      expect(part).to.include({ headerIsGood: true, protocol: 58, id: parts[0]!.id });
      expect(part.totalLength).to.be.at.most(1500);
      whole.set(part.payload, part.offset);
    }
    expect(whole[0]).to.equal(129);
    expect(plainChecksum(pseudoV6(OURS_6, PEER_6, whole.length, 58), whole)).to.equal(0);
    expect(whole.slice(8)).to.deep.equal(pattern(8000));
  });

  it('a bad sum, unknown information and too few bytes are dropped (8200-8, 4443-4)', () => {
    const bad = icmpv6(PEER_6, OURS_6, 128, 0, 1);
    bad[2]! ^= 1;
    expect(world.ip6({ next: 58, payload: bad })).to.have.length(0);
    expect(world.ip6({ next: 58, payload: icmpv6(PEER_6, OURS_6, 200, 0, 1) })).to.have.length(0);
    expect(world.ip6({ next: 58, payload: icmpv6(PEER_6, OURS_6, 128, 0, 1).slice(0, 7) })).to.have.length(0);
    expect(world.statistics.icmp).to.include({ badChecksum: 1, unknownType: 1, malformed: 1 });
  });

  describe('errors that we send', () => {
    it('a closed UDP port: 1/4, quoting as much as fits 1280 bytes (4443-3)', () => {
      const payload = udp(PEER_6, OURS_6, pattern(1400));
      const sent = world.ip6({ next: 17, payload });
      const error = readIcmp(sent[0]!);
      expect(error).to.include({ type: 1, code: 4, rest: 0, sumIsGood: true });
      expect(error.ip.totalLength).to.equal(1280);
      const original = ipv6({ source: PEER_6, destination: OURS_6, next: 17, payload });
      expect(error.data).to.deep.equal(original.slice(0, 1232));
    });

    it('are limited in rate, and the limit can be set (4443-3)', () => {
      const count = () => {
        let answers = 0;
        for (let i = 0; i < 1000; i++) answers += world.ip6({ next: 17, payload: udp(PEER_6, OURS_6, []) }).length;
        return answers;
      };
      expect(count()).to.be.within(80, 120);
      world = new InternetWorld({ addresses: [`${OURS_6}/64`], icmpErrorsPerSecond: 5 }).started();
      world.onReceive = () => {};
      expect(count()).to.be.within(3, 12);
    });

    for (const [what, fields, link] of [
      ['a packet from ::', { source: '::' }, {}],
      ['a packet from a group', { source: 'ff02::5' }, {}],
      ['a multicast', { destination: 'ff02::1' }, { to: ALL_NODES_MAC }],
      ['a multicast in a unicast frame', { destination: 'ff02::1' }, {}],
    ] as [string, { source?: string; destination?: string }, object][]) {
      it(`none about ${what} (4443-2)`, () => {
        const { source = PEER_6, destination = OURS_6 } = fields;
        expect(world.ip6({ next: 17, payload: udp(source, destination, [1]), ...fields }, link)).to.have.length(0);
      });
    }

    it('none about an ICMPv6 error or a redirect (4443-2)', () => {
      world.layer.register(58, {
        receive: (packet) => world.layer.sendIcmpError(packet, 1, 0),
        icmpError: () => {},
      });
      for (const type of [1, 2, 3, 4, 100, 127, 137]) {
        expect(world.ip6({ next: 58, payload: icmpv6(PEER_6, OURS_6, type, 0, 0, pattern(48)) })).to.have.length(0);
      }
      expect(world.ip6({ next: 58, payload: icmpv6(PEER_6, OURS_6, 128, 0, 0) })).to.have.length(1);
    });
  });

  describe('errors that we receive', () => {
    function error(type: number, code: number, rest = 0, quote?: Uint8Array): void {
      const quoted = quote ?? ipv6({ source: OURS_6, destination: PEER_6, next: 6, payload: tcpStart });
      const payload = icmpv6('fd77::99', OURS_6, type, code, rest, quoted);
      world.ip6({ source: 'fd77::99', next: 58, payload });
    }

    it('reach the quoted connection, an unknown error too (4443-4)', () => {
      error(100, 3);
      expect(world.errors).to.deep.equal([
        {
          kind: ICMP_ERROR.SOFT,
          type: 100,
          code: 3,
          mtu: 0,
          local: OURS_6,
          remote: PEER_6,
          localPort: 80,
          remotePort: 40000,
          sequence: 0x01020304,
        },
      ]);
    });

    it('a closed port and an unknown next header are hard, others soft', () => {
      for (const [type, code] of [
        [1, 4],
        [4, 1],
        [1, 0],
        [1, 3],
        [3, 0],
        [4, 0],
      ] as [number, number][])
        error(type, code);
      const { SOFT, HARD } = ICMP_ERROR;
      expect(world.errors.map(({ kind }) => kind)).to.deep.equal([HARD, HARD, SOFT, SOFT, SOFT, SOFT]);
    });

    it('too big: the size told, discarded below 1280 (8201-1)', () => {
      error(2, 0, 1400);
      error(2, 0, 1279);
      error(2, 0, 1280);
      expect(world.errors.map(({ kind, mtu }) => [kind, mtu])).to.deep.equal([
        [ICMP_ERROR.TOO_BIG, 1400],
        [ICMP_ERROR.TOO_BIG, 1280],
      ]);
    });

    it('a quote behind extension headers is understood; one of another host, or too short, is ignored (8201-1)', () => {
      const options = [6, 0, 1, 4, 0, 0, 0, 0];
      error(2, 0, 1400, ipv6({ source: OURS_6, destination: PEER_6, next: 60, payload: concat(options, tcpStart) }));
      expect(world.errors).to.have.length(1);
      error(2, 0, 1400, ipv6({ source: 'fd77::3', destination: PEER_6, next: 6, payload: tcpStart }));
      error(2, 0, 1400, ipv6({ source: OURS_6, destination: PEER_6, next: 6, payload: tcpStart.slice(0, 7) }));
      error(2, 0, 1400, pattern(39));
      error(2, 0, 1400, ipv6({ version: 4, source: OURS_6, destination: PEER_6, next: 6, payload: tcpStart }));
      expect(world.errors).to.have.length(1);
    });

    it('too big about an echo reply of ours: the next reply is fragmented (8201-1)', () => {
      expect(ping(pattern(1400))).to.have.length(1);
      const reply = icmpv6(OURS_6, PEER_6, 129, 0, 1, pattern(100));
      error(2, 0, 1300, ipv6({ source: OURS_6, destination: PEER_6, next: 58, payload: reply }));
      expect(ping(pattern(1400))).to.have.length(2);
    });
  });
});
