/** The command line of the benchmark. */
import { Command, InvalidArgumentError } from 'commander';

export interface BenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly workloads: string;
  readonly servers: string;
  readonly extra: readonly string[];
  /** Requests a second of the open-loop part; 0 leaves it out. */
  readonly rate: number;
  /** The workloads of that part, comma-separated. */
  readonly rateWorkloads: string;
  /** Growth of connections and objects as well. */
  readonly growth: boolean;
  /** Leaves out what seldom changes a verdict. */
  readonly quick: boolean;
  readonly json?: string;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('a whole number is needed');
  return value;
}

function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}

const EXAMPLES = `
Examples:
  npm run bench                                                        everything, about fifteen minutes
  npm run bench -- --quick                                             what the aims need, in short rounds, under four minutes
  npm run bench -- --servers fastpath,nginx --workloads 100B,1MiB      only these
  npm run bench -- --extra 'lwip=/opt/httpd tap8 {site},80,10.88.0.2'  another server over a TAP of its own
  npm run bench -- --json results.json                                 all rounds, for a program to read`;

/** Reads the arguments; `--help` and mistakes end the process as commander does. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const command = new Command('bench')
    .description('Compares fastpath with nginx and Node, server and client each on a CPU of its own.')
    .option('--quick', 'rounds of a second; only the servers that the aims compare, no fixed rate', false)
    .option('--rounds <n>', 'rounds, interleaved, each starting with another server', positive, 3)
    .option('--seconds <n>', 'seconds of load for each server and workload in a round', positive, 3)
    .option('--workloads <names>', 'of 100B, 1KiB, 16KiB, 128KiB, 1MiB, close', '')
    .option('--servers <names>', 'which servers, by name, extra ones aside', '')
    .option('--extra <server>', 'name=command,port,address; may be given several times', collect, [])
    .option('--rate <n>', 'requests a second of the open-loop latency part; 0: none', positive, 20_000)
    .option('--rate-workloads <names>', 'the workloads of that part', '100B,16KiB')
    .option('--no-growth', 'leave out growth to 10,000 connections and to 100,000 objects')
    .option('--json <file>', 'also write the results as JSON')
    .addHelpText('after', EXAMPLES);
  command.parse([...argv]);
  const options = command.opts<BenchOptions>();
  return options.quick ? { ...options, seconds: 1, rate: 0 } : options;
}
