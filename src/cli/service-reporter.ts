/**
 * Tells a service manager how the server fares (Type=notify of systemd.service(5)), besides what another reporter says
 * to people or programs: READY when requests are answered, a STATUS line now and then, WATCHDOG while the workers
 * move, STOPPING at the end.
 */
import type { LoadProgress } from '../cache/loading/load-options.js';
import type { CompressProgress } from '../cache/variants/variant-maker.js';
import type { RivalHost, ServerInfo } from '../serve/events.js';
import type { ProbeStep } from '../serve/network/self-probe.js';
import type { ServiceManager } from '../serve/process/service-manager.js';
import type { ReloadResult } from '../serve/reload.js';
import type { ServeError } from '../serve/serve-error.js';
import type { Rates, Snapshot } from '../serve/snapshot.js';
import { countOf } from '../words/numbers.js';
import type { Reporter } from './reporter.js';

/** The status line of `systemctl status` is for people: more often than this nobody reads it. */
const STATUS_EVERY_MS = 10_000;
/** While it loads and while it ends, the server asks for this much more time, microseconds, with each sign of life. */
const MORE_TIME = 'EXTEND_TIMEOUT_USEC=30000000';

export class ServiceReporter implements Reporter {
  readonly #inner: Reporter;
  readonly #manager: ServiceManager;
  #toldAt = 0;
  #beatAt = 0;
  #isOver = false;
  #ending: NodeJS.Timeout | undefined;

  constructor(inner: Reporter, manager: ServiceManager) {
    this.#inner = inner;
    this.#manager = manager;
  }

  note(text: string): void {
    this.#inner.note(text);
  }

  warn(text: string): void {
    this.#inner.warn(text);
  }

  loading(progress: LoadProgress): void {
    this.#inner.loading(progress);
    this.#now(`reading the folder: ${progress.files} of ${progress.totalFiles} files`, MORE_TIME);
  }

  compressing(progress: CompressProgress): void {
    this.#inner.compressing?.(progress);
  }

  ready(info: ServerInfo, snapshot: Snapshot): void {
    this.#inner.ready(info, snapshot);
    this.#manager.notify('READY=1', `MAINPID=${process.pid}`, `STATUS=${info.url}`);
    this.#toldAt = Date.now();
  }

  conflict(conflict: RivalHost): void {
    this.#inner.conflict(conflict);
  }

  probed(steps: readonly ProbeStep[]): void {
    this.#inner.probed(steps);
  }

  status(snapshot: Snapshot, rates: Rates): void {
    this.#inner.status(snapshot, rates);
    this.#now(`${countOf(rates.requestsPerSecond, 'request')} a second, ${countOf(rates.connections, 'connection')}`);
  }

  /** The workers have moved since the last call. Called about once a second. */
  alive(): void {
    this.#inner.alive?.();
    const { watchdogMs } = this.#manager;
    const now = Date.now();
    if (watchdogMs === undefined || now - this.#beatAt < watchdogMs / 2) return;
    this.#beatAt = now;
    this.#manager.notify('WATCHDOG=1');
  }

  reloading(): void {
    this.#inner.reloading?.();
    this.#manager.notify('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`);
  }

  reloaded(result: ReloadResult | undefined): void {
    this.#inner.reloaded?.(result);
    this.#manager.notify('READY=1', 'STATUS=the configuration was read again');
  }

  reloadFailed(error: ServeError): void {
    this.#inner.reloadFailed?.(error);
    this.#manager.notify('READY=1', `STATUS=not reloaded: ${error.message.replaceAll('\n', ' ')}`);
  }

  /** From now on the manager listens to the new process alone. */
  handedOver(pid: number): void {
    this.#inner.handedOver(pid);
    this.#manager.notify(`MAINPID=${pid}`);
    this.#isOver = true;
  }

  stopping(signal: string): void {
    this.#inner.stopping(signal);
    if (this.#isOver) return;
    this.#manager.notify('STOPPING=1', `STATUS=closing connections (${signal})`, MORE_TIME);
    // Answers may take as long as the grace is. The manager's time for a stop need not be longer than that.
    this.#ending ??= setInterval(() => this.#manager.notify(MORE_TIME), STATUS_EVERY_MS).unref();
  }

  closing(unfinished: number): void {
    this.#inner.closing(unfinished);
    if (this.#isOver) return;
    this.#manager.notify(`STATUS=waiting for ${countOf(unfinished, 'answer')}`);
  }

  stopped(snapshot: Snapshot | undefined, cut: number, isHurried = false): void {
    clearInterval(this.#ending);
    this.#inner.stopped(snapshot, cut, isHurried);
  }

  failed(error: ServeError): void {
    clearInterval(this.#ending);
    this.#inner.failed(error);
    this.#manager.notify(`STATUS=${error.message.replaceAll('\n', ' ')}`);
  }

  #now(text: string, ...lines: readonly string[]): void {
    const now = Date.now();
    if (now - this.#toldAt < STATUS_EVERY_MS) return;
    this.#toldAt = now;
    this.#manager.notify(`STATUS=${text}`, ...lines);
  }
}
