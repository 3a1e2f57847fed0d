/**
 * A log file. It is opened for appending, so several processes may write to it, and a file that was cut by others goes
 * on at its new end. If that end, or the one that an earlier process has left, is in the middle of a line, a line feed
 * comes first: no line of ours is joined to the rest of another.
 *
 * With `rotateBytes` it is moved to `.1`, `.2` … before it grows beyond that, and the oldest of `keep` is removed.
 *
 * After a hand-over two processes write, and both may move the file. A lock on the open file decides who does it, and
 * each looks before it writes whether the file is still the one at its path. So no process goes on in a file that has
 * been moved away, and perhaps removed.
 */
import { closeSync, constants, fstatSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { LOCK_EX, sys } from '../../net/device/libc.js';
import type { Sink } from './sink.js';

/** Group may read; others see no addresses of clients. */
const MODE = 0o640;
const LINE_FEED = 0x0a;

/** When a file is moved away by itself; 0 bytes: never. */
export interface Rotation {
  readonly bytes: number;
  readonly keep: number;
}

export class FileSink implements Sink {
  readonly name: string;
  readonly mostBytes: number;
  failedRotations = 0;
  readonly #rotation: Rotation;
  readonly #warn: (text: string) => void;
  /** The last time it could not be moved away. */
  #isStuck = false;
  /** Opened since the last write, and another one than before. */
  #isOther = false;
  #fd: number;
  #size: number;
  /** What was written last is at the end of the file, or nothing needs to be. */
  #isEndKnown = false;
  /** Others move the file and do not say so. */
  #follows = false;

  /** `warn` is told once that the file cannot be moved away. @throws if it cannot be opened */
  constructor(path: string, rotation: Rotation, warn: (text: string) => void) {
    this.name = path;
    this.#warn = warn;
    this.#rotation = rotation;
    this.mostBytes = rotation.bytes > 0 ? rotation.bytes : Number.POSITIVE_INFINITY;
    this.#fd = openSync(path, 'a', MODE);
    this.#size = fstatSync(this.#fd).size;
  }

  prepare(bytes: number): boolean {
    const { bytes: most } = this.#rotation;
    this.#measure();
    if (most > 0 || this.#follows) this.#catchUp();
    if (this.#isFull(bytes)) this.#rotateAlone(bytes);
    if (!this.#isEndKnown) this.#endLine();
    return this.#size === 0;
  }

  follow(follows: boolean): void {
    this.#follows = follows;
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    const written = writeSync(this.#fd, bytes, from, to - from);
    this.#size += written;
    this.#isOther = false;
    return written;
  }

  wasCut(): boolean {
    return this.#measure() || this.#isOther;
  }

  reopen(): void {
    const fd = openSync(this.name, 'a', MODE); // if this fails, the old one is still there
    const [before, now] = [fstatSync(this.#fd), fstatSync(fd)];
    closeSync(this.#fd);
    this.#fd = fd;
    if (before.ino === now.ino && before.dev === now.dev) return;
    this.#isOther = true;
    this.#isEndKnown = false;
    this.#size = now.size;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Whether the file is shorter than it was after the last write. */
  #measure(): boolean {
    const { size } = fstatSync(this.#fd);
    const isShorter = size < this.#size;
    if (isShorter) this.#isEndKnown = false;
    this.#size = size;
    return isShorter;
  }

  /** Ends the line that somebody has left unfinished. */
  #endLine(): void {
    if (this.#size > 0 && lastByteOf(this.#fd) !== LINE_FEED) this.#size += writeSync(this.#fd, '\n');
    this.#isEndKnown = true;
  }

  #isFull(bytes: number): boolean {
    const { bytes: most } = this.#rotation;
    return most > 0 && this.#size > 0 && this.#size + bytes > most;
  }

  /** Goes to the file that is at the path now. If that cannot be opened, the log goes on where it is. */
  #catchUp(): void {
    const there = statSync(this.name, { throwIfNoEntry: false });
    const own = fstatSync(this.#fd);
    this.#size = own.size;
    if (there !== undefined && there.ino === own.ino && there.dev === own.dev) return;
    try {
      this.reopen();
    } catch {
      // a later call tries again
    }
  }

  /** Moves the file, unless another process has done it while this one waited for the lock. */
  #rotateAlone(bytes: number): void {
    sys.flock(this.#fd, LOCK_EX); // where locks are not to be had, only the very moment of a hand-over is at risk
    this.#catchUp();
    if (this.#isFull(bytes)) this.#rotate();
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
      this.#isStuck = false;
    } catch (error) {
      this.#size = fstatSync(this.#fd).size;
      this.#failed(error as Error);
    }
  }

  #failed({ message }: Error): void {
    this.failedRotations++;
    if (!this.#isStuck) this.#warn(`cannot move ${this.name} away: ${message}; it grows beyond its size`);
    this.#isStuck = true;
  }
}

/** A file that nobody may read, or that is none, is taken as one that ends with its line. */
function lastByteOf(fd: number): number {
  const stat = fstatSync(fd);
  if (!stat.isFile()) return LINE_FEED;
  let reader = -1;
  try {
    reader = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY);
    const last = Buffer.from([LINE_FEED]);
    readSync(reader, last, 0, 1, stat.size - 1);
    return last.readUInt8(0);
  } catch {
    return LINE_FEED;
  } finally {
    if (reader >= 0) closeSync(reader);
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
