/**
 * The time-out of net.Socket: it expires when nothing has come in or gone out for a time. The program decides what
 * happens then. It uses Node's timers and not the stack's clock, because it must also run while the connection is
 * still being opened.
 */
export class IdleTimer {
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** Expires after `ms` without `touch`; 0: never. It does not keep the process alive. */
  set(ms: number): void {
    this.stop();
    if (ms > 0) this.#timer = setTimeout(this.#expired, ms).unref();
  }

  /** Something has come or gone. */
  touch(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
