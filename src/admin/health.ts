/** The truth about a server, for `/healthz` and `/readyz`: what it is doing, and whether its workers move. */

/** `handed-over`: another process serves in our place. */
export type ServerState = 'starting' | 'serving' | 'draining' | 'handed-over';

/** How far the loading of the folders is. */
export interface Loading {
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** A worker publishes its counters four times a second. One that does not is no use to a client after this time, ms. */
export const UNREADY_AFTER_MS = 3_000;
/** And after this time, only a new start helps. */
export const STUCK_AFTER_MS = 10_000;

/** What `/healthz` and `/readyz` answer. */
export interface Verdict {
  readonly ok: boolean;
  readonly status: ServerState | 'stuck';
  readonly loading?: Loading;
  /** Workers that do not move. */
  readonly stuckWorkers?: readonly number[];
}

export class Health {
  state: ServerState = 'starting';
  #loading: Loading | undefined;
  /** The last heartbeat of each worker, and when it was first seen, ms. */
  readonly #pulses: { beat: number; at: number }[] = [];

  /** The folders are being read. */
  loading(progress: Loading): void {
    const { files, totalFiles, bytes, totalBytes } = progress;
    this.#loading = { files, totalFiles, bytes, totalBytes };
  }

  /** The heartbeats of all workers at this time. Called about once a second. */
  beat(heartbeats: readonly number[], nowMs: number): void {
    for (const [i, beat] of heartbeats.entries()) {
      if (this.#pulses[i]?.beat !== beat) this.#pulses[i] = { beat, at: nowMs };
    }
  }

  /** Whether requests are answered: a load balancer may send some. */
  readiness(nowMs: number): Verdict {
    const stuck = this.#stuck(nowMs, UNREADY_AFTER_MS);
    const isReady = this.state === 'serving' && stuck.length === 0;
    return { ok: isReady, ...this.#verdict(stuck) };
  }

  /** Whether the process does what it should, and a new start would not help. */
  liveness(nowMs: number): Verdict {
    const stuck = this.#stuck(nowMs, STUCK_AFTER_MS);
    return { ok: stuck.length === 0, ...this.#verdict(stuck) };
  }

  #verdict(stuckWorkers: readonly number[]): Omit<Verdict, 'ok'> {
    if (stuckWorkers.length > 0) return { status: 'stuck', stuckWorkers };
    const loading = this.state === 'starting' ? this.#loading : undefined;
    return { status: this.state, ...(loading !== undefined && { loading }) };
  }

  /** Workers count from their first heartbeat to the end: a worker that has ended is none that is stuck. */
  #stuck(nowMs: number, afterMs: number): number[] {
    if (this.state !== 'serving') return [];
    return [...this.#pulses.entries()].filter(([, { at }]) => nowMs - at >= afterMs).map(([i]) => i);
  }
}
