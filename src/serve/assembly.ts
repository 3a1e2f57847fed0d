/**
 * Puts a server together, from the first look at the machine to the running data path:
 *
 *     look at folders and machine → claim the name → open the queues → [bridge: find a free address]
 *     → start the workers, deaf → host's address, interface up → give privileges away
 *     → load the folders → let the workers hear, and wait until they answer
 *
 * No frame is read before everything is ready and the process has become an ordinary user's. Each step that leaves
 * something behind adds the action that undoes it to the undo list at once. Called by server.ts.
 */
import { Library } from '../cache/library/library.js';
import type { TapHandle } from '../net/device/tap.js';
import type { ServerAdmin } from './admin.js';
import { describe } from './assembly/description.js';
import { load, publishSites } from './assembly/folders.js';
import { claimGround, finishAsRoot } from './assembly/ground.js';
import { inherit, takeOver } from './assembly/heir.js';
import {
  channelsOf,
  createAdmin,
  openDesk,
  openInspector,
  startAcme,
  startMains,
  startTls,
  watch,
} from './assembly/services.js';
import type { Name, Work } from './assembly/work.js';
import { chooseWay, startWorkers } from './assembly/workers.js';
import type { Bandwidth } from './bandwidth.js';
import type { ServeEvents, ServerInfo } from './events.js';
import type { SiteFolders } from './folders/site-folders.js';
import { FolderWatches } from './folders/watches.js';
import type { Inheritance } from './handover/inheritance.js';
import { type AcmeService, prepareAcme } from './https/acme.js';
import type { TlsThreads } from './https/threads.js';
import { ServedModules } from './modules/served.js';
import type { LeaseDesk } from './network/lease-desk.js';
import type { NetworkPlan } from './network/network-plan.js';
import { DEFAULTS, type ServeOptions, watchOptions } from './options.js';
import { preflight } from './preflight.js';
import type { UndoList } from './process/undo-list.js';
import { ServerLog } from './server-log.js';
import { KeptAnswers } from './slow/kept-answers.js';
import { SlowThreads } from './slow/threads.js';
import { CaptureFiles } from './worker/capture-files.js';
import type { DataPlane } from './worker/data-plane.js';
import { EarlyFrames } from './worker/early-frames.js';

/** What a running server consists of. */
export interface ServerParts {
  readonly info: ServerInfo;
  readonly plan: NetworkPlan;
  readonly library: Library;
  readonly sites: SiteFolders;
  readonly watches: FolderWatches;
  readonly plane: DataPlane;
  readonly slow: SlowThreads;
  readonly kept: KeptAnswers;
  readonly bandwidth: Bandwidth;
  /** Undefined: there is no HTTPS. */
  readonly tls: TlsThreads | undefined;
  readonly queues: readonly TapHandle[];
  readonly name: Name;
  readonly modules: ServedModules;
  /** Undefined: there is no access log. */
  readonly log: ServerLog | undefined;
  /** Asks for certificates, if the options say so. */
  readonly acme: AcmeService;
  /** Undefined: no address is leased. */
  readonly lease: LeaseDesk | undefined;
  /** Undefined: administrators have no listener. */
  readonly admin: ServerAdmin | undefined;
}

/** @throws {ServeError}; the undo list has everything that was done until then. */
export async function assemble(
  options: ServeOptions,
  events: ServeEvents,
  undo: UndoList,
  signal?: AbortSignal,
  inheritance?: Inheritance,
): Promise<ServerParts> {
  const work: Work = { options, events, undo, early: earlyFramesOf(options) };
  const begun = await begin(work, signal, inheritance);
  const { modules, library, captures, admin, log, own, heir, ground } = begun;
  const { plan, queues } = ground;
  const frames = chooseWay(work);
  const kept = new KeptAnswers(library);
  const slow = new SlowThreads(kept, library);
  let tls: TlsThreads | undefined;
  undo.add(() => tls?.close()); // when the workers have ended
  const lease = openDesk(work, ground, own?.leaseFile);
  const plane = await startWorkers(work, ground, { modules, frames: frames.way, captures, log, library, slow, lease });
  if (own !== undefined) finishAsRoot(work, plan, own.name.leftovers);
  await log?.start(events);
  tls = await startTls(work, plane, library, log, begun.tlsSettings);
  const watches = new FolderWatches(watchOptions(options), events);
  const sites = await load(work, library, { admin, watches }, signal);
  const bandwidth = publishSites(work, { plane, tls, log }, sites, kept);
  const mains = await startMains(work, modules, plane, sites);
  await slow.start(options, channelsOf(plane, tls), (text) => events.warn(text));
  watch(work, plan);
  const name = own?.name ?? (await takeOver(work, heir, { log, admin, lease }));
  await plane.start();
  heir?.serves();
  const acme = await startAcme(work, plane);
  const inspector = await openInspector(work, plane, library, sites);
  const served = new ServedModules(modules, mains);
  const info = describe(options, ground, { frames, admin, inspector, modules: served.described });
  return {
    ...{ info, plan, library, sites, watches, plane, slow, kept, tls },
    ...{ bandwidth, queues, name, modules: served, log, admin, lease, acme },
  };
}

function earlyFramesOf({ capturePath, trace = false }: ServeOptions): EarlyFrames {
  return new EarlyFrames({ isKept: capturePath !== undefined, isPrinted: trace });
}

/** Checks what can be checked, takes the name and opens the queues: all that comes before a thread. */
async function begin(work: Work, signal: AbortSignal | undefined, inheritance: Inheritance | undefined) {
  const { options, events, undo } = work;
  await prepareAcme(options, (text) => events.warn(text));
  const checked = await preflight(options, (text) => events.warn(text));
  const captures = new CaptureFiles(options.capturePath, options.workers ?? DEFAULTS.workers);
  undo.onFailure(() => captures.discard());
  const admin = await createAdmin(work);
  if (inheritance === undefined) await admin?.open();
  const log = ServerLog.create(options, undo);
  const own = inheritance === undefined ? await claimGround(work, log, signal) : undefined;
  const heir = inheritance === undefined ? undefined : inherit(work, inheritance);
  const ground = own?.ground ?? heir?.ground;
  if (ground === undefined) throw new Error('a server claims its ground or inherits it');
  const library = new Library(checked.cacheBytes);
  if (options.inspectPort !== undefined) library.countHits();
  return { ...checked, library, captures, admin, log, own, heir, ground };
}
