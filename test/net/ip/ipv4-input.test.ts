import { expect } from 'chai';
import { OUR_MAC } from '../../support/fake-device.js';
import { InternetWorld, OURS, PEER } from '../../support/internet-world.js';
import {
  BROADCAST_MAC,
  concat,
  ethernet,
  type Ipv4Fields,
  icmp,
  ipv4,
  OTHER_MAC,
  PEER_MAC,
  pattern,
} from '../../support/packets.js';

describe('IPv4 input', () => {
  let world: InternetWorld;

  beforeEach(() => {
    world = new InternetWorld().started();
  });

  /** What the transport received of one packet, and what was sent because of it. */
  function tryPacket(fields: Partial<Ipv4Fields>, link: { to?: string; from?: string } = {}): [number, number] {
    const sent = world.ip(fields, link);
    return [world.received.splice(0).length, sent.length];
  }

  it('a packet for us reaches its transport with addresses, TTL, TOS and payload in place', () => {
    const payload = pattern(33);
    world.ip({ payload, ttl: 17, tos: 0xb9 });
    const packet = world.received[0]!;
    expect(packet).to.include({ source: PEER, destination: OURS, protocol: 6, ttl: 17, trafficClass: 0xb9 });
    expect(packet.payload).to.deep.equal(payload);
    expect(packet.isMulticast).to.equal(false);
  });

  for (const [what, fields] of [
    ['version 5', { version: 5 }],
    ['version 6', { version: 6 }],
    ['a header length of 4 words', { ihl: 4 }],
    ['a header length past the end', { ihl: 15 }],
    ['a wrong header checksum', { checksum: 0x1111 }],
  ] as [string, Partial<Ipv4Fields>][]) {
    it(`${what} is dropped in silence and counted (791-1)`, () => {
      expect(tryPacket(fields)).to.deep.equal([0, 0]);
      const { malformed, badChecksum } = world.statistics.ip;
      expect(malformed + badChecksum).to.equal(1);
    });
  }

  it('a packet shorter than a header is dropped in silence (791-1)', () => {
    const packet = ipv4({ source: PEER, destination: OURS, protocol: 6, payload: new Uint8Array(0) });
    world.frame(ethernet(OUR_MAC, PEER_MAC, 0x0800, packet.slice(0, 19)));
    world.frame(ethernet(OUR_MAC, PEER_MAC, 0x0800, new Uint8Array(0)));
    world.frame(new Uint8Array(13));
    expect(world.received).to.have.length(0);
    expect(world.statistics.ip.malformed).to.equal(2);
    expect(world.statistics.ethernet.short).to.equal(1);
  });

  it('a total length below the header or above the frame is dropped (791-2)', () => {
    expect(tryPacket({ totalLength: 19 })).to.deep.equal([0, 0]);
    expect(tryPacket({ totalLength: 41, payload: new Uint8Array(20) })).to.deep.equal([0, 0]);
    expect(tryPacket({ totalLength: 0 })).to.deep.equal([0, 0]);
    expect(world.statistics.ip.malformed).to.equal(3);
  });

  it('Ethernet padding behind the total length is no data (791-2)', () => {
    const packet = ipv4({ source: PEER, destination: OURS, protocol: 6, payload: pattern(20) });
    world.frame(ethernet(OUR_MAC, PEER_MAC, 0x0800, concat(packet, [1, 2, 3, 4, 5, 6])));
    expect(world.received[0]!.payload).to.deep.equal(pattern(20));
  });

  it('a super-segment takes its length from the frame when the total length is 0', () => {
    const payload = pattern(70_000);
    const packet = ipv4({ source: PEER, destination: OURS, protocol: 6, payload, totalLength: 0 });
    const frame = ethernet(OUR_MAC, PEER_MAC, 0x0800, packet);
    world.frame(frame, { segmentBytes: 1448, checksumGood: true });
    expect(world.received[0]!.payload).to.deep.equal(payload);
    expect(world.received[0]).to.include({ segmentBytes: 1448, checksumGood: true });
    world.frame(frame);
    expect(world.received).to.have.length(1);
  });

  it('a packet for another host is neither answered nor forwarded (1122-1)', () => {
    expect(tryPacket({ destination: '10.77.0.3' })).to.deep.equal([0, 0]);
    expect(tryPacket({ destination: '224.0.0.5' })).to.deep.equal([0, 0]);
    expect(world.statistics.ip.notForUs).to.equal(2);
    expect(tryPacket({}, { to: OTHER_MAC })).to.deep.equal([0, 0]);
    expect(world.statistics.ethernet.notForUs).to.equal(1);
  });

  for (const source of [
    '10.77.0.255',
    '255.255.255.255',
    '224.0.0.1',
    '0.0.0.0',
    '0.1.2.3',
    '127.0.0.1',
    '240.0.0.1',
    OURS,
  ]) {
    it(`a source of ${source} is dropped, TCP and ping alike (1122-2)`, () => {
      expect(tryPacket({ source })).to.deep.equal([0, 0]);
      expect(tryPacket({ source, protocol: 1, payload: icmp(8, 0, 1) })).to.deep.equal([0, 0]);
      expect(world.statistics.ip.badSource).to.equal(2);
    });
  }

  it('a unicast packet inside a broadcast frame is dropped (1122-3)', () => {
    expect(tryPacket({}, { to: BROADCAST_MAC })).to.deep.equal([0, 0]);
    expect(world.statistics.ip.unicastInBroadcast).to.equal(1);
  });

  it('a broadcast packet reaches the transport marked as such', () => {
    for (const destination of ['255.255.255.255', '10.77.0.255', '224.0.0.1']) {
      world.ip({ destination }, { to: BROADCAST_MAC });
      expect(world.received.pop()).to.include({ destination, isMulticast: true });
    }
  });

  it('a network of two hosts has a broadcast address, a point-to-point one has not', () => {
    const reached = (prefix: number, destination: string) => {
      world = new InternetWorld({ addresses: [`10.77.0.2/${prefix}`] }).started();
      world.ip({ destination }, { to: BROADCAST_MAC });
      return world.received.length;
    };
    expect([reached(30, '10.77.0.3'), reached(31, '10.77.0.3'), reached(32, '10.77.0.2')]).to.deep.equal([1, 0, 0]);
  });

  it('TTL 1 and TTL 0 are accepted (1122-4)', () => {
    expect(tryPacket({ ttl: 1 })).to.deep.equal([1, 0]);
    expect(tryPacket({ ttl: 0 })).to.deep.equal([1, 0]);
  });

  it('unknown options are skipped: the payload starts behind them (1122-5)', () => {
    const options = [0x94, 4, 0, 0, 1, 1, 0x44, 4, 5, 0, 0xde, 3, 9, 0];
    world.ip({ options, payload: pattern(25) });
    expect(world.received[0]!.payload).to.deep.equal(pattern(25));
  });

  for (const [what, options] of [
    ['a length of 0', [0x94, 0, 0, 0]],
    ['a length of 1', [0x94, 1, 0, 0]],
    ['a length past the header', [0x94, 5, 0, 0]],
    ['no room for a length', [1, 1, 1, 0x94]],
    ['a loose source route', [131, 7, 4, 10, 77, 0, 9]],
    ['a strict source route', [137, 7, 4, 10, 77, 0, 9]],
  ] as [string, number[]][]) {
    it(`an option with ${what} drops the packet and harms nothing (1122-5)`, () => {
      expect(tryPacket({ options })).to.deep.equal([0, 0]);
      expect(world.statistics.ip.badOptions).to.equal(1);
      expect(tryPacket({})).to.deep.equal([1, 0]);
    });
  }

  it('frames of unknown EtherTypes are counted and dropped', () => {
    expect(world.frame(ethernet(OUR_MAC, PEER_MAC, 0x88cc, pattern(50)))).to.have.length(0);
    expect(world.frame(ethernet(OUR_MAC, PEER_MAC, 46, pattern(50)))).to.have.length(0);
    expect(world.statistics.ethernet.unknownType).to.equal(2);
  });
});
