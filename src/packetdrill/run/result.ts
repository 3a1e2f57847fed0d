/**
 * The outcome of a script: passed, failed and how, or why it could not be run.
 */
import type { Position } from '../language/script-error.js';
import type { Difference } from '../wire/compare.js';
import type { IpVersion } from './script-config.js';

/**
 * `empty`: nothing was checked, because every `#ifdef` branch was left out or there are only settings.
 * `broken`: the script itself is wrong, or never ends. `unsupported`: it needs what has no meaning here.
 */
export const VERDICTS = ['passed', 'failed', 'empty', 'broken', 'unsupported'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface ScriptResult {
  readonly path: string;
  readonly ipVersion: IpVersion;
  readonly verdict: Verdict;
  readonly failure: Failure | undefined;
  /** How many events were carried out, and how many there are. */
  readonly events: number;
  readonly eventCount: number;
  /** How many assertions held, and which ones could not be evaluated. */
  readonly checksPassed: number;
  readonly notChecked: readonly NotChecked[];
  /** Shell lines and settings that have no meaning here. */
  readonly ignored: readonly string[];
  readonly timeline: readonly TimelineEntry[];
  /** How long the script took by its own clock (microseconds). */
  readonly duration: number;
}

export interface NotChecked {
  readonly line: number;
  readonly statement: string;
  readonly reason: string;
}

export interface Failure {
  readonly at: Position;
  readonly problem: string;
  /** The script's source line and a caret. */
  readonly excerpt: string;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
  readonly differences: readonly Difference[];
  /** The variables of the connection at that moment. */
  readonly variables: Readonly<Record<string, string>>;
}

/** One thing that happened, in the script's time. */
export interface TimelineEntry {
  readonly time: number;
  readonly kind: 'in' | 'out' | 'call' | 'check';
  readonly text: string;
  /** The script's line that it belongs to; 0: the script has not mentioned it (yet). */
  readonly line: number;
}
