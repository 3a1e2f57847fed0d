/**
 * SIGHUP, and a configuration file that changes: the server takes the new configuration, or looks at its folder again
 * if it has none. A configuration that is wrong changes nothing.
 *
 * The kernel sends SIGHUP too when the terminal goes away. Then the server ends, as a program in the foreground does.
 */
import { explain } from '../serve/explain.js';
import { hasTerminal } from '../serve/process/terminal.js';
import type { ReloadResult } from '../serve/reload.js';
import { ServeError } from '../serve/serve-error.js';
import type { FolderServer } from '../serve/server.js';
import type { ConfigSource } from './config-source.js';
import type { Reporter } from './reporter.js';

/** The part of a server that a reload needs. */
export type Reloadable = Pick<FolderServer, 'reload' | 'refresh' | 'user'>;

/** What the process has to do with its surroundings. A test passes its own. */
export interface HangUps {
  /** Calls back at each SIGHUP, until the function is called that it returns. */
  onSignal(signalled: () => void): () => void;
  /** Whether this process has a terminal. */
  hasTerminal(): boolean;
}

const PROCESS: HangUps = {
  onSignal(signalled) {
    process.on('SIGHUP', signalled);
    return () => process.off('SIGHUP', signalled);
  },
  hasTerminal,
};

interface Waiter {
  readonly done: (result: ReloadResult | undefined) => void;
  readonly failed: (error: unknown) => void;
}

export class Reloads {
  readonly #source: ConfigSource;
  readonly #reporter: Reporter;
  readonly #hangUps: HangUps;
  readonly #hungUp: () => void;
  readonly #hadTerminal: boolean;
  readonly #detach: (() => void)[] = [];
  #server: Reloadable | undefined;
  #isWanted = false;
  #isRunning = false;
  #isWatching = false;
  /** Those who want to know how the next reload ends. */
  #waiting: Waiter[] = [];

  /** Listens from now on; a SIGHUP during the start counts after it. `hungUp`: the terminal is gone. */
  constructor(source: ConfigSource, reporter: Reporter, hungUp: () => void, hangUps: HangUps = PROCESS) {
    this.#source = source;
    this.#reporter = reporter;
    this.#hungUp = hungUp;
    this.#hangUps = hangUps;
    this.#hadTerminal = hangUps.hasTerminal();
    this.#detach.push(hangUps.onSignal(() => this.#signalled()));
  }

  /** The server runs. `isWatched`: its configuration file asks to be watched. */
  begin(server: Reloadable, isWatched: boolean): void {
    this.#server = server;
    this.#watch(isWatched);
    if (!this.#source.isReadable) {
      this.#reporter.warn(`${this.#source.file} cannot be read as the user that we serve as: SIGHUP will not help`);
    }
    if (this.#isWanted) void this.#run();
  }

  /** Listens no more. */
  release(): void {
    const error = new ServeError('failure', 'the server ends', 'There is nothing to reload any more.');
    for (const { failed } of this.#waiting.splice(0)) failed(error);
    for (const detach of this.#detach.splice(0)) detach();
    this.#server = undefined;
  }

  /** A reload, after the one that may be under way. */
  request(): void {
    this.#isWanted = true;
    if (!this.#isRunning && this.#server !== undefined) void this.#run();
  }

  /** The same; fulfilled with what it did. @throws {ServeError} if it cannot be, and nothing has changed */
  ask(): Promise<ReloadResult | undefined> {
    return new Promise((done, failed) => {
      this.#waiting.push({ done, failed });
      this.request();
    });
  }

  #signalled(): void {
    if (this.#hadTerminal && !this.#hangUps.hasTerminal()) this.#hungUp();
    else this.request();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#isWanted && this.#server !== undefined) {
      this.#isWanted = false;
      await this.#once(this.#server);
    }
    this.#isRunning = false;
  }

  async #once(server: Reloadable): Promise<void> {
    this.#reporter.reloading?.();
    const waiting = this.#waiting.splice(0);
    let result: ReloadResult | undefined;
    try {
      if (this.#source.file === undefined) await server.refresh();
      else result = await this.#reload(server);
      this.#reporter.reloaded?.(result);
      for (const { done } of waiting) done(result);
    } catch (failure) {
      const error = this.#source.explained(asServeError(failure));
      for (const { failed } of waiting) failed(error);
      const advice = error.advice === '' ? '' : `\n${error.advice}`;
      this.#reporter.warn(`nothing has changed: ${error.message}${advice}`);
      this.#reporter.reloadFailed?.(error);
    }
  }

  async #reload(server: Reloadable): Promise<ReloadResult> {
    const { options, warnings, isWatched } = this.#source.readAgain(server.user);
    for (const warning of warnings) this.#reporter.warn(warning);
    const result = await server.reload(options);
    this.#watch(isWatched);
    if (result.needRestart.length > 0) {
      this.#reporter.warn(`these settings differ, and wait for the next start: ${result.needRestart.join(', ')}`);
    }
    return result;
  }

  #watch(isWatched: boolean): void {
    if (!isWatched || this.#isWatching) return;
    this.#isWatching = true;
    this.#detach.push(this.#source.watch(() => this.request()));
  }
}

/** A defect in a reload is told as one, and ends no server that serves well with what it has. */
function asServeError(failure: unknown): ServeError {
  const error = explain(failure);
  if (error instanceof ServeError) return error;
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new ServeError(
    'failure',
    'the reload failed, which should not have happened',
    `Please report it with these lines:\n${what}`,
    { cause: error },
  );
}
