/**
 * Certificates that change on disk: a renewal is taken a few seconds later, for the handshakes from then on. The files
 * are looked at now and then, since whoever renews them may write them anew, rename them or turn a link.
 */
import { unwatchFile, watchFile } from 'node:fs';
import type { TlsSettings } from '../tls/settings.js';

/** Between two looks, ms. */
const LOOK_EVERY_MS = 2_000;
/** Certificate and key are two files: both have to be there, ms. */
const QUIET_MS = 500;

export class CertificateWatch {
  readonly #changed = () => this.#soon();
  readonly #read: () => TlsSettings | undefined;
  readonly #use: (settings: TlsSettings) => void;
  readonly #failed: (error: Error) => void;
  #files: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param read reads all certificates; it throws for one that cannot be used, and then `failed` is called
   * @param use takes them
   */
  constructor(
    read: () => TlsSettings | undefined,
    use: (settings: TlsSettings) => void,
    failed: (error: Error) => void,
  ) {
    this.#read = read;
    this.#use = use;
    this.#failed = failed;
  }

  /** Watches these files, in place of those before. */
  watch(files: readonly string[]): void {
    this.close();
    this.#files = [...new Set(files)];
    for (const file of this.#files) {
      watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, this.#changed);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const file of this.#files) unwatchFile(file, this.#changed);
    this.#files = [];
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      try {
        const settings = this.#read();
        if (settings !== undefined) this.#use(settings);
      } catch (error) {
        this.#failed(error as Error);
      }
    }, QUIET_MS);
  }
}
