/**
 * Single files that may change: certificates, a handler. They are looked at now and then, since whoever renews them may
 * write them anew, rename them or turn a link.
 */
import { unwatchFile, watchFile } from 'node:fs';

/** Between two looks, ms. */
const LOOK_EVERY_MS = 2_000;
/** Several files may change together, such as a certificate and its key, and all have to be there, ms. */
const QUIET_MS = 500;

export class FileWatch {
  readonly #looked = () => this.#soon();
  readonly #changed: () => void;
  #files: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param changed called a moment after a change */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Watches these files, in place of those before. */
  watch(files: readonly string[]): void {
    if (files.join('\0') === this.#files.join('\0')) return;
    this.close();
    this.#files = [...new Set(files)];
    for (const file of this.#files) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, this.#looked);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const file of this.#files) unwatchFile(file, this.#looked);
    this.#files = [];
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#changed, QUIET_MS);
  }
}
