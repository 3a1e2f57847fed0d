/**
 * The way of one request through an upstream: a server is found, an attempt is made, and if it fails before anything
 * has gone to the client, perhaps another one.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { hashKeyOf } from '../balance/hash-key.js';
import { ProxyFailure } from '../failure.js';
import type { RequestHead } from '../fields/request-head.js';
import type { Seeker, UpstreamGroup } from '../group.js';
import type { RetryReason } from '../options.js';
import type { UpstreamServer } from '../server.js';
import { Attempt, type Outcome } from './attempt.js';
import { RequestBody } from './request-body.js';

/** RFC 9110 section 9.2.2: to do it twice is the same as to do it once. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const UNAVAILABLE = new Set([502, 503, 504]);

/** A connection that has become something else. */
export interface Tunnel {
  readonly socket: Duplex;
  /** What the connection is now, in the upstream's words. */
  readonly protocol: string;
  readonly fields: string[];
  /** The tunnel has ended. */
  closed(): void;
}

/** What a request comes with. */
export interface ForwardMeans {
  /** The protocol that the client wants to change to. */
  readonly upgrade: string | undefined;
  /** The client waits for 100 (Continue) before it sends the body, and nobody has sent it yet. */
  readonly mayContinue: boolean;
  now(): number;
}

/** Who is told how it ended. */
export interface ForwardEnd {
  /** Nothing has gone to the client yet, and no answer will come from the upstream. */
  failed(failure: ProxyFailure, server: UpstreamServer | undefined, attempts: number): void;
  /** The answer broke off, so the client's connection must, too. */
  broken(failure: ProxyFailure, server: UpstreamServer, attempts: number): void;
  upgraded(tunnel: Tunnel): void;
}

export class Forward implements Seeker {
  readonly key: string | undefined;
  readonly tried = new Set<UpstreamServer>();
  readonly #group: UpstreamGroup;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #head: RequestHead;
  readonly #body: RequestBody | undefined;
  readonly #end: ForwardEnd;
  readonly #now: () => number;
  readonly #upgrade: string | undefined;
  #attempts = 0;
  /** Retries that count as such: see `#mayRetry`. */
  #retries = 0;
  /** This attempt may be made once more: asked and counted. */
  #hasToken = false;
  #attempt: Attempt | undefined;
  #isOver = false;
  readonly #onClose = () => this.#clientGone();

  constructor(
    group: UpstreamGroup,
    req: IncomingMessage,
    res: ServerResponse,
    head: RequestHead,
    { upgrade, now, mayContinue }: ForwardMeans,
    end: ForwardEnd,
  ) {
    this.#group = group;
    this.#req = req;
    this.#res = res;
    this.#head = head;
    this.#upgrade = upgrade;
    this.#now = now;
    this.#end = end;
    const { balance, hashKey, retry } = group.options;
    this.key = balance === 'hash' ? hashKeyOf(req, hashKey) : undefined;
    const wanted = mayContinue ? () => askForBody(res) : undefined;
    if (head.bodyLength !== 0) this.#body = new RequestBody(req, retry.bodyBytes, wanted);
  }

  get isRetry(): boolean {
    return this.#attempts > 0;
  }

  /** A socket is destroyed some time before its 'close', which is when `#clientGone` is called. */
  get isGone(): boolean {
    const { destroyed, socket } = this.#res;
    return this.#isOver || destroyed || socket?.destroyed === true || (this.#req.destroyed && !this.#req.complete);
  }

  start(): void {
    this.#group.statistics.requests++;
    this.#group.budget.earn();
    this.#res.on('close', this.#onClose);
    this.#group.seek(this);
  }

