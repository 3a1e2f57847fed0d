/** The command lines of `congestion:goodput` and `congestion:fairness`. */
import { Command, InvalidArgumentError } from 'commander';
import type { Control } from './lab/network.js';

export interface RunOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly controls: readonly Control[];
  readonly quick: boolean;
  /** Where to draw the result. */
  readonly svg?: string;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on is needed');
  return value;
}

function controls(text: string): Control[] {
  const names = text.split(',');
  const known = names.filter((name): name is Control => name === 'cubic' || name === 'reno');
  if (known.length !== names.length) throw new InvalidArgumentError('there are cubic and reno');
  return known;
}

/** Reads the arguments; `--help` and mistakes end the process as commander does. */
export function parseOptions(name: string, description: string, seconds: number, quickSeconds: number): RunOptions {
  const command = new Command(name)
    .description(`${description} Needs root, or user namespaces.`)
    .option('--quick', `${quickSeconds} seconds of each: to see that it works, too short to judge`)
    .option('--seconds <n>', 'how long each congestion control is measured', positive, seconds)
    .option('--seed <n>', 'the first seed of the losses', positive, 1)
    .option('--controls <names>', 'congestion controls: cubic, reno', controls, ['cubic', 'reno']);
  if (name.endsWith('fairness')) command.option('--svg <file>', 'draw the throughput of both over time');
  command.parse();
  const options = command.opts<RunOptions>();
  return options.quick ? { ...options, seconds: quickSeconds, quick: true } : { ...options, quick: false };
}
