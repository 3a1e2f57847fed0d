/** The status lines of `fastpath serve --json`: one a second, with every counter of the stack and V8's heap. */
import { type Service, waitUntil } from '../processes.js';

export interface Status {
  /** When the line was read, by this process's clock. */
  readonly at: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly cache: { readonly files: number };
}

/** Counters are published four times a second and printed once: after this they are of now. */
const SETTLED_MS = 300;
const LOADING_MS = 60_000;

export class StatusFeed {
  #latest: Status | undefined;
  #rest = '';

  constructor(service: Service) {
    service.onOutput = (text) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop()!;
      for (const line of lines) this.#take(line);
    };
  }

  /** The counters as they are now, or shortly after: waits for the next line that cannot be older than the question. */
  async next(): Promise<Status['counters']> {
    const asked = performance.now() + SETTLED_MS;
    await waitUntil('a status line of fastpath', () => this.#latest !== undefined && this.#latest.at > asked);
    return this.#latest!.counters;
  }

  /** Resolves when so many files are in memory: those that the start leaves out are read in the background. */
  async files(count: number): Promise<void> {
    await waitUntil(`${count} files in memory`, () => (this.#latest?.cache.files ?? 0) >= count, LOADING_MS);
  }

  #take(line: string): void {
    if (!line.startsWith('{"event":"status"')) return;
    const { counters, cache } = JSON.parse(line) as Status;
    this.#latest = { at: performance.now(), counters, cache };
  }
}
