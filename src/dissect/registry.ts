/** Which dissector reads what: by EtherType, PPP and IP protocol number, port and first bytes. */
import { TYPE_ARP, TYPE_IPV4, TYPE_IPV6 } from '../net/wire/ethernet.js';
import { protocolName } from '../net/wire/transport-span.js';
import type { Carried, Frame, Packet, Ports } from './frame.js';
import { dissectDhcp } from './layers/application/dhcp.js';
import { dissectDns, dissectDnsOverTcp } from './layers/application/dns.js';
import { dissectFtp, dissectFtpData, FTP_PORT } from './layers/application/ftp.js';
import { dissectHttp } from './layers/application/http.js';
import { dissectHttp2 } from './layers/application/http2.js';
import { dissectLdap, LDAP_PORTS } from './layers/application/ldap.js';
import { continueHello, dissectTls } from './layers/application/tls.js';
import { dissectArp } from './layers/internet/arp.js';
import { dissectAuthentication } from './layers/internet/authentication.js';
import { dissectIcmp } from './layers/internet/icmp.js';
import { dissectIcmpV6 } from './layers/internet/icmpv6.js';
import { dissectIpv4 } from './layers/internet/ipv4.js';
import { dissectIpv6 } from './layers/internet/ipv6.js';
import { isLength, isVlan } from './layers/link/ether-types.js';
import { dissectEthernet, dissectTagged } from './layers/link/ethernet.js';
import { dissectLlc } from './layers/link/llc.js';
import { dissectPpp, dissectPppoe, pppProtocolName } from './layers/link/ppp.js';
import { dissectTcp } from './layers/transport/tcp.js';
import { dissectUdp } from './layers/transport/udp.js';
import { dissectGre } from './layers/tunnel/gre.js';
import { dissectMpls } from './layers/tunnel/mpls.js';
import { dissectGeneve, dissectVxlan } from './layers/tunnel/vxlan.js';

type ByRange = (frame: Frame, from: number, to: number) => void;
type ByPacket = (frame: Frame, from: number, to: number, packet: Packet) => void;

const ETHER_TYPES: ReadonlyMap<number, ByRange> = new Map([
  [TYPE_IPV4, dissectIpv4],
  [TYPE_ARP, dissectArp],
  [TYPE_IPV6, dissectIpv6],
  [0x6558, dissectEthernet],
  [0x8847, dissectMpls],
  [0x8848, dissectMpls],
  [0x8863, (frame, from, to) => dissectPppoe(frame, from, to, false)],
  [0x8864, (frame, from, to) => dissectPppoe(frame, from, to, true)],
  [0x880b, dissectPpp],
]);

const PPP_PROTOCOLS: ReadonlyMap<number, ByRange> = new Map([
  [0x0021, dissectIpv4],
  [0x0057, dissectIpv6],
  [0x0281, dissectMpls],
]);

const IP_PROTOCOLS: ReadonlyMap<number, ByPacket> = new Map([
  [1, dissectIcmp],
  [4, tunnelled(dissectIpv4)],
  [6, dissectTcp],
  [17, dissectUdp],
  [41, tunnelled(dissectIpv6)],
  [47, dissectGre],
  [51, dissectAuthentication],
  [58, dissectIcmpV6],
  [137, tunnelled(dissectMpls)],
]);

const DNS_PORT = 53;
const MULTICAST_DNS_PORT = 5353;
const DHCP_PORTS = [67, 68];
/** Linux used 8472 before the port was assigned. */
const VXLAN_PORTS = [4789, 8472];
const GENEVE_PORT = 6081;
const MPLS_PORT = 6635;

export const REGISTRY: Carried = {
  etherType(frame, type, from, to) {
    if (frame.isFull) return;
    const known = ETHER_TYPES.get(type);
    if (known !== undefined) known(frame, from, to);
    else if (isVlan(type)) dissectTagged(frame, type, from, to);
    else if (isLength(type)) dissectLlc(frame, from, to);
    else {
      frame.say(`ethertype 0x${type.toString(16).padStart(4, '0')}, length ${to - from}`);
      frame.data(from, to, 'Data');
    }
  },

  ethernet(frame, from, to) {
    if (!frame.isFull) dissectEthernet(frame, from, to);
  },

  ppp(frame, from, to) {
    if (!frame.isFull) dissectPpp(frame, from, to);
  },

  pppProtocol(frame, protocol, from, to) {
    if (frame.isFull) return;
    const known = PPP_PROTOCOLS.get(protocol);
    if (known !== undefined) known(frame, from, to);
    else {
      frame.say(`${pppProtocolName(protocol)}, length ${to - from}`);
      frame.data(from, to, 'PPP data');
    }
  },

  transport(frame, from, to, packet) {
    if (frame.isFull) return;
    const known = IP_PROTOCOLS.get(packet.protocol);
    if (known !== undefined) known(frame, from, to, packet);
    else {
      const name = protocolName(packet.protocol);
      frame.say(`${packet.source} > ${packet.destination}: ${name} ${packet.length}`);
      frame.data(from, to, `${name} data`);
    }
  },

  stream(frame, from, to, ports) {
    const isDns = hasPort(ports, DNS_PORT);
    if (isDns && dissectDnsOverTcp(frame, from, to)) return;
    if (hasPort(ports, FTP_PORT)) {
      dissectFtp(frame, from, to, ports);
      return;
    }
    const isKnown =
      dissectFtpData(frame, from, to) ||
      (LDAP_PORTS.some((port) => hasPort(ports, port)) && dissectLdap(frame, from, to)) ||
      continueHello(frame, from, to) ||
      dissectHttp2(frame, from, to) ||
      dissectHttp(frame, from, to) ||
      dissectTls(frame, from, to);
    if (!isKnown) frame.data(from, to, 'Data');
  },

  datagram(frame, from, to, ports) {
    if (frame.isFull) return;
    if (hasPort(ports, DNS_PORT)) dissectDns(frame, from, to, false);
    else if (hasPort(ports, MULTICAST_DNS_PORT)) dissectDns(frame, from, to, true);
    else if (!tunnelOrDhcp(frame, from, to, ports)) frame.data(from, to, 'Data');
  },
};

function tunnelOrDhcp(frame: Frame, from: number, to: number, ports: Ports): boolean {
  if (DHCP_PORTS.includes(ports.destination)) return dissectDhcp(frame, from, to);
  if (VXLAN_PORTS.includes(ports.destination)) return dissectVxlan(frame, from, to);
  if (ports.destination === GENEVE_PORT) return dissectGeneve(frame, from, to);
  if (ports.destination !== MPLS_PORT) return false;
  frame.say(': ');
  dissectMpls(frame, from, to);
  return true;
}

/** A packet in a packet: the line shows the outer addresses first. */
function tunnelled(dissect: ByRange): ByPacket {
  return (frame, from, to, packet) => {
    frame.say(`${packet.source} > ${packet.destination}: `);
    dissect(frame, from, to);
  };
}

function hasPort({ source, destination }: Ports, port: number): boolean {
  return source === port || destination === port;
}
