import { expect } from 'chai';
import { IpAddress } from '../../../src/net/wire/address.js';
import { FAR, GATEWAY, GATEWAY_MAC, InternetWorld, OURS, PEER } from '../../support/internet-world.js';
import { PEER_MAC, pattern, readFrame, readIp, word16 } from '../../support/packets.js';

describe('IPv4 output', () => {
  let world: InternetWorld;

  beforeEach(() => {
    world = new InternetWorld({ gateway: GATEWAY }).started();
    world.introduce();
    world.introduce(GATEWAY, GATEWAY_MAC);
  });

  it('puts right headers in front: addresses, TTL, TOS, length, DF for TCP, checksum (6864-1, 1122-4)', () => {
    const sent = world.send(world.route(PEER), pattern(300), 6, 0x02);
    expect(sent).to.have.length(1);
    const packet = readIp(sent[0]!);
    expect(packet).to.include({ source: OURS, destination: PEER, protocol: 6, ttl: 64, trafficClass: 2 });
    expect(packet).to.include({ totalLength: 320, dontFragment: true, more: false, offset: 0, headerIsGood: true });
    expect(packet.payload).to.deep.equal(pattern(300));
    expect(packet.ethernetTo).to.equal(PEER_MAC);
  });

  it('checksums are right for any length, TOS and id', () => {
    const route = world.route(PEER);
    for (let i = 0; i < 400; i++) {
      route.nextId = i * 0x1_2345;
      expect(readIp(world.send(route, pattern(20 + i), 6, i & 255)[0]!).headerIsGood).to.equal(true);
    }
  });

  it('what must not be fragmented has no id to learn anything from, whatever was sent before [9293-MAY-4] (6864-1)', () => {
    for (let i = 0; i < 3; i++) {
      world.send(world.route(PEER), pattern(30), 17);
      expect(readIp(world.send(world.route(PEER), pattern(30), 6)[0]!)).to.include({ id: 0, dontFragment: true });
    }
  });

  it('ids of other packets differ from one to the next and do not start where the last route did (6864-1)', () => {
    const ids = (remote: string) =>
      [1, 2, 3].map(() => readIp(world.send(world.route(remote), pattern(30), 17)[0]!).id);
    const [near, far] = [ids(PEER), ids(FAR)];
    expect(new Set(near).size).to.equal(3);
    expect(near[0]).not.to.equal(far[0]);
    expect(near[0]).not.to.equal(0);
  });

  it('a super-segment of more than 65,535 bytes gets total length 0, and goes out whole', () => {
    const sent = world.send(world.route(PEER), pattern(200_000));
    expect(sent).to.have.length(1);
    const packet = readIp(sent[0]!);
    expect(packet).to.include({ totalLength: 0, headerIsGood: true });
    expect(packet.payload).to.have.length(200_000);
    expect(readIp(world.send(world.route(PEER), pattern(65_515))[0]!).totalLength).to.equal(65_535);
  });

  it('a datagram of another protocol that is larger than the MTU goes in fragments, sharing an id of its own', () => {
    const route = world.route(PEER);
    const payload = pattern(4000);
    const first = world.send(route, payload, 17).map(readIp);
    expect(first.map(({ offset, more, totalLength }) => [offset, more, totalLength])).to.deep.equal([
      [0, true, 1500],
      [1480, true, 1500],
      [2960, false, 1060],
    ]);
    const whole = new Uint8Array(4000);
    for (const part of first) whole.set(part.payload, part.offset);
    expect(whole).to.deep.equal(payload);
    for (const part of first) expect(part).to.include({ id: first[0]!.id, headerIsGood: true, dontFragment: false });
    const second = world.send(route, payload, 17).map(readIp);
    expect(second[0]!.id).not.to.equal(first[0]!.id);
    expect(world.statistics.ip.fragmentsSent).to.equal(6);
  });

  it('a datagram that no IP packet can hold is refused', () => {
    expect(world.send(world.route(PEER), pattern(65_515), 17)).to.have.length(45);
    expect(world.send(world.route(PEER), pattern(65_516), 17)).to.have.length(0);
  });

  it('fragments follow the path MTU and are multiples of eight', () => {
    const route = world.route(PEER);
    route.reducePathMtu(1001);
    const parts = world.send(route, pattern(3000), 17).map(readIp);
    for (const part of parts) expect(part.totalLength).to.be.at.most(1001);
    for (const part of parts.slice(0, -1)) expect(part.payload.length % 8).to.equal(0);
    expect(parts.reduce((length, part) => length + part.payload.length, 0)).to.equal(3000);
  });

  it('a small datagram of another protocol may be fragmented on its way', () => {
    expect(readIp(world.send(world.route(PEER), pattern(30), 17)[0]!).dontFragment).to.equal(false);
  });

  it('there is no route to groups, ourselves, nobody, from a foreign address, or off the link without gateway', () => {
    const to = (remote: string, local?: string) =>
      world.layer.routeTo(IpAddress.parse(remote), local === undefined ? undefined : IpAddress.parse(local));
    for (const remote of ['224.0.0.1', '255.255.255.255', '10.77.0.255', '0.0.0.0', OURS]) {
      expect(to(remote), remote).to.equal(undefined);
    }
    expect(to(PEER, '10.77.0.3')).to.equal(undefined);
    expect(to('fd77::1')).to.equal(undefined);
    expect(to(FAR)).not.to.equal(undefined);
    world = new InternetWorld().started();
    expect(to(FAR)).to.equal(undefined);
  });

  it('connections between the same two addresses share one route, whichever way it was found', () => {
    const route = world.route(PEER);
    expect(world.route(PEER, OURS)).to.equal(route);
    let back: unknown;
    world.onReceive = (packet) => {
      back = world.layer.routeBack(packet);
    };
    world.ip({});
    expect(back).to.equal(route);
  });

  it('the pseudo-header sum of a route is that of its addresses and TCP', () => {
    const { pseudoSum } = world.route(PEER);
    const words = [10 * 256 + 77, 2, 10 * 256 + 77, 1, 6];
    expect(pseudoSum).to.equal(words.reduce((a, b) => a + b));
  });

  it('the pseudo-header sum of a packet covers protocol and length, super-segments included', () => {
    let sums: number[] = [];
    world.onReceive = (packet) => {
      sums = [packet.pseudoSum(20), packet.pseudoSum(0x12345)];
    };
    world.ip({ payload: Uint8Array.from([...word16(80), ...new Uint8Array(18)]) });
    const fixed = 2 * (10 * 256 + 77) + 3 + 6;
    expect(sums).to.deep.equal([fixed + 20, fixed + 0x2345 + 1]);
  });

  it('a device that refuses a frame is counted, and the sender told', () => {
    world.device.accepts = false;
    world.send(world.route(PEER), pattern(30));
    expect(world.statistics.ethernet.sendFailures).to.equal(1);
  });

  it('with several addresses the one on the remote network speaks', () => {
    world = new InternetWorld({ addresses: ['10.77.0.2/24', '172.16.5.2/16'], gateway: GATEWAY }).started();
    expect(String(world.route('172.16.9.9').local)).to.equal('172.16.5.2');
    expect(String(world.route('10.77.0.9').local)).to.equal('10.77.0.2');
    expect(readFrame(world.send(world.route('172.16.9.9'), pattern(30))[0]!).type).to.equal(0x0806);
  });
});
