/** The options of `fastpath serve` for what is served beside files, and by how many threads and how fast. */
import { type Command, InvalidArgumentError } from 'commander';
import { LEAST_RATE } from '../../net/tcp/pacing-plan.js';
import type { TcpSettings } from '../../net/tcp/settings.js';
import { defined, type PartialOptions } from '../../serve/configured.js';
import type { ModuleWish } from '../../serve/modules/wishes.js';
import { DEFAULTS, MAX_WORKERS } from '../../serve/options.js';
import { collect, parseCount, parseSize } from '../option-values.js';
import { collectTcpSettings } from '../tcp-settings.js';

/** What commander hands over. */
export interface ServiceFlags {
  readonly workers: number;
  readonly port: number;
  readonly handler?: string;
  readonly module?: readonly string[];
  readonly dns?: readonly ZoneFlag[];
  readonly backlog?: number;
  readonly bandwidth?: number;
  readonly connectionBandwidth?: number;
  readonly tcp?: Partial<TcpSettings>;
}

/** Adds these options to a command. */
export function addServiceOptions(command: Command): void {
  command
    .optionsGroup('Serving:')
    .option(
      '-w, --workers <count>',
      'threads, each a whole stack on a queue of its own',
      parseCount(1, MAX_WORKERS),
      DEFAULTS.workers,
    )
    .option('-p, --port <number>', 'the TCP port', parseCount(1, 65_535), DEFAULTS.port)
    .option('--handler <file>', 'a file that exports (req, res) => …, or an app: answers what no file answers')
    .option(
      '--module <file>',
      'another protocol beside HTTP: a file such as ./finger.js, or a package; may be given again',
      collect(String),
    )
    .option(
      '--dns <zone=file>',
      'answers for a DNS zone from its master file, such as example.org=./example.org.zone; may be given again',
      collect(parseZone),
    )
    .option(
      '--backlog <count>',
      `connections that may wait for their handshake to end (default: ${DEFAULTS.backlog})`,
      parseCount(1, 65_535),
    )
    .option('--bandwidth <size>', 'all connections together send at most so many bytes a second', parseRate)
    .option('--connection-bandwidth <size>', 'each connection sends at most so many bytes a second', parseRate)
    .option(
      '--tcp <name=value>',
      'a setting of TCP, such as congestionControl=newreno or delayedAck=100ms; may be given again ' +
        '("fastpath status --verbose" lists them all)',
      collectTcpSettings,
    );
}

/** The part of the server's options, from the flags that were given. */
export function serviceOptionsOf(flags: Partial<ServiceFlags>): PartialOptions {
  return defined({
    workers: flags.workers,
    port: flags.port,
    handler: flags.handler,
    modules: moduleWishes(flags),
    backlog: flags.backlog,
    bandwidth: bandwidthOf(flags),
    tcp: flags.tcp,
  });
}

function moduleWishes({ module: uses, dns: zones }: Partial<ServiceFlags>): ModuleWish[] | undefined {
  if (uses === undefined && zones === undefined) return undefined;
  const dns = zones === undefined ? [] : [{ use: 'dns', options: { zones } }];
  return [...(uses ?? []).map((use) => ({ use })), ...dns];
}

function bandwidthOf({ bandwidth: total, connectionBandwidth: connection }: Partial<ServiceFlags>) {
  return total === undefined && connection === undefined ? undefined : defined({ total, connection });
}

function parseRate(text: string): number {
  const bytes = parseSize(text);
  if (bytes >= LEAST_RATE) return bytes;
  throw new InvalidArgumentError(`Too small: the least rate is ${LEAST_RATE} bytes a second.`);
}

/** A zone to answer for, and its file. */
interface ZoneFlag {
  readonly zone: string;
  readonly file: string;
}

function parseZone(text: string): ZoneFlag {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return { zone: text.slice(0, at), file: text.slice(at + 1) };
  throw new InvalidArgumentError('It is a name and a file, such as example.org=./example.org.zone.');
}
