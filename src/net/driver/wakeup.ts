/**
 * A bell that one thread rings to wake another out of poll(2): an eventfd(2). Two rings before the other thread looks
 * are one wake-up. The other thread needs nothing but the descriptor's number.
 */
import { addressOf, check, EFD_CLOEXEC, EFD_NONBLOCK, sys } from '../device/libc.js';

/**
 * An eventfd that wakes a poll loop. `close` it when the loop has ended.
 *
 * @example
 * ```ts
 * import { Wakeup } from 'fastpath';
 *
 * const bell = Wakeup.create(); // an eventfd
 * bell.ring(); // from any thread that adopted it: Wakeup.adopt(bell.fd)
 * bell.clear();
 * bell.close();
 * ```
 */
export class Wakeup {
  readonly #value = new BigUint64Array([1n]);
  readonly #address = addressOf(this.#value);

  private constructor(readonly fd: number) {}

  /** A new one. @throws {SystemError} if the process has no descriptor left. */
  static create(): Wakeup {
    return new Wakeup(check(sys.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), 'eventfd'));
  }

  /** The one that another thread of this process made. */
  static adopt(fd: number): Wakeup {
    return new Wakeup(fd);
  }

  /** Wakes the thread that polls the descriptor, now or at its next poll. */
  ring(): void {
    this.#value[0] = 1n;
    sys.write(this.fd, this.#address, 8);
  }

  /** Takes all rings so far. The poller calls it before it looks for news. */
  clear(): void {
    sys.read(this.fd, this.#address, 8);
  }

  close(): void {
    sys.close(this.fd);
  }
}
