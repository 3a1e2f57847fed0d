/** `fastpath replay`: a capture into our stack, and what it answers. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { IpAddress } from '../net/wire/address.js';
import type { RunResult } from '../replay/run.js';
import { ServeError } from '../serve/serve-error.js';
import { readReason, writeReason } from '../words/file-reasons.js';
import { countOf } from '../words/numbers.js';
import { openCaptureOutput } from './capture-output.js';
import { ExitCode } from './exit-codes.js';
import { collect, parseCount, parseDuration } from './option-values.js';
import { subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'replay trace.pcapng', meaning: "our TCP in the recorded server's place, saying what that said" },
  {
    line: 'replay trace.pcap --serve ./site --out answer.pcapng',
    meaning: 'our web server in its place; a capture of it all for Wireshark',
  },
  {
    line: 'replay trace.pcap.gz --compare',
    meaning: "where our answers differ from the recorded server's (exit status 1 if they do)",
  },
  {
    line: 'replay trace.pcap --as 192.0.2.7 --json',
    meaning: 'which host is the server; one JSON object a connection, then the summary',
  },
];

const AFTER = `
The frames that went to the server are given to our stack at the capture's own times; their acknowledgments, SACK edges
and time-stamp echoes are rebased to the numbers of our connections. No privileges, no waiting, no network; the same
capture gives the same answers, every time. Loopback addresses (127.0.0.0/8, ::1) are translated to 198.18.0.0/15 and
2001:db8::/64, since no host takes them off a link.

Exit status: 0 done; 1 the capture is damaged or has no server in it, or --compare found differences or nothing to
compare; 2 wrong options; 7 a file cannot be opened or made.
`;

interface Flags {
  readonly as?: IpAddress[];
  readonly port?: number[];
  readonly serve?: string;
  readonly out?: string;
  readonly compare?: boolean;
  readonly fixChecksums?: boolean;
  readonly json?: boolean;
  readonly linger: number;
  readonly seed: number;
  readonly mtu: number;
}

/** The command `fastpath replay`. */
export function replayCommand(): Command {
  return subcommand('replay', 'Replay a capture into the stack, and see what it answers.', EXAMPLES)
    .argument('<capture>', 'a pcap or pcapng file, compressed or not; - for standard input')
    .option(
      '-a, --as <address>',
      'take the part of this host; may be given again (default: the one that was asked most)',
      collect(parseAddress),
    )
    .option(
      '-p, --port <port>',
      'listen on this port; may be given again (default: those that answered)',
      collect(parseCount(1, 65_535)),
    )
    .option('-s, --serve <folder>', 'answer HTTP from this folder (default: say what the recorded server said)')
    .option('-o, --out <file>', 'write the frames given and answered to this pcapng file; - for standard output')
    .option('-c, --compare', "show where our answers differ from the recorded server's")
    .option('--fix-checksums', 'compute the checksums of the capture anew (its addresses were edited, say)')
    .option('--json', 'one JSON object for each connection, then one for the whole')
    .addOption(
      new Option('--linger <duration>', 'go on after the last frame for so long')
        .argParser(parseDuration)
        .default(1_000, '1s'),
    )
    .option('--seed <n>', 'of the sequence numbers and all other chance', parseCount(0, 0x7fffffff), 1)
    .option('--mtu <bytes>', 'of our link', parseCount(576, 65_535), 1_500)
    .addHelpText('after', AFTER)
    .action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
  const [{ replayFile, NoServer }, report, { FOLDED }] = await Promise.all([
    import('../replay/run.js'),
    import('../replay/report.js'),
    import('../replay/comparison.js'),
  ]);
  const output = flags.out === undefined ? undefined : await openCaptureOutput('--out', flags.out, path);
  const print = flags.out === '-' ? (text: string) => console.error(text) : (text: string) => console.log(text);
  const result = await replayFile(path, {
    servers: flags.as,
    ports: flags.port,
    application: flags.serve === undefined ? undefined : await loadFolder(flags.serve),
    compare: flags.compare,
    fixChecksums: flags.fixChecksums,
    linger: flags.linger * 1_000,
    seed: flags.seed,
    mtu: flags.mtu,
    output: output?.write,
    onConnection: (connection) => print(flags.json ? JSON.stringify(connection) : report.formatConnection(connection)),
  }).catch((error: Error) => {
    if (error instanceof NoServer) throw new ServeError('failure', `${path}: ${error.message}`, '', { cause: error });
    throw new ServeError('unreadable', `cannot read ${path}: ${readReason(error)}`, '', { cause: error });
  });
  output?.close();
  if (output?.failure !== undefined)
    throw new ServeError('failure', `cannot write ${flags.out}: ${writeReason(output.failure)}`);
  const { summary, reader, servers } = result;
  if (flags.json)
    print(JSON.stringify({ summary: { ...summary, servers: servers.map(String), problems: reader.problems } }));
  else {
    print(report.formatSummary(summary));
    if (flags.compare) print(comparisonLine(summary.connectionsCompared, summary.connectionsThatDiffer, FOLDED));
  }
  tellProblems(path, reader);
  const differs = summary.connectionsThatDiffer > 0 || summary.otherDifferences.length > 0;
  const nothingCompared = flags.compare === true && summary.connectionsCompared === 0;
  if (reader.problemCount > 0 || differs || nothingCompared) process.exitCode = ExitCode.failure;
}

/** Says what is wrong with the capture. */
function tellProblems(path: string, { problems, problemCount }: RunResult['reader']) {
  for (const { offset, message } of problems) console.error(`fastpath replay: ${path}, byte ${offset}: ${message}`);
  const more = problemCount - problems.length;
  if (more > 0) console.error(`fastpath replay: ${path}: ${more} more problems of this kind`);
}

function comparisonLine(compared: number, differing: number, folded: string): string {
  if (compared === 0) return 'no connection was compared: the recorded server is in none from its beginning';
  const verdict = differing === 0 ? 'no differences' : `${differing} differ`;
  const what = `${countOf(compared, 'connection')} compared with the recorded server`;
  return `${what}: ${verdict} (not looked at: ${folded})`;
}

async function loadFolder(folder: string) {
  const { folderProgram } = await import('../replay/folder-program.js');
  const { FolderError } = await import('../cache/folder/warnings.js');
  try {
    return await folderProgram(folder, (message) => console.error(`fastpath replay: ${message}`));
  } catch (error) {
    if (!(error instanceof FolderError)) throw error;
    throw new ServeError('unreadable', `cannot serve ${error.message}`, '', { cause: error }); // it names the folder
  }
}

function parseAddress(text: string): IpAddress {
  try {
    return IpAddress.parse(text);
  } catch {
    throw new InvalidArgumentError('Not an IP address, such as 10.77.0.2 or 2001:db8::1.');
  }
}
