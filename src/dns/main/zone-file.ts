/** Reads a zone with the files that it includes, and knows when one of them has changed. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type LoadedZone, loadZone } from '../load.js';

export class ZoneFile {
  readonly zone: string;
  readonly path: string;
  /** All files of the zone, with their times and sizes when they were read. */
  #stamps = new Map<string, string>();
  /** What was seen at the last look: a file that is being written changes from look to look. */
  #seen = '';

  /** @param file relative to `folder` */
  constructor(zone: string, file: string, folder: string) {
    this.zone = zone;
    this.path = resolve(folder, file);
  }

  /** @throws {ZoneError} all that is wrong; a system error if the file cannot be read */
  read(): LoadedZone {
    const stamps = new Map<string, string>();
    const open = (path: string) => {
      stamps.set(path, stampOf(path));
      return readFileSync(path, 'latin1');
    };
    const include = (name: string, from: string) => {
      const file = resolve(dirname(from), name);
      return { file, text: open(file) };
    };
    try {
      return loadZone({ zone: this.zone, file: this.path, text: open(this.path), include });
    } finally {
      this.#stamps = stamps;
      this.#seen = '';
    }
  }

  /** True if a file has changed since it was read, and has not since the last look. */
  hasChanged(): boolean {
    const now = [...this.#stamps.keys()].map(stampOf).join('\n');
    const isQuiet = now === this.#seen;
    this.#seen = now;
    return isQuiet && now !== [...this.#stamps.values()].join('\n');
  }
}

/** Time, size and number of a file; the name of the error if there is none. */
function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
