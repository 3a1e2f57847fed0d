/**
 * Puts the plan into effect on the host's side: opens the queues of the TAP interface, gives the machine its address
 * and brings the interface up. It also undoes its changes of an interface that stays.
 */
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { HostInterface } from '../../net/device/host-interface.js';
import { TapDevice, type TapHandle } from '../../net/device/tap.js';
import { TapError, type TapErrorCode } from '../../net/device/tap-error.js';
import { macFromName } from '../../net/device/tap-open.js';
import { formatMac, type IpNetwork } from '../../net/wire/address.js';
import { placedAt } from '../faults.js';
import { describeProcess, type Undo } from '../process/runtime-state.js';
import { ServeError, type ServeErrorCode } from '../serve-error.js';
import type { NetworkPlan } from './network-plan.js';
import { anotherName } from './plan.js';

/** Those that are about the name of the interface. */
const NAME_ERRORS: ReadonlySet<TapErrorCode> = new Set(['name-taken', 'other-kind', 'name-invalid']);

export interface QueueOptions {
  readonly count: number;
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  readonly offload: boolean;
  readonly superSegmentBytes?: number | undefined;
}

const CODE_OF: Readonly<Record<TapErrorCode, ServeErrorCode>> = {
  'no-tun-device': 'no-tun-device',
  'no-permission': 'no-privilege',
  'no-privilege': 'no-privilege',
  'name-taken': 'interface-taken',
  'other-kind': 'interface-taken',
  'name-invalid': 'bad-option',
  'value-refused': 'bad-option',
  'no-interface': 'failure',
  refused: 'failure',
};

/**
 * Our Ethernet address on a bridge: one that depends on the interface's name and on this machine (or container, or
 * network namespace), because two of them on one bridge may both have an fp0.
 */
export function macOnBridge(interfaceName: string): string {
  const place = `${interfaceName}@${hostname()}/${describeProcess().networkNamespace}`;
  return formatMac(macFromName(place));
}

/** Runs `action`, turning the device layer's errors into ours. */
export function withTapErrors<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof TapError)) throw error;
    const message = error.message.slice(0, error.message.length - error.fix.length).trim();
    const code = CODE_OF[error.code];
    const place = NAME_ERRORS.has(error.code) ? ['network', 'interface'] : undefined;
    const failure = new ServeError(code, message.replace(/\.$/, ''), error.fix, { cause: error });
    throw place === undefined ? failure : placedAt(place, failure);
  }
}

/**
 * Opens one queue for each worker; the interface is made by the first.
 * @throws {ServeError} `interface-taken` if another process is attached to it, `no-tun-device`, `no-privilege` …
 */
export function openQueues(name: string, options: QueueOptions): TapHandle[] {
  refuseIfInUse(name);
  const handles: TapHandle[] = [];
  try {
    for (let i = 0; i < options.count; i++) handles.push(openQueue(name, options));
  } catch (error) {
    for (const handle of handles) TapDevice.adopt(handle).close();
    throw error;
  }
  return handles;
}

/** With several queues the kernel would let us join an interface that another program is using, so check that first. */
function refuseIfInUse(name: string): void {
  const host = new HostInterface(name);
  if (host.kind !== 'tap') return; // not there, or not ours to open: the kernel will say so
  const [user] = host.users();
  if (user === undefined) return;
  throw new ServeError(
    'interface-taken',
    `${name} is taken: process ${user.pid} (${user.command}) is attached to it`,
    `Stop it, or use another interface: --interface ${anotherName(name)}`,
  );
}

function openQueue(name: string, { count, mac, mtu, offload, superSegmentBytes }: QueueOptions): TapHandle {
  const open = () =>
    TapDevice.open({
      name,
      offload,
      multiQueue: count > 1,
      ...(mac !== undefined && { mac }),
      ...(mtu !== undefined && { mtu }),
      ...(superSegmentBytes !== undefined && { superSegmentBytes }),
    });
  try {
    return withTapErrors(open).handle;
  } catch (error) {
    throw isOtherKind(error) ? wrongQueues(name, count) : error;
  }
}

/** A TAP is made for one queue or for several, and cannot be changed later. */
function isOtherKind(error: unknown): boolean {
  return error instanceof ServeError && error.cause instanceof TapError && error.cause.code === 'other-kind';
}

function wrongQueues(name: string, count: number): ServeError {
  const was = count > 1 ? 'one queue, and each worker needs one' : 'several queues, which one worker cannot use';
  const fix = count > 1 ? `ip tuntap add ${name} mode tap multi_queue` : `ip tuntap add ${name} mode tap`;
  return new ServeError(
    'interface-taken',
    `${name} was made for ${was}`,
    `Use ${count > 1 ? 'one worker' : '--workers 2'}, or make it again: sudo ip link del ${name}; sudo ${fix} user "$USER"`,
  );
}

/**
 * The changes that `applyPlan` will make to an interface that outlives us; undefined if there are none, or if the
 * interface is new and ours.
 */
export function plannedUndo(plan: NetworkPlan): Undo | undefined {
  if (!plan.exists) return undefined;
  const host = new HostInterface(plan.interfaceName);
  const undo = {
    addresses: missingAddresses(plan, host).map(String),
    wasDown: !host.isUp,
    joinedBridge: plan.bridge !== undefined && host.bridge !== plan.bridge,
  };
  return undo.addresses.length > 0 || undo.wasDown || undo.joinedBridge ? undo : undefined;
}

/**
 * Frames that may wait for us on an interface of our own. The kernel's default is 1,000. Thousands of clients that
 * connect at the same moment then lose frames, and wait a second until their SYN is sent again.
 */
const QUEUE_FRAMES = 10_000;

/**
 * Gives the machine its addresses on the interface (or makes it a port of the bridge), and brings it up.
 * @throws {ServeError} `no-privilege` …
 */
export function applyPlan(plan: NetworkPlan): void {
  withTapErrors(() => {
    const host = new HostInterface(plan.interfaceName);
    if (!plan.exists) {
      skipDuplicateDetection(plan.interfaceName);
      makeRoom(host);
    }
    for (const network of missingAddresses(plan, host)) host.addAddress(network);
    if (plan.bridge !== undefined && host.bridge !== plan.bridge) host.setBridge(plan.bridge);
    if (!host.isUp) host.up();
  });
}

/** Only the machine's own root may do this (SIOCSIFTXQLEN): in a user namespace the queue keeps its 1,000 frames. */
function makeRoom(host: HostInterface): void {
  try {
    host.setQueueLength(QUEUE_FRAMES);
  } catch (error) {
    if (!(error instanceof TapError) || error.code !== 'no-privilege') throw error;
  }
}

/**
 * A new interface has no other host that could have the machine's IPv6 address. So the machine need not wait a second
 * or two before it uses it (RFC 4862 section 5.1, DupAddrDetectTransmits 0). A machine without IPv6 has nothing to set.
 */
function skipDuplicateDetection(interfaceName: string): void {
  try {
    writeFileSync(`/proc/sys/net/ipv6/conf/${interfaceName}/accept_dad`, '0');
  } catch {
    // it waits, then
  }
}

/** A port of a bridge needs none: the bridge has the machine's address. */
function missingAddresses(plan: NetworkPlan, host: HostInterface): IpNetwork[] {
  if (plan.bridge !== undefined) return [];
  const present = host.networks.map(({ address }) => address);
  return plan.host.filter(({ address }) => !present.some((each) => each.equals(address)));
}
