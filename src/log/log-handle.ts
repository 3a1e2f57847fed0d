/**
 * The main thread's end of the log thread: makes the memory, starts the thread, passes warnings and live lines on.
 *
 * The memory is made first, since the workers get it in their setup. The thread starts when the process has become the
 * user that it serves as, so that it can open the file again at any time.
 */
import { type MessagePort, Worker } from 'node:worker_threads';
import { ownFile } from '../own-files.js';
import { createBellMemory, LogBell } from './bell.js';
import type { LogFormat } from './format/formats.js';
import type { LogSetup, MessageFromLog, MessageToLog, SiteNames } from './messages.js';
import { createRingMemory, DEFAULT_RING_RECORDS, type RingMemory } from './ring.js';
import type { LogTarget } from './target.js';
import type { SiteTraffic } from './traffic.js';
import type { OnFailure, WriterStatistics } from './writer.js';

/**
 * The options of an access log.
 *
 * @example
 * ```ts
 * import type { AccessLogOptions } from 'fastpath';
 *
 * export const accessLog: AccessLogOptions = {
 *   target: { kind: 'file', path: '/var/log/fastpath/access.log' },
 *   format: 'json',
 *   rotateBytes: 100 * 2 ** 20,
 *   onFailure: 'drop',
 * };
 * ```
 */
export interface AccessLogOptions {
  readonly target: LogTarget;
  /** Default 'combined'. */
  readonly format?: LogFormat;
  /** A file is moved away before it grows beyond this, bytes. Default 0: never. */
  readonly rotateBytes?: number;
  /** Files that were moved away and are kept. Default 5. */
  readonly keep?: number;
  /** Records of each worker that may wait to be written. Default 16,384. */
  readonly ringRecords?: number;
  /** What happens when the log cannot be written and the ring is full. Default 'drop'. */
  readonly onFailure?: OnFailure;
}

export const LOG_DEFAULTS = {
  format: 'combined' as LogFormat,
  keep: 5,
  ringRecords: DEFAULT_RING_RECORDS,
  onFailure: 'drop' as OnFailure,
} as const;

/** The memory that a worker gets in its setup. */
export interface LogMemory {
  readonly ring: RingMemory;
  readonly bell: SharedArrayBuffer;
}

export interface LogEvents {
  warn(text: string): void;
  /** The thread has died by itself. */
  died(reason: string): void;
}

/** Takes live lines. `passed` is called when there is room for more. */
export type LiveListener = (lines: Uint8Array, missed: number, passed: () => void) => void;

export class LogHandle {
  readonly #options: AccessLogOptions;
  readonly #rings: RingMemory[];
  readonly #bellMemory = createBellMemory();
  readonly #bell = new LogBell(this.#bellMemory);
  #worker: Worker | undefined;
  #gone: Promise<void> | undefined;
  #stopping = false;
  #listener: LiveListener | undefined;
  #traffic: readonly SiteTraffic[] = [];
  #statistics: WriterStatistics = { lines: 0, bytes: 0, dropped: 0, failures: 0, failedRotations: 0 };

  /** @throws {RangeError} if the ring is out of bounds */
  constructor(options: AccessLogOptions, workers: number) {
    this.#options = options;
    this.#rings = Array.from({ length: workers }, () => createRingMemory(options.ringRecords));
  }

  /** The counters, up to a second old. */
  get statistics(): WriterStatistics {
    return this.#statistics;
  }

  /** What the records add up to, up to a second old. */
  get traffic(): readonly SiteTraffic[] {
    return this.#traffic;
  }

  /** The memory of this worker. */
  memory(index: number): LogMemory {
    const ring = this.#rings[index];
    if (ring === undefined) throw new RangeError(`there is no worker ${index}`);
    return { ring, bell: this.#bellMemory };
  }

  /** Fulfilled when the log is open. @throws {Error} if it cannot be opened */
  start(events: LogEvents): Promise<void> {
    const { target, format, rotateBytes, keep, onFailure } = this.#options;
    const workerData: LogSetup = {
      rings: this.#rings,
      bell: this.#bellMemory,
      target,
      format: format ?? LOG_DEFAULTS.format,
      rotateBytes: rotateBytes ?? 0,
      keep: keep ?? LOG_DEFAULTS.keep,
      onFailure: onFailure ?? LOG_DEFAULTS.onFailure,
    };
    const worker = new Worker(ownFile('./log/log-thread.js'), { name: 'fastpath-log', workerData });
    this.#worker = worker;
    this.#gone = new Promise((resolve) => worker.once('exit', () => resolve()));
    return new Promise((resolve, reject) => {
      worker.on('message', (message: MessageFromLog) => {
        if (message.kind === 'open') resolve();
        else if (message.kind === 'failed') reject(new Error(message.text));
        else this.#handle(message, events);
      });
      worker.once('error', (error) => {
        reject(error);
        if (!this.#stopping) events.died(error.stack ?? error.message);
      });
    });
  }

  /** Sites have come, or have other names. Call it before a worker knows them. */
  sites(sites: SiteNames): void {
    this.#post({ kind: 'sites', sites });
  }

  /** The file may have been moved away: opens it anew. */
  reopen(): void {
    this.#post({ kind: 'reopen' });
  }

  /** Another process has taken over, so nobody tells this one that the file was moved. False: it has not. */
  follow(follows: boolean): void {
    this.#post({ kind: 'follow', follows });
  }

  /** Sends live lines to `listener`; undefined: nobody watches any more. */
  watch(listener: LiveListener | undefined): void {
    this.#listener = listener;
    this.#post({ kind: 'watch', isWatched: listener !== undefined });
  }

  /** Writes what the rings hold, and ends. The workers have ended before. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#post({ kind: 'stop' });
    await this.#gone;
  }

  #post(message: MessageToLog): void {
    (this.#worker as Pick<MessagePort, 'postMessage'> | undefined)?.postMessage(message);
    this.#bell.ring();
  }

  #handle(message: MessageFromLog, events: LogEvents): void {
    if (message.kind === 'warning') events.warn(`access log: ${message.text}`);
    if (message.kind === 'statistics') [this.#statistics, this.#traffic] = [message.statistics, message.traffic];
    if (message.kind !== 'live') return;
    const passed = () => this.#post({ kind: 'passed' });
    if (this.#listener === undefined) passed();
    else this.#listener(message.lines, message.missed, passed);
  }
}
