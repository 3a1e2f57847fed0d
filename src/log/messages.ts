/** The messages between the main thread and the log thread, and the thread's setup. They survive structured cloning. */
import type { LogFormat } from './format/formats.js';
import type { RingMemory } from './ring.js';
import type { LogTarget } from './target.js';
import type { SiteTraffic } from './traffic.js';
import type { OnFailure, WriterStatistics } from './writer.js';

/** The names of the sites by number. Former sites are among them, since records of theirs may still come. */
export type SiteNames = ReadonlyMap<number, string>;

/** All that the log thread needs to know. */
export interface LogSetup {
  readonly rings: readonly RingMemory[];
  readonly bell: SharedArrayBuffer;
  readonly target: LogTarget;
  readonly format: LogFormat;
  readonly rotateBytes: number;
  readonly keep: number;
  readonly onFailure: OnFailure;
}

export type MessageToLog =
  | { readonly kind: 'reopen' }
  /** The file may be moved away without a `reopen`, or not any more. */
  | { readonly kind: 'follow'; readonly follows: boolean }
  /** Sites have come, or have other names. */
  | { readonly kind: 'sites'; readonly sites: SiteNames }
  /** Write what there is, and end. */
  | { readonly kind: 'stop' }
  /** Somebody watches live, or nobody any more. */
  | { readonly kind: 'watch'; readonly isWatched: boolean }
  /** A batch of live lines has been passed on. */
  | { readonly kind: 'passed' };

export type MessageFromLog =
  | { readonly kind: 'open' }
  /** The log cannot be opened: the thread ends. */
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'statistics'; readonly statistics: WriterStatistics; readonly traffic: readonly SiteTraffic[] }
  /** Lines of JSON for those who watch; `missed` records could not be passed on in time. */
  | { readonly kind: 'live'; readonly lines: Uint8Array; readonly missed: number };
