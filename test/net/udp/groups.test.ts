import { expect } from 'chai';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { OURS, OURS_6, PEER } from '../../support/internet-world.js';
import {
  addressBytes,
  BROADCAST_MAC,
  concat,
  icmpv6,
  plainChecksum,
  pseudoV6,
  readFrame,
  word16,
} from '../../support/packets.js';
import { address, readDatagram, UdpWorld } from '../../support/udp-world.js';

const MDNS = '224.0.0.251';
const MDNS_MAC = '01:00:5e:00:00:fb';
const MDNS_6 = 'ff02::fb';
const MDNS_MAC_6 = '33:33:00:00:00:fb';

/**
 * Kind and group of each record in the IGMPv3 and MLDv2 reports among these frames, their sums and headers verified.
 */
function reports(frames: readonly Uint8Array[]): string[] {
  return frames.flatMap((frame) => (readFrame(frame).type === 0x0800 ? igmpReport(frame) : mldReport(frame)));
}

function igmpReport(frame: Uint8Array): string[] {
  const { payload: packet, to } = readFrame(frame);
  const message = packet.slice(24);
  expect([packet[0], packet[1], packet[8], packet[9], to]).to.deep.equal([0x46, 0xc0, 1, 2, '01:00:5e:00:00:16']);
  expect(Array.from(packet.slice(16, 24))).to.deep.equal([224, 0, 0, 22, 0x94, 4, 0, 0]);
  expect([plainChecksum(packet.slice(0, 24)), plainChecksum(message), message[0]]).to.deep.equal([0, 0, 0x22]);
  const count = message[7]!;
  expect(message.length).to.equal(8 + 8 * count);
  const record = (at: number) => `${message[at]} ${Array.from(message.slice(at + 4, at + 8)).join('.')}`;
  return Array.from({ length: count }, (_, i) => record(8 + 8 * i));
}

function mldReport(frame: Uint8Array): string[] {
  const { payload: packet } = readFrame(frame);
  const message = packet.slice(48);
  const source = packet.slice(8, 24);
  const text = Array.from({ length: 8 }, (_, i) => ((source[2 * i]! << 8) | source[2 * i + 1]!).toString(16)).join(':');
  expect(plainChecksum(pseudoV6(text, 'ff02::16', message.length, 58), message)).to.equal(0);
  const count = message[7]!;
  const group = (at: number) => Buffer.from(message.slice(at + 4, at + 20)).toString('hex');
  return Array.from({ length: count }, (_, i) => `${message[8 + 20 * i]} ${group(8 + 20 * i)}`);
}

const HEX_MDNS_6 = 'ff0200000000000000000000000000fb';

