/**
 * FTP as a module of the server: anonymous and read-only, from the same cache objects as HTTP. docs/ftp.md describes
 * it. The main thread looks at the folder for lists; files come from the cache.
 */
import type { z as zod } from 'zod';
import { StreamRoom } from '../http/sending/stream-room.js';
import { ConnectionCount } from '../module/connection-count.js';
import type { Module, ModuleDefinition, ModuleListener, ModuleWorker } from '../module/module.js';
import { OptionError } from '../module/option-error.js';
import { answerQuestions } from '../module/program/questions.js';
import { MILLISECOND } from '../net/clock.js';
import type { Connection, ConnectionHandler } from '../net/tcp/handler.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { ListRoom } from './content.js';
import { look } from './folder-look.js';
import { type FolderQuestion, FolderQuestions } from './folder-questions.js';
import { type FtpCounters, type FtpService, Session } from './session.js';

/** The options of the module, as its schema makes them. */
export interface FtpOptions {
  readonly port: number;
  readonly site: number;
  readonly passivePorts: readonly [number, number];
  readonly welcome: string;
  readonly sessions: number;
  readonly sessionsPerClient: number;
  readonly idleSeconds: number;
  readonly dataSeconds: number;
}

/** Bytes of lists that a worker may have queued. */
const MOST_LIST_BYTES = 64 * 1024 * 1024;
/** How long a session that is one too many may take to read that it is. */
const LAST_REPLY_MS = 5_000;

class FtpModule implements Module {
  readonly #options: FtpOptions;
  readonly #service: FtpService;
  readonly #counters: FtpCounters;
  readonly #sessions = new Set<Session>();
  readonly #connections = new ConnectionCount();
  readonly #questions: FolderQuestions;

  constructor(worker: ModuleWorker, options: FtpOptions) {
    const { stack, random, store, clock, wallClock, counters, index, workers } = worker;
    this.#options = options;
    this.#counters = counters as FtpCounters;
    const room = new StreamRoom(() => store.streamShare() / 2);
    const nowMs = () => (clock.now / 1000) | 0;
    room.nowMs = nowMs;
    this.#questions = new FolderQuestions(clock, options.site, (question) => worker.post(question));
    this.#service = {
      stack,
      random,
      store,
      room,
      lists: new ListRoom(MOST_LIST_BYTES),
      counters: this.#counters,
      nowMs,
      epochMs: () => 1000 * wallClock.seconds,
      site: options.site,
      welcome: options.welcome,
      passivePorts: options.passivePorts,
      takenPorts: new Set(),
      stride: workers,
      offset: index,
      dataTimeoutMs: 1000 * options.dataSeconds,
      idleTimeoutMs: 1000 * options.idleSeconds,
      ask: (session, path, isList) => this.#questions.ask(session, path, isList),
      left: (session) => this.#left(session),
    };
  }

  readonly accept = (connection: Connection): ConnectionHandler => {
    const client = String(connection.remoteAddress);
    const { sessions, sessionsPerClient } = this.#options;
    if (!this.#connections.add(client, sessions, sessionsPerClient)) return turnAway(connection, this.#counters);
    const session = new Session(connection, this.#service);
    this.#sessions.add(session);
    this.#count();
    this.#counters.sessions++;
    return session;
  };

  get unfinished(): number {
    return this.#questions.size;
  }

  received(message: unknown): void {
    this.#questions.received(message);
  }

  tick(): void {
    this.#questions.tick();
  }

  #left(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    this.#questions.forget(session);
    this.#connections.remove(String(session.connection.remoteAddress));
    this.#count();
  }

  #count(): void {
    this.#counters.openSessions = this.#sessions.size;
  }
}

/** 421 and the end (RFC 959 section 5.4). */
function turnAway(connection: Connection, counters: FtpCounters): ConnectionHandler {
  counters.turnedAway++;
  const bytes = SummedBytes.of(Buffer.from('421 There are too many sessions; try again later.\r\n', 'latin1'));
  connection.send(bytes, 0, bytes.length);
  connection.close();
  connection.setTimeout(LAST_REPLY_MS * MILLISECOND);
  return {
    received: (_bytes, from, to) => to - from,
    acknowledged: () => {},
    ended: () => {},
    timedOut: () => connection.abort(),
    closed: () => {},
  };
}

const LAST_PORT = 65_535;

/** FTP, as the server's table of modules has it. */
export const ftpModule: ModuleDefinition<FtpOptions> = {
  name: 'ftp',
  options: (z: typeof zod) =>
    z.strictObject({
      folder: z.string().optional().describe('where relative names begin; FTP has none'),
      port: z.int().min(1).max(LAST_PORT).default(21).describe('the port of control connections'),
      site: z.int().min(0).default(0).describe('the number of the site whose files are served; 0 is the first'),
      passivePorts: z
        .tuple([z.int().min(1024).max(LAST_PORT), z.int().min(1024).max(LAST_PORT)])
        .refine(([first, last]) => first <= last, 'must be two ports, the first not above the last')
        .default([50_000, 51_999])
        .describe('the ports that clients connect to for data'),
      welcome: z
        .string()
        .regex(/^[\x20-\x7e]{1,200}$/, 'must be one line of plain text')
        .default('fastpath is ready.')
        .describe('the first line that a client sees'),
      sessions: z.int().min(1).max(100_000).default(4_096).describe('sessions of a worker at a time'),
      sessionsPerClient: z.int().min(1).default(1_024).describe('sessions of one address at a time'),
      idleSeconds: z.int().min(1).max(86_400).default(300).describe('how long a session may say nothing'),
      dataSeconds: z.int().min(1).max(86_400).default(30).describe('how long a client may take for data'),
    }),
  counters: {
    sessions: 'Control connections.',
    turnedAway: 'Control connections that found too many others.',
    commands: 'Commands.',
    transfers: 'Transfers that came to their end.',
    transfersBroken: 'Transfers that did not.',
  },
  levels: { openSessions: 'Control connections that are open.' },
  listeners({ port }): readonly ModuleListener[] {
    return [{ transport: 'tcp', port }];
  },
  create: (worker, options) => new FtpModule(worker, options),
  main(server, { site }) {
    if (server.folderOf(site) === undefined) {
      throw new OptionError(
        ['site'],
        `there is no site ${site}: sites count from 0, in the order of the configuration`,
      );
    }
    return answerQuestions(server, (question) => look(server, question as FolderQuestion));
  },
};
