/** The status lines of `fastpath serve --json`: one a second, with every counter of the stack and V8's heap. */
import { type Service, waitUntil } from '../processes.js';

export interface Status {
  /** When the line was read, by this process's clock. */
  readonly at: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** Counters are published four times a second and printed once: after this they are of now. */
const SETTLED_MS = 300;

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

  #take(line: string): void {
    if (!line.startsWith('{"event":"status"')) return;
    const { counters } = JSON.parse(line) as Status;
    this.#latest = { at: performance.now(), counters };
  }
}
