/** What watching has seen and done, of all sites of a server. */
export interface WatchStatistics {
  /** Events from the source. */
  seen: number;
  /** Of those: hidden or temporary names. */
  dropped: number;
  /** Names that were looked at. */
  refreshed: number;
  /** Files published anew, files found to be the same, and names that are gone. */
  published: number;
  unchanged: number;
  removed: number;
  /** Links that led elsewhere, and folders that were loaded anew beside the old one. */
  switched: number;
  /** Times that a whole folder was looked at, because events may have been lost. */
  floods: number;
  /** Looks that failed, and folders that could not be watched. */
  errors: number;
  /** Folders that are watched now. */
  folders: number;
}

/** All zero. */
export function newWatchStatistics(): WatchStatistics {
  return {
    seen: 0,
    dropped: 0,
    refreshed: 0,
    published: 0,
    unchanged: 0,
    removed: 0,
    switched: 0,
    floods: 0,
    errors: 0,
    folders: 0,
  };
}
