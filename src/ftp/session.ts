/**
 * One control connection: reads commands, replies, and has one transfer at a time. Commands are handled in their order.
 * While the main thread looks at the folder, and while a transfer is under way, later commands wait in TCP; those that
 * must not wait are looked for in what has come (commands.ts).
 */
import type { Waiter } from '../cache/library/asks.js';
import type { Store } from '../cache/library/store.js';
import type { Entry } from '../cache/object/entry.js';
import type { StreamRoom } from '../http/sending/stream-room.js';
import { MILLISECOND } from '../net/clock.js';
import type { Connection, ConnectionHandler } from '../net/tcp/handler.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { COMMANDS, type Command, URGENT } from './commands.js';
import type { Content, ListRoom } from './content.js';
import { DataConnection, type DataHost, type DataOutcome } from './data-connection.js';
import type { DataEnd } from './ends.js';
import { LineReader } from './lines.js';
import { FACTS, type Fact, type Found } from './listing.js';
import { ASKING, type FtpEvent, type FtpState, GONE, nextState, STRANGER, TRANSFER } from './state.js';

/** The counters of the module, in one worker. */
export interface FtpCounters extends Record<string, number> {
  sessions: number;
  turnedAway: number;
  commands: number;
  transfers: number;
  transfersBroken: number;
  openSessions: number;
}

/** What all sessions of a worker share. */
export interface FtpService extends DataHost {
  readonly store: Store;
  readonly room: StreamRoom;
  readonly lists: ListRoom;
  /** The number of the site whose files are served. */
  readonly site: number;
  readonly welcome: string;
  readonly idleTimeoutMs: number;
  readonly counters: FtpCounters;
  nowMs(): number;
  /** Milliseconds since 1970. */
  epochMs(): number;
  /** Asks the main thread what has this path, for `session`. False: it has too many questions already. */
  ask(session: Session, path: string, isList: boolean): boolean;
  left(session: Session): void;
}

/** What the main thread has found. Undefined: nothing. */
export interface FolderAnswer {
  readonly found: Found | undefined;
  /** What lies in the folder, if it was asked for. */
  readonly entries: readonly Found[];
}

/** While more than this is queued on the control connection, its commands wait: a client has to read its replies. */
const MOST_QUEUED_REPLIES = 64 * 1024;

/** Where the next transfer is to go. */
export type DataPlan =
  | { readonly kind: 'passive'; readonly data: DataConnection }
  | { readonly kind: 'active'; readonly end: DataEnd };

export class Session implements ConnectionHandler {
  readonly connection: Connection;
  readonly service: FtpService;
  readonly #lines = new LineReader();
  #state: FtpState = STRANGER;
  /** The folder that paths begin in, as in path.ts. */
  folder = '';
  isAscii = true;
  /** Where RETR begins, once. */
  restart = 0;
  /** EPSV ALL: no other way to open a data connection (RFC 2428 section 4). */
  isExtendedOnly = false;
  facts: ReadonlySet<Fact> = new Set(FACTS);
  plan: DataPlan | undefined;
  #data: DataConnection | undefined;
  #transfer = '';
  #activeMs: number;
  /** What to do with the answer of the main thread. */
  #told: ((answer: FolderAnswer) => void) | undefined;
  /** Commands wait until replies have been acknowledged. */
  #isHeld = false;

  constructor(connection: Connection, service: FtpService) {
    this.connection = connection;
    this.service = service;
    this.#activeMs = service.nowMs();
    connection.noDelay = true;
    this.reply(220, service.welcome);
    this.#lookIn(service.idleTimeoutMs);
  }

  get state(): FtpState {
    return this.#state;
  }

