/**
 * What a worker has asked the main thread for: names that are not in memory, and pieces of large files.
 *
 *     connection 1 ─┐                     ┌─ want ──▶ main thread: looks on disk, reads, publishes
 *     connection 2 ─┼─▶ one ask for a name│
 *     connection 3 ─┘      (Asks)         └◀ settled ─ after the objects: a new look finds them, or there is none
 *
 * Many connections that want one name make one ask. At most `MOST_ASKS` are with the main thread at a time. The others
 * wait here, in their order, so that a flood of names that do not exist cannot fill the main thread's queue. There are
 * never more waiting connections than connections.
 *
 * A name that was found to be absent is absent for a second: the connection that asked looks again and gets its 404,
 * and a name that many clients ask for in vain costs one ask a second.
 */

/** A name in a site, a character for each byte. */
export interface Want {
  /** The ask's number: `settled` names it. */
  readonly ask: number;
  readonly site: number;
  readonly name: string;
}

/** Outcomes of an ask. */
/** The name has been published, or has changed: look again. */
export const LOOK_AGAIN = 0;
/** There is no such name. */
export const ABSENT = 1;
/** It exists, but cannot be had now: there is no memory for it, or it is being written all the time. */
export const UNAVAILABLE = 2;
export type Outcome = 0 | 1 | 2;

/** Somebody who waits for an ask. */
export interface Waiter {
  settled(outcome: Outcome): void;
}

/** One ask, and those who wait for it. */
export interface Ask {
  readonly key: string;
  readonly want: Want;
  readonly waiters: Set<Waiter>;
}

/** Asks that are with the main thread at the same time. */
const MOST_ASKS = 64;
/** How long a name is absent, ms, and how many such names are remembered. */
const ABSENT_MS = 1000;
const MOST_ABSENT = 4096;

/** The counters of the asks. */
export interface AskStatistics {
  /** Asks sent to the main thread. */
  sent: number;
  /** Asks under way, those that wait here included. */
  open: number;
  /** Connections that joined an ask of another one. */
  joined: number;
  /** Asks that waited because too many were with the main thread. */
  queued: number;
  /** Names found to be absent, and times that one was known to be absent without an ask. */
  absent: number;
  knownAbsent: number;
  unavailable: number;
}

/** The asks of one worker. */
export class Asks {
  readonly #counts: AskStatistics = {
    sent: 0,
    open: 0,
    joined: 0,
    queued: 0,
    absent: 0,
    knownAbsent: 0,
    unavailable: 0,
  };
  readonly #nowMs: () => number;
  /** All asks under way, by key and by number. */
  readonly #byKey = new Map<string, Ask>();
  readonly #sent = new Map<number, Ask>();
  /** Those that are not with the main thread yet. */
  readonly #queue: Ask[] = [];
  /** Those that go with the next message. */
  #outgoing: Want[] = [];
  #nextAsk = 1;
  /** Absent names, and until when; the oldest one first. */
  readonly #absent = new Map<string, number>();

  /** `nowMs`: a clock in milliseconds. */
  constructor(nowMs: () => number = () => 0) {
    this.#nowMs = nowMs;
  }

  /** Numbers for a status. They change; the object stays. */
  counters(): AskStatistics {
    return this.#counts;
  }

  /** Whether there is something for `take`. */
  get hasNews(): boolean {
    return this.#outgoing.length > 0;
  }

  /** The wants that the main thread has not been told. The owner posts them, after each turn. */
  take(): readonly Want[] {
    const wants = this.#outgoing;
    this.#outgoing = [];
    return wants;
  }

  /** Asks for a name; `waiter` is told the outcome, never before this returns. Null: nobody waits (reading ahead). */
  want(site: number, name: string, waiter: Waiter | null): Ask {
    const key = keyOf(site, name);
    const there = this.#byKey.get(key);
    const ask = there ?? { key, want: { ask: this.#nextAsk++, site, name }, waiters: new Set() };
    if (waiter !== null) ask.waiters.add(waiter);
    if (there !== undefined) {
      this.#counts.joined++;
      return there;
    }
    this.#byKey.set(key, ask);
    this.#counts.open++;
    if (this.#sent.size < MOST_ASKS) {
      this.#send(ask);
    } else {
      this.#counts.queued++;
      this.#queue.push(ask);
    }
    return ask;
  }

  /** `waiter` gives up. An ask that has not been sent and has no other waiter is dropped when its turn comes. */
  leave(ask: Ask, waiter: Waiter): void {
    ask.waiters.delete(waiter);
  }

  /** Whether a name was found to be absent less than a second ago. */
  isAbsent(site: number, name: string): boolean {
    const key = keyOf(site, name);
    const untilMs = this.#absent.get(key);
    if (untilMs === undefined) return false;
    if (untilMs > this.#nowMs()) {
      this.#counts.knownAbsent++;
      return true;
    }
    this.#absent.delete(key);
    return false;
  }

  /** The main thread's answers: pairs of an ask's number and its outcome. */
  settle(outcomes: Int32Array): void {
    for (let i = 0; i + 1 < outcomes.length; i += 2) {
      const ask = this.#sent.get(outcomes[i] as number);
      if (ask !== undefined) this.#settleOne(ask, outcomes[i + 1] as Outcome);
    }
  }

  #settleOne(ask: Ask, outcome: Outcome): void {
    this.#sent.delete(ask.want.ask);
    this.#forget(ask);
    if (outcome === ABSENT) this.#remember(ask.key);
    if (outcome === UNAVAILABLE) this.#counts.unavailable++;
    this.#sendNext();
    for (const waiter of ask.waiters) waiter.settled(outcome);
  }

  #send(ask: Ask): void {
    this.#sent.set(ask.want.ask, ask);
    this.#outgoing.push(ask.want);
    this.#counts.sent++;
  }

  #sendNext(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (next.waiters.size > 0) {
        this.#send(next);
        return;
      }
      this.#forget(next);
    }
  }

  #forget(ask: Ask): void {
    this.#byKey.delete(ask.key);
    this.#counts.open--;
  }

  #remember(key: string): void {
    this.#counts.absent++;
    this.#absent.delete(key);
    this.#absent.set(key, this.#nowMs() + ABSENT_MS);
    if (this.#absent.size <= MOST_ABSENT) return;
    const [oldest] = this.#absent.keys();
    if (oldest !== undefined) this.#absent.delete(oldest);
  }
}

function keyOf(site: number, name: string): string {
  return `${site} ${name}`;
}
