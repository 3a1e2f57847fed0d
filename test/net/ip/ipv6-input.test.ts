import { expect } from 'chai';
import { IpAddress } from '../../../src/net/wire/address.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { InternetWorld, OURS_6, PEER_6 } from '../../support/internet-world.js';
import {
  addressBytes,
  concat,
  ethernet,
  type Ipv6Fields,
  icmpv6,
  ipv6,
  PEER_MAC,
  pattern,
  readIcmp,
  udp,
  word16,
  word32,
} from '../../support/packets.js';

const TCP = 6;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION = 60;
const ALL_NODES_MAC = '33:33:00:00:00:01';

/** An options header: next header, length, options padded with PadN to eights. */
function options(next: number, ...bytes: number[]): number[] {
  const padding = (8 - ((bytes.length + 2) % 8)) % 8;
  const pad = padding === 0 ? [] : padding === 1 ? [0] : [1, padding - 2, ...new Array<number>(padding - 2).fill(0)];
  return [next, (bytes.length + 2 + padding) / 8 - 1, ...bytes, ...pad];
}

function routing(next: number, type: number, segmentsLeft: number): number[] {
  return [next, 2, type, segmentsLeft, 0, 0, 0, 0, ...addressBytes('fd77::99')];
}

describe('IPv6 input', () => {
  let world: InternetWorld;

  beforeEach(() => {
    world = new InternetWorld({ addresses: [`${OURS_6}/64`] }).started();
  });

  /** Hands over a packet with these headers in front of `payload`, from a peer that is known. */
  function send(next: number, headers: number[], payload = pattern(20), fields: Partial<Ipv6Fields> = {}, link = {}) {
    world.onReceive = (packet) => world.layer.routeBack(packet);
    return world.ip6({ next, payload: concat(headers, payload), ...fields }, link);
  }

  function introduce(): void {
    const target = concat(addressBytes(OURS_6), [1, 1], [0x02, 0xfa, 0x57, 0, 0, 1]);
    world.ip6({ next: 58, hopLimit: 255, payload: icmpv6(PEER_6, OURS_6, 135, 0, 0, target) });
  }

  it('a packet for us reaches its transport with addresses, hop limit, class and payload in place', () => {
    world.ip6({ payload: pattern(33), hopLimit: 3, trafficClass: 0xb9 });
    expect(world.received).to.have.length(1);
    const packet = world.received[0]!;
    expect(packet).to.include({ source: PEER_6, destination: OURS_6, protocol: 6, ttl: 3, trafficClass: 0xb9 });
    expect(packet.payload).to.deep.equal(pattern(33));
  });

  it('version, and payload length above the frame, are checked; padding is cut off (8200-1)', () => {
    world.ip6({ version: 4 });
    world.ip6({ payloadLength: 21 });
    const short = ipv6({ source: PEER_6, destination: OURS_6, next: 6, payload: pattern(20) }).slice(0, 39);
    world.frame(ethernet(OUR_MAC, PEER_MAC, 0x86dd, short));
    expect(world.received).to.have.length(0);
    expect(world.statistics.ip.malformed).to.equal(3);
    world.ip6({ payload: pattern(26), payloadLength: 20 });
    expect(world.received[0]!.payload).to.deep.equal(pattern(20));
  });

  it('other destinations, and sources that no host has, are dropped in silence', () => {
    introduce();
    for (const destination of [
      'fd77::3',
      'ff02::2',
      'ff02::1:ff00:9',
      'ff02::1:fe00:2',
      'ff02::2:ff00:2',
      'ff05::1',
      '::1',
    ]) {
      expect(world.ip6({ destination })).to.have.length(0);
    }
    expect(world.statistics.ip.notForUs).to.equal(7);
    for (const source of ['ff02::1', '::1', '::', '::ffff:10.77.0.1', OURS_6]) {
      expect(world.ip6({ source })).to.have.length(0);
      expect(world.ip6({ source, next: 17, payload: udp(source, OURS_6, []) })).to.have.length(0);
    }
    expect(world.ip6({ source: '::', next: DESTINATION, payload: concat(options(TCP), pattern(20)) })).to.have.length(
      0,
    );
    expect(world.received).to.have.length(0);
    expect(world.statistics.ip.badSource).to.be.at.least(9);
    expect(world.ip6({}, { to: ALL_NODES_MAC })).to.have.length(0);
    expect(world.statistics.ip.unicastInBroadcast).to.equal(1);
  });

  it('compares a packet with an address word by word', () => {
    const text = '1111:2222:3333:4444:5555:6666:7777:8888';
    world = new InternetWorld({ addresses: [`${text}/64`] }).started();
    const found: boolean[] = [];
    world.onReceive = (packet) => {
      for (const part of ['1111', '3333', '5555', '7777', 'none']) {
        const other = IpAddress.parse(text.replace(part, '9'));
        found.push(packet.isTo(other), packet.isFrom(other));
        [packet.source0, packet.source1, packet.source2, packet.source3] = [
          packet.destination0,
          packet.destination1,
          packet.destination2,
          packet.destination3,
        ];
      }
    };
    world.ip6({ destination: text });
    expect(found).to.deep.equal([...new Array(8).fill(false), true, true]);
  });

  it('without IPv6 configured nothing of it is spoken', () => {
    world = new InternetWorld().started();
    world.ip6({ next: 58, payload: icmpv6(PEER_6, OURS_6, 128, 0, 1) });
    expect(world.statistics.ethernet.unknownType).to.equal(1);
  });

  describe('extension headers', () => {
    beforeEach(introduce);

    it('TCP behind destination options, hop-by-hop and routing headers, in any order, is delivered (8200-2)', () => {
      const chains: [number, number[]][] = [
        [DESTINATION, options(TCP)],
        [HOP_BY_HOP, options(TCP, 5, 2, 0, 0)],
        [HOP_BY_HOP, [...options(DESTINATION), ...options(ROUTING), ...routing(DESTINATION, 0, 0), ...options(TCP)]],
        [ROUTING, [...routing(DESTINATION, 3, 0), ...options(TCP, 1, 20, ...new Array(20).fill(0))]],
      ];
      for (const [next, headers] of chains) {
        expect(send(next, headers)).to.have.length(0);
        expect(world.received.pop()?.payload).to.deep.equal(pattern(20));
      }
    });

    it('hop-by-hop anywhere but first: parameter problem 1 at the byte that named it (8200-2)', () => {
      const error = readIcmp(send(DESTINATION, [...options(HOP_BY_HOP), ...options(TCP)])[0]!);
      expect(error).to.include({ type: 4, code: 1, rest: 40, sumIsGood: true });
      const lone = [HOP_BY_HOP, 0, 0, 0, 0, 0, 0, 1, ...options(TCP)];
      expect(readIcmp(send(FRAGMENT, lone)[0]!)).to.include({ type: 4, code: 1, rest: 40 });
      expect(world.received).to.have.length(0);
    });

    it('a chain longer than any honest one is dropped (8200-2)', () => {
      const chain = Array.from({ length: 50 }, () => options(DESTINATION)).flat();
      expect(send(DESTINATION, [...chain, ...options(TCP)])).to.have.length(0);
      expect(world.received).to.have.length(0);
    });

    it('a header that is cut off, or longer than the packet, is dropped (8200-2)', () => {
      expect(send(DESTINATION, [TCP, 0, 1, 4], new Uint8Array(0))).to.have.length(0);
      expect(send(DESTINATION, [TCP, 9, 1, 4, 0, 0, 0, 0])).to.have.length(0);
      expect(send(DESTINATION, [TCP, 0, 0x1e, 9, 0, 0, 0, 0])).to.have.length(0);
      expect(send(DESTINATION, [TCP, 0, 1, 2, 0, 0, 0, 0x1e])).to.have.length(0);
      expect(world.received).to.have.length(0);
      expect(world.statistics.ip.badOptions).to.equal(4);
    });

    it('an unknown next header: parameter problem 1 at the byte that named it (8200-3)', () => {
      const first = readIcmp(send(200, [])[0]!);
      expect(first).to.include({ type: 4, code: 1, rest: 6, sumIsGood: true });
      const behind = readIcmp(send(DESTINATION, options(200))[0]!);
      expect(behind).to.include({ type: 4, code: 1, rest: 40 });
      expect(readIcmp(send(50, [])[0]!)).to.include({ type: 4, code: 1, rest: 6 });
      expect(send(59, [])).to.have.length(0);
    });

    it('an unknown option is skipped, dropped, or dropped with problem 2, as its top bits say (8200-3)', () => {
      expect(send(DESTINATION, options(TCP, 0x1e, 2, 9, 9))).to.have.length(0);
      expect(world.received).to.have.length(1);
      expect(send(DESTINATION, options(TCP, 0x5e, 2, 9, 9))).to.have.length(0);
      for (const type of [0x9e, 0xde]) {
        const error = readIcmp(send(DESTINATION, options(TCP, 0, type, 1, 9))[0]!);
        expect(error).to.include({ type: 4, code: 2, rest: 43, sumIsGood: true });
      }
      expect(world.received).to.have.length(1);
    });

    it('in a multicast only 10 is answered, from our own address (8200-3)', () => {
      const group = { destination: 'ff02::1' };
      const error = readIcmp(send(DESTINATION, options(TCP, 0x9e, 0), pattern(20), group, { to: ALL_NODES_MAC })[0]!);
      expect(error).to.include({ type: 4, code: 2, rest: 42 });
      expect(error.ip.source).to.equal(OURS_6);
      expect(send(DESTINATION, options(TCP, 0xde, 0), pattern(20), group, { to: ALL_NODES_MAC })).to.have.length(0);
    });

    it('a problem in front of an ICMPv6 error is not answered (4443-2)', () => {
      const message = icmpv6(PEER_6, OURS_6, 1, 4, 0, pattern(60));
      expect(send(DESTINATION, options(58, 0x9e, 0), message)).to.have.length(0);
    });

    it('a routing header with nothing left is ignored, else problem 0 at its type, type 0 included (8200-4)', () => {
      send(ROUTING, routing(TCP, 0, 0));
      send(ROUTING, routing(TCP, 77, 0));
      expect(world.received).to.have.length(2);
      for (const type of [0, 2, 3, 4, 77]) {
        const error = readIcmp(send(ROUTING, routing(TCP, type, 1))[0]!);
        expect(error).to.include({ type: 4, code: 0, rest: 42, sumIsGood: true });
      }
      expect(world.received).to.have.length(2);
    });
  });

  describe('fragments', () => {
    beforeEach(introduce);

    function fragmentHeader(next: number, offset: number, more: boolean, id = 7): number[] {
      return [next, 0, ...word16(offset | (more ? 1 : 0)), ...word32(id)];
    }

    function fragment(whole: Uint8Array, from: number, to: number, next = TCP, id = 7): Uint8Array[] {
      const header = fragmentHeader(next, from, to < whole.length, id);
      return world.ip6({ next: FRAGMENT, payload: concat(header, whole.slice(from, to)) });
    }

    it('are put together in any order, to 1500 bytes and far more (8200-5)', () => {
      const whole = pattern(9000);
      const starts = [0, 1232, 2464, 3696, 4928, 6160, 7392, 8624];
      for (const from of [...starts].reverse()) fragment(whole, from, Math.min(from + 1232, 9000));
      expect(world.received.map(({ payload }) => payload)).to.deep.equal([whole]);
      expect(world.received[0]).to.include({ source: PEER_6, destination: OURS_6, protocol: TCP });
    });

    it('extension headers inside the fragments are walked once whole (8200-2)', () => {
      const whole = concat(options(TCP, 1, 100, ...new Array(100).fill(0)), pattern(1000));
      fragment(whole, 1000, whole.length, DESTINATION);
      fragment(whole, 0, 1000, DESTINATION);
      expect(world.received.map(({ payload }) => payload)).to.deep.equal([pattern(1000)]);
    });

    it('an error about a reassembled packet quotes a valid one', () => {
      const whole = udp(PEER_6, OURS_6, pattern(100));
      fragment(whole, 0, 64, 17);
      const error = readIcmp(fragment(whole, 64, 108, 17)[0]!);
      expect(error).to.include({ type: 1, code: 4, sumIsGood: true });
      expect(Array.from(error.data.slice(40, 48))).to.deep.equal([17, 0, 0, 0, 0, 0, 0, 7]);
      expect(error.data.slice(4, 6)).to.deep.equal(Uint8Array.from(word16(116)));
      expect(error.data.slice(48)).to.deep.equal(whole);
    });

    it('the first alone: time exceeded code 1 after 60 s; the last alone: nothing (8200-5)', () => {
      const whole = udp(PEER_6, OURS_6, pattern(500));
      fragment(whole, 0, 256, 17, 1);
      fragment(whole, 256, 508, 17, 2);
      const start = world.clock.now / 1e6;
      const sent = world.advance(100).filter(({ bytes }) => readIcmp(bytes).type === 3);
      expect(sent).to.have.length(1);
      expect(sent[0]!.at - start).to.equal(60);
      expect(readIcmp(sent[0]!.bytes)).to.include({ code: 1, sumIsGood: true });
    });

    it('no time exceeded about a fragmented ICMPv6 error (4443-2)', () => {
      fragment(icmpv6(PEER_6, OURS_6, 1, 4, 0, pattern(600)), 0, 256, 58);
      expect(world.advance(100).filter(({ bytes }) => readIcmp(bytes).type === 3)).to.have.length(0);
    });

    it('a length that is no multiple of 8 with more to come: problem 0 at the payload length (8200-5)', () => {
      const header = fragmentHeader(TCP, 0, true);
      const error = readIcmp(world.ip6({ next: FRAGMENT, payload: concat(header, pattern(30)) })[0]!);
      expect(error).to.include({ type: 4, code: 0, rest: 4, sumIsGood: true });
      expect(world.advance(100).filter(({ bytes }) => readIcmp(bytes).type === 3)).to.have.length(0);
    });

    it('past 65,535 bytes: problem 0 at the fragment offset (8200-5)', () => {
      const header = fragmentHeader(TCP, 65528, false);
      const error = readIcmp(world.ip6({ next: FRAGMENT, payload: concat(header, pattern(16)) })[0]!);
      expect(error).to.include({ type: 4, code: 0, rest: 42, sumIsGood: true });
    });

    it('overlaps drop the whole datagram in silence; an exact duplicate is ignored (8200-6)', () => {
      const whole = pattern(96);
      fragment(whole, 0, 32, TCP, 1);
      fragment(whole, 0, 32, TCP, 1);
      fragment(whole, 32, 96, TCP, 1);
      expect(world.received).to.have.length(1);
      fragment(whole, 0, 32, TCP, 2);
      fragment(whole, 24, 64, TCP, 2);
      fragment(whole, 32, 96, TCP, 2);
      expect(world.received).to.have.length(1);
      expect(world.advance(100).filter(({ bytes }) => readIcmp(bytes).type === 3)).to.have.length(0);
    });

    it('a lone fragment is whole by itself, whatever waits under its id (8200-6)', () => {
      fragment(pattern(96), 0, 32);
      world.ip6({ next: FRAGMENT, payload: concat(fragmentHeader(TCP, 0, false), pattern(44)) });
      expect(world.received.map(({ payload }) => payload.length)).to.deep.equal([44]);
    });

    it('a first fragment without all headers: problem 3, and nothing is kept (8200-7)', () => {
      for (const [next, start] of [
        [TCP, pattern(8)],
        [17, new Uint8Array(0)],
        [DESTINATION, Uint8Array.from(options(TCP, 1, 12, ...new Array(12).fill(0)))],
        [DESTINATION, Uint8Array.from([TCP, 3, 1, 4, 0, 0, 0, 0])],
      ] as [number, Uint8Array][]) {
        const error = readIcmp(
          world.ip6({ next: FRAGMENT, payload: concat(fragmentHeader(next, 0, true), start) })[0]!,
        );
        expect(error).to.include({ type: 4, code: 3, rest: 0, sumIsGood: true });
      }
      expect(world.advance(100).filter(({ bytes }) => readIcmp(bytes).type === 3)).to.have.length(0);
    });

    it('a fragment header within a fragment is dropped', () => {
      const inner = concat(fragmentHeader(TCP, 0, false), pattern(20));
      world.ip6({ next: FRAGMENT, payload: concat(fragmentHeader(FRAGMENT, 0, false), inner) });
      expect(world.received).to.have.length(0);
    });
  });

  it('sums over the IPv6 pseudo-header: what is wrong is dropped, and UDP without a sum too (8200-8)', () => {
    introduce();
    const refused = (payload: Uint8Array) => world.ip6({ next: 17, payload }).length;
    expect(refused(udp(PEER_6, OURS_6, pattern(9)))).to.equal(1);
    expect(refused(udp(PEER_6, OURS_6, pattern(9), 0))).to.equal(0);
    expect(refused(udp(PEER_6, OURS_6, pattern(9), 0x1234))).to.equal(0);
    let sum = 0;
    world.onReceive = (packet) => {
      sum = packet.pseudoSum(20);
    };
    world.ip6({});
    expect(sum).to.equal(2 * 0xfd77 + 2 + 1 + 6 + 20);
    expect(world.route(PEER_6).pseudoSum).to.equal(2 * 0xfd77 + 2 + 1 + 6);
    const [from, to] = ['2001:db8:1111:2222:3333:4444:5555:6666', 'fd77:7777:8888:9999:aaaa:bbbb:cccc:dddd'];
    world = new InternetWorld({ addresses: [`${to}/0`] }).started();
    world.onReceive = (packet) => {
      sum = packet.pseudoSum(0x12345);
    };
    world.ip6({ source: from, destination: to });
    const words = [from, to].flatMap((text) => text.split(':')).map((word) => Number.parseInt(word, 16));
    const addresses = words.reduce((a, b) => a + b);
    expect(sum).to.equal(addresses + 6 + 1 + 0x2345);
    expect(world.route(from).pseudoSum).to.equal(addresses + 6);
  });
});
