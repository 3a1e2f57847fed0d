import { expect } from 'chai';
import { OURS, OURS_6, PEER, PEER_6 } from '../../support/internet-world.js';
import { BROADCAST_MAC, pattern, readIcmp } from '../../support/packets.js';
import { address, datagram, UdpWorld } from '../../support/udp-world.js';

describe('UDP: a datagram arrives', () => {
  let udp: UdpWorld;
  beforeEach(() => {
    udp = new UdpWorld();
  });

  it('a bound port gets the octets with the source port and address [768-1]', () => {
    udp.bind(53);
    expect(udp.arrives(53, [1, 2, 3])).to.deep.equal([]);
    expect(udp.got).to.have.length(1);
    expect(udp.got[0]).to.include({ port: 53, from: PEER, to: OURS, sourcePort: 5353, isToGroup: false });
    expect(udp.got[0]!.data).to.deep.equal([1, 2, 3]);
    expect(udp.statistics).to.include({ delivered: 1, noPort: 0 });
  });

  it('an empty datagram of 8 bytes is one [768-3]', () => {
    udp.bind(53);
    udp.arrives(53, []);
    udp.arrives6(53, []);
    expect(udp.got.map(({ data }) => data)).to.deep.equal([[], []]);
  });

  it('a length under 8, or more than the packet has, is dropped unseen; bytes behind the length are ignored [768-3]', () => {
    udp.bind(53);
    for (const length of [0, 7, 13, 65535]) {
      const payload = datagram(PEER, OURS, [5353, 53], pattern(4), { length });
      expect(udp.world.ip({ protocol: 17, payload })).to.deep.equal([]);
    }
    expect(udp.world.ip({ protocol: 17, payload: pattern(7) })).to.deep.equal([]);
    expect(udp.statistics.malformed).to.equal(5);
    expect(udp.got).to.deep.equal([]);
    const padded = new Uint8Array([...datagram(PEER, OURS, [5353, 53], [9, 8]), 1, 2, 3]);
    udp.world.ip({ protocol: 17, payload: padded });
    expect(udp.got.map(({ data }) => data)).to.deep.equal([[9, 8]]);
  });

  it('a wrong checksum in any bit is dropped in silence, at an open and at a closed port [1122-46]', () => {
    udp.bind(53);
    const good = datagram(PEER, OURS, [5353, 53], pattern(9));
    let dropped = 0;
    for (let bit = 32; bit < good.length * 8; bit++) {
      const bad = good.slice();
      bad[bit >> 3]! ^= 1 << (bit & 7);
      const isLength = bit < 48;
      expect(udp.world.ip({ protocol: 17, payload: bad })).to.deep.equal([]);
      if (!isLength) dropped++;
    }
    expect(udp.got).to.deep.equal([]);
    expect(udp.statistics.badChecksum).to.be.at.least(dropped);
    expect(udp.world.ip({ protocol: 17, payload: datagram(PEER, OURS, [1, 9], [1], { checksum: 7 }) })).to.have.length(
      0,
    );
  });

  it('the checksum covers the pseudo-header: another address is a wrong one [768-4] [1122-45]', () => {
    udp.bind(53);
    udp.world.ip({ protocol: 17, payload: datagram(PEER, '10.77.0.3', [5353, 53], [1]) });
    udp.world.ip6({ next: 17, payload: datagram(PEER_6, 'fd77::3', [5353, 53], [1]) });
    expect([udp.got.length, udp.statistics.badChecksum]).to.deep.equal([0, 2]);
  });

  it('an odd number of bytes is summed with a zero behind it [768-4]', () => {
    udp.bind(53);
    for (let length = 0; length < 40; length++) udp.arrives(53, pattern(length, length));
    expect(udp.got.map(({ data }) => data.length)).to.deep.equal(Array.from({ length: 40 }, (_, i) => i));
  });

  it('over IPv4 a checksum of 0 means that there is none, and the datagram is taken [768-6]', () => {
    udp.bind(53);
    udp.world.ip({ protocol: 17, payload: datagram(PEER, OURS, [5353, 53], [1], { checksum: 0 }) });
    expect(udp.got).to.have.length(1);
  });

  it('over IPv6 a datagram without a checksum is dropped [8200-81] [8085-8]', () => {
    udp.bind(53);
    udp.world.ip6({ next: 17, payload: datagram(PEER_6, OURS_6, [5353, 53], [1], { checksum: 0 }) });
    expect([udp.got.length, udp.statistics.noChecksum]).to.deep.equal([0, 1]);
  });

  it('a port may demand a checksum [1122-48]', () => {
    udp.bind(53, { requiresChecksum: true });
    udp.world.ip({ protocol: 17, payload: datagram(PEER, OURS, [5353, 53], [1], { checksum: 0 }) });
    udp.arrives(53, [2]);
    expect(udp.got.map(({ data }) => data)).to.deep.equal([[2]]);
    expect(udp.statistics.noChecksum).to.equal(1);
  });

  it('the program hears TTL and traffic class, ECN bits included [1122-55] [8085-2]', () => {
    udp.bind(53);
    udp.arrives(53, [], { ttl: 9, tos: 0xb9 });
    udp.arrives6(53, [], { hopLimit: 7, trafficClass: 0x2e });
    expect(udp.got[0]).to.include({ timeToLive: 9, trafficClass: 0xb9 });
    expect(udp.got[1]).to.include({ timeToLive: 7, trafficClass: 0x2e });
  });

  it('the program hears the IP options that came with it [1122-42]', () => {
    udp.bind(53);
    udp.arrives(53, [5], { options: [1, 1, 0x94, 4, 0, 0] });
    expect(udp.got[0]!.options).to.deep.equal([1, 1, 0x94, 4, 0, 0, 0, 0]);
    expect(udp.got[0]!.data).to.deep.equal([5]);
  });

  it('the program hears which of our addresses was meant [1122-49]', () => {
    udp.bind(53);
    udp.arrives(53, [], { destination: '10.77.0.3' });
    udp.arrives(53, []);
    expect(udp.got.map(({ to }) => to)).to.deep.equal(['10.77.0.3', OURS]);
  });

  it('a source that no host can have is dropped in silence [1122-52]', () => {
    udp.bind(53);
    for (const source of ['127.0.0.1', '224.0.0.5', '255.255.255.255', '10.77.0.255', '0.0.0.0', '240.0.0.1']) {
      expect(udp.arrives(53, [], { source })).to.deep.equal([]);
    }
    for (const source of ['::', '::1', 'ff02::1']) expect(udp.arrives6(53, [], { source })).to.deep.equal([]);
    expect(udp.got).to.deep.equal([]);
    expect(udp.statistics.badSource).to.equal(1);
  });

  it('fragments in any order are one datagram, up to 65,507 bytes and 65,527 over IPv6 [8085-16]', () => {
    udp.bind(53);
    const data = pattern(65_507);
    const whole = datagram(PEER, OURS, [5353, 53], data);
    const cuts = Array.from({ length: Math.ceil(whole.length / 1480) }, (_, i) => i * 1480).reverse();
    for (const offset of cuts) {
      const payload = whole.slice(offset, offset + 1480);
      udp.world.ip({ protocol: 17, payload, offset, more: offset + 1480 < whole.length });
    }
    expect(udp.got).to.have.length(1);
    expect(Buffer.from(udp.got[0]!.data).equals(data)).to.equal(true);

    const data6 = pattern(65_527);
    const whole6 = datagram(PEER_6, OURS_6, [5353, 53], data6);
    for (let offset = 0; offset < whole6.length; offset += 1448) {
      const more = offset + 1448 < whole6.length ? 1 : 0;
      const header = [17, 0, (offset >> 8) & 255, (offset & 255) | more, 0, 0, 0, 9];
      udp.world.ip6({ next: 44, payload: new Uint8Array([...header, ...whole6.slice(offset, offset + 1448)]) });
    }
    expect(udp.got).to.have.length(2);
    expect(Buffer.from(udp.got[1]!.data).equals(data6)).to.equal(true);
  });

  it('a super-datagram of a sender with offload is handed over one by one', () => {
    udp.bind(53);
    const whole = datagram(PEER, OURS, [5353, 53], pattern(25));
    const packet = udp.world;
    const frames: Uint8Array[] = [];
    const layer = packet.frame.bind(packet);
    packet.frame = (bytes) => {
      frames.push(bytes);
      return layer(bytes, { checksumGood: true, segmentBytes: 10 });
    };
    packet.ip({ protocol: 17, payload: whole });
    expect(udp.got.map(({ data }) => data.length)).to.deep.equal([10, 10, 5]);
    expect(udp.got.flatMap(({ data }) => data)).to.deep.equal(Array.from(pattern(25)));
  });

  it('a closed port is answered with port unreachable, which quotes the datagram [1122-41]', () => {
    udp.bind(53);
    const [v4] = udp.arrives(54, [1]);
    expect(readIcmp(v4!)).to.include({ type: 3, code: 3, sumIsGood: true });
    const [v6] = udp.arrives6(54, [1]);
    expect(readIcmp(v6!)).to.include({ type: 1, code: 4, sumIsGood: true });
    expect(udp.statistics.noPort).to.equal(2);
  });

  it('10,000 datagrams to a closed port get the errors that the limit allows [1122-41]', () => {
    let answers = 0;
    for (let i = 0; i < 10_000; i++) answers += udp.arrives(9, []).length;
    expect(answers).to.be.within(80, 120);
    expect(udp.world.statistics.icmp.rateLimited).to.equal(10_000 - answers);
  });

  it('a closed port says nothing about a broadcast or a multicast [1122-41]', () => {
    expect(udp.arrives(9, [], { destination: '10.77.0.255' }, { to: BROADCAST_MAC })).to.deep.equal([]);
    expect(udp.arrives(9, [], { destination: '224.0.0.1' }, { to: '01:00:5e:00:00:01' })).to.deep.equal([]);
    expect(udp.arrives6(9, [], { destination: 'ff02::1' }, { to: '33:33:00:00:00:01' })).to.deep.equal([]);
    expect(udp.statistics.noPort).to.equal(3);
  });

  it('a port that demands a TTL hears only neighbours [8085-13]', () => {
    const port = udp.bind(53, { minimumTimeToLive: 255 });
    udp.arrives(53, [1], { ttl: 254 });
    udp.arrives(53, [2], { ttl: 255 });
    port.minimumTimeToLive = 0;
    udp.arrives(53, [3], { ttl: 1 });
    expect(udp.got.map(({ data }) => data[0])).to.deep.equal([2, 3]);
    expect(udp.statistics.lowTimeToLive).to.equal(1);
  });

  it('a datagram object that outlives its handler is no longer good for a reply', () => {
    let kept: unknown;
    const port = udp.bind(53);
    udp.onReceived = (got) => {
      kept = got;
    };
    udp.arrives(53, []);
    expect(port.reply(port.compose(), kept as never)).to.equal('EINVAL');
  });

  describe('which port gets it', () => {
    it('the most exact one: a remote end before an address, that before a family, that before all', () => {
      const ports = [
        udp.bind(53),
        udp.bind(53, { family: 4 }),
        udp.bind(53, { address: address(OURS) }),
        udp.bind(53, { address: address(OURS), remote: { address: address(PEER), port: 5353 } }),
      ];
      const heard: number[] = [];
      udp.onReceived = (_, port) => void heard.push(ports.indexOf(port));
      udp.arrives(53, []);
      udp.world.ip({ protocol: 17, payload: datagram(PEER, OURS, [5354, 53], []) });
      udp.arrives(53, [], { destination: '10.77.0.3' });
      udp.arrives6(53, []);
      expect(heard).to.deep.equal([3, 2, 1, 0]);
      for (const port of [...ports].reverse()) port.close();
      expect(udp.arrives(53, [])).to.have.length(1);
    });

    it('a connected port hears its remote end alone, port and address [8085-12]', () => {
      const port = udp.bind(53, { remote: { address: address(PEER), port: 5353 } });
      udp.arrives(53, [1]);
      const stranger = (source: string, from: number) =>
        udp.world.ip({ protocol: 17, source, payload: datagram(source, OURS, [from, 53], []) });
      expect(readIcmp(stranger(PEER, 5354)[0]!)).to.include({ type: 3, code: 3 });
      stranger('10.77.0.9', 5353);
      expect(udp.got.map(({ data }) => data)).to.deep.equal([[1]]);
      port.disconnect();
      stranger(PEER, 5354);
      expect(udp.got).to.have.length(2);
      expect(() => port.connect(address('10.77.0.255'), 5353))
        .to.throw()
        .with.property('code', 'EACCES');
    });

    it('two programs cannot have the same end unless both share it', () => {
      udp.bind(53);
      expect(() => udp.bind(53))
        .to.throw()
        .with.property('code', 'EADDRINUSE');
      expect(() => udp.bind(53, { isShared: true }))
        .to.throw()
        .with.property('code', 'EADDRINUSE');
      udp.bind(5353, { isShared: true });
      udp.bind(5353, { isShared: true });
      udp.arrives(5353, []);
      expect(udp.got).to.have.length(1);
    });

    it('an address that is not ours, or a number that is no port, cannot be bound [1122-50] [8085-11]', () => {
      expect(() => udp.bind(53, { address: address('10.77.0.9') }))
        .to.throw()
        .with.property('code', 'EADDRNOTAVAIL');
      for (const port of [-1, 65536, 1.5])
        expect(() => udp.bind(port))
          .to.throw()
          .with.property('code', 'EINVAL');
    });

    it('64 ports have the same number at most', () => {
      for (let i = 0; i < 64; i++) udp.bind(7, { isShared: true });
      expect(() => udp.bind(7, { isShared: true }))
        .to.throw()
        .with.property('code', 'EADDRINUSE');
    });

    it('port 0 asks for a free port, chosen at random [8085-10]', () => {
      const numbers = Array.from({ length: 200 }, () => udp.bind(0).localPort);
      expect(new Set(numbers).size).to.equal(200);
      expect(Math.min(...numbers)).to.be.at.least(32_768);
      expect(Math.max(...numbers)).to.be.below(61_000);
      const steps = new Set(numbers.slice(1).map((number, i) => number - numbers[i]!));
      expect(steps.size).to.be.above(150);
    });
  });
});
