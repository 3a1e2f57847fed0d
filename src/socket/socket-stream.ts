/** What a stream over a connection has of net.Socket, whoever carries its bytes: the idle time-out, `destroySoon`. */
import { StreamWithEndpoints } from './endpoints.js';
import { IdleTimer } from './idle-timer.js';
import { readDuration } from './options.js';

export abstract class SocketStream extends StreamWithEndpoints {
  /** Touched when something comes or goes, and stopped at the end. */
  protected readonly idle = new IdleTimer(() => this.emit('timeout'));
  #timeoutMs: number | undefined;

  /** Ends, and destroys once all is handed over: what http servers do after a last answer. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Emits 'timeout' after so many ms without traffic; 0: never. The listener decides what to do then. */
  setTimeout(ms: number, listener?: () => void): this {
    if (this.destroyed) return this;
    this.#timeoutMs = readDuration(ms, 'msecs');
    this.idle.set(this.#timeoutMs);
    if (listener !== undefined) {
      if (ms === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    return this;
  }

  /** The last value given to `setTimeout`, ms. */
  get timeout(): number | undefined {
    return this.#timeoutMs;
  }

  /** Bytes written that still wait in the stream. */
  get bufferSize(): number {
    return this.writableLength;
  }
}
