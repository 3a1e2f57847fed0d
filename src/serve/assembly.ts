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
import type { LoadProgress } from '../cache/loading/load-options.js';
import { TapDevice, type TapHandle } from '../net/device/tap.js';
import { NO_VLAN } from '../net/ip/vlan.js';
import { formatMac } from '../net/wire/address.js';
import { siteName } from '../site/options.js';
import type { TlsSettings } from '../tls/settings.js';
import type { ServerAdmin } from './admin.js';
import { Bandwidth } from './bandwidth.js';
import { defined } from './configured.js';
import type { ServeEvents, ServerInfo } from './events.js';
import { Faults } from './faults.js';
import { SiteFolders } from './folders/site-folders.js';
import { answeredHost, siteTable } from './folders/site-table.js';
import { FolderWatches } from './folders/watches.js';
import type { Inheritance } from './handover/inheritance.js';
import { AcmeService, prepareAcme } from './https/acme.js';
import { TLS_DEFAULTS, TlsThreads } from './https/threads.js';
import { httpSettings, tellHttp } from './modules/http-row.js';
import { MainParts } from './modules/main-parts.js';
import type { LoadedPlan } from './modules/rows.js';
import { ServedModules } from './modules/served.js';
import { httpsOf, tlsChannels } from './modules/tls-row.js';
import { isHeld, settleAddresses } from './network/address-question.js';
import { isLinkLocal } from './network/arithmetic.js';
import { readHostView } from './network/host-view.js';
import { InterfaceWatch } from './network/interface-watch.js';
import { LeaseDesk, LeaseFile } from './network/lease-desk.js';
import { type NetworkPlan, planNetwork } from './network/plan.js';
import { applyPlan, macOnBridge, openQueues, plannedUndo } from './network/setup.js';
import { stableSecret } from './network/stable-secret.js';
import { DEFAULTS, type ServeOptions, sitesOf, watchOptions } from './options.js';
import { checkFolders, preflight, unreadable } from './preflight.js';
import { ControlSocket } from './process/control-socket.js';
import { Leftovers } from './process/leftovers.js';
import { dropPrivileges, forbidNewPrivileges, userName } from './process/privileges.js';
import type { UndoList } from './process/undo-list.js';
import { ServeError } from './serve-error.js';
import { ServerLog } from './server-log.js';
import { KeptAnswers } from './slow/kept-answers.js';
import { type ChannelSource, SlowThreads } from './slow/threads.js';
import { CaptureFiles } from './worker/capture-files.js';
import { DataPlane } from './worker/data-plane.js';
import { EarlyFrames } from './worker/early-frames.js';
import { chooseFrames, type FramesChoice, type FramesWay } from './worker/frames.js';

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

/** What belongs to the server that has the interface's name, and passes to its successor. */
interface Name {
  /** What stays on the machine while we run. */
  readonly leftovers: Leftovers;
  /** Where `fastpath status` asks. */
  readonly socket: ControlSocket;
}

/** What the workers stand on. */
interface Ground {
  readonly plan: NetworkPlan;
  readonly queues: readonly TapHandle[];
  /** Sockets to the workers of the process before us. */
  readonly relays: readonly number[];
}

