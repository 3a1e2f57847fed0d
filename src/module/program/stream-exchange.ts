/**
 * A connection of a program (TCP): its requests one after another. Input is read in place, in the segment that brought
 * it. What no action takes is copied and waits for more, up to a bound. While a state waits for something else than
 * input, input stays with TCP, whose window closes.
 */
import { MILLISECOND } from '../../net/clock.js';
import type { CloseReason, Connection, ConnectionHandler } from '../../net/tcp/handler.js';
import type { IpAddress } from '../../net/wire/address.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import type { ControlTable, Step } from './control.js';
import { Exchange, type Scopes } from './exchange.js';
import type { ProgramLimits } from './limits.js';
import type { Questions } from './questions.js';

const NO_BYTES = new Uint8Array(0);
/** After our FIN, the time in which the client's is waited for, ms. */
const LINGER_MS = 2_000;

/** What all connections of a program share. */
export interface StreamParts<Shared, Own, Asked> {
  readonly scopes: Scopes<Shared, Own, Asked>;
  readonly table: ControlTable<Exchange<Shared, Own, Asked>>;
  readonly questions: Questions;
  readonly limits: ProgramLimits;
  /** The clock in ms as an int32. */
  nowMs(): number;
}

export class StreamExchange<Shared, Own, Asked> extends Exchange<Shared, Own, Asked> implements ConnectionHandler {
  readonly transport = 'tcp';
  readonly #tcp: Connection;
  readonly #parts: StreamParts<Shared, Own, Asked>;
  /** Input that no action took: `#kept[0, #keptTo)`. Null: there never was any. */
  #kept: Uint8Array | null = null;
  #keptTo = 0;
  /** Input was left to TCP. */
  #heldBack = false;
  #peerEnded = false;
  /**
   * The state in which the client was first waited for, and so the one between two requests. It is the first of the
   * table, or the one behind a greeting. Null: no state has waited for the client yet.
   */
  #rest: Step<Exchange<Shared, Own, Asked>> | null = null;
  /** The server stops: the request under way is the last. */
  #isLast = false;
  #isOver = false;
  /** When something last came or was acknowledged. */
  #activeMs: number;

  constructor(tcp: Connection, parts: StreamParts<Shared, Own, Asked>) {
    super(parts.scopes, parts.table, parts.questions);
    this.#tcp = tcp;
    this.#parts = parts;
    this.#activeMs = parts.nowMs();
    // An answer is queued as a whole, so its last, short segment must not wait for an acknowledgment.
    tcp.noDelay = true;
    tcp.setTimeout(parts.limits.silenceMs * MILLISECOND);
    this.#look(NO_BYTES, 0, 0, false); // a program may speak first
  }

  get remoteAddress(): IpAddress {
    return this.#tcp.remoteAddress;
  }

  get remotePort(): number {
    return this.#tcp.remotePort;
  }