describe('UDP: groups and broadcasts', () => {
  let udp: UdpWorld;
  beforeEach(() => {
    udp = new UdpWorld();
  });

  const toGroup = () => udp.arrives(5353, [1], { destination: MDNS }, { to: MDNS_MAC });
  const toGroup6 = () => udp.arrives6(5353, [1], { destination: MDNS_6 }, { to: MDNS_MAC_6 });

  it('a datagram to a group reaches the ports that have joined it, and no others [8085-15]', () => {
    const [a, b] = [udp.bind(5353, { isShared: true }), udp.bind(5353, { isShared: true })];
    udp.bind(5353, { isShared: true });
    toGroup();
    toGroup6();
    expect(udp.got).to.deep.equal([]);
    for (const port of [a, b]) for (const group of [MDNS, MDNS_6]) port.join(address(group));
    toGroup();
    toGroup6();
    expect(udp.got.map(({ to, isToGroup }) => `${to} ${isToGroup}`)).to.deep.equal([
      `${MDNS} true`,
      `${MDNS} true`,
      `${MDNS_6} true`,
      `${MDNS_6} true`,
    ]);
    a.leave(address(MDNS));
    b.close();
    udp.got.length = 0;
    toGroup();
    toGroup6();
    expect(udp.got.map(({ to }) => to)).to.deep.equal([MDNS_6]);
  });

  it('a handler may close the port that is next', () => {
    const ports = [1, 2, 3].map(() => udp.bind(5353, { isShared: true }));
    for (const port of ports) port.join(address(MDNS));
    udp.onReceived = (_, port) => {
      for (const other of ports) if (other !== port) other.close();
    };
    toGroup();
    expect(udp.got).to.have.length(1);
  });

  it('a port bound to a group has joined it, and hears nothing else', () => {
    udp.bind(5353, { address: address(MDNS) });
    toGroup();
    udp.arrives(5353, [2]);
    udp.arrives(5353, [3], { destination: '10.77.0.255' }, { to: BROADCAST_MAC });
    expect(udp.got.map(({ data }) => data[0])).to.deep.equal([1]);
  });

  it('routers and switches hear of the first member and of the end of the last, by IGMPv3 [3376-1]', () => {
    udp.sent();
    const [a, b] = [udp.bind(1), udp.bind(2)];
    a.join(address(MDNS));
    a.join(address(MDNS));
    b.join(address(MDNS));
    expect(reports(udp.sent())).to.deep.equal([`4 ${MDNS}`]);
    expect(reports(udp.world.advance(1).map(({ bytes }) => bytes))).to.deep.equal([`4 ${MDNS}`]);
    a.close();
    expect(udp.sent()).to.deep.equal([]);
    b.leave(address(MDNS));
    expect(reports(udp.sent())).to.deep.equal([`3 ${MDNS}`]);
    expect(() => b.leave(address(MDNS)))
      .to.throw()
      .with.property('code', 'EADDRNOTAVAIL');
  });

  it('a query of a router is answered within its time, with all groups [3376-1]', () => {
    const port = udp.bind(1);
    const query = concat([0x11, 20, 0, 0], [0, 0, 0, 0], [2, 20], word16(0));
    query.set(word16(plainChecksum(query)), 2);
    const ask = (ttl: number, payload = query) =>
      udp.world.ip({ protocol: 2, destination: '224.0.0.1', ttl, payload }, { to: '01:00:5e:00:00:01' });
    ask(1);
    expect(udp.world.advance(3).filter(({ bytes }) => bytes[23] === 2)).to.deep.equal([]);
    for (const group of [MDNS, '239.1.2.3']) port.join(address(group));
    udp.world.advance(2);
    udp.sent();
    ask(1);
    expect(reports(udp.world.advance(2.1).map(({ bytes }) => bytes))).to.deep.equal([`2 ${MDNS}`, '2 239.1.2.3']);
    ask(2);
    const bad = query.slice();
    bad[8]! ^= 1;
    ask(1, bad);
    ask(1, query.slice(0, 7));
    expect(udp.world.advance(3)).to.deep.equal([]);
  });

  it('the same for IPv6 by MLDv2 [3810-1]', () => {
    udp.world.advance(5);
    udp.sent();
    const port = udp.bind(1);
    port.join(address(MDNS_6));
    expect(reports(udp.sent())).to.deep.equal([`4 ${HEX_MDNS_6}`]);
    expect(reports(udp.world.advance(1).map(({ bytes }) => bytes))).to.include(`4 ${HEX_MDNS_6}`);
    const query = icmpv6('fe80::1', 'ff02::1', 130, 0, 1000 << 16, concat(addressBytes('::'), [0, 0, 0, 0]));
    const fields = { next: 58, source: 'fe80::1', destination: 'ff02::1', hopLimit: 1, payload: query };
    udp.world.ip6(fields, { to: '33:33:00:00:00:01' });
    expect(reports(udp.world.advance(1.1).map(({ bytes }) => bytes))).to.include(`2 ${HEX_MDNS_6}`);
    port.close();
    expect(reports(udp.sent())).to.deep.equal([`3 ${HEX_MDNS_6}`]);
  });

  it('the group of all hosts is not reported', () => {
    const port = udp.bind(1);
    udp.sent();
    port.join(address('224.0.0.1'));
    port.join(address('ff02::1'));
    port.close();
    expect(udp.sent()).to.deep.equal([]);
  });

  it('a host is in 64 groups at most; what is no group cannot be joined', () => {
    const port = udp.bind(1);
    for (let i = 0; i < 64; i++) port.join(address(`239.0.0.${i}`));
    expect(() => port.join(address('239.0.1.1')))
      .to.throw()
      .with.property('code', 'ENOBUFS');
    expect(() => port.join(address(PEER)))
      .to.throw()
      .with.property('code', 'EINVAL');
    port.leave(address('239.0.0.7'));
    port.join(address('239.0.1.1'));
  });

  it('what goes to a group has the Ethernet address of the group and a TTL of 1, unless told otherwise [8085-15]', () => {
    const port = udp.bind(5353);
    for (const [group, mac, source] of [
      [MDNS, MDNS_MAC, OURS],
      ['239.129.2.3', '01:00:5e:01:02:03', OURS],
      ['ff05::1:3', '33:33:00:01:00:03', OURS_6],
    ] as const) {
      expect(port.send(SummedBytes.of(new Uint8Array(9)), address(group), 5353)).to.equal(undefined);
      const sent = readDatagram(udp.sent()[0]!);
      expect(sent).to.include({ ethernetTo: mac, ttl: 1, destination: group, sumIsGood: true, source });
    }
    port.multicastTimeToLive = 32;
    port.send(SummedBytes.of(new Uint8Array(9)), address(MDNS), 5353);
    expect(readDatagram(udp.sent()[0]!).ttl).to.equal(32);
  });

  it('a broadcast needs permission, and goes to all stations [1122-56]', () => {
    const port = udp.bind(67);
    for (const to of ['255.255.255.255', '10.77.0.255']) {
      port.allowsBroadcast = false;
      expect(port.send(SummedBytes.of(new Uint8Array(3)), address(to), 68)).to.equal('EACCES');
      port.allowsBroadcast = true;
      expect(port.send(SummedBytes.of(new Uint8Array(3)), address(to), 68)).to.equal(undefined);
      expect(readDatagram(udp.sent()[0]!)).to.include({ ethernetTo: BROADCAST_MAC, destination: to, ttl: 64 });
    }
  });

  it('a broadcast reaches every port without an address; so does 224.0.0.1, and ff02::1 [1122-56]', () => {
    udp.bind(67, { isShared: true });
    udp.bind(67, { isShared: true });
    udp.bind(67, { address: address(OURS) });
    udp.arrives(67, [1], { destination: '10.77.0.255' }, { to: BROADCAST_MAC });
    udp.arrives(67, [2], { destination: '255.255.255.255' }, { to: BROADCAST_MAC });
    udp.arrives(67, [3], { destination: '224.0.0.1' }, { to: '01:00:5e:00:00:01' });
    udp.arrives6(67, [4], { destination: 'ff02::1' }, { to: '33:33:00:00:00:01' });
    expect(udp.got.map(({ data }) => data[0])).to.deep.equal([1, 1, 2, 2, 3, 3, 4, 4]);
  });

  it('the route to a group outlives changes of the routing', () => {
    const port = udp.bind(5353, { remote: { address: address(MDNS_6), port: 5353 } });
    const prefix = concat([3, 4, 64, 0xc0], [0, 0, 0x20, 0], [0, 0, 0x10, 0], [0, 0, 0, 0], addressBytes('2001:db8::'));
    const advertisement = icmpv6('fe80::1', OURS_6, 134, 0, 0x40000708, concat(new Uint8Array(8), prefix));
    udp.world.ip6({ next: 58, source: 'fe80::1', hopLimit: 255, payload: advertisement });
    udp.sent();
    expect(port.send(SummedBytes.of(new Uint8Array(1)))).to.equal(undefined);
    expect(readFrame(udp.sent()[0]!).to).to.equal(MDNS_MAC_6);
  });
});
