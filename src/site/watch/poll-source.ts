/**
 * News by looking at every file now and then, by `chokidar` (which uses `fs.watchFile`): for network file systems,
 * where the kernel tells nothing of what other machines change. It costs a `stat` for each file and interval, and some
 * 6 KB of memory for each file.
 */
import { watch } from 'chokidar';
import type { OpenSource } from './source.js';

export interface PollOptions {
  /** Between two looks at a file, ms. */
  readonly everyMs: number;
  readonly dotfiles: boolean;
  readonly followSymlinks: boolean;
}

/** Looks at all files in a folder. */
export function openPoll({ everyMs, dotfiles, followSymlinks }: PollOptions): OpenSource {
  return (root, sink) => {
    const folder = Buffer.from(root, 'latin1').toString('utf8');
    const isHidden = (path: string) =>
      !dotfiles && path.length > folder.length && /\/\.(?!well-known(\/|$))/.test(path.slice(folder.length));
    const watcher = watch(folder, {
      usePolling: true,
      interval: everyMs,
      binaryInterval: everyMs,
      persistent: false,
      ignoreInitial: true,
      followSymlinks,
      ignored: isHidden,
      ignorePermissionErrors: true,
    });
    watcher.on('all', (_, path) => sink.heard(Buffer.from(path).toString('latin1')));
    watcher.on('error', (error) => sink.failed(error as NodeJS.ErrnoException));
    return { add: () => true, remove: () => {}, close: () => void watcher.close() };
  };
}
