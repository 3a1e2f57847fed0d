/** FTP sessions of one worker without a network: hand-made connections, and a stack that only listens and connects. */
import { z } from 'zod';
import type { FolderQuestion } from '../../../src/ftp/folder-questions.js';
import { type FtpOptions, ftpModule } from '../../../src/ftp/module.js';
import type { FolderAnswer } from '../../../src/ftp/session.js';
import type { Module, ModuleWorker } from '../../../src/module/module.js';
import { Clock } from '../../../src/net/clock.js';
import { SeededRandom } from '../../../src/net/random.js';
import type { Acceptor, Opener } from '../../../src/net/tcp/handler.js';
import { FakeConnection } from '../fake-connection.js';
import { makeSite, type SiteFile } from '../site.js';

export const FILES: Readonly<Record<string, SiteFile>> = {
  '/index.html': { content: '<h1>home</h1>\n' },
  '/docs/text.txt': { content: 'one\ntwo\r\nthree' },
  '/docs/long.txt': { content: `${'x'.repeat(99)}\n`.repeat(2_000) },
};

/** Ports that transfers listen on, and connections that they open. */
class FakeStack {
  readonly listening = new Map<number, Acceptor>();
  readonly opened: Opener[] = [];

  listen(port: number, accept: Acceptor): number {
    if (this.listening.has(port)) throw new Error('EADDRINUSE');
    this.listening.set(port, accept);
    return port;
  }

  unlisten(port: number): void {
    this.listening.delete(port);
  }

  connect(_end: unknown, opener: Opener): void {
    this.opened.push(opener);
  }
}

export class FtpWorld {
  readonly clock = new Clock();
  readonly stack = new FakeStack();
  readonly counters: Record<string, number> = {};
  readonly questions: { readonly id: number; readonly question: FolderQuestion }[] = [];
  readonly module: Module;

  private constructor(store: unknown, options: Record<string, unknown>) {
    for (const name of [...Object.keys(ftpModule.counters ?? {}), ...Object.keys(ftpModule.levels ?? {})]) {
      this.counters[name] = 0;
    }
    const worker = {
      clock: this.clock,
      random: new SeededRandom(1),
      wallClock: { seconds: 1_796_000_000 },
      counters: this.counters,
      stack: this.stack,
      store,
      index: 0,
      workers: 1,
      post: (message: unknown) => this.questions.push(message as (typeof this.questions)[number]),
    } as unknown as ModuleWorker;
    this.module = ftpModule.create(worker, ftpModule.options?.(z).parse(options) as FtpOptions);
  }

  static async make(options: Record<string, unknown> = {}, files = FILES): Promise<FtpWorld> {
    return new FtpWorld((await makeSite({ files })).store, options);
  }

  /** A control connection; the greeting is forgotten. */
  connect(): FakeConnection {
    const connection = new FakeConnection(this.module.accept as Acceptor, this.clock);
    connection.acknowledgeAll();
    connection.sent = '';
    return connection;
  }

  /** The same, logged in, for files as they are. */
  login(): FakeConnection {
    const connection = this.connect();
    connection.deliver('USER ftp\r\nPASS x\r\nTYPE I\r\n');
    connection.sent = '';
    return connection;
  }

  /** The client connects to the passive port that the session has told last. */
  data(control: FakeConnection): FakeConnection {
    const [, port] = /\(\|\|\|(\d+)\|\)/.exec(control.sent) ?? [];
    const accept = this.stack.listening.get(Number(port));
    if (accept === undefined) throw new Error(`nobody listens on ${port}: ${control.sent}`);
    control.sent = '';
    return new FakeConnection(accept, this.clock);
  }

  /** The client connects to a passive port. */
  dataOn(port: number): FakeConnection {
    return new FakeConnection(this.stack.listening.get(port) as Acceptor, this.clock);
  }

  /** A connection to the client is open. */
  dataBy(opener: Opener): FakeConnection {
    return new FakeConnection((connection) => opener.connected(connection), this.clock);
  }

  /** The main thread answers the oldest question. */
  answer(answer: FolderAnswer): void {
    const question = this.questions.shift();
    this.module.received?.({ id: question?.id, answer });
  }
}

/** The codes of all replies, and forgets them. */
export function codesOf(connection: FakeConnection): number[] {
  const codes = Array.from(connection.sent.matchAll(/^(\d{3}) /gm), ([, code]) => Number(code));
  connection.sent = '';
  return codes;
}

/** A folder with so many files, whose names begin with `stem`. */
export function folderOf(count: number, stem = 'file '): FolderAnswer {
  const entries = Array.from({ length: count }, (_, i) => ({
    name: `${stem}${i}`,
    isFolder: false,
    size: i,
    modifiedMs: 1_796_000_000_000,
  }));
  return { found: { name: '', isFolder: true, size: 0, modifiedMs: 0 }, entries };
}
