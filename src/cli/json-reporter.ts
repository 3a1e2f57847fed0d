/**
 * `--json`: one JSON object a line on standard output, each with an `event` and a `time`. README.md lists the events.
 */

import type { ProbeStep } from '../serve/self-probe.js';
import type { ServeError } from '../serve/serve-error.js';
import type { ServerInfo } from '../serve/server.js';
import { type Rates, type Snapshot, snapshotToJson } from '../serve/snapshot.js';
import { EXIT_CODE_OF } from './exit-codes.js';
import type { Reporter } from './reporter.js';

export class JsonReporter implements Reporter {
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

  /** A program has no use for a progress bar. */
  loading(): void {}

  ready(info: ServerInfo, snapshot: Snapshot): void {
    this.#event('ready', { pid: process.pid, ...info, cache: snapshot.cache });
  }

  probed(steps: readonly ProbeStep[]): void {
    this.#event('probe', { passed: steps.every(({ passed }) => passed), steps });
  }

  status(snapshot: Snapshot, rates: Rates): void {
    this.#event('status', { ...rates, ...snapshotToJson(snapshot) });
  }

  stopping(signal: string): void {
    this.#event('stopping', { signal });
  }

  stopped(snapshot: Snapshot | undefined): void {
    this.#event('stopped', snapshot === undefined ? {} : snapshotToJson(snapshot));
  }

  failed({ code, message, advice }: ServeError): void {
    this.#event('error', { code, message, advice, exitCode: EXIT_CODE_OF[code] });
  }

  #event(event: string, fields: object): void {
    this.#write(`${JSON.stringify({ event, time: new Date().toISOString(), ...fields })}\n`);
  }
}
