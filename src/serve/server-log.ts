/**
 * The access log of a server: the log thread with its memory, and the socket for those who watch. Called by assembly.ts
 * in three steps, since the workers need the memory before the process has become the user who opens the file.
 */
import { type LogEvents, LogHandle, type LogMemory } from '../log/log-handle.js';
import type { SiteTraffic } from '../log/traffic.js';
import type { ServeEvents } from './events.js';
import { faultOf } from './faults.js';
import { tlsThreads } from './modules/tls-row.js';
import { DEFAULTS, type ServeOptions } from './options.js';
import { LogSocket } from './process/log-socket.js';
import type { UndoList } from './process/undo-list.js';
import { threadDeath } from './thread-death.js';

export class ServerLog {
  readonly #handle: LogHandle;
  readonly #options: ServeOptions;
  #socket: LogSocket | undefined;

  private constructor(handle: LogHandle, options: ServeOptions) {
    this.#handle = handle;
    this.#options = options;
  }

  /** First: the memory. Undefined: no log is wanted. Before the workers, so that they end before it does. */
  static create(options: ServeOptions, undo: UndoList): ServerLog | undefined {
    const { accessLog, workers } = options;
    if (accessLog === undefined) return undefined;
    const handle = new LogHandle(accessLog, (workers ?? DEFAULTS.workers) + tlsThreads(options));
    const log = new ServerLog(handle, options);
    undo.add(() => log.#socket?.close()); // last, so that those who watch see the last lines
    undo.add(() => handle.stop());
    return log;
  }

  /** Second, while privileged: the socket in the folder of the state. */
  listen(path: string, undo: UndoList): void {
    const socket = new LogSocket(path, this.#handle, this.#options.user);
    this.#socket = socket;
    undo.add(() => socket.unlisten());
  }

  /** Another process is about to take over the log and the name: it makes its socket at the same path. */
  handOver(): void {
    this.#socket?.unlisten();
    this.#handle.follow(true);
  }

  /** It has taken over. Those who watch go there, and stay here for the requests that this process still has. */
  handedOver(): void {
    this.#socket?.moved();
  }

  /** It has failed. */
  takeBack(): void {
    this.#socket?.open();
    this.#handle.follow(false);
  }

  /** Third, as the user that we serve as: opens the log. @throws {ServeError} if it cannot be opened */
  async start(events: ServeEvents): Promise<void> {
    const logEvents: LogEvents = {
      warn: (text) => events.warn(text),
      died: (reason) => events.died(threadDeath('the log thread', undefined, reason)),
    };
    try {
      await this.#handle.start(logEvents);
    } catch (cause) {
      const { user, accessLog } = this.#options;
      const advice =
        accessLog?.target.kind === 'syslog'
          ? 'Name the socket or the address of a syslog daemon that runs.'
          : 'Name a file whose folder this user may write in.';
      const who = user === undefined ? '' : ` by the user ${user.name}`;
      const message = `the access log cannot be opened${who}: ${(cause as Error).message}`;
      throw faultOf(['log', 'to'], message, advice, { code: 'unreadable', cause });
    }
  }

  /** The sites are others, or have other names. Call it before the workers know them. */
  sites(names: ReadonlyMap<number, string>): void {
    this.#handle.sites(names);
  }

  memory(index: number): LogMemory {
    return this.#handle.memory(index);
  }

  /** Counters for the snapshot, by dotted name. */
  counters(): [string, number][] {
    return Object.entries(this.#handle.statistics).map(([name, value]) => [`logThread.${name}`, value]);
  }

  /** What the records add up to, by site. */
  get traffic(): readonly SiteTraffic[] {
    return this.#handle.traffic;
  }

  /** The file may have been moved away: opens it anew. */
  reopen(): void {
    this.#handle.reopen();
  }
}
