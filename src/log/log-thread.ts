/**
 * The log thread: formats and writes the records of all workers. It is a thread of its own because a disk may be slow,
 * and because writes that wait are the simplest way to hold others back: no queue but the rings is needed. The main
 * thread would have to write asynchronously, beside the loading of files.
 *
 * While there is traffic it looks every 40 ms, which costs a worker nothing. After a second of silence it sleeps until
 * a worker sees that it does.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { LogBell } from './bell.js';
import { createFormat, type RecordFormat } from './format/formats.js';
import { LiveLines } from './live-lines.js';
import type { LogSetup, MessageFromLog, MessageToLog, SiteNames } from './messages.js';
import { DEFAULT_RING_RECORDS, RingReader } from './ring.js';
import { NO_LINES } from './sink/nowhere.js';
import { openSink } from './sink/open.js';
import { Traffic } from './traffic.js';
import { LogWriter } from './writer.js';

/** Each look costs 60 µs, since the caches are cold, as much as 200 lines. */
const LOOK_EVERY_MS = 40;
/** With a ring below the default, which would be full too often before that. */
const LOOK_AT_SMALL_MS = 10;
const LONGEST_SLEEP_MS = 1_000;
const SILENCE_MS = 1_000;
const PUBLISH_EVERY_MS = 1_000;
/** At the end, how long a sink that takes nothing is tried. */
const LAST_TRIES_MS = 2_000;

class LogThread {
  readonly #bell: LogBell;
  readonly #writer: LogWriter;
  readonly #live: LiveLines;
  readonly #traffic = new Traffic();
  readonly #lookEveryMs: number;
  readonly #formats: readonly RecordFormat[];
  #stopAt = Number.POSITIVE_INFINITY;
  #busyAt = Date.now();
  #publishedAt = 0;

  constructor(setup: LogSetup) {
    const { rings, target, format, rotateBytes, keep, onFailure } = setup;
    const ringRecords = rings[0]?.records ?? 0;
    this.#bell = new LogBell(setup.bell);
    this.#lookEveryMs = ringRecords < DEFAULT_RING_RECORDS ? LOOK_AT_SMALL_MS : LOOK_EVERY_MS;
    const written = target.kind === 'none' ? NO_LINES : createFormat(format);
    const watched = createFormat('json');
    this.#formats = [written, watched];
    this.#live = new LiveLines(watched, (lines, missed) => post({ kind: 'live', lines, missed }));
    const warn = (text: string) => post({ kind: 'warning', text });
    this.#writer = new LogWriter({
      rings: rings.map((memory) => new RingReader(memory)),
      ringRecords,
      format: written,
      sink: openSink(target, { bytes: rotateBytes, keep }, warn),
      onFailure,
      warn,
      watch: (view) => {
        this.#traffic.take(view);
        this.#live.take(view);
      },
    });
  }

  run(): void {
    post({ kind: 'open' });
    for (;;) {
      const { rung } = this.#bell;
      this.#obey();
      const now = Date.now();
      if (this.#writer.turn(now)) this.#busyAt = now;
      this.#live.flush();
      this.#publish(now);
      if (now >= this.#stopAt - LAST_TRIES_MS && (!this.#writer.hasWork || now >= this.#stopAt)) break;
      if (now - this.#busyAt < SILENCE_MS || this.#writer.hasWork) this.#bell.doze(rung, this.#lookEveryMs);
      else this.#bell.sleep(rung, LONGEST_SLEEP_MS, () => this.#writer.hasWork);
    }
    this.#writer.close();
    this.#tell();
  }

  #tell(): void {
    post({ kind: 'statistics', statistics: this.#writer.statistics, traffic: this.#traffic.snapshot() });
  }

  #obey(): void {
    for (;;) {
      const received =
        port === null ? undefined : (receiveMessageOnPort(port) as { message: MessageToLog } | undefined);
      if (received === undefined) return;
      const { message } = received;
      if (message.kind === 'reopen') this.#writer.reopen();
      else if (message.kind === 'follow') this.#writer.follow(message.follows);
      else if (message.kind === 'sites') this.#name(message.sites);
      else if (message.kind === 'watch') this.#live.setWatched(message.isWatched);
      else if (message.kind === 'passed') this.#live.passed();
      else this.#stopAt = Math.min(this.#stopAt, Date.now() + LAST_TRIES_MS);
    }
  }

  #name(sites: SiteNames): void {
    for (const format of this.#formats) format.name?.(sites);
  }

  #publish(now: number): void {
    if (now - this.#publishedAt < PUBLISH_EVERY_MS) return;
    this.#publishedAt = now;
    this.#tell();
  }
}

const port = parentPort;

function post(message: MessageFromLog): void {
  port?.postMessage(message);
}

function start(): LogThread | undefined {
  try {
    return new LogThread(workerData as LogSetup);
  } catch (error) {
    post({ kind: 'failed', text: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

start()?.run();
port?.close();
