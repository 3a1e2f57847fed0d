import { expect } from 'chai';
import fc from 'fast-check';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { FAR, GATEWAY, GATEWAY_MAC, OURS, OURS_6, PEER, PEER_6 } from '../../support/internet-world.js';
import { BROADCAST_MAC, PEER_MAC, pattern, readArp, readIp } from '../../support/packets.js';
import { address, datagram, joinFragments, readDatagram, UdpWorld } from '../../support/udp-world.js';

const bytes = (length: number, seed = 1) => SummedBytes.of(pattern(length, seed));

describe('UDP: a datagram is sent', () => {
  let udp: UdpWorld;
  beforeEach(() => {
    udp = new UdpWorld();
  });

  it('goes with both ports and addresses, its length and a right checksum [768-2] [1122-45] [8085-7]', () => {
    const port = udp.bind(53);
    for (const [to, from] of [
      [PEER, OURS],
      [PEER_6, OURS_6],
    ] as const) {
      expect(port.send(bytes(101), address(to), 7000)).to.equal(undefined);
      const sent = readDatagram(udp.sent()[0]!);
      expect(sent).to.include({ source: from, destination: to, sourcePort: 53, destinationPort: 7000, length: 109 });
      expect(sent).to.include({ sumIsGood: true, ethernetTo: PEER_MAC, ttl: 64, trafficClass: 0, headerIsGood: true });
      expect(sent.checksum).not.to.equal(0);
      expect(sent.data).to.deep.equal(pattern(101));
    }
  });

  it('the checksum of any message is what a full computation gives, and never 0 [768-5] [8200-81]', () => {
    const port = udp.bind(53);
    const piece = fc.tuple(fc.nat(70), fc.nat(5));
    const message = fc.tuple(fc.nat(20), fc.array(piece, { maxLength: 5 }), fc.constantFrom(PEER, PEER_6));
    fc.assert(
      fc.property(message, ([head, pieces, to]) => {
        const composed = port.compose().head(pattern(head, 3));
        for (const [length, from] of pieces) composed.add(bytes(length + from, length), from, length);
        expect(port.send(composed, address(to), 9)).to.equal(undefined);
        const sent = readDatagram(udp.sent()[0]!);
        expect(sent.sumIsGood).to.equal(true);
        expect(sent.checksum).not.to.equal(0);
        const expected = [...pattern(head, 3), ...pieces.flatMap(([n, at]) => [...pattern(n + at, n).slice(at)])];
        expect(Array.from(sent.data)).to.deep.equal(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('a computed 0 goes as all ones [768-5]', () => {
    const port = udp.bind(53);
    const checksumOf = (word: number) => {
      port.send(port.compose().head(Uint8Array.of(word >> 8, word & 255)), address(PEER), 9);
      const { checksum, sumIsGood } = readDatagram(udp.sent()[0]!);
      expect(sumIsGood).to.equal(true);
      return checksum;
    };
    // The word that is the checksum of the rest makes the sum 0xffff, and so the checksum 0.
    expect(checksumOf(checksumOf(0))).to.equal(0xffff);
  });

  it('sums come from the tables: no payload is read on whole blocks [8085-7]', () => {
    const port = udp.bind(53);
    port.send(bytes(1408), address(PEER), 9);
    expect(udp.statistics.payloadBytesRead).to.equal(0);
    port.send(SummedBytes.plain(pattern(10)), address(PEER), 9);
    expect(udp.statistics.payloadBytesRead).to.equal(10);
  });

  it('a device that computes checksums finds the pseudo-header sum; fragments are summed here', () => {
    const { device } = udp.world;
    device.offload = { checksum: true, superSegmentBytes: 65_455 };
    const port = udp.bind(53);
    port.send(bytes(100), address(PEER), 9);
    expect(device.lastOffload).to.deep.equal({ segmentBytes: 0, checksumFrom: 80, checksumOffset: 6 });
    udp.sent();
    port.send(bytes(3000), address(PEER), 9);
    const sent = udp.sent();
    expect(device.lastOffload.checksumFrom).to.equal(0);
    expect(readDatagram(sent[0]!, joinFragments(sent)).sumIsGood).to.equal(true);
  });

  it('a program may leave the checksum out over IPv4, not over IPv6 [1122-47] [8200-81]', () => {
    const port = udp.bind(53, { omitsChecksum: true });
    port.send(bytes(5), address(PEER), 9);
    port.send(bytes(5), address(PEER_6), 9);
    const [v4, v6] = udp.sent().map((frame) => readDatagram(frame));
    expect(v4!.checksum).to.equal(0);
    expect(v6!.checksum).not.to.equal(0);
    expect(v6!.sumIsGood).to.equal(true);
  });

  it('TTL, hop limit, TOS and traffic class are the program’s, in each fragment too [1122-54] [8085-3] [8085-2]', () => {
    const port = udp.bind(53, { timeToLive: 3, trafficClass: 0xb9 });
    for (const to of [PEER, PEER_6]) {
      port.send(bytes(10), address(to), 9);
      port.send(bytes(3000), address(to), 9);
      for (const frame of udp.sent()) expect(readIp(frame)).to.include({ ttl: 3, trafficClass: 0xb9 });
    }
    port.timeToLive = 0;
    port.trafficClass = 0;
    port.send(bytes(10), address(PEER), 9);
    expect(readIp(udp.sent()[0]!)).to.include({ ttl: 64, trafficClass: 0 });
    expect(() => {
      port.timeToLive = 256;
    })
      .to.throw()
      .with.property('code', 'EINVAL');
  });

  it('the local address is the one that the program names, or the best one, and it hears which [1122-50] [1122-51]', () => {
    const named = udp.bind(53, { address: address('10.77.0.3') });
    named.send(bytes(1), address(PEER), 9);
    expect(readIp(udp.sent()[0]!).source).to.equal('10.77.0.3');
    const open = udp.bind(54);
    open.send(bytes(1), address(PEER), 9);
    expect(readIp(udp.sent()[0]!).source).to.equal(OURS);
    expect(open.usedAddress).to.equal(undefined);
    open.connect(address(PEER), 9);
    expect(String(open.usedAddress)).to.equal(OURS);
    expect(String(named.usedAddress)).to.equal('10.77.0.3');
  });

  it('only an address of ours is ever a source [1122-53]', () => {
    const group = udp.bind(53, { address: address('224.0.0.251') });
    udp.sent();
    group.send(bytes(1), address(PEER), 9);
    expect(readIp(udp.sent()[0]!).source).to.equal(OURS);
    const one = udp.bind(54, { address: address(OURS) });
    expect(one.send(bytes(1), address(PEER_6), 9)).to.equal('ENETUNREACH');
    expect(udp.sent()).to.deep.equal([]);
  });

  it('an answer goes back from the address that was asked, to the port that asked [1122-49]', () => {
    udp.bind(53);
    udp.onReceived = (got, port) => void port.reply(port.compose().head(got.bytes, got.from, got.to), got);
    const [v4] = udp.arrives(53, [1, 2, 3], { destination: '10.77.0.3' });
    const [v6] = udp.arrives6(53, [4, 5]);
    const sent = readDatagram(v4!);
    expect(sent).to.include({ source: '10.77.0.3', destination: PEER, sourcePort: 53, destinationPort: 5353 });
    expect([Array.from(sent.data), sent.sumIsGood]).to.deep.equal([[1, 2, 3], true]);
    expect(readDatagram(v6!)).to.include({ source: OURS_6, destination: PEER_6, sumIsGood: true });
  });

  it('an answer to a broadcast comes from an address of ours', () => {
    udp.bind(53);
    udp.onReceived = (got, port) => void port.reply(bytes(2), got);
    const [sent] = udp.arrives(53, [], { destination: '10.77.0.255' }, { to: BROADCAST_MAC });
    expect(readIp(sent!)).to.include({ source: OURS, destination: PEER });
  });

  it('a sender with port 0 wants no answer [768-7]', () => {
    const results: unknown[] = [];
    udp.bind(53);
    udp.onReceived = (got, port) => void results.push(port.reply(bytes(2), got));
    const payload = readDatagramFrom(0);
    expect(udp.world.ip({ protocol: 17, payload })).to.deep.equal([]);
    expect([udp.got.length, results]).to.deep.equal([1, ['EINVAL']]);
  });

  it('a message can be sent again, to others', () => {
    const port = udp.bind(53);
    const message = port
      .compose()
      .head(Uint8Array.of(1, 2, 3))
      .add(bytes(64));
    for (const to of [PEER, PEER_6, PEER]) expect(port.send(message, address(to), 9)).to.equal(undefined);
    const sent = udp.sent().map((frame) => readDatagram(frame));
    for (const each of sent) expect([each.sumIsGood, each.data.length]).to.deep.equal([true, 67]);
  });

  it('a message refuses a head behind the rest, a head of 73 bytes, and a 64th piece', () => {
    const port = udp.bind(53);
    expect(() => port.compose().head(pattern(73))).to.throw(RangeError);
    expect(port.compose().head(pattern(72)).length).to.equal(72);
    expect(() => port.compose().add(bytes(1)).head(pattern(1))).to.throw(RangeError);
    const full = port.compose();
    for (let i = 0; i < 63; i++) full.add(bytes(1));
    expect(() => full.add(bytes(1))).to.throw(RangeError);
    expect(() => port.compose().add(bytes(4), 2, 3)).to.throw(RangeError);
    expect(port.send(full, address(PEER), 9)).to.equal(undefined);
    expect(readDatagram(udp.sent()[0]!).sumIsGood).to.equal(true);
  });

  it('the neighbour is asked for first, and the whole of a datagram in fragments waits for it [8085-16]', () => {
    const port = udp.bind(53);
    expect(port.send(bytes(65_507), address(FAR), 9)).to.equal(undefined);
    expect(readArp(udp.sent()[0]!).target).to.equal(GATEWAY);
    const sent = udp.world.answerArp(GATEWAY, GATEWAY_MAC);
    const whole = readDatagram(sent[0]!, joinFragments(sent));
    expect([whole.sumIsGood, whole.data.length, whole.destination]).to.deep.equal([true, 65_507, FAR]);
  });

  it('a silent neighbour is told of once, however many fragments waited', () => {
    const port = udp.bind(53);
    for (const to of ['10.77.0.9', 'fd77::9']) port.send(bytes(4000), address(to), 9);
    udp.world.advance(5);
    expect(udp.errors).to.have.deep.members([
      { code: 'EHOSTUNREACH', type: 3, port: 53, remote: '10.77.0.9' },
      { code: 'EHOSTUNREACH', type: 1, port: 53, remote: 'fd77::9' },
    ]);
  });

  for (const [to, most] of [
    [PEER, 65_507],
    [PEER_6, 65_527],
  ] as const) {
    it(`${most} bytes go to ${to} in fragments; one more is too much [8085-16] [8085-4]`, () => {
      const port = udp.bind(53);
      expect(port.send(bytes(most), address(to), 9)).to.equal(undefined);
      const sent = udp.sent();
      const whole = readDatagram(sent[0]!, joinFragments(sent));
      expect([whole.sumIsGood, whole.length]).to.deep.equal([true, (most + 8) & 0xffff]);
      expect(whole.data).to.deep.equal(pattern(most));
      expect(port.send(bytes(most + 1), address(to), 9)).to.equal('EMSGSIZE');
      expect(udp.sent()).to.deep.equal([]);
    });
  }

  it('what fits the path goes with DF; a program may refuse fragments, and asks what fits [8085-4]', () => {
    const port = udp.bind(53);
    expect([port.maxPayload(address(PEER)), port.maxPayload(address(PEER_6)), port.maxPayload()]).to.deep.equal([
      1472, 1452, 0,
    ]);
    port.send(bytes(1472), address(PEER), 9);
    const whole = udp.sent().map(readIp);
    expect([whole.length, whole[0]!.dontFragment, whole[0]!.id]).to.deep.equal([1, true, 0]);
    port.send(bytes(1473), address(PEER), 9);
    const cut = udp.sent().map(readIp);
    expect(cut.map(({ dontFragment, more }) => [dontFragment, more])).to.deep.equal([
      [false, true],
      [false, false],
    ]);
    port.neverFragments = true;
    expect(port.send(bytes(1473), address(PEER), 9)).to.equal('EMSGSIZE');
    expect(port.send(bytes(1453), address(PEER_6), 9)).to.equal('EMSGSIZE');
    expect(udp.sent()).to.deep.equal([]);
  });

  it('says what went wrong: no way, no remote end, no port, a full device, closed', () => {
    const port = udp.bind(53, { address: address(OURS_6) });
    expect(port.send(bytes(1), address('2001:db8::1'), 9)).to.equal('ENETUNREACH');
    expect(port.send(bytes(1))).to.equal('EDESTADDRREQ');
    for (const bad of [0, 65536, 1.5, undefined]) expect(port.send(bytes(1), address(PEER_6), bad)).to.equal('EINVAL');
    udp.world.device.accepts = false;
    expect(port.send(bytes(1), address(PEER_6), 9)).to.equal('ENOBUFS');
    expect(udp.statistics.sendFailures).to.equal(1);
    port.close();
    port.close();
    expect(port.send(bytes(1), address(PEER_6), 9)).to.equal('EBADF');
    expect(() => port.join(address('ff02::5')))
      .to.throw()
      .with.property('code', 'EBADF');
  });

  it('nothing goes to port 0 [8085-11]', () => {
    const port = udp.bind(53);
    expect(port.send(bytes(1), address(PEER), 0)).to.equal('EINVAL');
    expect(() => port.connect(address(PEER), 0))
      .to.throw()
      .with.property('code', 'EINVAL');
  });

  it('a connected port sends to its remote end', () => {
    const port = udp.bind(53, { remote: { address: address(PEER), port: 7 } });
    expect(port.send(bytes(3))).to.equal(undefined);
    expect(readDatagram(udp.sent()[0]!)).to.include({ destination: PEER, destinationPort: 7 });
    expect(port.maxPayload()).to.equal(1472);
  });

  it('when the stack ends, each program hears that its port is closed', () => {
    udp.bind(53);
    udp.bind(54).close();
    udp.udp.closeAll();
    expect(udp.closed).to.deep.equal([53]);
    expect(udp.arrives(53, [])).to.have.length(1);
  });
});

function readDatagramFrom(source: number): Uint8Array {
  return datagram(PEER, OURS, [source, 53], []);
}
