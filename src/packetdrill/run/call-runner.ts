/**
 * Makes the system calls of a script and checks what they return. One call at a time may wait (`+0...0.2 read(…)`). It
 * is tried again whenever the stack has done something, and has to end at the time that the script gives.
 */
import type { SystemCall } from '../language/ast.js';
import type { SystemCalls } from '../sockets/system-calls.js';
import { type Attempt, BLOCKS, type Outcome } from '../sockets/tcp-socket.js';
import { FailedEvent } from './failed-event.js';
import type { Timeline } from './timeline.js';
import type { World } from './world.js';

interface WaitingCall {
  readonly call: SystemCall;
  readonly attempt: Attempt;
  /** When the call began, and when it has to end. */
  readonly start: number;
  readonly until: number;
}

export class CallRunner {
  readonly #calls: SystemCalls;
  readonly #world: World;
  readonly #timeline: Timeline;
  /** How far off a time may be, given the time since the event before. */
  readonly #tolerance: (since: number) => number;
  #waiting: WaitingCall | undefined;

  constructor(calls: SystemCalls, world: World, timeline: Timeline, tolerance: (since: number) => number) {
    this.#calls = calls;
    this.#world = world;
    this.#timeline = timeline;
    this.#tolerance = tolerance;
  }

  /**
   * Makes a call. `until` is when it has to end, if it may wait.
   * @throws {FailedEvent} if its result is not the expected one; {CallError} if there is no such call.
   */
  run(call: SystemCall, until: number | undefined): void {
    this.finish();
    const attempt = this.#calls.begin(call);
    const start = this.#world.now;
    const place = this.#timeline.note('call', `${call.name}()`, call.at.line);
    const outcome = this.#world.act(attempt);
    if (outcome !== BLOCKS) {
      this.#returned(call, outcome, place);
      if (until !== undefined) this.#checkEnd(call, start, until);
      return;
    }
    if (until === undefined) {
      throw new FailedEvent(call.at, `${call.name}() would wait, and the script gives no end time`);
    }
    this.#waiting = { call, attempt, start, until };
    this.#timeline.amend(place, `${call.name}() waits`);
  }

  /** Tries the waiting call again, because something has happened. */
  resume(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const outcome = waiting.attempt();
    if (outcome === BLOCKS) return;
    this.#waiting = undefined;
    const { call, start, until } = waiting;
    this.#returned(call, outcome, this.#timeline.note('call', call.name, call.at.line));
    this.#checkEnd(call, start, until);
  }

  /** Lets the waiting call come to its end. @throws {FailedEvent} if it does not. */
  finish(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const { call, start, until } = waiting;
    this.#world.advanceTo(until + this.#tolerance(until - start), () => this.#waiting === undefined);
    if (this.#waiting === undefined) return;
    throw new FailedEvent(call.at, `${call.name}() still waits at ${seconds(this.#world.now)}`);
  }

  #returned(call: SystemCall, outcome: Outcome, place: number): void {
    this.#timeline.amend(place, `${call.name}() = ${outcomeText(outcome)}`);
    checkOutcome(call, outcome);
  }

  #checkEnd(call: SystemCall, start: number, until: number): void {
    const now = this.#world.now;
    if (Math.abs(now - until) <= this.#tolerance(until - start)) return;
    throw new FailedEvent(call.at, `${call.name}() returned at ${seconds(now)}, expected at ${seconds(until)}`);
  }
}

/** Compares the value, the error and what else the call returned with the script. */
function checkOutcome(call: SystemCall, outcome: Outcome): void {
  const { result, errno } = call;
  const value = result.kind === 'integer' ? result.value : undefined;
  const sameValue = result.kind === 'any' || value === outcome.value;
  const sameError =
    errno === undefined ? result.kind === 'any' || outcome.errno === undefined : isErrno(errno, outcome);
  if (sameValue && sameError && outcome.difference === undefined) return;
  if (sameValue && sameError) throw new FailedEvent(call.at, `${call.name}(): ${outcome.difference}`);
  const wanted = `${value ?? '...'}${errno === undefined ? '' : ` ${errno}`}`;
  const problem = `${call.name}(): another result than expected`;
  throw new FailedEvent(call.at, problem, wanted, outcomeText(outcome));
}

/** EWOULDBLOCK and EAGAIN are the same error. */
function isErrno(expected: string, { errno }: Outcome): boolean {
  return expected === errno || (expected === 'EWOULDBLOCK' && errno === 'EAGAIN');
}

function outcomeText({ value, errno }: Outcome): string {
  return errno === undefined ? `${value}` : `${value} ${errno}`;
}

function seconds(time: number): string {
  return `${(time / 1_000_000).toFixed(6)} s`;
}
