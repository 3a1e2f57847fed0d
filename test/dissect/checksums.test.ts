import { expect } from 'chai';
import { readUint16, writeUint16 } from '../../src/net/wire/bytes.js';
import {
  addressBytes,
  dissectFrames,
  dissectOne,
  ethernet,
  hex,
  ipv4,
  ipv6,
  join,
  problemsOf,
  tcp,
  udp,
  V4_SOURCE,
  V6_DESTINATION,
  V6_SOURCE,
  valuesOf,
} from '../support/layered-frames.js';

const FINAL = '2001:db8::f';
const HOME = '2001:db8::a';

/** A TCP segment in IPv6 behind `extension`, its checksum over these addresses. */
function behind(next: number, extension: Uint8Array, source: string, destination: string) {
  return dissectOne(ethernet(0x86dd, ipv6(next, join(extension, tcp(1, 2, 'x', source, destination)))));
}

/** A routing header with TCP behind it. */
function routingHeader(type: number, left: number, addresses: readonly string[], fixed = '00000000'): Uint8Array {
  const head = hex(`06 ${(addresses.length * 2).toString(16).padStart(2, '0')} 00 00 ${fixed}`);
  head[2] = type;
  head[3] = left;
  return join(head, ...addresses.map(addressBytes));
}

describe('dissector: checksums', () => {
  it('takes the last address of a routing header for the destination (RFC 8200 section 8.1)', () => {
    for (const type of [0, 2]) {
      const dissection = behind(43, routingHeader(type, 1, [V6_DESTINATION, FINAL]), V6_SOURCE, FINAL);
      expect(valuesOf(dissection, 'tcp.checksum.status'), `type ${type}`).to.deep.equal(['Good']);
      expect(valuesOf(dissection, 'ipv6.routing.address')).to.deep.equal([V6_DESTINATION, FINAL]);
    }
  });

  it('takes the first segment of a segment routing header, which is the last to be visited (RFC 8754)', () => {
    const header = routingHeader(4, 1, [FINAL, V6_DESTINATION], '01000000');
    expect(valuesOf(behind(43, header, V6_SOURCE, FINAL), 'tcp.checksum.status')).to.deep.equal(['Good']);
  });

  it("takes the header's own destination once no segments are left", () => {
    const header = routingHeader(0, 0, [FINAL]);
    expect(valuesOf(behind(43, header, V6_SOURCE, V6_DESTINATION), 'tcp.checksum.status')).to.deep.equal(['Good']);
  });

  it('does not judge where the final destination cannot be told', () => {
    const dissection = behind(43, routingHeader(3, 1, [FINAL]), V6_SOURCE, FINAL);
    expect(valuesOf(dissection, 'tcp.checksum.status')).to.deep.equal(['Unverified']);
    expect(problemsOf(dissection)).to.deep.equal([]);
  });

  it('takes the home address of a mobile node for the source (RFC 6275 section 11.3.1)', () => {
    const option = join(hex('06 02 0102 0000 c910'), addressBytes(HOME));
    const dissection = behind(60, option, HOME, V6_DESTINATION);
    expect(valuesOf(dissection, 'tcp.checksum.status')).to.deep.equal(['Good']);
    expect(valuesOf(dissection, 'ipv6.opt.mipv6.home_address')).to.deep.equal([HOME]);
  });

  it('takes the last address of an IPv4 source route for the destination (RFC 1122 section 3.2.1.8)', () => {
    const options = hex('83 07 04 0a000009 00');
    const segment = tcp(1, 2, 'x', V4_SOURCE, '10.0.0.9');
    const dissection = dissectOne(ethernet(0x0800, ipv4(6, segment, { options })));
    expect(valuesOf(dissection, 'tcp.checksum.status')).to.deep.equal(['Good']);
  });

  it('takes the same ends for those of the connection', () => {
    const option = join(hex('06 02 0102 0000 c910'), addressBytes(HOME));
    const away = ipv6(60, join(option, tcp(1, 2, 'x', HOME, V6_DESTINATION)));
    const route = routingHeader(2, 1, [HOME]);
    const answer = ipv6(43, join(route, tcp(2, 1, 'y', V6_DESTINATION, HOME)), V6_DESTINATION, V6_SOURCE);
    const routed = ipv4(6, tcp(1, 2, 'x', V4_SOURCE, '10.0.0.9'), { options: hex('83 07 04 0a000009 00') });
    const direct = ipv4(6, tcp(2, 1, 'y', '10.0.0.9', V4_SOURCE), { source: '10.0.0.9', destination: V4_SOURCE });
    const frames = [
      ethernet(0x86dd, away),
      ethernet(0x86dd, answer),
      ethernet(0x0800, routed),
      ethernet(0x0800, direct),
    ];
    expect(dissectFrames(frames).map(({ connection }) => connection)).to.deep.equal([1, 1, 2, 2]);
  });

  it('gives a verdict in a field of its own: good, bad, unverified, absent, left to the card', () => {
    const segment = tcp(1, 2, 'hello');
    const bad = segment.slice();
    writeUint16(bad, 16, readUint16(segment, 16) ^ 1);
    const partial = segment.slice();
    writeUint16(partial, 16, 0x1400 + 3 + 6 + segment.length); // the sum of the pseudo-header
    const none = udp(1, 2, hex('00'));
    writeUint16(none, 6, 0);
    const frames = [segment, bad, partial].map((bytes) => ethernet(0x0800, ipv4(6, bytes)));
    const whole = frames[0] ?? new Uint8Array(0);
    const cut = { bytes: whole.subarray(0, -2), originalLength: whole.length };
    const verdicts = dissectFrames([...frames, cut]).flatMap((each) => valuesOf(each, 'tcp.checksum.status'));
    expect(verdicts).to.deep.equal(['Good', 'Bad', 'Partial', 'Unverified']);
    expect(valuesOf(dissectOne(ethernet(0x0800, ipv4(17, none))), 'udp.checksum.status')).to.deep.equal([
      'Not present',
    ]);
  });

  it('takes UDP over IPv6 without a checksum for a fault, but not a tunnel (RFC 8200 section 8.1, RFC 6935)', () => {
    const verdict = (port: number) => {
      const datagram = udp(1, port, hex('0102'), V6_SOURCE, V6_DESTINATION);
      writeUint16(datagram, 6, 0);
      return valuesOf(dissectOne(ethernet(0x86dd, ipv6(17, datagram))), 'udp.checksum.status');
    };
    expect(verdict(2)).to.deep.equal(['Illegal']);
    expect(verdict(4789)).to.deep.equal(['Not present']);
  });

  it('ends a UDP datagram where its own length says, and sums no further', () => {
    const datagram = udp(1, 2, hex('0102'));
    const dissection = dissectOne(ethernet(0x0800, ipv4(17, join(datagram, hex('ffff')))));
    expect(valuesOf(dissection, 'udp.checksum.status')).to.deep.equal(['Good']);
    expect(valuesOf(dissection, 'data.len')).to.deep.equal([2]);
  });
});

