/** The bandwidth of a server and its sites: what the options say, as TCP's pacer has it, and what came of it. */
import { groupTraffic, type SitePacing, sharesMemory } from '../http/sites/bandwidth.js';
import { checkPlan, type PacingPlan } from '../net/tcp/pacing-plan.js';
import type { NumberedSite } from './folders/site-table.js';
import type { BandwidthOptions } from './options.js';
import { ServeError } from './serve-error.js';

/** What a site has sent while the bandwidth was bounded. @see {@link Snapshot} */
export interface SiteShare {
  readonly site: string;
  /** Payload of TCP, resends included, and the part of it that had to wait. */
  readonly sentBytes: number;
  readonly delayedBytes: number;
}

/** The main thread's side: makes the table for the workers, and reads what they have sent. */
export class Bandwidth {
  readonly #workers: number;
  #pacing: SitePacing | undefined;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /**
   * What the workers have to know of these sites; undefined: nothing is bounded.
   * @throws {ServeError} `bad-option` for a rate or a weight that makes no sense
   */
  use(sites: readonly NumberedSite[], options: BandwidthOptions | undefined): SitePacing | undefined {
    const plan = planOf(sites, options);
    if (plan === undefined) this.#pacing = undefined;
    else {
      const memory = sharesMemory(this.#workers, plan.groups.length + 1);
      this.#pacing = { plan, workers: this.#workers, memory };
    }
    return this.#pacing;
  }

  /** What each site has sent. @param names by the sites' numbers */
  shares(names: ReadonlyMap<number, string>): SiteShare[] {
    if (this.#pacing === undefined) return [];
    const traffic = [...groupTraffic(this.#pacing)];
    return traffic.flatMap(([number, sent]) => {
      const site = names.get(number);
      return site === undefined ? [] : [{ site, ...sent }];
    });
  }
}

function planOf(sites: readonly NumberedSite[], options: BandwidthOptions = {}): PacingPlan | undefined {
  const { total = 0, connection = 0 } = options;
  const isBounded = total > 0 || connection > 0 || sites.some(({ options: { bandwidth = 0 } }) => bandwidth > 0);
  if (!isBounded) return undefined;
  const byNumber = new Map(
    sites.map(({ number, options: { bandwidth: rate = 0, weight = 1 } }) => [number, { rate, weight }]),
  );
  const last = Math.max(0, ...byNumber.keys());
  const groups = Array.from({ length: last + 1 }, (_, number) => byNumber.get(number) ?? { rate: 0, weight: 1 });
  const plan = { total, connection, groups };
  try {
    checkPlan(plan);
  } catch (cause) {
    const text = (cause as RangeError).message;
    throw new ServeError('bad-option', `bandwidth: ${text}`, 'Choose another one, or leave it out.', { cause });
  }
  return plan;
}
