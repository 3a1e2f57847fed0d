/** A whole run: the servers started and checked, the rounds, the open-loop part. */
import { join } from 'node:path';
import type { Cpus } from './cpus.js';
import { runOpenLoop } from './h2load.js';
import { complaint, type Measurement, measure, urlOf } from './measure.js';
import type { BenchOptions } from './options.js';
import { makeRow, type OpenLoopRow, type Row } from './results.js';
import type { Bench, RunningServer, ServerKind } from './servers/server.js';
import { rotated } from './statistics.js';
import type { Workload } from './workloads.js';
import { runWrk } from './wrk.js';

/** Node compiles its hot functions only after some thousand calls. */
const WARM_UP_SECONDS = 1;
/** Enough that a request seldom has to wait for its connection's last answer. */
const OPEN_LOOP_CONNECTIONS = 50;

/** A server that answers, with the workloads it answers rightly. */
interface Contestant {
  readonly kind: ServerKind;
  readonly server: RunningServer;
  readonly workloads: ReadonlySet<Workload>;
}

export class Run {
  readonly leftOut: string[] = [];
  readonly #contestants: Contestant[] = [];
  readonly #measurements = new Map<string, Measurement[]>();

  constructor(
    readonly bench: Bench,
    readonly cpus: Cpus,
    readonly options: BenchOptions,
    readonly workloads: readonly Workload[],
    readonly progress: (text: string) => void,
  ) {}

  /** Starts and checks each server. One that does not start is left out, with its reason. */
  async start(kinds: readonly ServerKind[]): Promise<void> {
    for (const kind of kinds) {
      this.progress(`starting ${kind.name}`);
      try {
        const server = await kind.start(this.bench);
        const workloads = await this.#accepted(kind, server);
        this.#contestants.push({ kind, server, workloads });
      } catch (error) {
        this.#leaveOut(kind.name, error);
      }
    }
  }

  /** All rounds: for each workload one server after the other, the next round beginning with another one. */
  async rounds(): Promise<Row[]> {
    await this.#warmUp();
    for (let round = 0; round < this.options.rounds; round++) {
      for (const workload of this.workloads) {
        for (const contestant of rotated(this.#contestants, round)) {
          if (!contestant.workloads.has(workload)) continue;
          this.progress(`round ${round + 1} of ${this.options.rounds}: ${workload.name} ${contestant.kind.name}`);
          await this.#once(contestant, workload);
        }
      }
    }
    return this.#rows();
  }

  /** Latency of each server at the same fixed rate. */
  async openLoop(): Promise<OpenLoopRow[]> {
    const { rate, rateWorkloads, seconds } = this.options;
    const names = rateWorkloads.split(',');
    const rows: OpenLoopRow[] = [];
    for (const workload of this.workloads.filter(({ name }) => names.includes(name))) {
      for (const { kind, server, workloads } of this.#contestants) {
        if (!workloads.has(workload)) continue;
        this.progress(`fixed rate: ${workload.name} ${kind.name}`);
        const logFile = join(this.bench.folder, 'h2load.log');
        const load = { url: urlOf(server, workload.path), rate, connections: OPEN_LOOP_CONNECTIONS, seconds, logFile };
        try {
          const result = await runOpenLoop(load, { cpu: this.cpus.client });
          rows.push({ server: kind.name, workload: workload.name, askedRate: rate, ...result });
        } catch (error) {
          this.#leaveOut(`${kind.name}, fixed rate`, error);
        }
      }
    }
    return rows;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#contestants.map(({ server }) => server.stop()));
  }

  async #accepted(kind: ServerKind, server: RunningServer): Promise<Set<Workload>> {
    const accepted = new Set<Workload>();
    for (const workload of this.workloads) {
      if (this.options.quick && kind.quick !== undefined && !kind.quick.includes(workload.name)) continue;
      const wrong = await complaint(server, workload, !kind.anyBody);
      if (wrong === undefined) accepted.add(workload);
      else this.leftOut.push(`${kind.name} ${workload.name}: ${wrong}`);
    }
    return accepted;
  }

  /** A round that does not count: each workload has code of its own that Node has to compile. */
  async #warmUp(): Promise<void> {
    for (const workload of this.workloads) {
      for (const { kind, server, workloads } of this.#contestants) {
        if (!workloads.has(workload)) continue;
        this.progress(`warming up: ${workload.name} ${kind.name}`);
        const { connections, close, path } = workload;
        const load = { url: urlOf(server, path), connections, seconds: WARM_UP_SECONDS, close };
        await runWrk(load, { cpu: this.cpus.client }).catch(() => {}); // the rounds will tell
      }
    }
  }

  async #once({ kind, server }: Contestant, workload: Workload): Promise<void> {
    const key = `${workload.name} ${kind.name}`;
    try {
      const measurement = await measure(server, workload, this.options.seconds, this.cpus);
      this.#measurements.set(key, [...(this.#measurements.get(key) ?? []), measurement]);
    } catch (error) {
      this.#leaveOut(`${kind.name} ${workload.name}`, error);
    }
  }

  #rows(): Row[] {
    return this.workloads.flatMap((workload) =>
      this.#contestants.flatMap(({ kind }) => {
        const rounds = this.#measurements.get(`${workload.name} ${kind.name}`);
        return rounds ? [makeRow(kind.name, workload.name, rounds)] : [];
      }),
    );
  }

  #leaveOut(what: string, error: unknown): void {
    const text = error instanceof Error ? error.message : `${error}`;
    this.leftOut.push(`${what}: ${text.trim().split('\n').slice(0, 6).join(' | ')}`);
  }
}
