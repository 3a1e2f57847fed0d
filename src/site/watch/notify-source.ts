/**
 * News from the kernel: inotify, by `fs.watch`. One watch for each folder tells of all entries in it, so 100,000 files
 * in 1,000 folders cost 1,000 watches.
 *
 * `chokidar` watches each file and reads each folder at the start and after each change. For 100,000 files that took
 * 15 s of CPU and 640 MB, with pauses of seconds (docs/serving.md has the figures). Here the loader's own walk finds
 * the folders, and names stay bytes. chokidar does the polling (poll-source.ts).
 */
import { type FSWatcher, watch } from 'node:fs';
import { pathArgument } from '../../cache/folder/folder.js';
import type { FolderSource, OpenSource, WatchSink } from './source.js';

class NotifySource implements FolderSource {
  readonly #sink: WatchSink;
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(sink: WatchSink) {
    this.#sink = sink;
  }

  add(path: string): boolean {
    if (this.#watchers.has(path)) return true;
    const prefix = path === '/' ? path : `${path}/`;
    try {
      // Latin-1: a character for each byte of a name.
      const watcher = watch(pathArgument(path), { persistent: false, encoding: 'latin1' }, (_, entry) =>
        this.#sink.heard(prefix + (entry ?? '')),
      );
      watcher.on('error', (error) => this.#sink.failed(error));
      this.#watchers.set(path, watcher);
      return true;
    } catch (error) {
      this.#sink.failed(error as NodeJS.ErrnoException);
      return false;
    }
  }

  remove(path: string): void {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }
}

/** News by inotify. */
export const openNotify: OpenSource = (_, sink) => new NotifySource(sink);
