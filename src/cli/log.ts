/** `fastpath log`: reads an access log, or watches a running server; filters; shows one transaction. */

import { open } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import type { Command } from 'commander';
import { FilterError } from '../filter/error.js';
import { type LogEntry, LogParser } from '../log/read/entry.js';
import { FILTER_NAMES, type LogPredicate, parseLogFilter } from '../log/read/filter.js';
import { ServeError } from '../serve/serve-error.js';
import { readReason } from '../words/file-reasons.js';
import { countOf } from '../words/numbers.js';
import { printable } from '../words/printable.js';
import { ExitCode } from './exit-codes.js';
import { findServer, watchServer } from './find-server.js';
import { refuseRepeats, subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'log', meaning: 'watch the requests of the running server, until Ctrl-C' },
  { line: 'log access.log --filter \'status >= 400 && path ~ "^/api"\'', meaning: 'requests of a file, in any format' },
  { line: 'log access.log --transaction 0-15-3', meaning: 'all that is known of one request (a log in JSON has most)' },
  {
    line: 'log access.log --transaction 0-15-3 --capture trace.pcapng',
    meaning: 'the same with its frames: handshake, request, answer, acknowledgments',
  },
  { line: "log --interface fp1 --filter 'last > 0.1' --json", meaning: 'slow ones of one server, as JSON' },
];

const NOTES = `
A filter names values: ${FILTER_NAMES.slice(0, 12).join(', ')},
${FILTER_NAMES.slice(12, 24).join(', ')},
${FILTER_NAMES.slice(24).join(', ')}.
Relations are == != < > <= >= and ~ (a regular expression); && || ! and parentheses join them.
"path" is the target without its query; "taken" is the time until a request was over (last or ended).
A transaction is worker-connection-request, as the log has it.
`;

interface Flags {
  readonly interface?: string;
  readonly filter?: string;
  readonly transaction?: string;
  readonly capture?: string;
  readonly json?: boolean;
}

/** The subcommand `log`. */
export function logCommand(): Command {
  const command = subcommand('log', 'Read an access log, or watch the requests of a running server.', EXAMPLES);
  command
    .argument('[file]', 'an access log in any of our formats; "-": standard input; none: the running server')
    .option('-i, --interface <name>', 'if several servers run: the interface of one, or its process number')
    .option('-f, --filter <expression>', 'only the requests that pass')
    .option('-t, --transaction <id>', 'one request, explained')
    .option('--capture <file>', 'with --transaction: its frames in this capture (of serve --pcap, tcpdump …)')
    .option('--json', 'a JSON object a line, with the names that filters have')
    .addHelpText('after', NOTES);
  refuseRepeats(command, []);
  return command.action((file: string | undefined, flags: Flags) => run(file, flags, command));
}

async function run(file: string | undefined, flags: Flags, command: Command): Promise<void> {
  if (flags.capture !== undefined && flags.transaction === undefined) {
    command.error('error: --capture shows the frames of one request: name it with --transaction');
  }
  if (flags.transaction !== undefined && !/^\d+-\d+-\d+$/.test(flags.transaction)) {
    command.error(`error: a transaction is worker-connection-request, such as 0-15-3, not "${flags.transaction}"`);
  }
  const passes = filterOf(flags, command);
  const parser = new LogParser();
  const seen: Seen = { entries: 0, numbered: 0, found: 0, odd: 0 };
  try {
    const lines = file === undefined ? await watch(flags.interface) : await readLines(file);
    for await (const line of lines) {
      const entry = parser.parse(line);
      if (entry === undefined) {
        seen.odd += noteOdd(line);
        continue;
      }
      seen.entries++;
      if (entry.transaction !== undefined) seen.numbered++;
      if (!passes(entry)) continue;
      seen.found++;
      if (flags.transaction !== undefined) await explain(entry, flags);
      else console.log(flags.json ? JSON.stringify(entry) : lineOf(entry));
    }
  } catch (error) {
    if (error instanceof ServeError) throw error;
    throw new ServeError('unreadable', `cannot read ${file ?? 'from the server'}: ${readReason(error as Error)}`);
  }
  conclude(seen, file, flags);
}

