/**
 * One exchange of a program with a client: what its actions see, and the walk through the control table. On TCP it is a
 * connection with its requests (stream-exchange.ts), on UDP one datagram and its answer (datagram-exchange.ts).
 *
 * The state has three scopes, as in AFPA: `module` is the worker's, `connection` the client's, `request` that of the
 * request under way.
 */
import type { IpAddress } from '../../net/wire/address.js';
import { canBeSent, SummedBytes, sendError } from '../../net/wire/summed-bytes.js';
import { copyOf } from '../content.js';
import type { ModuleWorker } from '../module.js';
import type { ControlTable, Step } from './control.js';
import type { Questions } from './questions.js';

const NO_BYTES = new Uint8Array(0);
/** More steps without taking input or waiting are a table that runs in a circle. */
const MOST_STEPS = 1_000;
const LF = 10;
const CR = 13;

const DECODER = new TextDecoder();

/** Where a question of this exchange stands. */
const NOT_ASKED = 0;
const ASKED = 1;
const ANSWERED = 2;
const FAILED = 3;

/** What the program has made of its three scopes. */
export interface Scopes<Shared, Own, Asked> {
  readonly worker: ModuleWorker;
  readonly module: Shared;
  /** The state of a new connection. */
  connection(): Own;
  /** The state of a new request. `before` is that of the request before it, which may be used again. */
  request(before: Asked | undefined): Asked;
}

/**
 * What an action works with.
 *
 * @example
 * ```ts
 * import type { Exchange } from 'fastpath/module';
 *
 * // An action: it answers a line, and says what happened.
 * export function greet(exchange: Exchange): string {
 *   const name = exchange.readLine();
 *   if (name === undefined) return 'more'; // the rest of the line has not come yet
 *   exchange.write(`hello, ${name}\r\n`);
 *   return 'told';
 * }
 * ```
 */
export abstract class Exchange<Shared = unknown, Own = unknown, Asked = unknown> {
  /** What the worker gives: counters, prebuilt answers, the time, the cache of the sites. */
  readonly worker: ModuleWorker;
  /** The state of the module in this worker. */
  readonly module: Shared;
  /** The state of this connection; on UDP, of this datagram. */
  connection: Own;
  /** The state of this request. */
  request: Asked;
  /** The input that came and was not taken: `bytes[from, to)`. It is valid until the action returns. */
  bytes: Uint8Array = NO_BYTES;
  from = 0;
  to = 0;
  /** What the slow path answered: in the action of a state that waits for it. */
  answer: unknown;

  /** @internal */
  protected step: Step<Exchange<Shared, Own, Asked>>;
  /** @internal */
  protected readonly table: ControlTable<Exchange<Shared, Own, Asked>>;
  /** There is input that no action has looked at. */
  protected isFresh = false;
  readonly #scopes: Scopes<Shared, Own, Asked>;
  readonly #questions: Questions;
  #question = NOT_ASKED;

  /** @internal */
  constructor(
    scopes: Scopes<Shared, Own, Asked>,
    table: ControlTable<Exchange<Shared, Own, Asked>>,
    questions: Questions,
  ) {
    this.#scopes = scopes;
    this.#questions = questions;
    this.table = table;
    this.step = table.first;
    this.worker = scopes.worker;
    this.module = scopes.module;
    this.connection = scopes.connection();
    this.request = scopes.request(undefined);
  }

  /** The client. */
  abstract get remoteAddress(): IpAddress;
  abstract get remotePort(): number;
  /** Our port that it came to. */
  abstract get localPort(): number;
  abstract readonly transport: 'tcp' | 'udp';

  /**
   * Sends `content[from, to)` by reference: it must stay unchanged. On TCP it is queued behind what was sent before. On
   * UDP all that one exchange sends is one datagram, which leaves when the exchange ends.
   * @throws {TypeError} for anything but SummedBytes @throws {RangeError} for an interval beyond them
   */
  send(content: SummedBytes, from = 0, to = content?.length): void {
    if (!canBeSent(content, from, to)) throw sendError(content, from, to, 'write takes text and bytes');
    this.queue(content, from, to);
  }

  /** Sends text (as UTF-8) or bytes, which are copied. @throws {TypeError} for anything else */
  write(content: string | Uint8Array): void {
    this.send(SummedBytes.plain(copyOf(content, 'write')));
  }

  /** Bytes of input that were not taken. */
  get length(): number {
    return this.to - this.from;
  }

