/** The workers of the data path: how they move frames, what they are told, what they report. */
import type { Library } from '../../cache/library/library.js';
import { NO_VLAN } from '../../net/ip/vlan.js';
import type { ServeEvents } from '../events.js';
import type { LoadedPlan } from '../modules/rows.js';
import { tlsChannels } from '../modules/tls-row.js';
import { isHeld } from '../network/address-question.js';
import type { LeaseDesk } from '../network/lease-desk.js';
import type { NetworkPlan } from '../network/network-plan.js';
import { stableSecret } from '../network/stable-secret.js';
import { DEFAULTS, type ServeOptions } from '../options.js';
import { forbidNewPrivileges } from '../process/privileges.js';
import type { ServerLog } from '../server-log.js';
import type { SlowThreads } from '../slow/threads.js';
import type { CaptureFiles } from '../worker/capture-files.js';
import { DataPlane, type DataPlaneEvents } from '../worker/data-plane.js';
import { chooseFrames, type FramesChoice, type FramesWay } from '../worker/frames.js';
import type { Ground, Work } from './work.js';

/** Measured while we have our privileges: an administrator may leave io_uring to root, and a ring once made stays. */
export function chooseWay({ options, events }: Work): FramesChoice {
  const choice = chooseFrames(options.frames ?? DEFAULTS.frames);
  if (options.frames === 'ring' && choice.ringMissing !== undefined) {
    events.warn(`there is no io_uring for us: ${choice.ringMissing}; frames move by plain calls`);
  }
  return choice;
}

/** What the workers are made with, beside their ground. */
interface WorkerParts {
  readonly modules: readonly LoadedPlan[];
  readonly frames: FramesWay;
  readonly captures: CaptureFiles;
  readonly log: ServerLog | undefined;
  readonly library: Library;
  readonly slow: SlowThreads;
  readonly lease: LeaseDesk | undefined;
}

/** Starts the workers; fulfilled when each has its cache, and waits for the word to serve. */
export async function startWorkers(
  { options, events, undo, early }: Work,
  { plan, queues, relays }: Ground,
  { modules, frames, captures, log, library, slow, lease }: WorkerParts,
): Promise<DataPlane> {
  const { user } = options;
  if (user !== undefined) forbidNewPrivileges(); // inherited by the workers
  captures.open();
  const plane = new DataPlane(
    queues,
    sharedSetup(options, plan, modules, frames),
    (index) => ({ capturePath: captures.paths[index], earlyFrames: index === 0 ? early.frames : undefined }),
    (index) => log?.memory(index),
    library,
    planeEvents(events, plan, lease),
    relays,
  );
  plane.graceMs = options.graceMs ?? DEFAULTS.graceMs;
  if (lease !== undefined) lease.onNews = (record) => plane.sendToOthers({ kind: 'lease', lease: record });
  undo.add(() => plane.close());
  undo.add(() => slow.close());
  undo.add(async () => {
    const clean = await plane.stop(plane.graceMs);
    if (!clean) events.warn('a data-path worker did not end by itself and was terminated');
  });
  await plane.ready();
  return plane;
}

/** What the workers report, passed on to the server's user. */
function planeEvents(events: ServeEvents, plan: NetworkPlan, lease: LeaseDesk | undefined): DataPlaneEvents {
  return {
    conflict: (address, mac, isLost) => {
      if (isLost) events.died(isHeld(address, mac, plan));
      else events.conflict({ address, mac });
    },
    warning: (text) => events.warn(text),
    lease: (news) => lease?.take(news),
    closing: (unfinished) => events.closing(unfinished),
    died: (error) => events.died(error),
  };
}

/** What all workers are told alike. */
function sharedSetup(options: ServeOptions, plan: NetworkPlan, modules: readonly LoadedPlan[], frames: FramesWay) {
  return {
    frames,
    addresses: plan.dynamic?.fixed ?? plan.addresses.map(String),
    dynamic: plan.dynamic,
    stableSecret: stableSecret(plan),
    gateway: plan.dynamic?.dhcp === true ? undefined : plan.gateway?.toString(),
    gateway6: plan.gateway6?.toString(),
    vlan: options.vlan ?? NO_VLAN,
    channels: tlsChannels(options),
    modules: modules.map(({ definition: _, ...plain }) => plain),
    tcp: options.tcp ?? {},
    trace: options.trace ?? false,
    isInspected: options.inspectPort !== undefined,
  };
}