/** What was read, in lines. */
interface Seen {
  /** Lines of requests. */
  entries: number;
  /** Those with a transaction. */
  numbered: number;
  /** Those that passed. */
  found: number;
  /** Lines that are of no log. */
  odd: number;
}

/** Says what was not found, and what could not be read. @throws {ServeError} if nothing was a line of a log */
function conclude({ entries, numbered, found, odd }: Seen, file: string | undefined, { transaction }: Flags): void {
  if (entries === 0 && odd > 0) {
    throw new ServeError('unreadable', `${file ?? 'what the server sends'} is no access log that this command knows`);
  }
  if (odd > 0)
    console.error(`${countOf(odd, 'line')} ${odd === 1 ? 'is' : 'are'} not of a log that this command knows`);
  if (transaction === undefined || found > 0) return;
  const why = entries > 0 && numbered === 0 ? ': its lines name none; log with --log-format json' : '';
  console.error(`fastpath: there is no transaction ${transaction}${file === undefined ? '' : ` in ${file}`}${why}`);
  process.exitCode = ExitCode.failure;
}

/** One request, with its frames if there is a capture. */
async function explain(entry: LogEntry, { capture, json }: Flags): Promise<void> {
  const [{ describeTransaction }, { joinFrames }] = await Promise.all([
    import('../log/read/transaction.js'),
    import('../log/read/join.js'),
  ]);
  const frames = capture === undefined ? undefined : await framesOf(() => joinFrames(entry, capture), capture);
  if (json) console.log(JSON.stringify({ ...entry, frames }));
  else console.log(describeTransaction(entry, frames).join('\n'));
}

async function framesOf<Frames>(join: () => Promise<Frames>, capture: string): Promise<Frames> {
  try {
    return await join();
  } catch (error) {
    if (error instanceof RangeError) throw new ServeError('bad-option', error.message, 'Log with --log-format json.');
    throw new ServeError('unreadable', `cannot read ${capture}: ${readReason(error as Error)}`, '', { cause: error });
  }
}

/** 1 for a line that is no request and no directive; a watcher is told of what it missed. */
function noteOdd(line: string): number {
  const missed = /^\{"missed":(\d+)\}$/.exec(line);
  if (missed !== null) console.error(`${countOf(Number(missed[1]), 'request')} went by too fast to be shown`);
  return missed === null && line !== '' && !line.startsWith('#') ? 1 : 0;
}

function filterOf({ filter, transaction }: Flags, command: Command): LogPredicate {
  const isOne: LogPredicate =
    transaction === undefined ? () => true : (entry: LogEntry) => entry.transaction === transaction;
  if (filter === undefined) return isOne;
  try {
    const passes = parseLogFilter(filter);
    return (entry) => isOne(entry) && passes(entry);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return command.error(`error: ${error.picture}`);
  }
}

async function readLines(file: string): Promise<Interface> {
  // The file is opened first: an interface of lines has nobody who hears that it is not there.
  const input = file === '-' ? process.stdin : (await open(file)).createReadStream();
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

/** The live lines of the one server that runs here, or of the one on that interface. */
async function watch(interfaceName: string | undefined): Promise<Interface> {
  console.error('watching; Ctrl-C ends it');
  const input = await watchServer(await findServer(interfaceName, 'log', 'Or name a file.'));
  return createInterface({ input });
}

/** A request on one line, for people. */
function lineOf(entry: LogEntry): string {
  const request = printable(String(entry.line ?? `${entry.method} ${entry.target}`));
  const last = typeof entry.last === 'number' ? ` ${(1_000 * entry.last).toFixed(1)} ms` : '';
  const notes = [entry.cache, entry.reason, entry.closed].filter((note) => note !== undefined && note !== 'none');
  const id = entry.transaction === undefined ? '' : `${entry.transaction}  `;
  return `${entry.time}  ${id}${entry.client}  ${entry.status}  ${entry.bytes} B${last}  ${request}  ${notes.join(', ')}`;
}
