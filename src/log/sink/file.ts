/**
 * A log file. It is opened for appending, so several processes may write to it, and a file that was cut by others goes
 * on at its new end. With `rotateBytes` it is moved to `.1`, `.2` … before it grows beyond that, and the oldest of
 * `keep` is removed.
 */
import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { Sink } from './sink.js';

/** Group may read; others see no addresses of clients. */
const MODE = 0o640;

/** When a file is moved away by itself; 0 bytes: never. */
export interface Rotation {
  readonly bytes: number;
  readonly keep: number;
}

export class FileSink implements Sink {
  readonly name: string;
  readonly #rotation: Rotation;
  #fd: number;
  #size: number;

  /** @throws if it cannot be opened */
  constructor(path: string, rotation: Rotation) {
    this.name = path;
    this.#rotation = rotation;
    this.#fd = openSync(path, 'a', MODE);
    this.#size = fstatSync(this.#fd).size;
  }

  prepare(bytes: number): boolean {
    const { bytes: most } = this.#rotation;
    if (most > 0 && this.#size > 0 && this.#size + bytes > most) this.#rotate();
    return this.#size === 0;
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    const written = writeSync(this.#fd, bytes, from, to - from);
    this.#size += written;
    return written;
  }

  reopen(): void {
    const fd = openSync(this.name, 'a', MODE); // if this fails, the old one is still there
    closeSync(this.#fd);
    this.#fd = fd;
    this.#size = fstatSync(fd).size;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** If a file cannot be moved, the log goes on where it is: what was written is worth more than its size. */
  #rotate(): void {
    const { keep } = this.#rotation;
    try {
      rmSync(`${this.name}.${keep}`, { force: true });
      for (let n = keep - 1; n >= 1; n--) moveIfThere(`${this.name}.${n}`, `${this.name}.${n + 1}`);
      if (keep > 0) moveIfThere(this.name, `${this.name}.1`);
      else rmSync(this.name, { force: true });
      this.reopen();
    } catch {
      this.#size = fstatSync(this.#fd).size;
    }
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
