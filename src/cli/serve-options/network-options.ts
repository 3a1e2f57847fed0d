/** The options of `fastpath serve` for the network: where we are on it, and how our frames cross to the kernel. */
import { type Command, Option } from 'commander';
import type { IpAddress, IpNetwork } from '../../net/wire/address.js';
import { MAX_VLAN } from '../../net/wire/ethernet.js';
import { defined, type PartialOptions } from '../../serve/configured.js';
import { DEFAULT_INTERFACE } from '../../serve/network/plan.js';
import { DEFAULTS, MAX_MTU, MIN_MTU } from '../../serve/options.js';
import type { FramesWish } from '../../serve/worker/frames.js';
import type { AddressWish } from '../../site/values.js';
import {
  collectAddresses,
  parseCount,
  parseHostName,
  parseInterfaceName,
  parseNetwork,
  parseRouter,
  parseSize,
  parseUnicastMac,
} from '../option-values.js';

/** What commander hands over. */
export interface NetworkFlags {
  readonly interface?: string;
  readonly host?: IpNetwork;
  readonly address?: AddressWish[];
  readonly hostname?: string;
  readonly bridge?: string;
  readonly gateway?: IpAddress;
  readonly gateway6?: IpAddress;
  readonly mac?: string;
  readonly vlan?: number;
  readonly mtu?: number;
  readonly offload: boolean;
  readonly superSegment?: number;
  readonly frames: FramesWish;
}

/** Adds the options of the network to a command. */
export function addNetworkOptions(command: Command): void {
  command.optionsGroup('Network:');
  addAddressOptions(command);
  addFrameOptions(command);
}

/** Where we are on the network. */
function addAddressOptions(command: Command): void {
  command
    .option(
      '-i, --interface <name>',
      `the interface to make, or to use if it is there (default: ${DEFAULT_INTERFACE})`,
      parseInterfaceName,
    )
    .option(
      '--host <address/length>',
      "this machine's end of the link (default: 10.77.0.1/24, or another free one)",
      parseNetwork,
    )
    .option(
      '-a, --address <address>',
      'our own address, "dhcp" or "auto" (IPv6 from a router); may be given again (default: the next one after --host)',
      collectAddresses,
    )
    .option('--hostname <name>', 'with --address dhcp: our name, for the tables of the DHCP server', parseHostName)
    .option('--bridge <name>', 'the bridge of which our interface becomes a port', parseInterfaceName)
    .option(
      '--gateway <address>',
      "our default router (default: this machine; on a bridge: the machine's own router there)",
      parseRouter('IPv4'),
    )
    .option('--gateway6 <address>', 'the same for IPv6', parseRouter('IPv6'))
    .option('--mac <address>', "our Ethernet address (default: one made of the interface's name)", parseMacText);
}

/** What our frames are, and how they cross to the kernel. */
function addFrameOptions(command: Command): void {
  command
    .option(
      '--vlan <id>',
      'the VLAN that our frames are tagged for (802.1Q): the other side must be in it too',
      parseCount(1, MAX_VLAN),
    )
    .option('--mtu <bytes>', 'the largest IP packet (default: 1500)', parseCount(MIN_MTU, MAX_MTU))
    .option(
      '--no-offload',
      'whole frames with real checksums, for captures and textbooks (default: let the kernel cut and sum)',
    )
    .option(
      '--super-segment <size>',
      'the most payload in one frame with offload (default: what the kernel takes)',
      parseSize,
    )
    .addOption(
      new Option(
        '--frames <way>',
        'how frames cross to the kernel: plain system calls, io_uring (ring), or what is faster here',
      )
        .choices(['auto', 'plain', 'ring'])
        .env('FASTPATH_FRAMES')
        .default(DEFAULTS.frames),
    );
}

/** The part of the server's options, from the flags that were given. */
export function networkOptionsOf(flags: Partial<NetworkFlags>): PartialOptions {
  return defined({
    network: {
      interfaceName: flags.interface,
      host: flags.host,
      addresses: flags.address,
      hostName: flags.hostname,
      bridge: flags.bridge,
      gateway: flags.gateway,
      gateway6: flags.gateway6,
    },
    offload: flags.offload,
    frames: flags.frames,
    mac: flags.mac,
    vlan: flags.vlan,
    mtu: flags.mtu,
    superSegmentBytes: flags.superSegment,
  });
}

function parseMacText(text: string): string {
  parseUnicastMac(text);
  return text;
}