  /** Takes so many bytes of the input. @throws {RangeError} for more than there are */
  take(count: number): void {
    if (count < 0 || count > this.length) throw new RangeError(`${count} bytes of ${this.length} cannot be taken`);
    this.from += count;
  }

  /** Takes a line and gives it as text, without its CRLF or LF; undefined if its end has not come yet. */
  readLine(): string | undefined {
    let end = this.from;
    while (end < this.to && this.bytes[end] !== LF) end++;
    if (end === this.to) return undefined;
    const { bytes, from } = this;
    this.from = end + 1;
    if (end > from && bytes[end - 1] === CR) end--;
    return DECODER.decode(bytes.subarray(from, end));
  }

  /** Takes all of the input and gives it as text. */
  readAll(): string {
    const text = DECODER.decode(this.bytes.subarray(this.from, this.to));
    this.from = this.to;
    return text;
  }

  /**
   * Asks the slow path, which runs in the main thread. The table must then come to a state that waits for the answer.
   * `question` survives structured cloning.
   */
  ask(question: unknown): void {
    if (this.#question !== NOT_ASKED) throw new Error('an exchange asks one question at a time');
    this.#question = this.#questions.ask(this, question) ? ASKED : FAILED;
  }

  /** For `Questions`: the answer is here, or none comes. */
  settle(answer: unknown, isAnswer: boolean): void {
    this.#question = isAnswer ? ANSWERED : FAILED;
    this.answer = answer;
    this.resumed();
  }

  /** Sends `content[from, to)`, which was checked. */
  protected abstract queue(content: SummedBytes, from: number, to: number): void;
  /** Goes on outside of a call of TCP or UDP. */
  protected abstract resumed(): void;
  /** Whether a state that waits for room goes on. */
  protected abstract get hasRoom(): boolean;
  /** The client has sent its last byte, and all input was looked at. */
  protected abstract get isEnded(): boolean;
  /** `close` or `abort` was reached. */
  protected abstract finish(isOrderly: boolean): void;

  /** Runs until a state waits for what is not here. Returns false once the exchange is over. */
  protected run(): boolean {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const { step, from } = this;
      switch (step.waitsFor) {
        case 'nothing':
          this.follow(step.action(this));
          break;
        case 'input':
          if (!this.#runOnInput(step)) return true;
          if (this.from !== from) steps = 0;
          break;
        case 'answer':
          if (!this.#runOnAnswer(step)) return true;
          break;
        case 'room':
          if (!this.hasRoom) return true;
          this.follow(step.action(this));
          break;
        case 'end':
          this.finish(step !== this.table.abort);
          return false;
      }
    }
    throw new Error(`state "${this.step.name}" is reached again and again, and no state waits for anything`);
  }

  /** Goes where the table leads. */
  protected follow(happened: string): void {
    const next = this.step.after(happened);
    this.step = next;
    if (next === this.table.again) this.beginRequest();
  }

  /** A new client. */
  protected beginConnection(): void {
    this.connection = this.#scopes.connection();
    this.step = this.table.first;
    this.request = this.#scopes.request(this.request);
  }

  /** The first state, with a new request. */
  protected beginRequest(): void {
    this.step = this.table.first;
    this.request = this.#scopes.request(this.request);
  }

  /** Nobody waits for the answer any more. */
  protected forgetQuestion(): void {
    if (this.#question === ASKED) this.#questions.forget(this);
    this.#question = NOT_ASKED;
  }

  #runOnInput(step: Step<Exchange<Shared, Own, Asked>>): boolean {
    if (this.from === this.to || !this.isFresh) {
      if (!this.isEnded) return false;
      this.follow('ended');
      return true;
    }
    if (!this.hasRoom) return false; // what is queued has to leave first
    const { from } = this;
    this.follow(step.action(this));
    // Where nothing was taken, the same state would see the same again: more has to come first.
    this.isFresh = this.from !== from || this.step !== step;
    return true;
  }

  #runOnAnswer(step: Step<Exchange<Shared, Own, Asked>>): boolean {
    if (this.#question === ASKED) return false;
    const question = this.#question;
    this.#question = NOT_ASKED;
    if (question === NOT_ASKED) throw new Error(`state "${step.name}" waits for an answer, and nothing was asked`);
    this.follow(question === FAILED ? 'failed' : step.action(this));
    this.answer = undefined;
    return true;
  }
}
