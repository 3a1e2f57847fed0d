/**
 * Who may send now: rates for one connection, for a group of connections and for all of them, and weights between the
 * groups. A server makes a group of each of its sites. (AFPA called this quality of service, TUX
 * `max_output_bandwidth`; Linux has it in the queueing disciplines fq and htb.)
 *
 *     all (rate) ──┬── group (weight, rate) ──┬── connection (rate)
 *                  │                          └── connection
 *                  └── group …
 *
 * A rate is kept by a time: each frame moves the `next` of its connection, its group and of all by what its bytes take
 * at that rate, and nothing leaves before `next` (the "generic cell rate algorithm"). A frame is as long as the rate
 * takes in a millisecond. So the stream is even, and no bucket fills up.
 *
 * Who comes first among those that wait is decided by start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996), once
 * between the groups and once within a group. Each has a virtual time that runs by its bytes, and slower the more
 * weight it has. The one with the smallest start tag is next. Only those that wait take part, so what a group does not
 * use is lent to the others at once, and it has to give nothing back.
 *
 * A connection without limits has no `PacedFlow`, and the way of its segments asks one question more than without all
 * this: whether it is null. tcp/send/output.ts asks `admit` before each frame and tells `charge` after it;
 * tcp/arrives/timeouts.ts serves those that waited.
 */
import { type Clock, SECOND } from '../../clock.js';
import { type GroupPlan, NO_PACING, type PacingPlan } from '../pacing-plan.js';
import { TagHeap } from './tag-heap.js';

/** A frame holds at most what the rate takes in this many microseconds, but at least a segment. */
const FRAME_TIME = 1_000;
/** What was not sent in the last so many microseconds may be made up for: a timer may be late by so much. */
const BURST_TIME = 10_000;

const UNGROUPED: GroupPlan = { rate: 0, weight: 1 };

/** One connection's place in the order. `Pacer` makes and changes it; TCP reads `isWaiting` and `heldUntil`. */
export class PacedFlow<T> {
  /** Microseconds a byte at its own rate; 0: no limit. */
  interval = 0;
  /** The rate that the program has set, bytes a second; 0: none. */
  ownRate = 0;
  /** When it may send next at its own rate, microseconds of the clock. */
  next = 0;
  /** Virtual times: where its next frame begins, and where the last one ended. */
  start = 0;
  finish = 0;
  /** Kept by the heap of its group. */
  place = -1;
  /** It has waited, and its turn has come. */
  isServed = false;

  constructor(
    readonly owner: T,
    public group: PacedGroup<T>,
  ) {}

  /** It waits for its turn. */
  get isWaiting(): boolean {
    return this.place >= 0;
  }
}

/** One group. */
export class PacedGroup<T> {
  interval = 0;
  weight = 1;
  next = 0;
  start = 0;
  finish = 0;
  /** The virtual time of its connections. */
  virtual = 0;
  readonly waiting = new TagHeap<PacedFlow<T>>();
  /** Bytes of payload sent, and those of them that had to wait. */
  sentBytes = 0;
  delayedBytes = 0;

  constructor(readonly index: number) {}
}

/** Counters that a pacer adds to. */
export interface PacingAccount {
  bytesPaced: number;
  bytesDelayed: number;
}

/** The rates of one host, and those who wait. `T` is what a caller gets back when its turn has come. */
export class Pacer<T> {
  readonly #clock: Clock;
  readonly #account: PacingAccount;
  readonly #groups: PacedGroup<T>[] = [new PacedGroup<T>(0)];
  /** Groups in which somebody waits. */
  readonly #busy: PacedGroup<T>[] = [];
  #plan: PacingPlan = NO_PACING;
  #interval = 0;
  #next = 0;
  /** The virtual time of the groups. */
  #virtual = 0;

  constructor(clock: Clock, account: PacingAccount, plan: PacingPlan = NO_PACING) {
    this.#clock = clock;
    this.#account = account;
    this.use(plan);
  }

  /** The rate of each connection by the plan, bytes a second; 0: none. */
  get connectionRate(): number {
    return this.#plan.connection;
  }

  /** The plan has a limit, so every connection has to be paced. */
  get pacesAll(): boolean {
    const { total, connection, groups } = this.#plan;
    return total > 0 || connection > 0 || groups.some(({ rate }) => rate > 0);
  }

  /** The groups with their counters, that of connections in no group first. */
  get groups(): readonly PacedGroup<T>[] {
    return this.#groups;
  }

