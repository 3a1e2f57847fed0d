/**
 * A capture file to write, through Node's synchronous file calls: the sink of a `PcapngWriter`, for `serve --pcap`, for
 * replays and for packet scripts. Works in a worker thread.
 *
 * A recorder must not bring down what it records: when the disk is full, writing stops, the reason is kept, and the
 * caller is told once.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

export class CaptureOutput {
  readonly path: string;
  /** Why writing stopped, if it did. */
  failure: Error | undefined;
  readonly #onFailure: ((error: Error) => void) | undefined;
  #descriptor: number | undefined;

  /**
   * Creates or empties the file; `-` is standard output.
   * @param onFailure told once if a later write fails; without it the error is only kept in `failure`
   * @throws the error of open(2) if the file cannot be created
   */
  constructor(path: string, onFailure?: (error: Error) => void) {
    this.path = path;
    this.#onFailure = onFailure;
    this.#descriptor = path === '-' ? 1 : openSync(path, 'w');
  }

  /** Appends `bytes`; a `ByteSink`. Does nothing after a failure or `close`. */
  readonly write = (bytes: Uint8Array): void => {
    if (this.#descriptor === undefined) return;
    try {
      writeAll(this.#descriptor, bytes);
    } catch (error) {
      this.failure = error as Error;
      this.close();
      this.#onFailure?.(this.failure);
    }
  };

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined && descriptor !== 1) closeSync(descriptor);
  }
}

/** write(2) may take less than all. A pipe that is full for now (EAGAIN) is tried again. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}

/** Never woken: waiting on it is a way to sleep a millisecond without spinning. */
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