describe('dissector: fragments', () => {
  it('finds nothing impossible in a first fragment that ends within the TCP header', () => {
    const first = ipv4(6, tcp(40_000, 80, '').subarray(0, 16), { fragment: 0x2000 });
    const dissection = dissectOne(ethernet(0x0800, first));
    expect(problemsOf(dissection)).to.deep.equal(['cut short: 16 bytes are there']);
    expect(dissection.summary).to.contain('10.0.0.1.40000 > 10.0.0.2.80: [|tcp] (frag 7:16@0+)');
  });

  it('finds nothing impossible in the first fragment of a long datagram', () => {
    const first = ipv4(17, udp(53, 1000, new Uint8Array(100)).subarray(0, 48), { fragment: 0x2000 });
    const dissection = dissectOne(ethernet(0x0800, first));
    expect(problemsOf(dissection)).to.deep.equal([]);
    expect(valuesOf(dissection, 'udp.checksum.status')).to.deep.equal(['Unverified']);
  });

  it('finds nothing impossible in the first fragment of an IPv6 packet', () => {
    const header = hex('11000001 00000007');
    const datagram = udp(1, 2, new Uint8Array(100), V6_SOURCE, V6_DESTINATION).subarray(0, 48);
    expect(problemsOf(dissectOne(ethernet(0x86dd, ipv6(44, join(header, datagram)))))).to.deep.equal([]);
  });

  it('goes on behind a fragment header that holds the whole packet (RFC 6946)', () => {
    const whole = join(hex('06000000 00000007'), tcp(1, 2, 'x', V6_SOURCE, V6_DESTINATION));
    const dissection = dissectOne(ethernet(0x86dd, ipv6(44, whole)));
    expect(valuesOf(dissection, 'tcp.checksum.status')).to.deep.equal(['Good']);
  });
});

describe('dissector: IPv6', () => {
  it('writes an address that holds an IPv4 address in mixed notation (RFC 5952 section 5)', () => {
    const packet = ipv6(59, new Uint8Array(0));
    packet.set(hex('00000000 00000000 0000ffff c0000201'), 8);
    packet.set(hex('00000000 00000000 00000000 c0000202'), 24);
    const dissection = dissectOne(ethernet(0x86dd, packet));
    expect(valuesOf(dissection, 'ipv6.src')).to.deep.equal(['::ffff:192.0.2.1']);
    expect(valuesOf(dissection, 'ipv6.dst')).to.deep.equal(['::192.0.2.2']);
    expect(dissection.summary).to.contain('IP6 ::ffff:192.0.2.1 > ::192.0.2.2:');
  });

  it('takes padding of the link for no payload', () => {
    const dissection = dissectOne(ethernet(0x86dd, join(ipv6(59, new Uint8Array(0)), new Uint8Array(6))));
    expect(valuesOf(dissection, 'data.len')).to.deep.equal([]);
  });

  it('reads the length of a jumbogram from its option (RFC 2675)', () => {
    const segment = tcp(1, 2, 'x', V6_SOURCE, V6_DESTINATION);
    const packet = ipv6(0, join(hex(`0600c204 000000${(8 + segment.length).toString(16)}`), segment));
    writeUint16(packet, 4, 0);
    const dissection = dissectOne(ethernet(0x86dd, packet));
    expect(valuesOf(dissection, 'tcp.len')).to.deep.equal([1]);
    expect(problemsOf(dissection)).to.deep.equal([]);
  });
});
