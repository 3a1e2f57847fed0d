/**
 * A folder served over a TAP interface. Runs on the main thread, which keeps Node's event loop; frames never come
 * here. How it is put together is in assembly.ts.
 */
import type { LibraryStatistics } from '../cache/library.js';
import type { LoadProgress } from '../cache/loader.js';
import { assemble, type ServerParts } from './assembly.js';
import { ControlSocket } from './control-socket.js';
import { backlogOf, DEFAULTS, type ServeOptions } from './options.js';
import { type ProbeStep, probe } from './self-probe.js';
import type { ServeError } from './serve-error.js';
import { type Snapshot, snapshotToJson } from './snapshot.js';
import { UndoList } from './undo-list.js';

/** What happens on the way, for whoever shows it. */
export interface ServeEvents {
  /** Something the user may want to know. */
  note(text: string): void;
  /** Something is not as it should be, and serving goes on. */
  warn(text: string): void;
  /** The folder is being read. */
  loading(progress: LoadProgress): void;
  /** Serving has ended by itself; `stop` has still to be called. */
  died(error: ServeError): void;
}

/** Where and what is served. */
export interface ServerInfo {
  readonly url: string;
  readonly folder: string;
  readonly interfaceName: string;
  /** The interface vanishes at the end. */
  readonly temporary: boolean;
  readonly mac: string;
  readonly addresses: readonly string[];
  readonly hostAddresses: readonly string[];
  readonly mtu: number;
  /** The most payload in one frame; 0: no offload. */
  readonly superSegmentBytes: number;
  readonly workers: number;
}

/**
 * A folder served over a TAP interface. `FolderServer.start` makes one.
 * @throws {ServeError} with a code if it cannot.
 */
export class FolderServer {
  readonly info: ServerInfo;

  readonly #options: ServeOptions;
  readonly #parts: ServerParts;
  readonly #undo: UndoList;
  readonly #started = Date.now();
  #stopped: Promise<void> | undefined;

  private constructor(options: ServeOptions, parts: ServerParts, undo: UndoList) {
    this.info = parts.info;
    this.#options = options;
    this.#parts = parts;
    this.#undo = undo;
  }

  /**
   * Starts serving.
   * @param signal ends a start that is under way (reading a large folder takes its time)
   * @throws {ServeError} after having taken back all that was done so far.
   */
  static async start(options: ServeOptions, events: ServeEvents, signal?: AbortSignal): Promise<FolderServer> {
    const undo = new UndoList();
    try {
      const parts = await assemble(options, events, undo, signal);
      const server = new FolderServer(options, parts, undo);
      const socket = new ControlSocket(parts.socketPath, () => snapshotToJson(server.snapshot()));
      undo.add(() => socket.close());
      return server;
    } catch (error) {
      await undo.run();
      throw error;
    }
  }

  /** Asks from the host's side, address by address and layer by layer, whether the server can be reached. */
  async probe(): Promise<ProbeStep[]> {
    const { plan } = this.#parts;
    const port = this.#options.port ?? DEFAULTS.port;
    const steps: ProbeStep[] = [];
    for (const { address } of plan.addresses) {
      const host = plan.host.find((each) => each.contains(address)) ?? plan.host[0]!;
      steps.push(...(await probe({ interfaceName: plan.interfaceName, host: host.address, address, port })));
    }
    return steps;
  }

  /** The numbers of this moment (the workers' counters are up to a quarter of a second old). */
  snapshot(): Snapshot {
    const time = Date.now();
    const cache: LibraryStatistics = this.#parts.library.statistics;
    const { plane } = this.#parts;
    const uptimeSeconds = Math.round((time - this.#started) / 100) / 10;
    return {
      time,
      uptimeSeconds,
      workers: plane.size,
      counters: plane.counters(),
      cache,
      tcp: { ...this.#options.tcp, backlog: backlogOf(this.#options) },
    };
  }

  /** How often every worker has published its counters: stands still if one is stuck. */
  get heartbeat(): number {
    return this.#parts.plane.heartbeat;
  }

  /** Closes the connections, ends the workers, takes everything back. May be called more than once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#undo.run();
    return this.#stopped;
  }
}
