/**
 * The voice of `fastpath serve` while it runs: to a person (person-reporter.ts) or to a program (json-reporter.ts).
 */
import type { LoadProgress } from '../cache/loading/load-options.js';
import type { CompressProgress } from '../cache/variants/variant-maker.js';
import type { RivalHost, ServerInfo } from '../serve/events.js';
import type { ProbeStep } from '../serve/network/self-probe.js';
import type { ReloadResult } from '../serve/reload.js';
import type { ServeError } from '../serve/serve-error.js';
import type { Rates, Snapshot } from '../serve/snapshot.js';

export interface Reporter {
  note(text: string): void;
  warn(text: string): void;
  loading(progress: LoadProgress): void;
  /** Variants in content codings are made, beside serving. */
  compressing?(progress: CompressProgress): void;
  /** The server answers; `snapshot` has what was loaded. */
  ready(info: ServerInfo, snapshot: Snapshot): void;
  /** Another host uses an address of ours. */
  conflict(conflict: RivalHost): void;
  probed(steps: readonly ProbeStep[]): void;
  /** Once a second. */
  status(snapshot: Snapshot, rates: Rates): void;
  /** The workers have moved since the last call. About once a second. */
  alive?(): void;
  /** A new configuration is being read, or the folders are looked at again. */
  reloading?(): void;
  /** That is done; undefined: there is no configuration, and the folders were looked at. */
  reloaded?(result: ReloadResult | undefined): void;
  /** The new configuration cannot be, and all is as before. A warning has said why. */
  reloadFailed?(error: ServeError): void;
  /** Another process serves now; this one waits for the connections that it still has. */
  handedOver(pid: number): void;
  /** Connections are being closed. */
  stopping(signal: string): void;
  /** This many answers are still under way. */
  closing(unfinished: number): void;
  /** All is taken back; `cut` answers were not taken whole. `isHurried`: a second signal did not wait for them. */
  stopped(snapshot: Snapshot | undefined, cut: number, isHurried?: boolean): void;
  failed(error: ServeError): void;
}
