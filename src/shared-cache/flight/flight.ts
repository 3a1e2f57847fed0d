/**
 * One request to the origin, and all clients that wait for what it answers. Until the head is there they stand in
 * `waiting`; then the cache (cache.ts) decides for each of them, and most become readers of the body.
 */
import { AnswerReason } from '../../http/index.js';
import type { Fields } from '../fields.js';
import type { Origin, OriginAnswer, OriginExchange, OriginRequest } from '../origin/origin.js';
import type { Refusal } from '../statistics.js';
import type { AnswerHead, Stored } from '../store/stored.js';
import type { Visit } from '../visit.js';
import type { Budget } from './budget.js';
import { SharedBody } from './shared-body.js';

/**
 * `fill`: a GET whose answer may be stored and shared. `solo`: for one client alone. `refresh`: to make a stored
 * answer fresh for those who come later.
 */
export type FlightKind = 'fill' | 'solo' | 'refresh';

/** What is asked of the origin, and for whom. */
export interface FlightPlan {
  readonly kind: FlightKind;
  /** The client whose request this is. */
  readonly first: Visit;
  /** The fields of the request to the origin. */
  readonly fields: Fields;
  readonly withBody: boolean;
  /** The stored answer that it validates or completes. */
  readonly stored: Stored | null;
}

/** What the cache does with what comes. */
export interface FlightListener {
  interim(flight: Flight, status: number, fields: Fields): void;
  head(flight: Flight, status: number, message: string, fields: Fields, fault: AnswerReason): void;
  /** The body is whole. */
  done(flight: Flight): void;
  failed(flight: Flight, error: Error): void;
}

/** What the bodies that are kept may hold. */
export interface FlightLimits {
  readonly budget: Budget;
  readonly mostBytes: number;
}

export class Flight implements OriginAnswer {
  readonly plan: FlightPlan;
  /** Seconds since 1970. */
  readonly asked: number;
  readonly waiting = new Set<Visit>();
  readonly body: SharedBody;
  /** The head that those get who join late; set by the cache. */
  answer: AnswerHead | null = null;
  /** What it answers was purged or changed after it was asked for: it must not be stored. */
  isOutdated = false;
  /** Why what comes is not stored; '': it may be. */
  refusal: Refusal | '' = '';
  /** Tags that were purged since it began. */
  readonly purgedTags = new Set<string>();
  readonly #listener: FlightListener;
  readonly #onOver: () => void;
  readonly #exchange: OriginExchange;
  #hasHead = false;
  #isOver = false;

  /** Begins the request. `onOver` is called once, when it is over in whatever way. */
  constructor(
    plan: FlightPlan,
    origin: Origin,
    asked: number,
    { budget, mostBytes }: FlightLimits,
    listener: FlightListener,
    onOver: () => void,
  ) {
    this.plan = plan;
    this.asked = asked;
    this.#listener = listener;
    this.#onOver = onOver;
    const exchange = { pause: () => this.#exchange.pause(), resume: () => this.#exchange.resume() };
    this.body = new SharedBody(exchange, budget, mostBytes, () => this.#left());
    const { method, target, request } = plan.first;
    const wanted: OriginRequest = {
      method: plan.kind === 'solo' ? method : 'GET',
      target,
      fields: plan.fields,
      client: request,
      withBody: plan.withBody,
    };
    this.#exchange = origin(wanted, this);
  }

  /** Lets a client wait for the head. */
  join(visit: Visit): void {
    this.waiting.add(visit);
    visit.response.once('close', () => {
      if (this.waiting.delete(visit)) this.#left();
    });
  }

  /** Those who wait and have not gone; they wait no more. */
  takeWaiting(): Visit[] {
    const waiting = [...this.waiting].filter((visit) => !visit.isGone);
    this.waiting.clear();
    return waiting;
  }

  /** `takeWaiting`, and nothing that still comes is of use. */
  land(): Visit[] {
    const waiting = this.takeWaiting();
    this.abort();
    return waiting;
  }

  /** Whether those who come now can still have its answer from the first byte on. */
  get isJoinable(): boolean {
    return !this.#isOver && !this.isOutdated && (!this.#hasHead || this.body.isKept);
  }

  interim(status: number, fields: Fields): void {
    if (!this.#isOver) this.#listener.interim(this, status, fields);
  }

  head(status: number, message: string, fields: Fields, fault: AnswerReason = AnswerReason.none): void {
    if (this.#isOver || this.#hasHead) return;
    this.#hasHead = true;
    this.#listener.head(this, status, message, fields, fault);
  }

  data(chunk: Buffer): void {
    if (!this.#isOver) this.body.add(chunk);
  }

  end(trailers: Fields): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.done(this);
    this.body.end(trailers);
    this.#finish();
  }

  failed(error: Error, fault: AnswerReason = AnswerReason.none): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.failed(this, error);
    this.body.fail(fault);
    this.#finish();
  }

  /** Nothing that still comes is of use. */
  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#exchange.abort();
    this.#finish();
  }

  /** A client has gone: the last one takes a flight along whose answer nobody stores. */
  #left(): void {
    const isWanted = this.waiting.size > 0 || this.body.hasReaders || this.plan.kind === 'refresh';
    if (!isWanted && !this.body.isKept) this.abort();
  }

  #finish(): void {
    this.body.letGo();
    this.#onOver();
  }
}
