/**
 * What the proxy tells the person who runs the server. A fault that comes a thousand times a second is told now and
 * then, and so is a server that comes and goes: but how it is in the end is always told.
 */
import { formatTimes } from '../../words/numbers.js';
import type { HealthChange, ProxyTrouble } from '../proxy.js';

/** Between two lines about one upstream and kind of fault, and about one server, ms. */
const TELL_EVERY_MS = 5_000;
/** Lines about one server that may come at once after a quiet time: it is down, it is up again, it is down. */
const CHANGES_AT_ONCE = 3;

interface Told {
  at: number;
  untold: number;
}

/** One server's comings and goings. */
interface Changes {
  /** When all lines that were told are worn off, ms: each lasts TELL_EVERY_MS. */
  quietAt: number;
  /** The last change that was not told yet, and how many there were before it. */
  waiting: HealthChange | undefined;
  untold: number;
}

/** What a report needs of its surroundings. */
export interface ReportTime {
  /** A clock that never goes back, ms. */
  now(): number;
  later(action: () => void, ms: number): void;
}

const REAL_TIME: ReportTime = {
  now: () => performance.now(),
  later: (action, ms) => void setTimeout(action, ms).unref(),
};

export class ProxyReport {
  readonly #tell: (text: string) => void;
  readonly #time: ReportTime;
  readonly #told = new Map<string, Told>();
  readonly #changes = new Map<string, Changes>();

  constructor(tell: (text: string) => void, time = REAL_TIME) {
    this.#tell = tell;
    this.#time = time;
  }

  /** A request that did not get the whole answer. That a client went away, or sent nonsense, is its own affair. */
  trouble(trouble: ProxyTrouble): void {
    const { upstream, failure } = trouble;
    if (failure.kind === 'client' || failure.kind === 'request') return;
    const key = `${upstream} ${failure.kind}`;
    const now = this.#time.now();
    const told = this.#told.get(key);
    if (told !== undefined && now - told.at < TELL_EVERY_MS) {
      told.untold++;
      return;
    }
    this.#told.set(key, { at: now, untold: 0 });
    this.#tell(describe(trouble, told?.untold ?? 0));
  }

  /** A server has come or gone. */
  healthChanged(change: HealthChange): void {
    const changes = this.#changesOf(change);
    if (changes.waiting !== undefined) changes.untold++;
    const isTimed = changes.waiting !== undefined;
    changes.waiting = change;
    const wait = changes.quietAt - (CHANGES_AT_ONCE - 1) * TELL_EVERY_MS - this.#time.now();
    if (wait <= 0) this.#tellChange(changes);
    else if (!isTimed) this.#time.later(() => this.#tellChange(changes), wait);
  }

  #changesOf({ upstream, server }: HealthChange): Changes {
    const key = `${upstream} ${server}`;
    const known = this.#changes.get(key);
    if (known !== undefined) return known;
    const now = this.#time.now();
    for (const [other, { waiting, quietAt }] of this.#changes) {
      if (waiting === undefined && quietAt <= now) this.#changes.delete(other); // a reload may have taken it away
    }
    const changes = { quietAt: now, waiting: undefined, untold: 0 };
    this.#changes.set(key, changes);
    return changes;
  }

  #tellChange(changes: Changes): void {
    const { waiting, untold } = changes;
    if (waiting === undefined) return;
    changes.quietAt = Math.max(changes.quietAt, this.#time.now()) + TELL_EVERY_MS;
    changes.waiting = undefined;
    changes.untold = 0;
    const { upstream, server, change, reason } = waiting;
    const more = untold === 0 ? '' : `; it changed ${formatTimes(untold)} before that, since the last such line`;
    this.#tell(printable(`upstream ${upstream}: ${server} is ${WORDS[change]}: ${reason}${more}`));
  }
}

const WORDS = { up: 'up again', down: 'down', paused: 'paused', back: 'back' } as const;

function describe({ upstream, server, status, failure, attempts, method, target, host }: ProxyTrouble, untold: number) {
  const answer = status === undefined ? 'its answer was cut' : `got ${status}`;
  const by = server === undefined ? '' : `; server ${server}`;
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  const more = untold === 0 ? '' : `; ${untold} more of this kind since the last such line`;
  const request = `${method} ${target.slice(0, 200)} (${host.slice(0, 100)})`;
  return printable(`upstream ${upstream}: ${request} ${answer}: ${failure.message}${by}${tries}${more}`);
}

/** Clients and upstreams choose parts of the text: a terminal gets no control characters of them. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
