/**
 * The slow path, as HTTP sees it: another thread that answers what the cache cannot. src/channel has the real one, in
 * shared memory; HTTP knows only these interfaces. hand-over.ts is their user.
 *
 *     HttpConnection ── first miss ──▶ SlowPath.open ──▶ SlowConnection: a socket of the other thread
 *     a miss         ── begin, write …, endRequest ──▶   bytes of one request
 *                    ◀── data …, answered ──             bytes of its answer
 *
 * A slow connection carries one request at a time. Between two of them it is idle, and the other thread has no reason
 * to end it; if it does, the next miss opens another one. All calls come from the worker's thread. The calls of a
 * `SlowUser` come between two frames, never inside a callback of TCP.
 */
import type { Connection } from '../../net/tcp/handler.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import type { AnswerReason, CacheResult } from '../sending/answer-log.js';

/** Where requests that miss are handed over to. */
export interface SlowPath {
  /** Opens a socket in the other thread for this connection. Null: it takes no more, and the request gets 503. */
  open(connection: Connection): SlowConnection | null;
}

/** One connection's socket in the other thread. */
export interface SlowConnection {
  /** Whether a request for this upstream can begin ('': the handler). False: nobody takes it, and it gets 503. */
  reaches(upstream: string): boolean;
  /**
   * The next request begins, for an upstream that it `reaches`. Until its answer has ended, `user` is told what comes
   * back.
   * @param upstream the name of the upstream that the route names; '': the handler
   */
  begin(user: SlowUser, upstream: string): void;
  /** How many bytes `write` takes now. When this was too little, `SlowUser.writable` follows once there is more. */
  readonly room: number;
  /** Copies bytes of the request; not more than `room`. */
  write(bytes: Uint8Array, from: number, to: number): void;
  /** All of the request is written. */
  endRequest(): void;
  /** The client has sent its last byte (half-close). The answer may still be sent. */
  end(): void;
  /** The client is gone, or is given up. The other thread's socket is destroyed. Nothing comes back any more. */
  destroy(): void;
}

/** How an answer ended, as the thread that made it says. */
export interface SlowAnswer {
  /** The status of the final answer; 0: there was none. */
  readonly status: number;
  /** Bytes of its head, interim answers included: what is sent beyond is payload. */
  readonly headBytes: number;
  /** The connection may go on. False: the other thread ends it after this answer. */
  readonly persists: boolean;
  /** What a cache in front of the handler or upstream did; `none`: there is none. */
  readonly cache: CacheResult;
  /** Why no server has sent it: a 502, 503 or 504 of the proxy's own. `none`: a server has. */
  readonly fault: AnswerReason;
}

/** Why a socket of the other thread is gone before its FIN. */
export const SlowFailure = {
  /** The thread has destroyed it. */
  destroyed: 0,
  /** The thread has ended. */
  died: 1,
  /** The thread did not move any more, and was ended. */
  stuck: 2,
  /** There is no thread: it did not begin in time. */
  absent: 3,
} as const;
export type SlowFailure = (typeof SlowFailure)[keyof typeof SlowFailure];

/** Who has handed over a request. */
export interface SlowUser {
  /** There is room for more of the request, where `room` was too little before. */
  writable(): void;
  /** Bytes for the client, to be sent by reference. Their owner may use the memory again when TCP has let go of it. */
  data(bytes: SummedBytes, from: number, to: number): void;
  /** The answer is complete. */
  answered(answer: SlowAnswer): void;
  /** The protocol has changed (Upgrade, CONNECT): the connection is the other thread's from here to its end. */
  tunneled(): void;
  /** The other thread has sent its last byte on this connection (its FIN). */
  finished(): void;
  /** The other thread's socket is gone before that. */
  failed(failure: SlowFailure, fault: AnswerReason): void;
  /** All news of this turn has been told: sends what was queued. */
  flush(): void;
}
