/** LDAP as a module of the server: a read-only directory from LDIF files. docs/ldap.md describes it. */
import type { z as zod } from 'zod';
import { ConnectionCount } from '../module/connection-count.js';
import type {
  MainPart,
  Module,
  ModuleDefinition,
  ModuleListener,
  ModuleServer,
  ModuleWorker,
} from '../module/module.js';
import { PrebuiltAnswers } from '../module/prebuilt.js';
import { Questions } from '../module/program/questions.js';
import { TurnedAway } from '../module/turned-away.js';
import type { Connection, ConnectionHandler } from '../net/tcp/handler.js';
import { Directory, type Entry } from './directory/directory.js';
import { rootEntry, subschemaEntry } from './directory/root.js';
import type { LdapMessage, LdapOptions, LdapQuestion } from './messages.js';
import type { LdapCounters, LdapService } from './server/service.js';
import { Session } from './server/session.js';

/** Prebuilt answers of a worker, bytes. */
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
/** Passwords that may wait for the main thread, of one worker, and how long. Argon2 takes up to a second for each. */
const MOST_QUESTIONS = 64;
const ANSWER_MS = 60_000;

class LdapModule implements Module<LdapMessage>, LdapService {
  readonly settings: LdapOptions;
  readonly #worker: ModuleWorker;
  readonly counters: LdapCounters & Record<string, number>;
  readonly answers: PrebuiltAnswers;
  readonly #sessions = new Set<Session>();
  readonly #connections = new ConnectionCount();
  readonly #questions: Questions;
  #loading: Directory | undefined;
  directory = new Directory(0);
  root: Entry = rootEntry(this.directory);
  subschema: Entry = subschemaEntry(this.directory);

  constructor(worker: ModuleWorker, options: LdapOptions) {
    this.#worker = worker;
    this.settings = options;
    this.counters = worker.counters as LdapCounters & Record<string, number>;
    this.answers = new PrebuiltAnswers(worker.random, MOST_ANSWER_BYTES);
    this.#questions = new Questions(worker.clock, ANSWER_MS, (asked) => worker.post(asked), MOST_QUESTIONS);
  }

  get clock() {
    return this.#worker.clock;
  }

  readonly accept = (connection: Connection): ConnectionHandler => {
    const { connections, connectionsPerClient, messageBytes } = this.settings;
    const client = String(connection.remoteAddress);
    if (!this.#connections.add(client, connections, connectionsPerClient)) {
      this.counters.connectionsRefused++;
      return new TurnedAway(connection);
    }
    connection.receiveBuffer = Math.max(connection.receiveBuffer, 2 * messageBytes);
    const session = new Session(this, connection, () => this.#left(session, client));
    this.#sessions.add(session);
    this.counters.openConnections = this.#sessions.size;
    return session;
  };

  get unfinished(): number {
    let busy = 0;
    for (const session of this.#sessions) if (session.isBusy) busy++;
    return busy;
  }

  received(message: LdapMessage): void {
    if ('id' in message) {
      this.#questions.received(message);
      return;
    }
    switch (message.kind) {
      case 'begin':
        this.#loading = new Directory(message.generation);
        return;
      case 'entries':
        for (const entry of message.entries) this.#loading?.add(entry);
        return;
      case 'end':
        this.#use(this.#loading);
    }
  }

  tick(): void {
    this.#questions.tick();
  }

  verify(key: string, password: Uint8Array, told: (isRight: boolean | undefined) => void): boolean {
    const settle = (answer: unknown, isAnswer: boolean) => told(isAnswer ? answer === true : undefined);
    return this.#questions.ask({ settle }, { key, password } satisfies LdapQuestion);
  }

  #use(loaded: Directory | undefined): void {
    if (loaded === undefined) return;
    this.#loading = undefined;
    this.directory = loaded;
    this.root = rootEntry(loaded);
    this.subschema = subschemaEntry(loaded);
    this.answers.clear();
    this.counters.loads++;
  }

  #left(session: Session, client: string): void {
    if (!this.#sessions.delete(session)) return;
    this.counters.openConnections = this.#sessions.size;
    this.#connections.remove(client);
  }
}

/** LDAP, as the server's table of modules has it. */
export const ldapModule: ModuleDefinition<LdapOptions, LdapMessage> = {
  name: 'ldap',
  options: (z: typeof zod) => {
    const count = (most: number, value: number) => z.int().min(1).max(most).default(value);
    return z.strictObject({
      folder: z.string().default('.').describe('where relative names of files begin'),
      files: z.array(z.string().min(1)).min(1).describe('the LDIF files with the entries'),
      port: count(65_535, 389).describe('the port of TCP'),
      anonymous: z.boolean().default(true).describe('whether clients that did not bind may read'),
      hide: z.array(z.string()).default([]).describe('attributes that no client gets; userPassword never'),
      sizeLimit: count(1_000_000, 1_000).describe('entries of one answer, and of one page'),
      timeLimit: count(3_600, 30).describe('seconds of one search'),
      messageBytes: count(16 * 1024 * 1024, 65_536).describe('bytes of one request'),
      operations: count(1_000, 16).describe('requests of a connection that may wait'),
      connections: count(100_000, 4_096).describe('connections of a worker at a time'),
      connectionsPerClient: count(100_000, 1_024).describe('connections of one address at a time'),
      idleSeconds: count(86_400, 300).describe('how long a connection may say nothing'),
    });
  },
  counters: {
    binds: 'Binds.',
    bindsFailed: 'Binds that did not succeed.',
    searches: 'Searches.',
    searchesPrebuilt: 'Searches whose whole answer was there already.',
    entries: 'Entries that were sent.',
    compares: 'Compares.',
    refused: 'Operations that a read-only server does not do, and unknown extended ones.',
    malformed: 'Connections that ended because a message was no LDAP or too long.',
    connectionsRefused: 'Connections that found too many others.',
    loads: 'Times that the entries were read.',
  },
  levels: { openConnections: 'Connections that are open.' },
  listeners({ port }): readonly ModuleListener[] {
    return [{ transport: 'tcp', port }];
  },
  create: (worker, options) => new LdapModule(worker, options),
  /** Loaded only here: workers read no files and no passwords. */
  async main(server: ModuleServer, options: LdapOptions): Promise<MainPart> {
    const { LdapMain } = await import('./main/ldap-main.js');
    return new LdapMain(server, options);
  },
};
