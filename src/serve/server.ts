/**
 * A folder served over a TAP interface. Runs on the main thread, which keeps Node's event loop; frames never come
 * here. How it is put together is in assembly.ts.
 */

import type { Reading } from '../admin/source.js';
import { Supply } from '../cache/demand/supply.js';
import type { LibraryStatistics } from '../cache/library/statistics.js';
import type { Purge, PurgeKind } from '../shared-cache/match/purge.js';
import type { PurgedAnswers } from '../shared-cache/thread/messages.js';
import type { AdminHandlers } from './admin.js';
import { assemble, type ServerParts } from './assembly.js';
import { defined } from './configured.js';
import type { RivalHost, ServeEvents, ServerInfo } from './events.js';
import { explain } from './explain.js';
import { needsNoFiles, withFolder } from './folders/empty-folder.js';
import { FileWatch } from './folders/file-watch.js';
import { answeredHost } from './folders/site-table.js';
import type { Inheritance } from './handover/inheritance.js';
import { goOnAlone } from './handover/left-alone.js';
import { handOver, type Successor } from './handover/successor.js';
import { httpSettings } from './modules/http-row.js';
import { certificateFiles, readTls } from './modules/tls-row.js';
import { withAutomatic, withLease } from './network/dynamic-plan.js';
import { type ProbeStep, probe } from './network/self-probe.js';
import { backlogOf, DEFAULTS, type ServeOptions, sitesOf, watchOptions } from './options.js';
import type { ServeUser } from './process/privileges.js';
import { UndoList } from './process/undo-list.js';
import { afterReload, type ReloadResult, reload, reopen } from './reload.js';
import { ServeError } from './serve-error.js';
import { type ConflictRecord, type Snapshot, snapshotToJson } from './snapshot.js';
import { sumCounters } from './worker/statistics-block.js';

/** The most other hosts that are remembered. A host that forges frames may invent ever new ones. */
const MAX_CONFLICTS = 16;

/**
 * A folder served over a TAP interface. `FolderServer.start` makes one.
 * @throws {ServeError} with a code if it cannot.
 *
 * @example
 * ```ts
 * import { FolderServer, type ServeEvents } from 'fastpath';
 *
 * // What `fastpath serve ./site` does.
 * export async function serve(events: ServeEvents): Promise<void> {
 *   const server = await FolderServer.start({ folder: './site' }, events);
 *   console.log(`${server.info.url} on ${server.info.interfaceName}`);
 *   process.once('SIGINT', () => void server.stop());
 * }
 * ```
 */
export class FolderServer {
  readonly info: ServerInfo;

  #options: ServeOptions;
  readonly #parts: ServerParts;
  readonly #undo: UndoList;
  readonly #conflicts: Conflicts;
  readonly #certificates = new FileWatch(() => this.#renewCertificates());
  readonly #handler = new FileWatch(() => void this.#renewHandler());
  readonly #started = Date.now();
  #stopped: Promise<void> | undefined;
  #isLeftAlone: (error: ServeError) => void = () => {};
  /**
   * Fulfilled when the process that has taken over ends and has failed, with the error that says so. This process goes
   * on with its connections if it still can; `endWithinGrace` limits the time.
   */
  readonly leftAlone = new Promise<ServeError>((resolve) => {
    this.#isLeftAlone = resolve;
  });
  #reloads: Promise<unknown> = Promise.resolve();
  #isReopening = false;
  /** What the last attempt to open moved folders said, so that it is not said again and again. */
  #reopenError = '';

