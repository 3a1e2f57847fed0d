/** `fastpath packetdrill`: runs packet scripts against the stack in virtual time, or writes one from a capture. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Profile } from '../packetdrill/run/profile.js';
import type { ScriptResult } from '../packetdrill/run/result.js';
import type { IpVersion } from '../packetdrill/run/script-config.js';
import { readReason, writeReason } from '../words/file-reasons.js';
import { ExitCode } from './exit-codes.js';
import { parseCount } from './option-values.js';
import { subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'packetdrill handshake.pkt', meaning: 'run one script; a failure shows the packets around it' },
  { line: 'packetdrill test/packets', meaning: 'run every *.pkt in a folder and those below it' },
  { line: 'packetdrill --ip-version all test/packets', meaning: 'each over IPv4, IPv6 and IPv4-mapped IPv6' },
  { line: 'packetdrill --pcap run.pcapng handshake.pkt', meaning: 'and record the packets for Wireshark' },
  { line: 'packetdrill --from trace.pcap > trace.pkt', meaning: 'write a connection of a capture as a script' },
];

const EXIT_STATUS = `
Exit status: 0 all scripts passed
             1 some failed, checked nothing, or need what this stack does not have
             2 a script is broken, or the command line makes no sense
             7 there is no script, or it cannot be read
`;

const VERSIONS = {
  ipv4: ['ipv4'],
  ipv6: ['ipv6'],
  'ipv4-mapped-ipv6': ['ipv4-mapped-ipv6'],
  all: ['ipv4', 'ipv6', 'ipv4-mapped-ipv6'],
} as const satisfies Record<string, readonly IpVersion[]>;

interface Flags {
  readonly profile: Profile;
  readonly ipVersion: keyof typeof VERSIONS;
  readonly define?: Map<string, string>;
  readonly strict?: boolean;
  readonly seed: number;
  readonly pcap?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly from?: string;
  readonly connection: number;
}

/** The subcommand `packetdrill`, for the command line. */
export function packetdrillCommand(): Command {
  return subcommand('packetdrill', 'Run packet scripts (packetdrill) against the stack in virtual time.', EXAMPLES)
    .argument('[paths...]', 'scripts, and folders with scripts (*.pkt)')
    .option('--profile <name>', 'the system that the scripts were written for: linux or freebsd', parseProfile, 'linux')
    .option('--ip-version <version>', 'ipv4, ipv6, ipv4-mapped-ipv6 or all', parseVersion, 'ipv4')
    .option('-D, --define <name=value>', 'the value of a word in the scripts; may be given again', collectDefinition)
    .option('--strict', 'our own rules too: usual IP fields, TSval, no joining of segments, nothing unmentioned')
    .option('--seed <number>', 'the seed of the random numbers that the stack draws', parseCount(0, 2 ** 31 - 1), 1)
    .option('--pcap <file>', 'write every frame to a pcapng file')
    .option('-v, --verbose', 'name scripts that pass too, and what was ignored or not checked')
    .option('--json', 'one JSON object for each script, and nothing else')
    .option('--from <capture>', 'write a connection of a capture (pcap, pcapng) as a script, on standard output')
    .option('--connection <number>', 'with --from: which connection of the capture', parseCount(1, 2 ** 31 - 1), 1)
    .addHelpText('after', EXIT_STATUS)
    .action(async (paths: string[], flags: Flags) => {
      if (flags.from === undefined) process.exitCode = await runAll(paths, flags);
      else if (paths.length === 0) process.exitCode = await writeScript(flags.from, flags);
      else process.exitCode = complain('--from writes a script; it runs none', ExitCode.usage);
    });
}