  found(server: UpstreamServer): void {
    this.#attempts++;
    this.#hasToken = false;
    const { options } = this.#group;
    if (this.#upgrade !== undefined && server.tunnels >= options.tunnels) {
      this.notFound(new ProxyFailure('busy', `the server has ${options.tunnels} tunnels, as many as it may`));
      this.#group.release(server);
      return;
    }
    const attempt = new Attempt(
      {
        req: this.#req,
        res: this.#res,
        head: this.#head,
        body: this.#body,
        server,
        options,
        upgrade: this.#upgrade,
        maySkip: (status) => UNAVAILABLE.has(status) && this.#mayRetry('unavailable', true),
        now: this.#now,
      },
      (outcome) => this.#ended(server, outcome),
    );
    this.#attempt = attempt;
    attempt.start();
  }

  notFound(failure: ProxyFailure): void {
    if (this.#finish()) this.#end.failed(failure, undefined, this.#attempts);
  }

  #ended(server: UpstreamServer, outcome: Outcome): void {
    if (outcome.kind === 'upgraded') {
      this.#upgraded(server, outcome);
      return;
    }
    this.#attempt = undefined;
    if (outcome.kind === 'answered') this.#finish();
    else this.#failed(server, outcome);
    // Last, so that a retry of this request does not stand behind those who wait.
    this.#group.release(server);
  }

  #upgraded(server: UpstreamServer, { socket, protocol, fields }: Extract<Outcome, { kind: 'upgraded' }>): void {
    this.#group.becomesTunnel(server);
    const closed = () => this.#group.releaseTunnel(server);
    if (this.#finish()) {
      this.#end.upgraded({ socket, protocol, fields, closed });
      return;
    }
    // The client has gone meanwhile.
    socket.on('error', () => {}).destroy();
    closed();
  }

  #failed(server: UpstreamServer, { failure, wasSent, wasStarted }: Extract<Outcome, { kind: 'failed' }>): void {
    server.failed(failure);
    if (this.#isOver) return;
    const reason = failure.retryReason;
    this.tried.add(server);
    if (reason !== undefined && !wasSent && this.#mayRetry(reason, wasStarted)) {
      this.#group.seek(this);
      return;
    }
    this.#finish();
    if (wasSent && this.#res.headersSent) this.#end.broken(failure, server, this.#attempts);
    else this.#end.failed(failure, server, this.#attempts);
  }

  /**
   * Another attempt is safe if the server cannot have begun to act on the request, or if it may act twice; and only if
   * the body is still there. The first yes after an attempt takes a token of the budget. No connection costs a server
   * next to nothing, so it takes none.
   */
  #mayRetry(reason: RetryReason, wasStarted: boolean): boolean {
    if (this.#hasToken) return true;
    const { retry } = this.#group.options;
    if (retry.attempts === 0 || !retry.on.includes(reason)) return false;
    if (wasStarted && !(IDEMPOTENT.has(this.#head.method) && this.#upgrade === undefined)) return false;
    if (this.#body !== undefined && !this.#body.isReplayable) return false;
    if (reason === 'connect' && this.#hasAnother) return true;
    if (this.#retries >= retry.attempts) return false;
    this.#hasToken = reason === 'connect' || this.#group.budget.spend();
    if (this.#hasToken) this.#retries++;
    else this.#group.statistics.retriesWithheld++;
    return this.#hasToken;
  }

  /** A server has not failed this request yet. While servers come and go, their number bounds the attempts. */
  get #hasAnother(): boolean {
    return this.#attempts < this.#group.servers.length && this.#group.hasUntried(this);
  }

  #clientGone(): void {
    if (!this.#finish()) return;
    const attempt = this.#attempt;
    if (attempt === undefined) this.#group.forget(this);
    else attempt.abort(new ProxyFailure('client', 'the client went away'));
  }

  /** False: it was over before. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#res.off('close', this.#onClose);
    this.#body?.finish();
    return true;
  }
}

/** The upstream takes the body: now the client may send it (RFC 9110 section 10.1.1). */
function askForBody(res: ServerResponse): void {
  if (!res.headersSent && res.req.httpVersion !== '1.0') res.writeContinue();
}
