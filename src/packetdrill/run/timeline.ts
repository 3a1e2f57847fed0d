/**
 * Keeps what has happened in a run, in order, for the report: packets both ways, calls, checks.
 */
import type { TimelineEntry } from './result.js';

/** How many entries are kept, to bound the memory of a long script. */
const MAX_ENTRIES = 20_000;

export class Timeline {
  readonly entries: TimelineEntry[] = [];
  readonly #now: () => number;

  /** @param now the script's time, microseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds an entry and returns its place, for `amend` and `explain`. */
  note(kind: TimelineEntry['kind'], text: string, line: number): number {
    if (this.entries.length < MAX_ENTRIES) this.entries.push({ time: this.#now(), kind, text, line });
    return this.entries.length - 1;
  }

  /** Replaces the text of a call that has gone further. */
  amend(place: number, text: string): void {
    const entry = this.entries[place];
    if (entry?.kind === 'call') this.entries[place] = { ...entry, text };
  }

  /** Notes on which line of the script a packet of the stack stands. */
  explain(place: number, line: number): void {
    const entry = this.entries[place];
    if (entry?.kind === 'out') this.entries[place] = { ...entry, line };
  }
}
