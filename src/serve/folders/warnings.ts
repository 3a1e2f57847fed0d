/**
 * The warnings about a folder, for a log that a person reads: a cache that is too small for 50,000 files says so a few
 * times, and then for how many others it holds. Made by site-folders.ts, which hands it each warning of the loader.
 */
import { type LoadWarning, sentenceOf, type WarningReason } from '../../cache/folder/warnings.js';
import { printable } from '../../words/printable.js';

/** This many of one kind show what is going on. */
const SHOWN_OF_A_KIND = 10;

interface Kind {
  readonly firstPath: string;
  count: number;
}

export class FolderWarnings {
  readonly #warn: (text: string) => void;
  readonly #kinds = new Map<WarningReason, Kind>();
  #isReading = true;

  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  take({ reason, path, message }: LoadWarning): void {
    const kind = this.#kinds.get(reason) ?? { firstPath: path, count: 0 };
    this.#kinds.set(reason, kind);
    kind.count++;
    if (!this.#isReading || kind.count <= SHOWN_OF_A_KIND) this.#warn(message);
  }

  /** The folder is read: tells how many were not shown. Later warnings are few, and each is shown. */
  summarize(): void {
    this.#isReading = false;
    for (const [reason, { firstPath, count }] of this.#kinds) {
      const more = count - SHOWN_OF_A_KIND;
      if (more > 0)
        this.#warn(`${more.toLocaleString('en-US')} more: ${sentenceOf(reason)}, as ${printable(firstPath)} is`);
    }
    this.#kinds.clear();
  }
}