  get localPort(): number {
    return this.#tcp.localPort;
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    this.#activeMs = this.#parts.nowMs();
    let at = from;
    while (at < to) {
      if (this.#isOver) return to - from;
      if (this.step.waitsFor !== 'input' || !this.hasRoom) {
        this.#heldBack = true;
        return at - from;
      }
      at = this.#keptTo === 0 ? this.#readInPlace(bytes, at, to) : this.#readKept(bytes, at, to);
    }
    return at - from;
  }

  acknowledged(): void {
    this.#activeMs = this.#parts.nowMs();
    if (!this.#isOver && this.hasRoom) this.#goOn();
  }

  ended(): void {
    this.#peerEnded = true;
    if (!this.#isOver) this.#goOn();
  }

  timedOut(): void {
    const { limits } = this.#parts;
    if (this.#isOver) {
      this.#tcp.abort();
      return;
    }
    if (this.#isLast && this.#isIdle) {
      this.finish(true);
      return;
    }
    const leftMs = limits.silenceMs - ((this.#parts.nowMs() - this.#activeMs) | 0);
    if (leftMs > 0) {
      this.#tcp.setTimeout(leftMs * MILLISECOND);
      return;
    }
    if (this.#tcp.queuedBytes > 0) {
      this.#tcp.abort(); // it takes nothing any more
      return;
    }
    this.follow('silent');
    this.#goOn();
  }

  closed(_reason: CloseReason): void {
    this.#isOver = true;
    this.forgetQuestion();
  }

  /** A connection between two requests closes. One that has a request under way, or may have, ends after it. */
  stopping(isPatient: boolean): void {
    if (this.#isOver) return;
    const wasTold = this.#isLast;
    this.#isLast = true;
    if (!this.#isIdle) return;
    if (!isPatient) this.finish(true);
    else if (!wasTold) this.#tcp.setTimeout(LINGER_MS * MILLISECOND); // its request may be on the way
  }

  /** It waits for a request, and nothing of one has come. */
  get #isIdle(): boolean {
    return this.step === this.#rest && this.#keptTo === 0;
  }

  protected queue(content: SummedBytes, from: number, to: number): void {
    this.#tcp.send(content, from, to);
  }

  protected get hasRoom(): boolean {
    return this.#tcp.queuedBytes < this.#parts.limits.queuedBytes;
  }

  protected get isEnded(): boolean {
    return this.#peerEnded;
  }

  protected resumed(): void {
    if (this.#isOver) return;
    this.#activeMs = this.#parts.nowMs();
    this.#goOn();
    this.#tcp.flush();
  }

  protected finish(isOrderly: boolean): void {
    this.#isOver = true;
    this.#keptTo = 0;
    this.forgetQuestion();
    if (!isOrderly) {
      this.#tcp.abort();
      return;
    }
    this.#tcp.close();
    this.#tcp.setTimeout(LINGER_MS * MILLISECOND);
    this.#askForMore(); // what the client still sends is thrown away
  }

  protected override beginRequest(): void {
    super.beginRequest();
    if (this.#isLast) this.step = this.table.close;
  }

  /** Runs on with the input that was kept, and then with what TCP kept. */
  #goOn(): void {
    this.#look(this.#kept ?? NO_BYTES, 0, this.#keptTo, this.isFresh);
    this.#keep();
    if (!this.#isOver && this.step.waitsFor === 'input') this.#askForMore();
  }

  #askForMore(): void {
    if (!this.#heldBack) return;
    this.#heldBack = false;
    this.#tcp.resume();
  }

  #readInPlace(bytes: Uint8Array, from: number, to: number): number {
    this.#look(bytes, from, to, true);
    const { from: at } = this;
    if (this.#isOver || at === to || this.step.waitsFor !== 'input' || this.isFresh) return this.#isOver ? to : at;
    const { inputBytes } = this.#parts.limits;
    this.#kept ??= new Uint8Array(inputBytes);
    const count = Math.min(to - at, inputBytes);
    this.#kept.set(bytes.subarray(at, at + count));
    this.#keptTo = count;
    this.#refuseFull();
    return at + count;
  }

  #readKept(bytes: Uint8Array, from: number, to: number): number {
    const kept = this.#kept as Uint8Array; // something is kept
    const count = Math.min(to - from, kept.length - this.#keptTo);
    if (count === 0) {
      this.finish(false); // it was told that this is full, and still takes nothing
      return to;
    }
    kept.set(bytes.subarray(from, from + count), this.#keptTo);
    this.#keptTo += count;
    this.#look(kept, 0, this.#keptTo, true);
    this.#keep();
    this.#refuseFull();
    return from + count;
  }

  #look(bytes: Uint8Array, from: number, to: number, isFresh: boolean): void {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.isFresh = isFresh;
    const { step } = this;
    if (!this.run()) return;
    if (this.step.waitsFor === 'input') this.#rest ??= this.step;
    // A table without `again` comes back to this state by itself when a request is answered.
    const hasMoved = this.step !== step || this.from !== from;
    if (this.#isLast && hasMoved && this.step === this.#rest && this.from === this.to) this.finish(true);
  }

  /** What was not taken of the kept input moves to its front. */
  #keep(): void {
    if (this.#kept === null || this.#isOver) return;
    this.#kept.copyWithin(0, this.from, this.to);
    this.#keptTo = this.to - this.from;
  }

  /** No action takes anything of all that may be kept. */
  #refuseFull(): void {
    if (this.#isOver || this.#keptTo < this.#parts.limits.inputBytes || this.isFresh) return;
    if (this.step.waitsFor !== 'input') return;
    this.follow('full');
    this.#goOn();
  }
}