  /** Takes new rates and weights. Those who wait keep their places. */
  use(plan: PacingPlan): void {
    this.#plan = plan;
    this.#interval = intervalOf(plan.total);
    if (this.#interval === 0) this.#next = 0;
    const plans = [UNGROUPED, ...plan.groups];
    while (this.#groups.length < plans.length) this.#groups.push(new PacedGroup(this.#groups.length));
    for (const [index, group] of this.#groups.entries()) {
      const { rate, weight } = plans[index] ?? UNGROUPED;
      group.interval = intervalOf(rate);
      group.weight = weight;
      if (group.interval === 0) group.next = 0;
    }
  }

  /** A connection that is to be paced; it belongs to no group. */
  join(owner: T): PacedFlow<T> {
    const flow = new PacedFlow(owner, this.#group(0));
    this.limit(flow, 0);
    return flow;
  }

  /** The connection is gone, or is paced no more. */
  leave(flow: PacedFlow<T>): void {
    if (!flow.isWaiting) return;
    flow.group.waiting.remove(flow);
    if (flow.group.waiting.size === 0) this.#busy.splice(this.#busy.indexOf(flow.group), 1);
  }

  /** It belongs to the group with this number from now on; to none if there is no such group. */
  move(flow: PacedFlow<T>, index: number): void {
    const { isWaiting } = flow;
    this.leave(flow);
    flow.group = this.#group(index);
    flow.finish = 0;
    if (isWaiting) this.#enqueue(flow);
  }

  /** Sets the connection's own rate, bytes a second; 0: the plan's alone. The smaller of the two counts. */
  limit(flow: PacedFlow<T>, rate: number): void {
    flow.ownRate = rate;
    flow.interval = Math.max(intervalOf(rate), intervalOf(this.#plan.connection));
    flow.next = 0;
  }

  /** The most bytes to send as one frame; Infinity: any number. */
  frameBytes(flow: PacedFlow<T>): number {
    return Math.floor(FRAME_TIME / Math.max(flow.interval, flow.group.interval, this.#interval));
  }

  /**
   * Whether the connection may send a frame now. If not, it waits for its turn (`isWaiting`); or it has to ask again
   * when its own rate allows, at `flow.next`.
   */
  admit(flow: PacedFlow<T>): boolean {
    if (flow.isServed) return true;
    const { now } = this.#clock;
    if (flow.isWaiting || flow.next > now) return false;
    if (this.#isFree(flow.group, now)) return true;
    this.#enqueue(flow);
    return false;
  }

  /** The connection has sent so many bytes of payload. */
  charge(flow: PacedFlow<T>, bytes: number): void {
    const { group } = flow;
    group.sentBytes += bytes;
    this.#account.bytesPaced += bytes;
    if (flow.isServed) {
      this.#account.bytesDelayed += bytes;
      group.delayedBytes += bytes;
      flow.isServed = false;
    } else {
      if (!flow.isWaiting) flow.start = Math.max(group.virtual, flow.finish);
      if (group.waiting.size === 0) group.start = Math.max(this.#virtual, group.finish);
    }
    this.#advance(flow, group, bytes);
    const { now } = this.#clock;
    flow.next = nextAfter(flow.next, now, bytes * flow.interval);
    group.next = nextAfter(group.next, now, bytes * group.interval);
    this.#next = nextAfter(this.#next, now, bytes * this.#interval);
  }

  /** When the next of those who wait may be served, microseconds of the clock; Infinity: nobody waits. */
  nextTurn(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { next } of this.#busy) first = Math.min(first, next);
    return Math.max(first, this.#next);
  }

  /** Whose turn it is at the time `now`: it may send one frame. Null: nobody's. */
  take(now: number): PacedFlow<T> | null {
    if (this.#next > now) return null;
    let best: PacedGroup<T> | null = null;
    for (const group of this.#busy) {
      if (group.next <= now && (best === null || group.start < best.start)) best = group;
    }
    if (best === null) return null;
    const flow = best.waiting.pop();
    if (flow === undefined) throw new Error('a busy group has somebody who waits');
    if (best.waiting.size === 0) this.#busy.splice(this.#busy.indexOf(best), 1);
    flow.isServed = true;
    return flow;
  }

  #group(index: number): PacedGroup<T> {
    const group = this.#groups[index] ?? this.#groups[0];
    if (group === undefined) throw new Error('there is always a group 0');
    return group;
  }

  /** Nothing keeps a newcomer of this group back, and nobody was there before it. */
  #isFree(group: PacedGroup<T>, now: number): boolean {
    if (group.waiting.size > 0 || group.next > now) return false;
    if (this.#interval === 0) return true;
    if (this.#next > now) return false;
    for (const { next } of this.#busy) if (next <= now) return false;
    return true;
  }

  #enqueue(flow: PacedFlow<T>): void {
    const { group } = flow;
    flow.start = Math.max(group.virtual, flow.finish);
    if (group.waiting.size === 0) {
      group.start = Math.max(this.#virtual, group.finish);
      this.#busy.push(group);
    }
    group.waiting.push(flow);
  }

  /** Virtual time goes on: the frame of `flow` began at its start tag, and so did that of its group. */
  #advance(flow: PacedFlow<T>, group: PacedGroup<T>, bytes: number): void {
    // One that waits has sent a lost segment again, out of turn. It pays at its next turn but one, since its tag is its
    // place in the heap.
    if (!flow.isWaiting) group.virtual = Math.max(group.virtual, flow.start);
    flow.finish = flow.start + bytes;
    this.#virtual = Math.max(this.#virtual, group.start);
    group.finish = group.start + bytes / group.weight;
    group.start = group.finish;
  }
}

function intervalOf(rate: number): number {
  return rate > 0 ? SECOND / rate : 0;
}

/** The `next` after a frame that takes `time` microseconds. */
function nextAfter(next: number, now: number, time: number): number {
  return time === 0 ? next : Math.max(next, now - BURST_TIME) + time;
}
