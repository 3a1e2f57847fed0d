/**
 * The bandwidth of the sites, in one worker: which part of each rate is this worker's. TCP does the pacing
 * (net/tcp/parts/pacer.ts), and each worker has a TCP of its own. So the workers tell each other four times a second
 * how many connections wait, and a worker takes the part of a rate that its waiting connections are of all of them.
 *
 * All numbers lie in shared memory, a row for each worker, that only this worker writes. An odd sum for a quarter of a
 * second does no harm, so nothing is locked. Group 0 is of connections that have not asked for a site yet; site 0 is
 * group 1, and so on.
 */
import { LEAST_RATE, type PacedTraffic, type PacingPlan } from '../../net/tcp/pacing-plan.js';

/** What the workers have to know: the plan of the server, and where they tell each other. It survives cloning. */
export interface SitePacing {
  readonly plan: PacingPlan;
  readonly workers: number;
  readonly memory: SharedArrayBuffer;
}

/** What a group has sent since the start. */
export type GroupTraffic = Pick<PacedTraffic, 'sentBytes' | 'delayedBytes'>;

/** The numbers of a group in a row. */
const WAITING = 0;
const SENT = 1;
const DELAYED = 2;
const NUMBERS = 3;

/** Memory for these workers and groups, group 0 included. */
export function sharesMemory(workers: number, groups: number): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * groups * NUMBERS * Float64Array.BYTES_PER_ELEMENT);
}

/** What each group has sent, by the number of its site; -1 stands for connections without one. */
export function groupTraffic({ plan, workers, memory }: SitePacing): ReadonlyMap<number, GroupTraffic> {
  const numbers = new Float64Array(memory);
  const groups = plan.groups.length + 1;
  const sum = (group: number, number: number) => {
    let total = 0;
    for (let worker = 0; worker < workers; worker++) {
      total += numbers[(worker * groups + group) * NUMBERS + number] ?? 0;
    }
    return total;
  };
  const traffic = (group: number) => ({ sentBytes: sum(group, SENT), delayedBytes: sum(group, DELAYED) });
  return new Map(Array.from({ length: groups }, (_, group) => [group - 1, traffic(group)]));
}

/** One worker's part. */
export class BandwidthShare {
  readonly #pacing: SitePacing;
  readonly #index: number;
  readonly #numbers: Float64Array;
  readonly #groups: number;

  /** @param index the worker's number, from 0 */
  constructor(pacing: SitePacing, index: number) {
    this.#pacing = pacing;
    this.#index = index;
    this.#numbers = new Float64Array(pacing.memory);
    this.#groups = pacing.plan.groups.length + 1;
  }

  /** There are other workers to share with. */
  get isOneOfMany(): boolean {
    return this.#pacing.workers > 1;
  }

  /** Tells the others how many connections wait here, and the main thread what was sent. */
  publish(groups: readonly PacedTraffic[]): void {
    for (let group = 0; group < this.#groups; group++) {
      const { waiting, sentBytes = 0, delayedBytes = 0 } = groups[group] ?? {};
      const at = (this.#index * this.#groups + group) * NUMBERS;
      this.#numbers[at + WAITING] = waiting?.size ?? 0;
      this.#numbers[at + SENT] = sentBytes;
      this.#numbers[at + DELAYED] = delayedBytes;
    }
  }

  /** The rates and weights that this worker may use now. */
  plan(): PacingPlan {
    const { plan, workers } = this.#pacing;
    if (workers === 1) return plan;
    let [wanted, here] = [0, 0];
    for (let group = 0; group < this.#groups; group++) {
      if (this.#waitingEverywhere(group) === 0) continue;
      wanted += this.#weight(group);
      here += this.#weight(group) * this.#part(group);
    }
    // A worker in which nobody waits keeps an equal part, so that a newcomer can begin at once. Until the next look,
    // all of them together may then have more than there is.
    const part = here === 0 ? 1 / workers : here / wanted;
    return {
      total: share(plan.total, part),
      connection: plan.connection,
      groups: plan.groups.map(({ rate, weight }, i) => {
        const own = this.#part(i + 1);
        return { rate: share(rate, own === 0 ? 1 / workers : own), weight: own === 0 ? weight : weight * own };
      }),
    };
  }

  #weight(group: number): number {
    return group === 0 ? 1 : (this.#pacing.plan.groups[group - 1]?.weight ?? 1);
  }

  /** Which part of the group's waiting connections wait here; 0: none. */
  #part(group: number): number {
    const here = this.#waiting(this.#index, group);
    return here === 0 ? 0 : here / this.#waitingEverywhere(group);
  }

  #waitingEverywhere(group: number): number {
    let sum = 0;
    for (let worker = 0; worker < this.#pacing.workers; worker++) sum += this.#waiting(worker, group);
    return sum;
  }

  #waiting(worker: number, group: number): number {
    return this.#numbers[(worker * this.#groups + group) * NUMBERS + WAITING] ?? 0;
  }
}

/** A part of a rate; 0 stands for no limit. */
function share(rate: number, part: number): number {
  return rate === 0 ? 0 : Math.max(LEAST_RATE, rate * part);
}