  /** The name of the transfer under way and what of it is not acknowledged. */
  get transfer(): { readonly name: string; readonly queuedBytes: number } {
    return { name: this.#transfer, queuedBytes: this.#data?.queuedBytes ?? 0 };
  }

  move(event: FtpEvent): void {
    this.#state = nextState(this.#state, event);
  }

  // ── replies ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** `text` has a character for each byte. Line ends in it begin further lines (RFC 959 section 4.2). */
  reply(code: number, text: string): void {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    const [first, ...middle] = lines;
    const before = first === undefined ? '' : `${code}-${first}\r\n${middle.map((line) => ` ${line}\r\n`).join('')}`;
    this.#send(`${before}${code} ${last}\r\n`);
  }

  #send(text: string): void {
    if (this.#state === GONE) return;
    const bytes = SummedBytes.of(Buffer.from(text, 'latin1'));
    this.connection.send(bytes, 0, bytes.length);
  }

  // ── what commands need ───────────────────────────────────────────────────────────────────────────────────────

  /** Asks what has this path, and with `isList` what lies in it. The session waits for it. */
  ask(path: string, isList: boolean, told: (answer: FolderAnswer) => void): void {
    if (!this.service.ask(this, path, isList)) {
      this.#cannotLook();
      return;
    }
    this.#told = told;
    this.move('asks');
  }

  /** The answer of the main thread; undefined: it did not answer in time. */
  answered(answer: FolderAnswer | undefined): void {
    const told = this.#told;
    this.#told = undefined;
    if (this.#state !== ASKING) return; // the client has gone
    if (answer === undefined) this.#cannotLook();
    else told?.(answer);
    this.#goOn();
  }

  #cannotLook(): void {
    this.reply(450, 'The folder cannot be looked at now; try again.');
  }

  /** What the session has asked for is there: the commands behind go on. */
  #goOn(): void {
    if (this.#state === ASKING) this.move('told');
    this.connection.resume();
    this.connection.flush();
  }

  /** The object of a file, asked for on disk if it is not in memory. Undefined: there is no such file. */
  find(path: string, found: (entry: Entry | undefined) => void): void {
    const { store, site } = this.service;
    const entry = this.#look(path);
    if (entry !== undefined || !store.isLazy(site) || store.asks.isAbsent(site, path)) {
      found(entry);
      return;
    }
    this.move('asks');
    const waiter: Waiter = {
      settled: () => {
        if (this.#state !== ASKING) return;
        found(this.#look(path));
        this.#goOn();
      },
    };
    store.asks.want(site, path, waiter);
  }

  /** Begins a transfer. `content` is asked for when it is certain that there is a way to send it. */
  open(name: string, content: (giveWay: () => void) => Content): void {
    const { plan } = this;
    this.plan = undefined;
    if (plan === undefined) {
      this.reply(425, 'Use PASV, EPSV, PORT or EPRT first.');
      return;
    }
    const data = plan.kind === 'passive' ? plan.data : this.#newData();
    if (plan.kind === 'active' && !data.connect(plan.end)) {
      this.reply(425, 'There is no way to that address.');
      return;
    }
    this.move('opens');
    this.#data = data;
    this.#transfer = name;
    this.reply(150, `Here comes ${name}.`);
    data.give(content(() => data.timedOut()));
    this.#lookIn(this.service.dataTimeoutMs);
  }

  /** Listens for the next transfer. Undefined: no port is free. */
  listen(): number | undefined {
    this.forgetPlan();
    const data = this.#newData();
    const port = data.listen();
    if (port !== undefined) this.plan = { kind: 'passive', data };
    return port;
  }

  forgetPlan(): void {
    if (this.plan?.kind === 'passive') this.plan.data.cancel();
    this.plan = undefined;
  }

  /** ABOR: ends the transfer, if there is one. */
  abortTransfer(): void {
    if (this.#state !== TRANSFER) {
      this.forgetPlan();
      this.reply(225, 'No transfer is under way.');
      return;
    }
    this.#data?.cancel();
    this.#data = undefined;
    this.reply(426, 'The transfer was aborted.');
    this.reply(226, 'ABOR is done.');
    this.move('transferred');
  }

  /** QUIT, or an end of ours: the last reply goes out before FIN. */
  leave(): void {
    if (this.#state === GONE) return;
    this.#forget();
    this.connection.close();
    this.#lookIn(this.service.dataTimeoutMs);
  }

  #newData(): DataConnection {
    const data: DataConnection = new DataConnection(this.service, this.connection, (outcome) => {
      if (this.#data === data) this.#transferred(outcome);
    });
    return data;
  }

  #transferred(outcome: DataOutcome): void {
    this.#data = undefined;
    if (this.#state !== TRANSFER) return;
    const { counters } = this.service;
    if (outcome === 'transferred') {
      counters.transfers++;
      this.reply(226, 'Transfer complete.');
    } else {
      counters.transfersBroken++;
      if (outcome === 'unopened') this.reply(425, 'The data connection could not be opened.');
      else this.reply(426, 'The data connection was closed; the transfer is broken.');
    }
    this.move('transferred');
    this.connection.resume();
    this.connection.flush();
    this.#lookIn(this.service.idleTimeoutMs);
  }

  #look(path: string): Entry | undefined {
    const { store, site } = this.service;
    const bytes = Buffer.from(path, 'latin1');
    const entry = store.find(bytes, 0, bytes.length, site);
    return entry?.status === 200 ? entry : undefined;
  }

  // ── from TCP ─────────────────────────────────────────────────────────────────────────────────────────────────

  received(bytes: Uint8Array, from: number, to: number): number {
    this.#activeMs = this.service.nowMs();
    let at = from;
    while (at < to && this.#state !== GONE) {
      this.#isHeld = this.connection.queuedBytes > MOST_QUEUED_REPLIES;
      if (this.#state === ASKING || this.#isHeld) return at - from;
      if (this.#state === TRANSFER && !startsUrgent(bytes, at, to)) return at - from;
      at = this.#lines.read(bytes, at, to);
      if (this.#lines.line !== undefined) this.#obey(this.#lines.line);
    }
    return to - from;
  }

  acknowledged(): void {
    if (!this.#isHeld || this.connection.queuedBytes > MOST_QUEUED_REPLIES) return;
    this.#isHeld = false;
    this.connection.resume();
  }

  ended(): void {
    this.leave();
  }

  timedOut(): void {
    const { idleTimeoutMs, dataTimeoutMs, nowMs } = this.service;
    if (this.#state === GONE) {
      this.connection.abort(); // the client does not take the last reply
      return;
    }
    if (this.#state === TRANSFER) {
      this.#data?.timeOut();
      if (this.#state === TRANSFER) this.#lookIn(dataTimeoutMs);
      return;
    }
    const leftMs = idleTimeoutMs - ((nowMs() - this.#activeMs) | 0);
    if (leftMs > 0) {
      this.#lookIn(leftMs);
      return;
    }
    this.reply(421, 'Nothing has come for too long.');
    this.leave();
  }

  closed(): void {
    if (this.#state !== GONE) this.#forget();
  }

  /** A transfer under way comes to its end, then the session does. */
  stopping(isPatient: boolean): void {
    if (isPatient && this.#state === TRANSFER) return;
    this.reply(421, 'The server ends.');
    this.leave();
  }

  #obey(line: string | null): void {
    if (line === null) {
      this.reply(500, 'The line is too long.');
      return;
    }
    if (line === '') return;
    const space = line.indexOf(' ');
    const word = (space < 0 ? line : line.slice(0, space)).toUpperCase();
    const argument = space < 0 ? '' : line.slice(space + 1);
    const command: Command | undefined = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
    const { counters } = this.service;
    counters.commands++;
    if (command === undefined) this.reply(500, 'There is no such command.');
    else if (!command.isForStrangers && this.#state < 2)
      this.reply(530, 'Log in first: USER anonymous, PASS anything.');
    else if (command.argument === 'needed' && argument === '') this.reply(501, `${word} needs an argument.`);
    else command.action(this, argument);
  }

  #forget(): void {
    this.forgetPlan();
    this.#data?.cancel();
    this.#data = undefined;
    this.move('left');
    this.service.left(this);
  }

  #lookIn(milliseconds: number): void {
    this.connection.setTimeout(milliseconds * MILLISECOND);
  }
}

/** Whether a command begins here that is obeyed during a transfer, Telnet's bytes before it aside. */
function startsUrgent(bytes: Uint8Array, from: number, to: number): boolean {
  let word = '';
  for (let at = from; at < to && word.length < 4; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) word += String.fromCharCode(byte & ~0x20);
    else if (word !== '') return false;
  }
  return word.length < 4 ? word === '' : URGENT.has(word);
}
