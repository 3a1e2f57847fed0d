/**
 * The life of `fastpath serve` from the command line: start, probe, numbers once a second, and the end, which comes by
 * a signal or because the data path died.
 */

import type { ServeEvents } from '../serve/events.js';
import { explain } from '../serve/explain.js';
import { Inheritance } from '../serve/handover/inheritance.js';
import type { ServeOptions } from '../serve/options.js';
import { outliveTerminal } from '../serve/process/terminal.js';
import { ServeError } from '../serve/serve-error.js';
import { FolderServer } from '../serve/server.js';
import { ratesBetween, type Snapshot } from '../serve/snapshot.js';
import type { ConfigSource } from './config-source.js';
import { ExitCode } from './exit-codes.js';
import { describeFailure } from './probe-failure.js';
import { Reloads } from './reloads.js';
import type { Reporter } from './reporter.js';

const TICK_MS = 1_000;
/** A worker whose counters stand still this long is stuck. */
const STUCK_AFTER_MS = 10_000;
/** npm and some shells send a signal twice: that is not a second Ctrl-C. */
const SAME_SIGNAL_MS = 500;

const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/** Breaks off a start that is under way. */
class StoppedBySignal extends Error {
  override readonly name = 'StoppedBySignal';
}

/** Runs until the end. @throws {ServeError} */
export async function runServer(source: ConfigSource, reporter: Reporter): Promise<void> {
  outliveTerminal();
  const end = new End(reporter);
  const reloads = new Reloads(source, reporter, () => end.hangUp());
  const successions = new Successions(reporter);
  let server: FolderServer | undefined;
  try {
    const { options, warnings, isWatched } = source.read();
    for (const warning of warnings) reporter.warn(warning);
    const inheritance = Inheritance.fromEnvironment();
    server = await FolderServer.start(options, eventsOf(reporter, end), end.signal, inheritance);
    const started = server;
    started.onAdmin({
      reload: async () => (await reloads.ask()) ?? { folders: true },
      drain: (graceMs) => {
        if (graceMs !== undefined) started.graceMs = graceMs;
        end.drain();
      },
    });
    process.on('SIGUSR1', () => started.reopenLog()); // for logrotate. A listener takes it from Node's debugger
    reporter.ready(server.info, server.snapshot());
    await Promise.race([probeServer(server, options, reporter, end.signal), end.reached]);
    reloads.begin(server, isWatched);
    await untilEnd(server, end, reporter, successions);
    reloads.release();
    const failure = await stop(server, end);
    reporter.stopped(server.snapshot(), server.cut, end.isHurried);
    if (failure !== undefined) throw failure;
  } catch (error) {
    await server?.stop().catch(() => {}); // if that fails too, the first error is the one to tell
    if (error instanceof StoppedBySignal) return reporter.stopped(undefined, 0);
    if (!(error instanceof ServeError)) throw error;
    const told = source.explained(error);
    reporter.failed(told);
    throw told;
  } finally {
    process.removeAllListeners('SIGUSR1');
    successions.release();
    end.release();
    reloads.release();
  }
}

function eventsOf(reporter: Reporter, end: End): ServeEvents {
  return {
    note: (text) => reporter.note(text),
    warn: (text) => reporter.warn(text),
    loading: (progress) => reporter.loading(progress),
    compressing: (progress) => reporter.compressing?.(progress),
    conflict: (conflict) => reporter.conflict(conflict),
    closing: (unfinished) => reporter.closing(unfinished),
    died: (error) => end.fail(error),
  };
}

async function untilEnd(server: FolderServer, end: End, reporter: Reporter, successions: Successions): Promise<void> {
  const ticks = new Ticks(server, reporter);
  successions.serves(server);
  try {
    await Promise.race([end.reached, successions.handedOver]);
  } finally {
    ticks.stop();
  }
}

/** SIGUSR2: a new process of the program takes over, as with nginx. If it cannot, this one goes on. */
class Successions {
  /** Fulfilled when another process serves in our place. */
  readonly handedOver: Promise<void>;
  #server: FolderServer | undefined;
  readonly #reporter: Reporter;
  readonly #onSignal = () => void this.#handOver();
  #resolve: () => void = () => {};
  #isUnderWay = false;

