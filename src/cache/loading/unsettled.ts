/**
 * Files that may have been caught half-written when they were read: they were changed shortly before, or changed each
 * time. They are looked at again until they have been quiet for a while, and read again when they have changed. So a
 * file that was incomplete at the start does not stay incomplete. Used by loader.ts.
 */
import { statSync } from 'node:fs';
import { type FileStamp, isSameStamp, pathArgument } from '../folder/folder.js';
import { YOUNG_MS } from '../reading/reading.js';

/** A file under watch, as it was when it was read; undefined if it could not be. */
interface Unsettled {
  readonly path: string;
  readonly stamp: FileStamp | undefined;
  /** Date.now() of the next look. */
  readonly dueMs: number;
  /** Time between two looks; doubled with each change, since a file that grows for an hour is not read each second. */
  readonly everyMs: number;
}

/** Time between two looks at the list, ms. */
const LOOK_AGAIN_MS = 1000;
/** The longest time between two looks at a file that goes on changing, ms. */
const LONGEST_MS = 60_000;

export class UnsettledFiles {
  /** By name. Bounded by the number of files in the folder. */
  readonly #files = new Map<string, Unsettled>();

  get size(): number {
    return this.#files.size;
  }

  /** Watches a file from now on. One that was under watch before is looked at less often than then. */
  add(name: string, path: string, stamp: FileStamp | undefined, nowMs: number): void {
    const before = this.#files.get(name);
    const everyMs = before === undefined ? YOUNG_MS : Math.min(2 * before.everyMs, LONGEST_MS);
    this.#files.set(name, { path, stamp, dueMs: nowMs + everyMs, everyMs });
  }

  /** Names of files that have changed, and must be read again. Those that were quiet are watched no longer. */
  takeChanged(nowMs: number): string[] {
    const changed: string[] = [];
    for (const [name, { path, stamp, dueMs }] of this.#files) {
      if (dueMs > nowMs) continue;
      if (isUnchanged(path, stamp)) this.#files.delete(name);
      else changed.push(name);
    }
    return changed;
  }

  /** The file is not served any more. */
  forget(name: string): void {
    this.#files.delete(name);
  }
}

/** Looks at unsettled files again and again, as long as there are any. */
export class UnsettledWatch {
  readonly #files: UnsettledFiles;
  readonly #read: (names: readonly string[]) => Promise<unknown>;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  /** @param read reads files again */
  constructor(files: UnsettledFiles, read: (names: readonly string[]) => Promise<unknown>) {
    this.#files = files;
    this.#read = read;
  }

  /** Files may have been added, or all of them forgotten. */
  update(): void {
    if (this.#files.size === 0) {
      this.stop();
    } else if (this.#timer === undefined) {
      this.#timer = setInterval(() => {
        if (this.#isLooking) return;
        // An error of the system is no reason to crash. The cache keeps the file as it was until the next look.
        this.look(Date.now()).catch(() => {});
        if (this.#files.size === 0) this.stop();
      }, LOOK_AGAIN_MS);
      this.#timer.unref();
    }
  }

  /** Reads those files again that have changed since they were read. */
  async look(nowMs: number): Promise<void> {
    this.#isLooking = true;
    try {
      const changed = this.#files.takeChanged(nowMs);
      if (changed.length > 0) await this.#read(changed);
    } finally {
      this.#isLooking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function isUnchanged(path: string, stamp: FileStamp | undefined): boolean {
  const stat = statSync(pathArgument(path), { throwIfNoEntry: false });
  return stat !== undefined && stamp !== undefined && isSameStamp(stat, stamp);
}
