/** Frames with what DHCP and router advertisements seldom say: identifiers, classless routes, DNS servers. */
import { ethernet, hex, ipv4, ipv6, join, udp, V6_DESTINATION, V6_SOURCE, withChecksum } from './layered-frames.js';

/** Options 61 of each kind: an Ethernet address, bytes of the client's own, and a DUID of each type. */
export const IDENTIFIERS = [
  '3d07 01 020000000001',
  '3d05 00 77656231',
  '3d13 ff 00000007 0001 0001 2a3b4c5d 020000000001',
  '3d0f ff 00000007 0003 0001 020000000001',
  '3d11 ff 00000007 0002 0000ab11 0102030405 06',
  '3d17 ff 00000007 0004 00112233445566778899aabbccddeeff',
];
/** Option 121: the default route, 10.0.0.0/8, 10.9.128.0/17, and a network of this link. */
export const ROUTES = '791b 00 c0a80101 08 0a c0a80102 11 0a0980 c0a80103 18 ac1000 00000000';

export function dhcpFrames(): Uint8Array[] {
  const messages = [...IDENTIFIERS, ROUTES].map((option) => ipv4(17, udp(68, 67, dhcpMessage(option))));
  return [...messages.map((packet) => ethernet(0x0800, packet)), dnsServersFrame()];
}

/** A router advertisement that names two DNS servers for ten minutes (RFC 8106), and then an MTU. */
export function dnsServersFrame(): Uint8Array {
  const servers = '1905 0000 00000258 fd500000000000000000000000000053 fd500000000000000000000000000054';
  const message = hex(`8600 0000 40c0 0708 00000000 00000000 ${servers} 0501 0000 000005dc`);
  return ethernet(0x86dd, ipv6(58, withChecksum(message, 2, 58, V6_SOURCE, V6_DESTINATION)));
}

/** A REQUEST with these options. */
export function dhcpMessage(options: string): Uint8Array {
  const fixed = join(hex('01 01 06 00 3903f326 0000 0000 00000000'), new Uint8Array(12));
  const hardware = join(hex('020000000001'), new Uint8Array(10 + 64 + 128));
  return join(fixed, hardware, hex(`63825363 350103 ${options} ff`));
}
