/** `fastpath stat`: the counters of a running server, live, in the manner of varnishstat. */
import { type Command, Option } from 'commander';
import { nameFilter, type StatRow, type StatSample, sampleOf, statRows } from '../admin/stat.js';
import { askServer } from '../serve/process/control-socket.js';
import { ServeError } from '../serve/serve-error.js';
import { formatCount, formatDuration } from '../words/numbers.js';
import { findServer } from './find-server.js';
import { columns, LiveScreen, periodically } from './live-screen.js';
import { collect, parseCount, parseInterval } from './option-values.js';
import { refuseRepeats, subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'stat', meaning: 'all counters that are not 0, with their rates, once a second until Ctrl-C' },
  { line: 'stat --filter "http.*" --filter "!*bytes*"', meaning: 'those of HTTP, but for bytes' },
  { line: 'stat --once', meaning: 'once, with averages since the start' },
  { line: 'stat --once --json --all', meaning: 'every counter, for a program' },
];

const LONGEST_INTERVAL_MS = 3_600_000;

interface Flags {
  readonly interface?: string;
  readonly filter?: readonly string[];
  readonly interval: number;
  readonly count: number;
  readonly once?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** The subcommand `stat`. */
export function statCommand(): Command {
  const command = subcommand('stat', 'Show the counters of a running server, live.', EXAMPLES)
    .option('-i, --interface <name>', 'if several servers run: the interface of one, or its process number')
    .option('-f, --filter <name>', 'names that contain this; * stands for anything, ! for "not"', collect(String))
    .addOption(new Option('--interval <time>', 'between two looks').argParser(parseInterval).default(1_000, '1 s'))
    .option('-n, --count <count>', 'looks until it ends; 0: until Ctrl-C', parseCount(0, 1_000_000), 0)
    .option('--once', 'one look, with averages since the start and no rates')
    .option('--all', 'counters that are 0 too')
    .option('--json', 'a JSON object for each look')
    .addHelpText('after', '\nWithout a terminal the looks are printed one below the other.\n');
  refuseRepeats(command, ['filter']);
  return command.action((flags: Flags) => run(flags));
}

async function run(flags: Flags): Promise<void> {
  const server = await findServer(flags.interface, 'sock');
  const look = async () => {
    const answer = await askServer(server.path);
    if (answer === undefined) {
      throw new ServeError(
        'failure',
        `the server on ${server.interfaceName} does not answer`,
        'You must be its user or root.',
      );
    }
    return sample(answer);
  };
  const screen = new LiveScreen();
  let before = await look();
  if (flags.once === true) {
    screen.show(linesOf(before, statRows(before), flags, undefined), true);
    return;
  }
  await periodically(Math.min(flags.interval, LONGEST_INTERVAL_MS), flags.count, async (isLast) => {
    const now = await look();
    const lines = linesOf(now, statRows(now, before), flags, screen.rows);
    before = now;
    if (flags.json) console.log(lines.join('\n'));
    else screen.show(lines, isLast);
  });
}

function sample(answer: object): StatSample {
  try {
    return sampleOf(answer);
  } catch (error) {
    throw new ServeError('failure', (error as Error).message, 'Ask again in a moment.');
  }
}

/** What a look prints. `room`: lines on the screen; those with the highest rates are shown then. */
export function linesOf(
  { time, uptimeSeconds }: StatSample,
  all: readonly StatRow[],
  { filter = [], all: withZeros = false, json = false }: Pick<Flags, 'filter' | 'all' | 'json'>,
  room: number | undefined,
): string[] {
  const isWanted = nameFilter(filter);
  const rows = all.filter(({ name, value }) => isWanted(name) && (withZeros || value !== 0));
  if (json) {
    const counters = Object.fromEntries(rows.map(({ name, ...rest }) => [name, rest]));
    return [JSON.stringify({ time: new Date(time).toISOString(), uptimeSeconds, counters })];
  }
  const head = `up ${formatDuration(1_000 * uptimeSeconds)}, ${rows.length} counters`;
  const shown = room === undefined ? rows : busiest(rows, room - 2);
  const left = rows.length - shown.length;
  const more = left > 0 ? `; ${left} quiet ones are not shown: --filter` : '';
  const cells = shown.map((row) => [row.name, formatCount(row.value), rate(row.perSecond), rate(row.average)]);
  return [head + more, ...columns([['name', 'now', 'per second', 'average'], ...cells])];
}

/** In their own order. */
function busiest(rows: readonly StatRow[], count: number): StatRow[] {
  const chosen = new Set(
    [...rows].sort((a, b) => (b.perSecond ?? 0) - (a.perSecond ?? 0)).slice(0, Math.max(count, 1)),
  );
  return rows.filter((row) => chosen.has(row));
}

function rate(perSecond: number | undefined): string {
  if (perSecond === undefined) return '.';
  return perSecond < 10 ? perSecond.toFixed(2) : formatCount(perSecond);
}
