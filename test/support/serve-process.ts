/**
 * `fastpath serve` as a user runs it: a process of its own, started with `--json`, whose events a test can wait for.
 */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS } from './until.js';

/** The program, as built. */
export const CLI = fileURLToPath(new URL('../../program/cli.js', import.meta.url));

/** One line of `--json`. */
export interface ServeEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Counters = Readonly<Record<string, number>>;

/** Workers publish their counters four times a second; this is a little more. */
const PUBLISHED_MS = 300;

/** The first flags of curl: it says what is wrong and nothing else, and is as patient as the tests. */
export const CURL: readonly string[] = ['-sS', '-m', `${PATIENCE_MS / 1_000}`];

export class ServeProcess {
  readonly child: ChildProcess;
  readonly events: ServeEvent[] = [];
  stderr = '';
  readonly #waiting = new Set<() => void>();
  readonly #closed: Promise<number | null>;

  /** @param command runs the words behind it in some other surroundings, such as `['setpriv', '--reuid', '1']` */
  constructor(args: readonly string[], options: SpawnOptions = {}, command: readonly string[] = []) {
    const [program, ...rest] = [...command, process.execPath, CLI, 'serve', '--json', ...args] as [string, ...string[]];
    this.child = spawn(program, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.events.push(JSON.parse(line) as ServeEvent);
      this.#wake();
    });
    this.child.stderr!.on('data', (data: Buffer) => (this.stderr += data));
    this.#closed = once(this.child, 'close').then(([code]) => {
      this.#wake();
      return code as number | null;
    });
  }

  /** Starts, and waits until the server answers and the self-probe has looked. */
  static async start(
    args: readonly string[],
    options?: SpawnOptions,
    command?: readonly string[],
  ): Promise<ServeProcess> {
    const process = new ServeProcess(args, options, command);
    const probe = await process.event('probe');
    if (probe.passed !== true) throw new Error(`the self-probe failed: ${JSON.stringify(probe)}`);
    return process;
  }

  /** The first event of this name that satisfies `test`, among those that came and those to come. */
  event(name: string, test: (event: ServeEvent) => boolean = () => true): Promise<ServeEvent> {
    return this.eventAfter(0, name, test);
  }

  /** The same without so many events that came before: for a test that may be tried twice. */
  async eventAfter(seen: number, name: string, test: (event: ServeEvent) => boolean = () => true): Promise<ServeEvent> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = this.events.slice(seen).find((each) => each.event === name && test(each));
      if (found !== undefined) return found;
      if (this.child.exitCode !== null || this.child.signalCode !== null || Date.now() > deadline) {
        throw new Error(`no such event "${name}" among these: ${this.#lastEvents()}\n${this.stderr}`);
      }
      await this.#change(deadline - Date.now());
    }
  }

  /** The counters once they satisfy `test`, told from now on: they say all that has happened until now. */
  async counters(test: (counters: Counters) => boolean = () => true): Promise<Counters> {
    const from = Date.now() + PUBLISHED_MS;
    const isTold = ({ time, counters }: ServeEvent) => Date.parse(String(time)) >= from && test(counters as Counters);
    return (await this.event('status', isTold)).counters as Counters;
  }

  /** Sends a signal and waits for the end; the exit code, or null if the signal killed it. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal);
    return this.closed();
  }

  closed(): Promise<number | null> {
    return this.#closed;
  }

  /** For a message: a status has a hundred counters, and there may be many. */
  #lastEvents(): string {
    return this.events
      .slice(-5)
      .map((event) => JSON.stringify(event).slice(0, 300))
      .join('\n');
  }

  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      const waiting = this.#waiting;
      function done() {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      }
      waiting.add(done);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** Runs `fastpath` (or another program) to its end. */
export async function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data));
  child.stderr.on('data', (data: Buffer) => (stderr += data));
  const [code] = await once(child, 'close');
  return { code: code as number | null, stdout, stderr };
}

/** A fresh folder in the system's temporary one that every user can read: as root, the server becomes nobody. */
export function readableFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o755);
  return folder;
}

/** Runs `fastpath` to its end. */
export function fastpath(args: readonly string[], options?: SpawnOptions): Promise<Ended> {
  return run(process.execPath, [CLI, ...args], options);
}

/** Skips the test, or those that a hook is for, aloud, on a machine that lacks one of these programs. */
export function needs(test: Mocha.Context, ...programs: readonly string[]): void {
  for (const program of programs) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) continue;
    const skipped = test.currentTest ?? test.test!; // in a hook: the test that it is for
    skipped.title += ` (${program} is not installed)`;
    test.skip();
  }
}
