/** Where the lines of a log go. All calls are synchronous: the log thread has nothing to do but to wait for them. */
export interface Sink {
  /** For messages: what the user named. */
  readonly name: string;
  /** The most bytes that may come between two calls of `prepare`, if they are several lines. */
  readonly mostBytes: number;
  /** Lines of this many bytes come next. Returns true if the file is empty, so that a header comes first. */
  prepare(bytes: number): boolean;
  /**
   * Writes some of `bytes[from, to)`, which are whole lines unless the last call wrote only a part. Returns how many
   * bytes it took; 0: it takes none now, and that is no failure. @throws if it cannot be written to.
   */
  write(bytes: Uint8Array, from: number, to: number): number;
  /** The file may have been moved away: opens it anew. @throws if it cannot. */
  reopen(): void;
  /** Whether the file may be moved away without a word, so that each `prepare` has to look. */
  follow(follows: boolean): void;
  /**
   * After a write that failed: whether the bytes before it are not at the end of the file any more, because the file
   * was cut or is another one. A line that was begun has to begin anew then. A sink without files has no such thing.
   */
  wasCut?(): boolean;
  /** How often the file could not be moved away. */
  readonly failedRotations?: number;
  close(): void;
}
