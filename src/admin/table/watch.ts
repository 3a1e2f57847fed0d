/** Metrics of the watch of the folders (src/site/watch). */
import { by, type Metric, one } from './metric.js';

export const WATCH: readonly Metric[] = [
  one('fastpath_watch_events_total', 'watch.seen', 'Events that the kernel or the polling told.'),
  one('fastpath_watch_dropped_total', 'watch.dropped', 'Events of hidden and temporary names.'),
  one('fastpath_watch_names_total', 'watch.refreshed', 'Changed names that were looked at.'),
  by(
    'fastpath_watch_files_total',
    'result',
    'watch',
    { published: 'published', unchanged: 'unchanged', removed: 'removed' },
    'What became of changed files.',
  ),
  one('fastpath_watch_switches_total', 'watch.switched', 'Links and folders that led elsewhere.'),
  one('fastpath_watch_floods_total', 'watch.floods', 'Times that events may have been lost: all files were looked at.'),
  one('fastpath_watch_errors_total', 'watch.errors', 'Looks that failed, and folders that could not be watched.'),
  one('fastpath_watch_folders', 'watch.folders', 'Folders that are watched now.'),
];
