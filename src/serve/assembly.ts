/**
 * Puts a server together, from the first look at the machine to the running data path:
 *
 *     look at folder and machine → claim the name → open the queues → load the folder
 *     → start the workers → host's address, interface up → announce ourselves
 *
 * The interface comes up last, so that nobody is answered before all is there. Each step that leaves something behind
 * puts the way back on the undo list at once. Called by server.ts.
 */
import { closeSync, openSync } from 'node:fs';
import { openFolder } from '../cache/folder.js';
import { Library } from '../cache/library.js';
import { FolderLoader } from '../cache/loader.js';
import { FolderError } from '../cache/warnings.js';
import { withDefaults } from '../http/limits.js';
import { TapDevice, type TapHandle } from '../net/device/tap.js';
import { IPV6_MINIMUM_MTU } from '../net/ip/path-mtu.js';
import { formatMac } from '../net/wire/address.js';
import { DataPlane } from './data-plane.js';
import { DEFAULT_INTERFACE, type NetworkPlan, planNetwork } from './network-plan.js';
import { applyPlan, lookAtHost, openQueues, plannedUndo, takeBack } from './network-setup.js';
import { backlogOf, DEFAULTS, type ServeOptions } from './options.js';
import { describeProcess, type RuntimeState, RuntimeStates } from './runtime-state.js';
import { ServeError } from './serve-error.js';
import type { ServeEvents, ServerInfo } from './server.js';
import type { UndoList } from './undo-list.js';

/** What a running server consists of. */
export interface ServerParts {
  readonly info: ServerInfo;
  readonly plan: NetworkPlan;
  readonly library: Library;
  readonly plane: DataPlane;
  /** Where `fastpath status` asks. */
  readonly socketPath: string;
}

/** @throws {ServeError}; whatever was done until then is on the undo list. */
export async function assemble(
  options: ServeOptions,
  events: ServeEvents,
  undo: UndoList,
  signal?: AbortSignal,
): Promise<ServerParts> {
  checkFolder(options.folder);
  checkCapture(options);
  checkMtu(options);
  const wish = options.network ?? {};
  const plan = planNetwork(wish, lookAtHost(wish.interfaceName ?? DEFAULT_INTERFACE));
  for (const note of plan.notes) events.note(note);
  const state = claimName(options, plan, events, undo);
  const queues = openAll(options, plan, undo);
  const library = await load(options, events, signal);
  const plane = await startWorkers(options, plan, queues, library, events, undo);
  bringUp(plan, state, events, undo);
  plane.start();
  const socketPath = new RuntimeStates().pathOf(state, 'sock');
  return { info: describe(options, plan, queues), plan, library, plane, socketPath };
}

/** Before anything is made: the commonest mistake is a wrong path. */
function checkFolder(folder: string): void {
  try {
    openFolder(folder);
  } catch (error) {
    throw unreadable(error);
  }
}

/** Likewise for the capture: a worker could only die of it. */
function checkCapture({ capturePath, workers = DEFAULTS.workers }: ServeOptions): void {
  const path = capturePathOf(capturePath, 0, workers);
  if (path === undefined) return;
  try {
    closeSync(openSync(path, 'a'));
  } catch (cause) {
    throw new ServeError('bad-option', `cannot write ${path}: ${(cause as Error).message}`, 'Name another file.', {
      cause,
    });
  }
}

/** RFC 8200 section 5. The kernel would only say "invalid value". */
function checkMtu({ mtu, network }: ServeOptions): void {
  const address = network?.addresses?.find(({ address }) => !address.isV4);
  if (mtu === undefined || mtu >= IPV6_MINIMUM_MTU || address === undefined) return;
  throw new ServeError(
    'bad-option',
    `${address.address} needs an MTU of ${IPV6_MINIMUM_MTU} at least: IPv6 has no smaller one`,
    'Choose a larger --mtu, or IPv4 alone.',
  );
}

function unreadable(error: unknown): unknown {
  if (!(error instanceof FolderError)) return error;
  return new ServeError('unreadable', error.message, 'Name a folder that this user can read.', { cause: error });
}

