/** `fastpath top`: the busiest URLs, clients and statuses of a running server. */
import { createInterface } from 'node:readline';
import { type Command, Option } from 'commander';
import { TOP_GROUPS, Top, type TopOrder } from '../admin/top.js';
import { LogParser } from '../log/read/entry.js';
import { ServeError } from '../serve/serve-error.js';
import { countOf, formatBytes, formatCount } from '../words/numbers.js';
import { printable } from '../words/printable.js';
import { findServer, watchServer } from './find-server.js';
import { columns, LiveScreen, periodically } from './live-screen.js';
import { parseCount, parseInterval } from './option-values.js';
import { refuseRepeats, subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'top', meaning: 'the busiest URLs, clients and statuses, until Ctrl-C' },
  { line: 'top --by bytes --lines 20', meaning: 'those that take the most bytes' },
  { line: 'top --once --interval 10s', meaning: 'of ten seconds, once' },
  { line: 'top --once --json', meaning: 'for a program' },
];

const NOTES = `
The requests come from the server's access log, so it has to run with one; "--access-log none" is enough: no line is
written then. A busy server has more requests than can be shown. The head of the table says how many went by unseen;
the others are a fair sample.
`;

const TITLES = { url: 'URL', client: 'client', status: 'status' } as const;

interface Flags {
  readonly interface?: string;
  readonly by: TopOrder;
  readonly interval: number;
  readonly lines: number;
  readonly count: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** What a period has seen. */
interface Seen {
  readonly requests: number;
  readonly missed: number;
}

/** The subcommand `top`. */
export function topCommand(): Command {
  const command = subcommand('top', 'Show the busiest URLs, clients and statuses of a running server.', EXAMPLES)
    .option('-i, --interface <name>', 'if several servers run: the interface of one, or its process number')
    .addOption(new Option('--by <what>', 'what makes a line busy').choices(['requests', 'bytes']).default('requests'))
    .option('--lines <count>', 'lines of each table', parseCount(1, 1_000), 10)
    .addOption(new Option('--interval <time>', 'between two tables').argParser(parseInterval).default(2_000, '2 s'))
    .option('-n, --count <count>', 'tables until it ends; 0: until Ctrl-C', parseCount(0, 1_000_000), 0)
    .option('--once', 'one table, of one interval')
    .option('--json', 'a JSON object for each')
    .addHelpText('after', NOTES);
  refuseRepeats(command, []);
  return command.action((flags: Flags) => run(flags));
}

async function run(flags: Flags): Promise<void> {
  const socket = await watchServer(await findServer(flags.interface, 'log'));
  const top = new Top();
  const parser = new LogParser();
  const screen = new LiveScreen();
  let [requests, missed, isGone] = [0, 0, false];
  createInterface({ input: socket }).on('line', (line) => {
    const entry = parser.parse(line);
    if (entry === undefined) missed += Number(/^\{"missed":(\d+)\}$/.exec(line)?.[1] ?? 0);
    else top.take(entry);
    if (entry !== undefined) requests++;
  });
  socket.on('close', () => {
    isGone = true;
  });
  let last = Date.now();
  const count = flags.once === true ? 1 : flags.count;
  await periodically(flags.interval, count, (isLast) => {
    if (isGone) throw new ServeError('failure', 'the server has ended, or another process has taken over');
    const now = Date.now();
    top.turn(Math.max(now - last, 1) / 1_000);
    last = now;
    const lines = topLines(top, { requests, missed }, flags);
    [requests, missed] = [0, 0];
    if (flags.json) console.log(lines.join('\n'));
    else screen.show(lines, isLast);
  });
  socket.destroy();
}

/** What a table prints. */
export function topLines(
  top: Top,
  { requests, missed }: Seen,
  { by, lines, json = false }: Pick<Flags, 'by' | 'lines' | 'json'>,
): string[] {
  const groups = TOP_GROUPS.map((group) => [group, top.rows(group, by, lines)] as const);
  if (json) return [JSON.stringify({ requests, missed, ...Object.fromEntries(groups) })];
  const unseen = missed === 0 ? '' : `, and ${formatCount(missed)} more went by unseen`;
  const out = [`${countOf(requests, 'request')}${unseen}`];
  for (const [group, rows] of groups) {
    const cells = rows.map((row) => [
      printable(row.key),
      row.requestsPerSecond.toFixed(1),
      formatBytes(Math.round(row.bytesPerSecond)),
    ]);
    out.push('', ...columns([[TITLES[group], 'requests/s', 'bytes/s'], ...cells]));
  }
  return out;
}
