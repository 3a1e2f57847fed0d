/**
 * FTP as a module of the server: anonymous and read-only, from the same cache objects as HTTP. docs/ftp.md describes
 * it. The main thread looks at the folder for lists; files come from the cache.
 */
import { lstatSync } from 'node:fs';
import type { z as zod } from 'zod';
import { FolderWalk, pathArgument } from '../cache/folder.js';
import { StreamRoom } from '../http/stream-room.js';
import { ConnectionCount } from '../module/connection-count.js';
import type {
  MainPart,
  Module,
  ModuleDefinition,
  ModuleListener,
  ModuleServer,
  ModuleWorker,
} from '../module/module.js';
import type { Connection, ConnectionHandler } from '../net/tcp/handler.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import type { Found } from './listing.js';
import { type FolderAnswer, type FtpCounters, type FtpService, Session } from './session.js';

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

/** A question to the main thread: what has this path, and what lies in it. */
interface Question {
  readonly id: number;
  readonly site: number;
  readonly path: string;
  readonly isList: boolean;
}

interface Answer extends FolderAnswer {
  readonly id: number;
}

/** A longer list of a folder is cut. */
const MOST_ENTRIES = 100_000;

class FtpModule implements Module<Answer> {
  readonly #options: FtpOptions;
  readonly #service: FtpService;
  readonly #counters: FtpCounters;
  readonly #sessions = new Set<Session>();
  readonly #connections = new ConnectionCount();
  readonly #asked = new Map<number, (answer: FolderAnswer) => void>();
  #nextId = 1;

  constructor(worker: ModuleWorker, options: FtpOptions) {
    const { stack, random, store, clock, wallClock, counters, index, workers } = worker;
    this.#options = options;
    this.#counters = counters as FtpCounters;
    const room = new StreamRoom(() => store.streamShare() / 2);
    const nowMs = () => (clock.now / 1000) | 0;
    room.nowMs = nowMs;
    this.#service = {
      stack,
      random,
      store,
      room,
      counters: this.#counters,
      nowMs,
      epochMs: () => 1000 * wallClock.seconds,
      site: options.site,
      welcome: options.welcome,
      passivePorts: options.passivePorts,
      stride: workers,
      offset: index,
      dataTimeoutMs: 1000 * options.dataSeconds,
      idleTimeoutMs: 1000 * options.idleSeconds,
      ask: (path, isList, told) => {
        const id = this.#nextId++;
        this.#asked.set(id, told);
        worker.post({ id, site: options.site, path, isList } satisfies Question);
      },
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
    return this.#asked.size;
  }

  received({ id, found, entries }: Answer): void {
    const told = this.#asked.get(id);
    this.#asked.delete(id);
    told?.({ found, entries });
  }

  #left(session: Session): void {
    if (!this.#sessions.delete(session)) return;
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
  return {
    received: (_bytes, from, to) => to - from,
    acknowledged: () => {},
    ended: () => {},
    timedOut: () => connection.abort(),
    closed: () => {},
  };
}

/** Looks at the folder for the sessions. */
class FtpMain implements MainPart {
  readonly #server: ModuleServer;

  constructor(server: ModuleServer) {
    this.#server = server;
  }

  received(message: unknown, worker: number): void {
    const question = message as Question;
    const { id } = question;
    this.#server.sendTo(worker, { id, ...this.#look(question) } satisfies Answer);
  }

  #look({ site, path, isList }: Question): FolderAnswer {
    const folder = this.#server.folderOf(site);
    if (folder === undefined) return { found: undefined, entries: [] };
    const { root, dotfiles, symlinks } = folder;
    const walk = () => new FolderWalk(root, { dotfiles, symlinks, maxNames: MOST_ENTRIES });
    const found = foundOf(walk().find(path), true);
    const [only] = found;
    if (only === undefined || !only.isFolder || !isList) return { found: only, entries: [] };
    return { found: only, entries: foundOf(walk().list(path), false) };
  }
}

type Contents = ReturnType<FolderWalk['find']>;

function foundOf({ files, folders }: Contents, isOne: boolean): Found[] {
  const last = (name: string) => name.slice(name.lastIndexOf('/') + 1);
  const found: Found[] = files.map(({ name, size, mtimeMs }) => ({
    name: last(name),
    isFolder: false,
    size,
    modifiedMs: mtimeMs,
  }));
  for (const { name, path } of isOne ? folders.slice(0, 1) : folders) {
    const modifiedMs = lstatSync(pathArgument(path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    found.push({ name: last(name), isFolder: true, size: 0, modifiedMs });
  }
  return found;
}

const LAST_PORT = 65_535;

/** FTP, as the server's table of modules has it. */
export const ftpModule: ModuleDefinition<FtpOptions, Answer> = {
  name: 'ftp',
  options: (z: typeof zod) =>
    z.strictObject({
      folder: z.string().optional().describe('where relative names begin; FTP has none'),
      port: z.int().min(1).max(LAST_PORT).default(21).describe('the port of control connections'),
      site: z.int().min(0).default(0).describe('the number of the site whose files are served; 0 is the first'),
      passivePorts: z
        .tuple([z.int().min(1024).max(LAST_PORT), z.int().min(1024).max(LAST_PORT)])
        .refine(([first, last]) => first <= last, 'the first port is above the last one')
        .default([50_000, 51_999])
        .describe('the ports that clients connect to for data'),
      welcome: z
        .string()
        .regex(/^[\x20-\x7e]{1,200}$/, 'one line of plain text')
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
  main: (server) => new FtpMain(server),
};
