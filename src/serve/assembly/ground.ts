/**
 * The ground that a server stands on, claimed by one that nobody handed over: the name, the queues of the interface,
 * and on a bridge an address. The last step that needs privileges is here too.
 */
import { TapDevice, type TapHandle } from '../../net/device/tap.js';
import { NO_VLAN } from '../../net/ip/vlan.js';
import { Faults } from '../faults.js';
import { settleAddresses } from '../network/address-question.js';
import { readHostView } from '../network/host-view.js';
import { LeaseFile } from '../network/lease-desk.js';
import type { NetworkPlan } from '../network/network-plan.js';
import { planNetwork } from '../network/plan.js';
import { applyPlan, macOnBridge, openQueues, plannedUndo } from '../network/setup.js';
import { stableSecret } from '../network/stable-secret.js';
import { DEFAULTS, sitesOf } from '../options.js';
import { checkFolders } from '../preflight.js';
import { ControlSocket } from '../process/control-socket.js';
import { Leftovers } from '../process/leftovers.js';
import { dropPrivileges } from '../process/privileges.js';
import type { ServerLog } from '../server-log.js';
import { urlOf } from './description.js';
import type { Ground, Name, Work } from './work.js';

/** What a server has that nobody handed over. */
interface Claimed {
  readonly ground: Ground;
  readonly name: Name;
  readonly leaseFile: LeaseFile | undefined;
}

/** Claims the name, opens the interface, and on a bridge finds an address. */
export async function claimGround(work: Work, log: ServerLog | undefined, signal?: AbortSignal): Promise<Claimed> {
  const { options, events } = work;
  const firstPlan = planNetwork(options.network ?? {}, readHostView());
  for (const note of firstPlan.notes) events.note(note);
  const leftovers = claimName(work, firstPlan);
  const queues = openAll(work, firstPlan);
  const plan = await settle(work, firstPlan, queues, leftovers, signal);
  const leaseFile = plan.dynamic?.dhcp === true ? LeaseFile.open(leftovers.leasePath) : undefined;
  leftovers.update({ url: urlOf(plan, 'http', options.port ?? DEFAULTS.port) });
  const socket = openSocket(work, leftovers);
  log?.listen(leftovers.logSocketPath, work.undo);
  return { ground: { plan, queues, relays: [] }, name: { leftovers, socket }, leaseFile };
}

/** The changes that outlive the interface are undone last, when it is closed. */
function claimName({ options, events, undo }: Work, plan: NetworkPlan): Leftovers {
  const leftovers = Leftovers.claim(
    {
      interfaceName: plan.interfaceName,
      url: urlOf(plan, 'http', options.port ?? DEFAULTS.port),
      folder: sitesOf(options)[0].folder,
    },
    events,
  );
  undo.add(() => leftovers.takeBack());
  return leftovers;
}

/** The descriptors stay this thread's to close; the workers only use them. */
function openAll({ options, undo }: Work, plan: NetworkPlan): TapHandle[] {
  const queues = openQueues(plan.interfaceName, {
    count: options.workers ?? DEFAULTS.workers,
    mac: options.mac ?? (plan.bridge === undefined ? undefined : macOnBridge(plan.interfaceName)),
    mtu: options.mtu,
    offload: options.offload ?? DEFAULTS.offload,
    superSegmentBytes: options.superSegmentBytes,
  });
  undo.add(() => {
    for (const queue of queues) TapDevice.adopt(queue).close();
  });
  return queues;
}

/** On a bridge: joins it, and asks whether our address is free. Asks the network for addresses that it gives. */
async function settle(
  { options, events, early }: Work,
  plan: NetworkPlan,
  queues: readonly TapHandle[],
  leftovers: Leftovers,
  signal?: AbortSignal,
): Promise<NetworkPlan> {
  const [queue] = queues;
  if ((plan.bridge === undefined && plan.dynamic === undefined) || queue === undefined) return plan;
  bringUp(plan, leftovers);
  const vlan = options.vlan ?? NO_VLAN;
  const checked = plan.bridge === undefined ? plan : await settleAddresses(plan, queue, vlan, early);
  const question = {
    vlan,
    early,
    lastLease: LeaseFile.read(leftovers.leasePath),
    secret: stableSecret(plan),
    note: (text: string) => events.note(text),
    warn: (text: string) => events.warn(text),
  };
  const { settleDynamic } = await import('../network/dynamic-addresses.js'); // a whole stack, and DHCP
  return settleDynamic(checked, queues, question, signal);
}

/**
 * Gives the host's side its address. Changes that would stay on an interface that is not ours are written down first.
 */
function bringUp(plan: NetworkPlan, leftovers: Leftovers): void {
  const undo = plannedUndo(plan);
  if (undo !== undefined) leftovers.update({ undo });
  applyPlan(plan);
}

/**
 * Done before the privileges are given up: the socket lies in a folder of root's, and must belong to the user that we
 * serve as.
 */
export function openSocket({ options, undo }: Work, leftovers: Leftovers): ControlSocket {
  const socket = new ControlSocket(leftovers.socketPath, options.user);
  undo.add(() => socket.close());
  return socket;
}

/** The last step that needs privileges. From here on we are the user that the options name. */
export function finishAsRoot({ options }: Work, plan: NetworkPlan, leftovers: Leftovers): void {
  bringUp(plan, leftovers);
  const { user } = options;
  if (user === undefined) return;
  leftovers.handOver();
  dropPrivileges(user);
  const faults = new Faults();
  checkFolders(options, faults); // now as the one who reads it
  faults.throwAll();
}