/** What one step of the assembly hands to the next. */
interface Work {
  readonly options: ServeOptions;
  readonly events: ServeEvents;
  readonly undo: UndoList;
  /** Frames of the start. */
  readonly early: EarlyFrames;
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
  const bandwidth = publishSites(work, plane, tls, sites, kept);
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

/** Tells those who answer which sites there are, and how they share the bandwidth. */
function publishSites(
  { options }: Work,
  plane: DataPlane,
  tls: TlsThreads | undefined,
  { sites }: SiteFolders,
  kept: KeptAnswers,
): Bandwidth {
  const unknownHost = options.unknownHost ?? DEFAULTS.unknownHost;
  const bandwidth = new Bandwidth(plane.size);
  const pacing = bandwidth.use(sites, options.bandwidth);
  const spaces = kept.spacesFor(options);
  const table = siteTable(sites, unknownHost, pacing, options.handler !== undefined, httpsOf(options), spaces);
  tellHttp(plane, { kind: 'sites', table });
  tls?.sites(table);
  return bandwidth;
}

async function startMains(
  { events, undo }: Work,
  modules: readonly LoadedPlan[],
  plane: DataPlane,
  sites: SiteFolders,
): Promise<MainParts> {
  const warn = (text: string) => events.warn(text);
  const folderOf = (site: number) => sites.sites.find(({ number }) => number === site)?.loader.disk;
  const mains = await MainParts.create(modules, plane, warn, folderOf);
  undo.add(() => mains.close());
  return mains;
}

/** The page for `--inspect`; its address. @throws {ServeError} `address-taken` */
async function openInspector(
  { options, undo }: Work,
  plane: DataPlane,
  library: Library,
  folders: SiteFolders,
): Promise<string | undefined> {
  const port = options.inspectPort;
  if (port === undefined) return undefined;
  const { PageServer } = await import('../inspector/page-server.js');
  const { InspectFeed } = await import('./inspect-feed.js');
  const page = new PageServer({ feed: new InspectFeed(plane, library, () => folders.sites) });
  try {
    await page.open(port);
  } catch (cause) {
    const advice = 'Choose another port: --inspect PORT.';
    throw new ServeError('address-taken', `the inspector cannot listen on port ${port}`, advice, { cause });
  }
  undo.add(() => page.close());
  return page.url('server');
}

/**
 * Opened before anything is loaded, so that `/readyz` says how far it is, and before the privileges are given up, which
 * a path or a low port may need. It closes last. A successor opens it when the process before it has closed it.
 */
async function createAdmin({ options, undo }: Work): Promise<ServerAdmin | undefined> {
  if (options.admin === undefined) return undefined;
  const { ServerAdmin } = await import('./admin.js'); // with prom-client, which no other server needs
  const admin = ServerAdmin.create(options.admin, options.user);
  undo.add(() => admin.close());
  return admin;
}

/** What a server has that nobody handed over. */
interface Claimed {
  readonly ground: Ground;
  readonly name: Name;
  readonly leaseFile: LeaseFile | undefined;
}

/** Claims the name, opens the interface, and on a bridge finds an address. */
async function claimGround(work: Work, log: ServerLog | undefined, signal?: AbortSignal): Promise<Claimed> {
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

/** What a server has that the process before it hands over. */
interface Heir {
  readonly ground: Ground;
  readonly leftovers: Leftovers;
  /** Takes the interface over. */
  take(): Promise<void>;
  /** We answer requests: all is ours now. */
  serves(): void;
}

/**
 * The interface as the process before us has it. What that one changed on the machine is taken back at our end, after
 * the workers' end, as with a server that nobody handed over: until then they send, a RELEASE at the latest.
 * @throws {ServeError} if the options ask for another interface
 */
function inherit({ options, events, undo }: Work, inheritance: Inheritance): Heir {
  inheritance.check(options.network?.interfaceName, options.workers ?? DEFAULTS.workers);
  const ground = inheritance.bequest;
  const leftovers = Leftovers.inherit(ground.state, events);
  undo.add(() => leftovers.takeBack());
  undo.add(() => {
    for (const queue of ground.queues) TapDevice.adopt(queue).close();
  });
  return {
    ground,
    leftovers,
    take: () => inheritance.take(),
    serves: () => {
      leftovers.own();
      inheritance.serves();
    },
  };
}

/** What only the process that has the interface's name does. */
interface NameBearers {
  readonly log: ServerLog | undefined;
  readonly admin: ServerAdmin | undefined;
  readonly lease: LeaseDesk | undefined;
}

/** From here on the interface's frames come to us, and its name is ours. */
async function takeOver(work: Work, heir: Heir | undefined, { log, admin, lease }: NameBearers): Promise<Name> {
  if (heir === undefined) throw new Error('there is nobody to take over from');
  await heir.take();
  await admin?.open();
  const { leftovers } = heir;
  leftovers.sign();
  const socket = openSocket(work, leftovers);
  log?.listen(leftovers.logSocketPath, work.undo);
  lease?.keepIn(LeaseFile.open(leftovers.leasePath));
  return { leftovers, socket };
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
  const { settleDynamic } = await import('./network/dynamic-addresses.js'); // a whole stack, and DHCP
  return settleDynamic(checked, queues, question, signal);
}

/** What the main thread knows of the lease, and passes on. */
function openDesk({ events, undo }: Work, { plan }: Ground, file: LeaseFile | undefined): LeaseDesk | undefined {
  if (plan.dynamic?.dhcp !== true) return undefined;
  const desk = new LeaseDesk(events, plan.dynamic.lease, file);
  undo.add(() => desk.close());
  return desk;
}

/** Measured while we have our privileges: an administrator may leave io_uring to root, and a ring once made stays. */
function chooseWay({ options, events }: Work): FramesChoice {
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

async function startWorkers(
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
    {
      conflict: (address, mac, isLost) => {
        if (isLost) events.died(isHeld(address, mac, plan));
        else events.conflict({ address, mac });
      },
      warning: (text) => events.warn(text),
      lease: (news) => lease?.take(news),
      closing: (unfinished) => events.closing(unfinished),
      died: (error) => events.died(error),
    },
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
function openSocket({ options, undo }: Work, leftovers: Leftovers): ControlSocket {
  const socket = new ControlSocket(leftovers.socketPath, options.user);
  undo.add(() => socket.close());
  return socket;
}

/** Connections of the workers and of HTTPS: both hand requests over. */
function channelsOf(plane: DataPlane, tls: TlsThreads | undefined): ChannelSource {
  return {
    openChannels: (...given) => [...plane.openChannels(...given), ...(tls?.openChannels(...given) ?? [])],
    channelFailed(...given) {
      plane.channelFailed(...given);
      tls?.channelFailed(...given);
    },
  };
}

/** The threads of HTTPS. When the server stops, they end their connections first. */
async function startTls(
  { options, events, undo }: Work,
  plane: DataPlane,
  library: Library,
  log: ServerLog | undefined,
  settings: TlsSettings | undefined,
): Promise<TlsThreads | undefined> {
  if (options.tls === undefined || settings === undefined) return undefined;
  const logOf = (thread: number) => log?.memory(plane.size + thread);
  const plan = { options: options.tls, settings, http: httpSettings(options), logOf };
  const threads = new TlsThreads(plan, plane, library, (error) => events.died(error));
  undo.add(() => threads.stopping(plane.graceMs > 0));
  await threads.ready();
  return threads;
}

/** The last step that needs privileges. From here on we are the user that the options name. */
function finishAsRoot({ options }: Work, plan: NetworkPlan, leftovers: Leftovers): void {
  bringUp(plan, leftovers);
  const { user } = options;
  if (user === undefined) return;
  leftovers.handOver();
  dropPrivileges(user);
  const faults = new Faults();
  checkFolders(options, faults); // now as the one who reads it
  faults.throwAll();
}

async function startAcme({ options, events, undo }: Work, plane: DataPlane): Promise<AcmeService> {
  const acme = new AcmeService(plane, events);
  undo.add(() => acme.close());
  await acme.configure(options);
  return acme;
}

async function load(
  { options, events, undo }: Work,
  library: Library,
  { admin, watches }: { admin: ServerAdmin | undefined; watches: FolderWatches },
  signal?: AbortSignal,
): Promise<SiteFolders> {
  const folders = new SiteFolders(library, {
    maxObjectBytes: options.maxObjectBytes,
    warn: (text) => events.warn(text),
    compressing: (progress) => events.compressing?.(progress),
    watch: (site) => watches.watch(site),
  });
  undo.add(() => folders.close());
  try {
    const report = (progress: LoadProgress) => {
      admin?.loading(progress);
      events.loading(progress);
    };
    await folders.load(sitesOf(options), report, signal);
    return folders;
  } catch (error) {
    throw unreadable(error, options.user?.name);
  }
}

function watch({ events, undo }: Work, plan: NetworkPlan): void {
  const interfaceWatch = new InterfaceWatch(plan, events);
  undo.add(() => interfaceWatch.stop());
}

/** What a server tells of itself, of the parts of its assembly. */
interface Described {
  readonly frames: FramesChoice;
  readonly admin: ServerAdmin | undefined;
  readonly inspector: ServerInfo['inspector'] | undefined;
  readonly modules: ServerInfo['modules'] | undefined;
}

function describe(options: ServeOptions, { plan, queues }: Ground, parts: Described): ServerInfo {
  const { admin, frames, modules, inspector } = parts;
  const [first] = queues;
  if (first === undefined) throw new Error('a server has a queue');
  const gateways = [plan.gateway, plan.gateway6].filter((gateway) => gateway !== undefined);
  const hostField = answeredHost(sitesOf(options), options.unknownHost ?? DEFAULTS.unknownHost);
  return {
    url: urlOf(plan, 'http', options.port ?? DEFAULTS.port),
    ...(options.tls !== undefined && { httpsUrl: urlOf(plan, 'https', options.tls.port ?? TLS_DEFAULTS.port) }),
    ...(hostField !== undefined && { hostField }),
    folder: sitesOf(options)[0].folder,
    sites: sitesOf(options).map((site, index) => ({ name: siteName(site, index), folder: site.folder })),
    interfaceName: plan.interfaceName,
    ...(plan.bridge !== undefined && { bridge: plan.bridge }),
    temporary: !plan.exists,
    mac: formatMac(first.mac),
    addresses: plan.addresses.map(String),
    hostAddresses: plan.host.map(String),
    gateways: gateways.map(String),
    mtu: first.mtu,
    superSegmentBytes: first.virtio ? first.superSegmentBytes : 0,
    frames,
    workers: queues.length,
    ...(admin?.address !== undefined && { admin: admin.address }),
    user: userName(options.user),
    ...defined({ modules, inspector }),
  };
}

function urlOf(plan: NetworkPlan, scheme: 'http' | 'https', port: number): string {
  const [first] = plan.addresses;
  if (first === undefined) return ''; // it has still to be asked for
  const { address } = first;
  const zone = isLinkLocal(address) ? `%25${plan.hostInterface}` : ''; // RFC 6874 section 2
  const isUsual = port === (scheme === 'http' ? 80 : 443);
  return `${scheme}://${address.isV4 ? address : `[${address}${zone}]`}${isUsual ? '' : `:${port}`}/`;
}
