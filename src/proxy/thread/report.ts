/**
 * What the proxy tells the person who runs the server. A fault that comes a thousand times a second is told now and
 * then.
 */
import type { HealthChange, ProxyTrouble } from '../proxy.js';

/** Between two lines about one upstream and kind of fault, ms. */
const TELL_EVERY_MS = 5_000;

interface Told {
  at: number;
  untold: number;
}

export class ProxyReport {
  readonly #tell: (text: string) => void;
  readonly #now: () => number;
  readonly #told = new Map<string, Told>();

  /** `now`: a clock that never goes back, ms. */
  constructor(tell: (text: string) => void, now: () => number = () => performance.now()) {
    this.#tell = tell;
    this.#now = now;
  }

  /** A request that did not get the whole answer. That a client went away, or sent nonsense, is its own affair. */
  trouble(trouble: ProxyTrouble): void {
    const { upstream, failure } = trouble;
    if (failure.kind === 'client' || failure.kind === 'request') return;
    const key = `${upstream} ${failure.kind}`;
    const now = this.#now();
    const told = this.#told.get(key);
    if (told !== undefined && now - told.at < TELL_EVERY_MS) {
      told.untold++;
      return;
    }
    this.#told.set(key, { at: now, untold: 0 });
    this.#tell(describe(trouble, told?.untold ?? 0));
  }

  healthChanged({ upstream, server, change, reason }: HealthChange): void {
    this.#tell(`upstream ${upstream}: ${server} is ${WORDS[change]}: ${printable(reason)}`);
  }
}

const WORDS = { up: 'up again', down: 'down', paused: 'paused', back: 'back' } as const;

function describe({ upstream, server, status, failure, attempts, method, target, host }: ProxyTrouble, untold: number) {
  const answer = status === undefined ? 'its answer was cut' : `got ${status}`;
  const from = server === undefined ? '' : ` from ${server}`;
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  const more = untold === 0 ? '' : `; ${untold} more of this kind since the last such line`;
  const request = `${method} ${target.slice(0, 200)} (${host.slice(0, 100)})`;
  return printable(`upstream ${upstream}: ${request} ${answer}: ${failure.message}${from}${tries}${more}`);
}

/** Clients and upstreams choose parts of the text: a terminal gets no control characters of them. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