  private constructor(options: ServeOptions, parts: ServerParts, undo: UndoList, conflicts: Conflicts) {
    this.info = parts.info;
    this.#options = options;
    this.#parts = parts;
    this.#undo = undo;
    this.#conflicts = conflicts;
    this.#watchFiles();
    undo.add(() => this.#certificates.close());
    undo.add(() => this.#handler.close());
    parts.watches.onMoved = () => void this.#reopen();
    parts.name.socket.answer(() => snapshotToJson(this.snapshot()));
    parts.admin?.serves(this.#administered(), {
      reload: async () => {
        await this.refresh();
        return { folders: true };
      },
      drain: (graceMs) => {
        if (graceMs !== undefined) this.graceMs = graceMs;
        void this.stop();
      },
    });
  }

  /**
   * Starts serving. Fulfilled when requests are answered.
   * @param signal ends a start that is under way (reading a large folder takes its time)
   * @param inheritance takes the interface over from the process before us, which goes on serving until then
   * @throws {ServeError} after having taken back all that was done so far.
   */
  static async start(
    options: ServeOptions,
    events: ServeEvents,
    signal?: AbortSignal,
    inheritance?: Inheritance,
  ): Promise<FolderServer> {
    const undo = new UndoList();
    const complete = withFolder(options, undo);
    const conflicts = new Conflicts(events);
    try {
      const parts = await assemble(complete, conflicts.events, undo, signal, inheritance);
      return new FolderServer(complete, parts, undo, conflicts);
    } catch (error) {
      await undo.runAfterFailure();
      throw explain(error);
    }
  }

  /**
   * Asks from this machine, address by address and layer by layer, whether the server can be reached. If the machine
   * has no address in the network of ours (on a bridge), that address cannot be probed.
   * @param signal ends the question at once: what it has found until then is the result
   */
  async probe(signal?: AbortSignal): Promise<ProbeStep[]> {
    const { plan } = this.#parts;
    const { port = DEFAULTS.port, unknownHost = DEFAULTS.unknownHost } = this.#options;
    const name = answeredHost(sitesOf(this.#options), unknownHost);
    const steps: ProbeStep[] = [];
    for (const { address } of plan.addresses) {
      const host = plan.host.find((each) => each.contains(address));
      if (host === undefined || signal?.aborted === true) continue;
      const target = { interfaceName: plan.hostInterface, host: host.address, address, port, name, signal };
      steps.push(...(await probe(target)));
    }
    return steps;
  }

  /** The numbers at this moment (the workers' counters are up to a quarter of a second old). */
  snapshot(): Snapshot {
    const time = Date.now();
    const { plane, tls, log, library } = this.#parts;
    const cache: LibraryStatistics = library.statistics;
    const uptimeSeconds = Math.round((time - this.#started) / 100) / 10;
    return {
      time,
      uptimeSeconds,
      sites: this.#parts.sites.sites.map(({ name, options: { folder } }) => ({ name, folder })),
      workers: plane.size,
      frames: this.info.frames,
      counters: new Map([
        ...sumCounters([plane.counters(), ...(tls?.counters() ?? [])]),
        ...(log?.counters() ?? []),
        ...prefixed('watch', this.#parts.watches.statistics),
        ...prefixed('kept', { withoutRoom: this.#parts.kept.withoutRoom }),
        ...this.#parts.slow.counters(),
      ]),
      cache,
      supply: { ...Supply.of(library).statistics },
      conflicts: this.#conflicts.list,
      shares: this.#parts.bandwidth.shares(this.#parts.sites.names),
      ...(this.#parts.slow.caches.length > 0 && { caches: this.#parts.slow.caches }),
      ...defined({ admin: this.info.admin }),
      ...defined({
        upstreams: this.#parts.slow.upstreams,
        modules: this.#parts.modules.described,
        lease: this.#parts.lease?.view,
        automatic: plane.automatic,
      }),
      tcp: { ...this.#options.tcp, backlog: backlogOf(this.#options) },
    };
  }

  /**
   * Takes a new configuration while requests are answered: sites, limits and the Server field change at once, and no
   * download is cut. Options that are given to the start alone (network, workers …) stay, and the result names them.
   * @throws {ServeError} if a folder cannot be served; nothing has changed then
   */
  reload(given: ServeOptions): Promise<ReloadResult> {
    return this.#inTurn(async () => {
      const { folder } = this.#options;
      const keepsFolder = given.sites === undefined && given.folder === undefined && needsNoFiles(given);
      const options = keepsFolder && folder !== undefined ? { ...given, folder } : given;
      const { events } = this.#conflicts;
      const result = await reload(this.#parts, this.#options, options, (text) => events.warn(text));
      this.#options = afterReload(this.#options, options);
      this.#watchFiles();
      this.#parts.plane.graceMs = this.#options.graceMs ?? DEFAULTS.graceMs;
      return result;
    });
  }

  /** The user that the process has become; undefined: no change. */
  get user(): ServeUser | undefined {
    return this.#options.user;
  }

  /** Looks at the folders of all sites again, for files that have changed. @throws {ServeError} `unreadable` */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      this.#readCertificates();
      (await this.#parts.slow.loadHandler(this.#options))?.commit();
      await reopen(this.#parts, this.#options);
      await this.#parts.modules.refresh();
      await this.#parts.sites.refresh();
    });
  }

  /**
   * The files of the certificates may have changed. Returns whether others are served now.
   * @throws {ServeError} if one cannot be used; nothing has changed
   */
  #readCertificates(): boolean {
    const { tls } = this.#parts;
    const { events } = this.#conflicts;
    const settings = readTls(this.#options, (text) => events.warn(text));
    return settings !== undefined && tls?.use(settings, httpSettings(this.#options)) === true;
  }

  /** Looks at single files now and then. */
  #watchFiles(): void {
    const { handler } = this.#options;
    this.#certificates.watch(certificateFiles(this.#options));
    const isWatched = typeof handler === 'string' && watchOptions(this.#options).mode !== 'off';
    this.#handler.watch(isWatched ? [handler] : []);
  }

  #renewCertificates(): void {
    const { events } = this.#conflicts;
    try {
      if (this.#readCertificates()) events.note('new certificates are served now');
    } catch (error) {
      events.warn(`the certificates stay as they were: ${(error as Error).message}`);
    }
  }

  async #renewHandler(): Promise<void> {
    const { events } = this.#conflicts;
    try {
      const loaded = await this.#inTurn(() => this.#parts.slow.loadHandler(this.#options));
      loaded?.commit();
      events.note('the handler has changed, and was loaded anew');
    } catch (error) {
      events.warn(`the handler stays as it was: ${(error as Error).message}`);
    }
  }

  /** A link on the way to a folder leads elsewhere: the other folder is loaded, and then served at once. */
  async #reopen(): Promise<void> {
    if (this.#isReopening) return;
    this.#isReopening = true;
    const { events } = this.#conflicts;
    try {
      const { changed } = await this.#inTurn(() => reopen(this.#parts, this.#options));
      this.#reopenError = '';
      this.#parts.watches.statistics.switched += changed.length;
      const folders = this.#parts.sites.sites.filter(({ name }) => changed.includes(name));
      const news = folders.map(({ name, loader }) => `${name}, from ${loader.root}`);
      if (news.length > 0) events.note(`another folder is served now: ${news.join('; ')}`);
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#reopenError) events.warn(`another folder cannot be served: ${message}`);
      this.#reopenError = message;
    } finally {
      this.#isReopening = false;
    }
  }

  /** Reloads run one after another. */
  #inTurn<Result>(action: () => Promise<Result>): Promise<Result> {
    const done = this.#reloads.then(action);
    this.#reloads = done.catch(() => {});
    return done;
  }

  /** Takes kept answers of handler and upstreams away, or has them validated before they are sent again. */
  purge(which: Purge, how: PurgeKind = 'hard'): Promise<readonly PurgedAnswers[]> {
    return this.#parts.slow.purge(which, how);
  }

  /** What administrators can have done, in place of looking at the folders again, and of `stop`. */
  onAdmin(handlers: AdminHandlers): void {
    this.#parts.admin?.handle(handlers);
  }

  /** How long open connections may take to close at the end, milliseconds; Infinity: as long as they want. */
  set graceMs(milliseconds: number) {
    this.#parts.plane.graceMs = milliseconds;
  }

  #administered() {
    const { plane, sites } = this.#parts;
    return {
      get sites() {
        return sites.sites;
      },
      get heartbeats() {
        return plane.heartbeats;
      },
      read: () => this.#reading(),
      purgeAnswers: (which: Purge, how: PurgeKind) => this.purge(which, how),
      endsSoon: () => this.#endsSoon(),
    };
  }

  /** The numbers as metrics have them. */
  #reading(): Reading {
    const { plane, slow, tls, log, watches } = this.#parts;
    const { cache, supply, uptimeSeconds, conflicts, shares } = this.snapshot();
    const whole = new Map<string, number>([
      ...prefixed('watch', watches.statistics),
      ...prefixed('kept', { withoutRoom: this.#parts.kept.withoutRoom }),
      ...prefixed('cache', cache),
      ...prefixed('supply', supply),
      ...prefixed('server', { uptimeSeconds, workers: plane.size, conflicts: conflicts.length }),
      ...(log?.counters() ?? []),
      ...slow.counters(),
    ]);
    const traffic = log?.traffic;
    const { metrics } = this.#parts.modules;
    return {
      workers: [...plane.workerCounters(), ...(tls?.counters() ?? [])],
      whole,
      traffic,
      shares,
      upstreams: slow.upstreams ?? [],
      caches: slow.caches,
      sites: this.#parts.sites.names,
      metrics,
    };
  }

  /** How often every worker has published its counters. It stands still if a worker is stuck. */
  get heartbeat(): number {
    return this.#parts.plane.heartbeat;
  }

  /** Opens the access log anew: its file may have been moved away. Nothing happens if there is no log. */
  reopenLog(): void {
    this.#parts.log?.reopen();
  }

  /** Answers that were cut at the end because the grace was over. */
  get cut(): number {
    return this.#parts.plane.cut;
  }

  /**
   * Starts a new process of the same program that takes over: no connection is refused or broken. Fulfilled with its
   * number when it answers requests. Then call `stop`, which waits for the connections that this process still has.
   * @throws {ServeError} if it does not come to that; then this process serves as before
   */
  async handOver(): Promise<number> {
    const { plan, plane, queues, name, log, admin, lease } = this.#parts;
    if (this.#options.capturePath !== undefined) {
      throw new ServeError('failure', 'a server that writes a capture cannot hand over', 'Serve without --pcap.');
    }
    if (this.#options.inspectPort !== undefined) {
      throw new ServeError(
        'failure',
        'a server that the inspector looks at cannot hand over',
        'Serve without --inspect.',
      );
    }
    const state = name.leftovers.bequest;
    const leased = lease === undefined ? plan : withLease(plan, lease.view.lease);
    const estate = { queues, plan: withAutomatic(leased, plane.automatic), state };
    const successor = await handOver(estate, {
      release: async (relays) => {
        await plane.hearFrom(relays);
        void name.socket.close(); // removes its path, where the new process makes one of its own
        log?.handOver();
        void admin?.close();
      },
      takeBack: async () => {
        name.leftovers.sign(); // the new process may have written its own number there
        name.socket.open();
        log?.takeBack();
        await plane.hearFrom(queues.map(({ fd }) => fd));
        await admin?.open(); // last: if somebody has taken the address, frames are read all the same
      },
    });
    log?.handedOver();
    name.leftovers.handedOn();
    admin?.handedOver();
    this.#endsSoon();
    plane.graceMs = Number.POSITIVE_INFINITY; // nothing waits for the end of our connections
    void this.#outlive(successor);
    return successor.pid;
  }

  async #outlive({ pid, ended }: Successor): Promise<void> {
    const end = await ended;
    const { plane, queues, name } = this.#parts;
    const { events } = this.#conflicts;
    const warn = (text: string) => events.warn(text);
    const failure = goOnAlone(pid, end, { plane, queues, leftovers: name.leftovers, warn });
    if (failure !== undefined) this.#isLeftAlone(failure);
  }

  /** From now on each answer says that it is the last of its connection, so that clients come back elsewhere. */
  #endsSoon(): void {
    const { plane, tls } = this.#parts;
    plane.send({ kind: 'ends-soon' });
    tls?.endsSoon();
  }

  /** Ends the grace of a `stop` that is under way: connections that are still open are reset. */
  hurry(): void {
    this.#parts.plane.hurry();
  }

  /** Limits a `stop` that waits as long as its connections want, as one does after a hand-over, to the grace. */
  endWithinGrace(): void {
    this.#parts.plane.hurry(this.#options.graceMs ?? DEFAULTS.graceMs);
  }

  /** Closes the connections, ends the workers, takes everything back. May be called more than once. */
  stop(): Promise<void> {
    if (this.#stopped === undefined) {
      this.#parts.admin?.ends();
      this.#stopped = this.#undo.run();
    }
    return this.#stopped;
  }
}

/** Counters with a group in front of their names. */
function prefixed(group: string, counters: object): [string, number][] {
  return Object.entries(counters).map(([name, value]) => [`${group}.${name}`, value as number]);
}

/** A conflict is reported once for each other host, and counted each time. */
class Conflicts {
  readonly events: ServeEvents;
  readonly #seen = new Map<string, ConflictRecord>();

  constructor(events: ServeEvents) {
    this.events = {
      note: (text) => events.note(text),
      warn: (text) => events.warn(text),
      loading: (progress) => events.loading(progress),
      compressing: (progress) => events.compressing?.(progress),
      closing: (unfinished) => events.closing(unfinished),
      died: (error) => events.died(error),
      conflict: (conflict) => this.#take(conflict, events),
    };
  }

  get list(): ConflictRecord[] {
    return [...this.#seen.values()];
  }

  #take(conflict: RivalHost, events: ServeEvents): void {
    const { address, mac } = conflict;
    const key = `${address} ${mac}`;
    const before = this.#seen.get(key);
    if (before === undefined && this.#seen.size === MAX_CONFLICTS) return;
    const last = new Date().toISOString();
    this.#seen.set(key, { address, mac, count: (before?.count ?? 0) + 1, last });
    if (before === undefined) events.conflict(conflict);
  }
}
