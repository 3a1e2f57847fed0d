/** Starting, watching and ending the programs a benchmark needs: servers, load generators, small set-up commands. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Where a program runs. */
export interface Placement {
  /** A pid whose network namespace the program shall share; without it, ours. */
  readonly networkOf?: number | undefined;
  /** The one CPU it may use; without it, any. */
  readonly cpu?: number | undefined;
}

/**
 * The command line that puts `argv` in its place. nsenter and taskset replace themselves: the child's pid is the
 * program's.
 */
export function placed(argv: readonly string[], place: Placement): string[] {
  const enter = place.networkOf === undefined ? [] : ['nsenter', `--net=/proc/${place.networkOf}/ns/net`];
  const pin = place.cpu === undefined ? [] : ['taskset', '-c', `${place.cpu}`];
  return [...enter, ...pin, ...argv];
}

/** A program that runs until it is stopped. What it prints is kept (the last part), for the message if it fails. */
export class Service {
  readonly #child: ChildProcess;
  #output = '';
  /** Becomes the reason when the program ends by itself or cannot be started. */
  failure: string | undefined;
  /** Called with what it prints on standard output. */
  onOutput: ((text: string) => void) | undefined;

  constructor(
    readonly argv: readonly string[],
    place: Placement,
    environment: NodeJS.ProcessEnv = {},
  ) {
    const [command, ...rest] = placed(argv, place);
    const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString('latin1')).slice(-4000);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      keep(chunk);
      this.onOutput?.(chunk.toString('latin1'));
    });
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      this.failure = error.message;
    });
    child.on('exit', (code, signal) => {
      this.failure ??= `${argv.join(' ')} ended with ${code ?? signal}:\n${this.#output}`;
    });
    this.#child = child;
  }

  /** The process id, -1 if it could not be started. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get output(): string {
    return this.#output;
  }

  /** Asks it to end, and after two seconds makes it. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    this.failure = 'stopped';
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 2000);
    await ended;
    clearTimeout(force);
  }
}

/** Runs a program to its end and returns its output; rejects if it fails or takes longer than `timeoutMs`. */
export async function run(argv: readonly string[], place: Placement = {}, timeoutMs = 30_000): Promise<string> {
  const [command, ...rest] = placed(argv, place);
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('latin1')));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('latin1')));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${code ?? signal}\n${errors}${output}`);
  return output;
}

/** Waits until `condition` holds, asking every 10 ms; rejects after `timeoutMs`, naming what was waited for. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