/** Runs all scripts and prints the outcome of each; returns the exit status. */
async function runAll(paths: readonly string[], flags: Flags): Promise<number> {
  const { findScripts, NoScripts, runScriptFile } = await import('../packetdrill/run/script-files.js');
  const { summarize, summaryTable } = await import('../packetdrill/run/report.js');
  if (paths.length === 0)
    return complain('no script named; fastpath packetdrill --help shows examples', ExitCode.usage);
  const recorder = flags.pcap === undefined ? undefined : await openRecorder(flags.pcap);
  if (recorder === null) return ExitCode.unreadable;
  const results: ScriptResult[] = [];
  const runEach = async () => {
    for (const path of findScripts(paths)) {
      recorder?.begin(path);
      const found = runScriptFile(path, {
        profile: flags.profile,
        ipVersions: VERSIONS[flags.ipVersion],
        definitions: flags.define ?? new Map(),
        overrides: flags.strict ? { strict: true } : {},
        seed: flags.seed,
        capture: recorder === undefined ? undefined : (frame, outbound, time) => recorder.record(frame, outbound, time),
      });
      results.push(...found);
      for (const result of found) await printResult(result, flags);
    }
  };
  try {
    await runEach().finally(() => recorder?.close());
  } catch (error) {
    if (error instanceof NoScripts) return complain(`cannot read ${error.message}`, ExitCode.unreadable);
    if (isFileError(error)) return complain(`cannot read ${error.path}: ${readReason(error)}`, ExitCode.unreadable);
    throw error;
  }
  if (!flags.json) console.log(summaryTable(summarize(results)));
  return exitStatus(results);
}

/** 0, 1 or 2, for the worst that happened. */
function exitStatus(results: readonly ScriptResult[]): number {
  if (results.some(({ verdict }) => verdict === 'broken')) return ExitCode.usage;
  return results.every(({ verdict }) => verdict === 'passed') ? ExitCode.ok : ExitCode.failure;
}

async function printResult(result: ScriptResult, flags: Flags): Promise<void> {
  if (flags.json) {
    console.log(JSON.stringify(result));
    return;
  }
  const { describeResult } = await import('../packetdrill/run/report.js');
  if (result.verdict !== 'passed') console.log(`${result.verdict}: ${describeResult(result)}\n`);
  if (!flags.verbose) return;
  if (result.verdict === 'passed') console.log(describeResult(result));
  for (const { line, statement, reason } of result.notChecked) {
    console.log(`    line ${line}, not checked: ${statement} (${reason})`);
  }
  for (const text of result.ignored) console.log(`    ignored: ${text}`);
}

/** Writes a script from a capture to standard output; returns the exit status. */
async function writeScript(capture: string, flags: Flags): Promise<number> {
  const { scriptFromCapture, CaptureError } = await import('../packetdrill/record/from-capture.js');
  try {
    process.stdout.write(await scriptFromCapture(capture, { connection: flags.connection, profile: flags.profile }));
    return ExitCode.ok;
  } catch (error) {
    if (error instanceof CaptureError) return complain(error.message, ExitCode.failure);
    if (isFileError(error)) return complain(`cannot read ${capture}: ${readReason(error)}`, ExitCode.unreadable);
    throw error;
  }
}

async function openRecorder(path: string) {
  const { ScriptRecorder } = await import('../packetdrill/run/script-recorder.js');
  try {
    return new ScriptRecorder(path);
  } catch (error) {
    if (!isFileError(error)) throw error;
    complain(`cannot write ${path}: ${writeReason(error)}`, ExitCode.unreadable);
    return null;
  }
}

function complain(message: string, status: number): number {
  console.error(`fastpath: ${message}`);
  return status;
}

/** True for an error of the file system, which has a `code` such as ENOENT. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

function parseProfile(text: string): Profile {
  if (text === 'linux' || text === 'freebsd') return text;
  throw new InvalidArgumentError('linux or freebsd.');
}

function parseVersion(text: string): keyof typeof VERSIONS {
  if (Object.hasOwn(VERSIONS, text)) return text as keyof typeof VERSIONS;
  throw new InvalidArgumentError(`${Object.keys(VERSIONS).join(', ')}.`);
}

function collectDefinition(text: string, before: ReadonlyMap<string, string> | undefined): Map<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('name=value.');
  return new Map([...(before ?? []), [text.slice(0, equals), text.slice(equals + 1)]]);
}
