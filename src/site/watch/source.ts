/**
 * Where the news of changes come from: the kernel (notify-source.ts), or looks at every file now and then
 * (poll-source.ts). A test gives its events by hand.
 */

/** What a source tells. Paths have a character for each byte, as everywhere in the cache. */
export interface WatchSink {
  /** Something has happened to an entry of a folder: `path` is the folder's path with the entry's name. */
  heard(path: string): void;
  /** Something cannot be watched. */
  failed(error: NodeJS.ErrnoException): void;
}

/** News of one site's folder. */
export interface FolderSource {
  /**
   * A folder is to be watched from now on: its entries, not what is below them. Returns whether it is.
   * `failed` has been told if not.
   */
  add(path: string): boolean;
  /** A folder is watched no longer. */
  remove(path: string): void;
  close(): void;
}

/** Opens the source for the folder `root` (a real path). */
export type OpenSource = (root: string, sink: WatchSink) => FolderSource;