function claimName(options: ServeOptions, plan: NetworkPlan, events: ServeEvents, undo: UndoList): RuntimeState {
  const states = new RuntimeStates();
  const state: RuntimeState = {
    ...describeProcess(),
    interfaceName: plan.interfaceName,
    url: urlOf(options, plan),
    folder: options.folder,
    since: new Date().toISOString(),
  };
  states.claim(state, (left) => {
    events.note(`cleaned up after a fastpath (process ${left.pid}) that did not end in order`);
    if (left.undo !== undefined) takeBack(left.interfaceName, left.undo, events.warn);
  });
  undo.add(() => states.release(state));
  return state;
}

/** The descriptors stay this thread's to close; the workers only use them. */
function openAll(options: ServeOptions, plan: NetworkPlan, undo: UndoList): TapHandle[] {
  const queues = openQueues(plan.interfaceName, {
    count: options.workers ?? DEFAULTS.workers,
    mac: options.mac,
    mtu: options.mtu,
    offload: options.offload ?? DEFAULTS.offload,
    superSegmentBytes: options.superSegmentBytes,
  });
  undo.add(() => {
    for (const queue of queues) TapDevice.adopt(queue).close();
  });
  return queues;
}

async function load(options: ServeOptions, events: ServeEvents, signal: AbortSignal | undefined): Promise<Library> {
  const library = new Library(options.cacheBytes ?? DEFAULTS.cacheBytes);
  const { maxObjectBytes } = options;
  try {
    const loader = new FolderLoader(options.folder, library, {
      ...(maxObjectBytes !== undefined && { maxObjectBytes }),
      warn: ({ message }) => events.warn(message),
    });
    await loader.load((progress) => events.loading(progress), signal);
  } catch (error) {
    throw unreadable(error);
  }
  return library;
}

async function startWorkers(
  options: ServeOptions,
  plan: NetworkPlan,
  queues: readonly TapHandle[],
  library: Library,
  events: ServeEvents,
  undo: UndoList,
): Promise<DataPlane> {
  const common = {
    addresses: plan.addresses.map(String),
    port: options.port ?? DEFAULTS.port,
    backlog: backlogOf(options),
    limits: withDefaults(options.limits),
    tcp: options.tcp ?? {},
    serverHeader: options.serverHeader ?? DEFAULTS.serverHeader,
    trace: options.trace ?? false,
  };
  const capture = (index: number) => capturePathOf(options.capturePath, index, queues.length);
  const plane = new DataPlane(queues, common, capture, library, {
    conflict: (address, mac) => events.warn(`another host (${mac}) uses our address ${address}`),
    warning: (text) => events.warn(text),
    died: (error) => events.died(error),
  });
  undo.add(async () => {
    const clean = await plane.stop(options.graceMs ?? DEFAULTS.graceMs);
    if (!clean) events.warn('a data-path worker did not end by itself and was terminated');
  });
  await plane.ready();
  return plane;
}

/** `out.pcapng` for one worker; `out-0.pcapng`, `out-1.pcapng` … for several. */
export function capturePathOf(path: string | undefined, index: number, workers: number): string | undefined {
  if (path === undefined || workers === 1) return path;
  const lastDot = path.lastIndexOf('.');
  const dot = lastDot > path.lastIndexOf('/') + 1 ? lastDot : path.length;
  return `${path.slice(0, dot)}-${index}${path.slice(dot)}`;
}

/** Gives the host's side its address. What stays behind on an interface that is not ours is written down first. */
function bringUp(plan: NetworkPlan, state: RuntimeState, events: ServeEvents, undo: UndoList): void {
  const left = plannedUndo(plan);
  if (left !== undefined) {
    new RuntimeStates().update({ ...state, undo: left });
    undo.add(() => takeBack(plan.interfaceName, left, events.warn));
  }
  applyPlan(plan);
}

function describe(options: ServeOptions, plan: NetworkPlan, queues: readonly TapHandle[]): ServerInfo {
  const first = queues[0]!;
  return {
    url: urlOf(options, plan),
    folder: options.folder,
    interfaceName: plan.interfaceName,
    temporary: !plan.exists,
    mac: formatMac(first.mac),
    addresses: plan.addresses.map(String),
    hostAddresses: plan.host.map(String),
    mtu: first.mtu,
    superSegmentBytes: first.virtio ? first.superSegmentBytes : 0,
    workers: queues.length,
  };
}

function urlOf(options: ServeOptions, plan: NetworkPlan): string {
  const { address } = plan.addresses[0]!;
  const port = options.port ?? DEFAULTS.port;
  return `http://${address.isV4 ? address : `[${address}]`}${port === 80 ? '' : `:${port}`}/`;
}
