/**
 * Asks the neighbours for the holder of an address before we use it: ARP probes, RFC 5227 section 2.1.1. This is
 * needed only on a bridge. On a link of our own the machine is the only neighbour, and its addresses are known.
 *
 * The main thread asks, over the first queue, before any worker reads from it. When the stack starts, it claims the
 * address once more, by all rules of the RFC. That takes seconds, and the server is already in use by then.
 */
import { AddressProbe } from '../../net/arp/address-probe.js';
import type { Device } from '../../net/device/device.js';
import { TapDevice, type TapHandle } from '../../net/device/tap.js';
import type { DrivenStack } from '../../net/driver/driven.js';
import { EventLoopDriver } from '../../net/driver/event-loop.js';
import { formatMac, type IpAddress, type IpNetwork } from '../../net/wire/address.js';
import { ServeError } from '../serve-error.js';
import type { EarlyFrames } from '../worker/early-frames.js';
import type { NetworkPlan } from './network-plan.js';

/**
 * The plan with addresses that no neighbour has.
 * @throws {ServeError} `address-taken` with the holder's Ethernet address, if the user chose it, or if all are taken
 */
export async function settleAddresses(
  plan: NetworkPlan,
  tap: TapHandle,
  vlan: number,
  early: EarlyFrames,
): Promise<NetworkPlan> {
  const asked = plan.candidates.length > 0 ? plan.candidates : plan.addresses;
  const v4 = asked.filter(({ address }) => address.isV4); // IPv6 asks by itself: RFC 4862 section 5.4
  const driver = new EventLoopDriver();
  const device = early.around(TapDevice.adopt(tap), driver.clock, plan.interfaceName);
  const holders = await whoHas(
    driver,
    device,
    vlan,
    v4.map(({ address }) => address),
  );
  if (plan.candidates.length > 0) return { ...plan, addresses: [firstFree(v4, holders, plan)] };
  for (const { address } of v4) {
    const holder = holders.get(address.word3);
    if (holder !== undefined) throw isHeld(address, holder, plan);
  }
  return plan;
}

function firstFree(asked: readonly IpNetwork[], holders: ReadonlyMap<number, string>, plan: NetworkPlan): IpNetwork {
  const free = asked.find(({ address }) => !holders.has(address.word3));
  if (free !== undefined) return free;
  throw new ServeError(
    'address-taken',
    `none of the ${asked.length} addresses that were tried on ${plan.bridge} is free (${asked[0]}, ${asked[1]} …)`,
    'Name a free one: --address',
  );
}

/** The error for an address that another host has. */
export function isHeld(address: IpAddress | string, mac: string, { bridge, hostInterface }: NetworkPlan): ServeError {
  const advice = 'Name another one, or leave --address away and a free one is found.';
  return new ServeError(
    'address-taken',
    `${address} is taken: the host with the Ethernet address ${mac} on ${hostInterface} has it`,
    bridge === undefined ? 'Name another one: --address' : advice,
  );
}

/** The holders of these IPv4 addresses: address word to Ethernet address. A free address is not in the map. */
async function whoHas(
  driver: EventLoopDriver,
  device: Device,
  vlan: number,
  addresses: readonly IpAddress[],
): Promise<Map<number, string>> {
  const holders = new Map<number, string>();
  if (addresses.length === 0) return holders;
  await new Promise<void>((resolve) => {
    let open = addresses.length;
    const probes = addresses.map((address) => {
      const onVerdict = (_verdict: string, holder: Uint8Array | undefined) => {
        if (holder !== undefined) holders.set(address.word3, formatMac(holder));
        if (--open === 0) resolve();
      };
      return new AddressProbe({ device, clock: driver.clock, address, vlan, onVerdict });
    });
    driver.start(allOf(probes), device);
  });
  driver.stop();
  return holders;
}

/** Several questions at a time, driven as if they were one stack. */
function allOf(probes: readonly AddressProbe[]): DrivenStack {
  return {
    receive(frame) {
      for (const probe of probes) probe.receive(frame);
    },
    nextDeadline: () => Math.min(...probes.map((probe) => probe.nextDeadline())),
    runTimers() {
      for (const probe of probes) probe.runTimers();
    },
  };
}
