/** Standard output, as a log for `systemd`, a container or a pipe. */
import { writeSync } from 'node:fs';
import type { Sink } from './sink.js';

export class DescriptorSink implements Sink {
  readonly mostBytes = Number.POSITIVE_INFINITY;
  readonly #fd: number;
  #isFresh = true;

  constructor(
    fd: number,
    readonly name: string,
  ) {
    this.#fd = fd;
  }

  prepare(): boolean {
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    return isFresh;
  }

  /** A pipe that is full takes nothing now: Node makes pipes non-blocking. */
  write(bytes: Uint8Array, from: number, to: number): number {
    try {
      return writeSync(this.#fd, bytes, from, to - from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }

  reopen(): void {}

  follow(): void {}

  close(): void {}
}