  /** From now on the signal ends nothing; a hand-over begins with `serves`. */
  constructor(reporter: Reporter) {
    this.#reporter = reporter;
    this.handedOver = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    process.on('SIGUSR2', this.#onSignal);
  }

  /** There is something to hand over. */
  serves(server: FolderServer): void {
    this.#server = server;
  }

  release(): void {
    process.off('SIGUSR2', this.#onSignal);
  }

  async #handOver(): Promise<void> {
    if (this.#isUnderWay || this.#server === undefined) return;
    this.#isUnderWay = true;
    try {
      this.#reporter.handedOver(await this.#server.handOver());
      this.#resolve();
    } catch (error) {
      const { message, advice } = explain(error) as ServeError;
      this.#reporter.warn([`not handed over: ${message}`, advice].filter(Boolean).join('\n'));
      this.#isUnderWay = false;
    }
  }
}

/**
 * Waits for the connections to close, as long as the grace is; a second signal ends it. After a hand-over they have all
 * the time they want, but if the new process is gone, a signal gives them the grace.
 * @returns what became of the new process, if it has failed
 */
async function stop(server: FolderServer, end: End): Promise<ServeError | undefined> {
  let failure: ServeError | undefined;
  void end.hurried.then(() => server.hurry());
  void server.leftAlone.then((error) => {
    failure = error;
    end.reached.then(() => server.endWithinGrace()).catch(() => {});
  });
  await server.stop();
  return failure;
}

/** A server that is told to end meanwhile gives the probe up: its sockets would keep the process for seconds. */
async function probeServer(
  server: FolderServer,
  options: ServeOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  if (options.probe === 'off') return;
  if (options.vlan !== undefined) {
    reporter.note(`not probed from this machine: our frames are tagged for VLAN ${options.vlan}`);
    return;
  }
  const steps = await server.probe(signal);
  if (signal.aborted) return;
  reporter.probed(steps);
  const failed = steps.find(({ passed }) => !passed);
  if (failed === undefined || options.probe !== 'require') return;
  throw new ServeError('probe-failed', describeFailure(failed));
}

/** Looks at the numbers once a second. */
class Ticks {
  readonly #timer: NodeJS.Timeout;
  #last: Snapshot;
  #heartbeat = -1;
  #beatAt = Date.now();
  #stuck = false;

  constructor(server: FolderServer, reporter: Reporter) {
    this.#last = server.snapshot();
    this.#timer = setInterval(() => {
      const now = server.snapshot();
      reporter.status(now, ratesBetween(this.#last, now));
      this.#last = now;
      this.#watch(server.heartbeat, now.time, reporter);
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #watch(heartbeat: number, now: number, reporter: Reporter): void {
    if (heartbeat !== this.#heartbeat) {
      this.#heartbeat = heartbeat;
      this.#beatAt = now;
      this.#stuck = false;
      reporter.alive?.();
    } else if (!this.#stuck && now - this.#beatAt >= STUCK_AFTER_MS) {
      this.#stuck = true;
      reporter.warn(`a data-path worker has not moved for ${STUCK_AFTER_MS / 1000} seconds`);
    }
  }
}

/** The end of a run: a signal, or a failure. A second signal ends the wait for connections, a third everything. */
class End {
  /** Fulfilled by the first signal, rejected by a failure. */
  readonly reached: Promise<void>;
  /** Fulfilled by the second signal. */
  readonly hurried: Promise<void>;
  /** The second signal has come. */
  isHurried = false;
  /** For what can be broken off while starting. */
  readonly signal: AbortSignal;

  readonly #reporter: Reporter;
  readonly #abort = new AbortController();
  readonly #onSignal = (signal: NodeJS.Signals) => this.#signalled(signal);
  #resolve!: () => void;
  #reject!: (error: ServeError) => void;
  #hurry!: () => void;
  #firstAt = 0;
  #lastAt = 0;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
    this.signal = this.#abort.signal;
    this.reached = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.hurried = new Promise((resolve) => {
      this.#hurry = resolve;
    });
    this.reached.catch(() => {}); // a failure while starting is thrown by what was started
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  fail(error: ServeError): void {
    this.#reject(error);
    this.#abort.abort(error);
  }

  /** An administrator wants it. */
  drain(): void {
    this.#signalled('drain');
  }

  /** The terminal is gone. */
  hangUp(): void {
    this.#signalled('SIGHUP');
  }

  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  #signalled(signal: NodeJS.Signals | 'drain'): void {
    const now = Date.now();
    if (this.#firstAt === 0) {
      this.#firstAt = now;
      this.#reporter.stopping(signal);
      this.#resolve();
      this.#abort.abort(new StoppedBySignal());
    } else if (now - this.#lastAt > SAME_SIGNAL_MS) {
      // The third: the kernel removes the interface with the process, and the keeper or the next start the rest.
      if (process.exitCode === ExitCode.forced) process.exit();
      process.exitCode = ExitCode.forced;
      this.isHurried = true;
      this.#hurry();
    }
    this.#lastAt = now;
  }
}
