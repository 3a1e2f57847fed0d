/**
 * Files of a folder that have another name somewhere (hard links). A change through the other name is no news of our
 * folder: inotify tells of names, and only in the folders that it watches. So these files are looked at now and then.
 * Used by folder-watch.ts.
 */
import { type Stats, statSync } from 'node:fs';
import { type FileStamp, isSameStamp, pathArgument, stampOf } from '../../cache/folder/folder.js';

/** So many files are looked at in some 3 ms. */
const MOST_FILES = 1_024;

interface Linked {
  readonly path: string;
  readonly stamp: FileStamp;
}

export class HardLinks {
  readonly #files = new Map<string, Linked>();

  get size(): number {
    return this.#files.size;
  }

  /** A file with several names, as it was when it was found. Beyond the bound it is forgotten. */
  add(name: string, path: string, stamp: FileStamp): void {
    if (this.#files.size < MOST_FILES || this.#files.has(name)) this.#files.set(name, { path, stamp });
  }

  /** The files that have changed since the look before. Those that are gone, or have one name only, are forgotten. */
  takeChanged(): string[] {
    const changed: string[] = [];
    for (const [name, { path, stamp }] of this.#files) {
      const now = lookAt(path);
      if (now === undefined || now.nlink < 2) this.#files.delete(name);
      if (now === undefined || isSameStamp(now, stamp)) continue;
      changed.push(name);
      if (now.nlink > 1) this.#files.set(name, { path, stamp: stampOf(now) });
    }
    return changed;
  }

  clear(): void {
    this.#files.clear();
  }
}

/** Undefined: it is gone, or cannot be looked at any more. */
function lookAt(path: string): Stats | undefined {
  try {
    return statSync(pathArgument(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
