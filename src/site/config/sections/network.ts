/** `network`: the interface, and the addresses of both ends of the link. */
import { MAX_VLAN } from '../../../net/wire/ethernet.js';
import {
  parseAddressWish,
  parseHostName,
  parseInterfaceName,
  parseNetwork,
  parseRouter,
  parseUnicastMac,
} from '../../values.js';
import { choice, count, key, oneOrMany, section, size, text, toggle } from '../keys.js';

const INTERFACE = 'an interface name: 1 to 15 characters without white space, /, : or %';
const interfaceName = () => text(INTERFACE, parseInterfaceName);
const ADDRESS = 'an address, such as 10.77.0.2 or 10.77.0.2/24, dhcp, or auto';
const address = () => text(ADDRESS, parseAddressWish);
const end = () => text('an address, such as 10.77.0.1 or 10.77.0.1/24', parseNetwork);
const mac = () =>
  text('the Ethernet address of a host, such as 02:66:70:00:00:01', (value) => {
    parseUnicastMac(value);
    return value;
  });

export const NETWORK = section({
  interface: key(interfaceName(), {
    description:
      'The TAP interface. It is made at the start and removed at the end. One that exists is used and stays.',
    default: 'fp0',
  }),
  host: key(end(), {
    description: "This machine's end of the link.",
    defaultText: '10.77.0.1/24, or another free network',
    example: '10.99.0.1/24',
  }),
  address: key(oneOrMany(address(), ADDRESS), {
    description:
      'Our own address, or a list of them. `dhcp` is one that a DHCP server gives, `auto` one of IPv6 that we make from ' +
      "a router's prefix.",
    defaultText: 'the next one after `host`',
    example: ['10.99.0.2', 'fd77::2'],
  }),
  hostname: key(text('a host name, such as web1', parseHostName), {
    description: 'Our name, for the tables of the DHCP server.',
    defaultText: 'none is told',
    example: 'web1',
  }),
  bridge: key(interfaceName(), {
    description: 'The bridge of which our interface becomes a port.',
    defaultText: 'none',
    example: 'br0',
  }),
  gateway: key(text('an IPv4 address, such as 10.77.0.1', parseRouter('IPv4')), {
    description: 'Our default router.',
    defaultText: "this machine; on a bridge the machine's own router there",
    example: '10.99.0.254',
  }),
  gateway6: key(text('an IPv6 address, such as fe80::1', parseRouter('IPv6')), {
    description: 'Our default router for IPv6.',
    defaultText: 'as for `gateway`',
    example: 'fe80::1',
  }),
  mac: key(mac(), {
    description: 'Our Ethernet address.',
    defaultText: "made of the interface's name",
    example: '02:66:70:00:00:01',
  }),
  vlan: key(count(1, MAX_VLAN), {
    description: 'The VLAN (802.1Q) that our frames are tagged for. The other side must be in it too.',
    defaultText: 'none',
    example: 7,
  }),
  mtu: key(count(576, 65_521), {
    description: 'The largest IP packet, bytes.',
    defaultText: '1500 for a new interface',
    example: 9000,
  }),
  offload: key(toggle(), {
    description: 'The kernel cuts and sums large frames. Without it every frame is as on a wire.',
    default: true,
  }),
  frames: key(choice('auto', 'plain', 'ring'), {
    description: 'How frames cross to the kernel: plain system calls, io_uring (ring), or what is faster here.',
    default: 'auto',
  }),
  superSegment: key(size(), {
    description: 'The most payload in one frame with offload.',
    defaultText: 'what the kernel takes',
    example: '64k',
  }),
});
