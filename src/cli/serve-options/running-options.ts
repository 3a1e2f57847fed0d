/** The options of `fastpath serve` for its run: what it shows and records, as whom it serves, and how it ends. */
import { type Command, Option } from 'commander';
import { defined, type PartialOptions } from '../../serve/configured.js';
import { DEFAULTS, type ProbeMode } from '../../serve/options.js';
import { formatDuration } from '../../words/numbers.js';
import { parseCount, parseGrace } from '../option-values.js';

/** What commander hands over. */
export interface RunningFlags {
  readonly pcap?: string;
  readonly inspect?: number | true;
  readonly trace?: boolean;
  readonly probe: ProbeMode;
  readonly grace: number;
  readonly user?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds these options to a command. */
export function addRunningOptions(command: Command): void {
  command
    .optionsGroup('Running:')
    .option('--pcap <file>', 'write every frame to this pcapng file (with several workers: one file each)')
    .option(
      '--inspect [port]',
      'let the inspector look: prints an address of 127.0.0.1 for a browser, with a token (port: a free one)',
      parseCount(0, 65_535),
    )
    .option('--trace', 'print every frame as a line, in the manner of tcpdump (on standard error)')
    .addOption(
      new Option('--probe <mode>', 'after the start, see from this machine whether ARP, TCP and HTTP get through')
        .choices(['off', 'warn', 'require'])
        .default(DEFAULTS.probe),
    )
    .addOption(
      new Option('--grace <time>', 'how long downloads may go on after Ctrl-C or SIGTERM; "forever" waits for all')
        .argParser(parseGrace)
        .default(DEFAULTS.graceMs, formatDuration(DEFAULTS.graceMs)),
    )
    .option(
      '--user <name>',
      'as root: the user to become after the set-up (default: the one who called sudo, else nobody)',
    )
    .option('--json', 'events and a status line a second as JSON, for programs')
    .option('-q, --quiet', 'only the URL and warnings');
}

/** The part of the server's options, from the flags that were given. */
export function runningOptionsOf(flags: Partial<RunningFlags>): PartialOptions {
  return defined({
    probe: flags.probe,
    graceMs: flags.grace,
    capturePath: flags.pcap,
    inspectPort: flags.inspect === true ? 0 : flags.inspect,
    trace: flags.trace,
  });
}
