/** The options of `fastpath serve` for its access log, and what they become. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LOG_FORMATS, type LogFormat } from '../../log/format/formats.js';
import { LOG_DEFAULTS } from '../../log/log-handle.js';
import { MOST_RING_RECORDS } from '../../log/ring.js';
import { type LogTarget, parseLogTarget } from '../../log/target.js';
import type { OnFailure } from '../../log/writer.js';
import { defined, type PartialOptions } from '../../serve/configured.js';
import { parseCount, parseSize } from '../option-values.js';

/** What commander hands over. */
export interface LogFlags {
  readonly accessLog?: LogTarget;
  readonly logFormat: LogFormat;
  readonly logRotateSize?: number;
  readonly logKeep: number;
  readonly logRing: number;
  readonly logFull: OnFailure;
}

const LEAST_ROTATION = 1_024;
const MOST_KEPT = 1_000;

/** Adds the options of the access log to a command. */
export function addLogOptions(command: Command): void {
  command
    .optionsGroup('Access log:')
    .option(
      '--access-log <where>',
      'a line for each request: to a file, "-" (standard output), "syslog:", or "syslog:192.0.2.1:514" ' +
        '(SIGUSR1 opens the file anew); "none": no lines, only for those who watch',
      parseTarget,
    )
    .addOption(
      new Option('--log-format <name>', 'how a line looks; json has everything')
        .choices([...LOG_FORMATS])
        .default(LOG_DEFAULTS.format),
    )
    .option('--log-rotate-size <size>', 'move the file away before it grows beyond this', parseRotation)
    .option('--log-keep <count>', 'files that were moved away and stay', parseCount(0, MOST_KEPT), LOG_DEFAULTS.keep)
    .option(
      '--log-ring <count>',
      'records of each worker that may wait to be written; then its connections wait',
      parseCount(1, MOST_RING_RECORDS),
      LOG_DEFAULTS.ringRecords,
    )
    .addOption(
      new Option('--log-full <what>', 'if the log cannot be written and the ring is full: drop old records, or wait')
        .choices(['drop', 'wait'])
        .default(LOG_DEFAULTS.onFailure),
    );
}

/** The part of the server's options, from the flags that were given. The log itself may stand in a configuration. */
export function logOptionsOf(flags: Partial<LogFlags>): Pick<PartialOptions, 'accessLog'> {
  const { accessLog: target, logFormat, logRotateSize, logKeep, logRing, logFull } = flags;
  const accessLog = defined({
    target,
    format: logFormat,
    rotateBytes: logRotateSize,
    keep: logKeep,
    ringRecords: logRing,
    onFailure: logFull,
  });
  return Object.keys(accessLog).length === 0 ? {} : { accessLog };
}

function parseTarget(text: string): LogTarget {
  try {
    const target = parseLogTarget(text);
    return target.kind === 'file' ? { kind: 'file', path: resolve(target.path) } : target;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function parseRotation(text: string): number {
  const size = parseSize(text);
  if (size < LEAST_ROTATION) throw new InvalidArgumentError(`At least ${LEAST_ROTATION} bytes.`);
  return size;
}
