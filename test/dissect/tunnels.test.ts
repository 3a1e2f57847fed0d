import { expect } from 'chai';
import {
  dissectOne,
  ethernet,
  hex,
  ipv4,
  ipv6,
  join,
  PING,
  problemsOf,
  protocolsOf,
  udp,
  valuesOf,
} from '../support/layered-frames.js';

const ECHO = 'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 8';

/** Each way to carry a ping: the frame, its layers, its line. */
const CARRIED: readonly [name: string, frame: Uint8Array, layers: string, line: string][] = [
  ['a VLAN', ethernet(0x8100, join(hex('6064 0800'), PING)), 'eth:vlan:ip:icmp', `vlan 100, ${ECHO}`],
  [
    'a VLAN in a provider VLAN',
    ethernet(0x88a8, join(hex('00c8 8100 07d1 0800'), PING)),
    'eth:vlan:vlan:ip:icmp',
    `vlan 200, vlan 2001, ${ECHO}`,
  ],
  [
    'LLC and SNAP',
    ethernet(8 + PING.length, join(hex('aaaa03 000000 0800'), PING, new Uint8Array(10))),
    'eth:llc:ip:icmp',
    ECHO,
  ],
  [
    'MPLS',
    ethernet(0x8847, join(hex('00010040 00020140'), PING)),
    'eth:mpls:mpls:ip:icmp',
    `MPLS (label 16, tc 0, ttl 64) (label 32, tc 0, [S], ttl 64) ${ECHO}`,
  ],
  [
    'PPPoE',
    ethernet(0x8864, join(hex('1100 0017 001e 0021'), PING)),
    'eth:pppoes:ppp:ip:icmp',
    `PPPoE [ses 0x17] ${ECHO}`,
  ],
  [
    'GRE',
    ethernet(0x0800, ipv4(47, join(hex('0000 0800'), PING))),
    'eth:ip:gre:ip:icmp',
    `IP 10.0.0.1 > 10.0.0.2: GREv0, length 32: ${ECHO}`,
  ],
  [
    'GRE with key and sequence number, around Ethernet',
    ethernet(0x0800, ipv4(47, join(hex('3000 6558 0000002a 00000001'), ethernet(0x0800, PING)))),
    'eth:ip:gre:eth:ip:icmp',
    `IP 10.0.0.1 > 10.0.0.2: GREv0, length 54: ${ECHO}`,
  ],
  [
    'VXLAN',
    ethernet(0x0800, ipv4(17, udp(5000, 4789, join(hex('08000000 00006400'), ethernet(0x0800, PING))))),
    'eth:ip:udp:vxlan:eth:ip:icmp',
    `IP 10.0.0.1.5000 > 10.0.0.2.4789: UDP, length 50: VXLAN, vni 100: ${ECHO}`,
  ],
  [
    'Geneve with an option',
    ethernet(0x0800, ipv4(17, udp(5000, 6081, join(hex('01006558 00000a00 01020300'), ethernet(0x0800, PING))))),
    'eth:ip:udp:geneve:eth:ip:icmp',
    `IP 10.0.0.1.5000 > 10.0.0.2.6081: UDP, length 54: Geneve, vni 10: ${ECHO}`,
  ],
  ['IP in IP', ethernet(0x0800, ipv4(4, PING)), 'eth:ip:ip:icmp', `IP 10.0.0.1 > 10.0.0.2: ${ECHO}`],
  ['IPv4 in IPv6', ethernet(0x86dd, ipv6(4, PING)), 'eth:ipv6:ip:icmp', `IP6 2001:db8::1 > 2001:db8::2: ${ECHO}`],
  [
    'the authentication header',
    ethernet(0x0800, ipv4(51, join(hex('01040000 00000001 00000002 000102030405060708090a0b'), PING.subarray(20)))),
    'eth:ip:ah:icmp',
    ECHO,
  ],
];

describe('dissector: tunnels', () => {
  for (const [name, frame, layers, line] of CARRIED) {
    it(`reads a packet within ${name}`, () => {
      const dissection = dissectOne(frame);
      expect(protocolsOf(dissection)).to.equal(layers);
      expect(dissection.summary).to.equal(line);
      expect(problemsOf(dissection)).to.deep.equal([]);
      expect(valuesOf(dissection, 'icmp.checksum.status')).to.deep.equal(['Good']);
    });
  }

  it('reads the fields of each VLAN tag', () => {
    const dissection = dissectOne(ethernet(0x8100, join(hex('7064 0800'), PING)));
    expect(valuesOf(dissection, 'vlan.id')).to.deep.equal([100]);
    expect(valuesOf(dissection, 'vlan.priority')).to.deep.equal([3]);
    expect(valuesOf(dissection, 'vlan.dei')).to.deep.equal([true]);
  });

  it('ends a frame with a length where the length says: what follows is padding', () => {
    const dissection = dissectOne(ethernet(3, join(hex('424203'), new Uint8Array(43))));
    expect(protocolsOf(dissection)).to.equal('eth:llc');
    expect(dissection.summary).to.equal('LLC, dsap spanning tree, length 3');
  });

  it('reads the tags of PPPoE discovery', () => {
    const dissection = dissectOne(ethernet(0x8863, hex('1109 0000 000b 0101 0003 697370 0103 0000')));
    expect(valuesOf(dissection, 'pppoed.tags.service_name')).to.deep.equal(['isp']);
    expect(dissection.summary).to.equal('PPPoE PADI, length 11');
  });

  it('ends when tunnels are nested without end', () => {
    let packet = PING;
    for (let i = 0; i < 100; i++) packet = ipv4(4, packet);
    const dissection = dissectOne(ethernet(0x0800, packet));
    expect(dissection.layers.length).to.be.at.most(32);
  });
});
