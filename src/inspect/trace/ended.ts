/** The connections of a server that are over, although their last frames were not seen. */
import { endOf, liveKey } from '../live-keys.js';
import type { ConnectionRow } from './analyzer.js';

/** Microseconds. A connection whose last frame is younger may not be there yet: a SYN cookie keeps no state. */
const TOO_FRESH = 3_000_000;

/** Learns from a server's lists of its connections. */
export class EndedConnections {
  /** By connection: its last frame's time when it was found to be over. A later frame shows that it is not. */
  readonly #ends = new Map<number, number>();
  readonly #keys = new Map<number, number>();

  clear(): void {
    this.#ends.clear();
    this.#keys.clear();
  }

  /** At `time`, microseconds since the first frame, a server had these connections and no others. */
  note(rows: readonly ConnectionRow[], time: number, live: ReadonlySet<number>): void {
    for (const row of rows) {
      if (row.end > time - TOO_FRESH || isSeenOver(row) || this.has(row)) continue;
      if (!live.has(this.#keyOf(row))) this.#ends.set(row.number, row.end);
    }
  }

  /** It is over, and its FINs or its RST were not seen. */
  has({ number, end }: ConnectionRow): boolean {
    return this.#ends.get(number) === end;
  }

  #keyOf({ number, client, server }: ConnectionRow): number {
    const known = this.#keys.get(number);
    if (known !== undefined) return known;
    const key = liveKey(endOf(client), endOf(server));
    this.#keys.set(number, key);
    return key;
  }
}

/** The frames that were seen show that it is over. */
export function isSeenOver({ wasReset, clientFinished, serverFinished }: ConnectionRow): boolean {
  return wasReset || (clientFinished && serverFinished);
}
