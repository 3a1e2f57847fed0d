/**
 * `--json`: one JSON object a line on standard output, each with an `event` and a `time`. docs/serving.md lists the
 * events.
 */
import type { LoadProgress } from '../cache/loading/load-options.js';
import type { CompressProgress } from '../cache/variants/variant-maker.js';
import type { RivalHost, ServerInfo } from '../serve/events.js';
import type { ProbeStep } from '../serve/network/self-probe.js';
import type { ReloadResult } from '../serve/reload.js';
import type { ServeError } from '../serve/serve-error.js';
import { type Rates, type Snapshot, snapshotToJson } from '../serve/snapshot.js';
import { EXIT_CODE_OF } from './exit-codes.js';
import type { Reporter } from './reporter.js';

/** Progress is told this often, from this long after the start on. */
const LOADING_EVERY_MS = 1_000;

export class JsonReporter implements Reporter {
  #loadingAt = Date.now();
  #compressingAt = 0;
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void = (line) => process.stdout.write(line)) {
    this.#write = write;
  }

  note(message: string): void {
    this.#event('note', { message });
  }

  warn(message: string): void {
    this.#event('warning', { message });
  }

  loading(progress: LoadProgress): void {
    const now = Date.now();
    if (now - this.#loadingAt < LOADING_EVERY_MS) return;
    this.#loadingAt = now;
    this.#event('loading', progress);
  }

  /** Now and then, and when all is done. */
  compressing(progress: CompressProgress): void {
    const now = Date.now();
    if (now - this.#compressingAt < LOADING_EVERY_MS && progress.files < progress.totalFiles) return;
    this.#compressingAt = now;
    this.#event('compressing', progress);
  }

  conflict({ address, mac }: RivalHost): void {
    this.#event('conflict', { address, mac });
  }

  ready(info: ServerInfo, snapshot: Snapshot): void {
    this.#event('ready', { pid: process.pid, ...info, cache: snapshot.cache });
  }

  handedOver(pid: number): void {
    this.#event('handed-over', { pid });
  }

  probed(steps: readonly ProbeStep[]): void {
    this.#event('probe', { passed: steps.every(({ passed }) => passed), steps });
  }

  status(snapshot: Snapshot, rates: Rates): void {
    this.#event('status', { ...rates, ...snapshotToJson(snapshot) });
  }

  reloaded(result: ReloadResult | undefined): void {
    this.#event('reloaded', result ?? {});
  }

  stopping(signal: string): void {
    this.#event('stopping', { signal });
  }

  closing(unfinished: number): void {
    this.#event('closing', { unfinished });
  }

  stopped(snapshot: Snapshot | undefined, cut: number): void {
    this.#event('stopped', snapshot === undefined ? {} : { cut, ...snapshotToJson(snapshot) });
  }

  failed({ code, message, advice }: ServeError): void {
    this.#event('error', { code, message, advice, exitCode: EXIT_CODE_OF[code] });
  }

  #event(event: string, fields: object): void {
    this.#write(`${JSON.stringify({ event, time: new Date().toISOString(), ...fields })}\n`);
  }
}
