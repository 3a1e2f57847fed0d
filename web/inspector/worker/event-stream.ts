/**
 * Server-sent events, and what a person is told when they stop. The browser asks again by itself while nobody answers.
 * It gives up when it is refused: a server that was started anew has another token. It does not notice a stream that
 * is silent, such as one through a tunnel whose other end is gone: a server tells something every second.
 */

/** So long may a stream be silent, ms. */
const SILENCE_MS = 8_000;
const LOOK_MS = 2_000;
const NO_ANSWER = 'The server does not answer. The page asks again by itself.';

export class EventStream {
  /** What is wrong now; '': nothing. */
  trouble = '';
  /** What is missing since the stream was interrupted; '': nothing. */
  gap = '';
  #events: EventSource;
  readonly #watch: ReturnType<typeof setInterval>;
  #heard = performance.now();
  /** When it began to be in trouble. */
  #lost: number | undefined;
  #wasOpen = false;

  constructor(
    readonly url: string,
    readonly take: (text: string) => void,
    /** Is told when `trouble` or `gap` has changed. */
    readonly changed: () => void,
  ) {
    this.#events = this.#open();
    this.#watch = setInterval(() => this.#look(), LOOK_MS);
  }

  close(): void {
    clearInterval(this.#watch);
    this.#events.close();
  }

  #open(): EventSource {
    const events = new EventSource(this.url);
    events.onmessage = ({ data }) => {
      this.#heard = performance.now();
      this.#well();
      this.take(data as string);
    };
    events.onerror = () => {
      if (events.readyState === EventSource.CLOSED) void this.#refused();
      else this.#say(NO_ANSWER);
    };
    return events;
  }

  #well(): void {
    if (this.#lost !== undefined && this.#wasOpen) {
      const seconds = ((performance.now() - this.#lost) / 1000).toFixed(0);
      this.gap = `The page was cut off from the server for ${seconds} s: the frames of that time are missing.`;
    }
    this.#lost = undefined;
    this.#wasOpen = true;
    this.trouble = '';
  }

  /** The browser does not ask again. Finds out why. */
  async #refused(): Promise<void> {
    const reason = await whyRefused(this.url);
    if (reason === undefined) return this.#say(NO_ANSWER);
    clearInterval(this.#watch);
    this.#say(
      this.#wasOpen
        ? 'The server was started anew. Open the address that it has printed now: it has another token.'
        : `The server refuses the page: ${reason}.`,
    );
  }

  #say(text: string): void {
    this.#lost ??= this.#heard;
    if (this.trouble === text) return;
    this.trouble = text;
    this.changed();
  }

  /** Opens a silent stream anew, and one that the browser has given up. */
  #look(): void {
    const isSilent = performance.now() - this.#heard > SILENCE_MS;
    if (!isSilent) return;
    this.#say('Nothing comes from the server any more. The page asks again by itself.');
    if (this.#events.readyState === EventSource.CONNECTING) return;
    this.#events.close();
    this.#heard = performance.now();
    this.#events = this.#open();
  }
}

/** What the server says to who is refused; undefined: it does not answer. */
async function whyRefused(url: string): Promise<string | undefined> {
  const ending = new AbortController();
  try {
    const answer = await fetch(url, { signal: ending.signal });
    return answer.ok ? undefined : (await answer.text()).trim();
  } catch {
    return undefined;
  } finally {
    ending.abort();
  }
}
