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

function isUnchanged(path: string, stamp: FileStamp | undefined): boolean {
  const stat = statSync(pathArgument(path), { throwIfNoEntry: false });
  return stat !== undefined && stamp !== undefined && isSameStamp(stat, stamp);
}
