/**
 * Watches the folders of all sites (src/site/watch), and tells people what was reloaded. Made by assembly.ts; a watch
 * lives as long as its site (site-folders.ts).
 */

import { readFileSync } from 'node:fs';
import { openFolder } from '../../cache/folder/folder.js';
import type { SiteOptions } from '../../site/options.js';
import { EventFlood } from '../../site/watch/flood.js';
import { FolderWatch, type Refreshed, type WatchClock } from '../../site/watch/folder-watch.js';
import { openNotify } from '../../site/watch/notify-source.js';
import type { OpenSource } from '../../site/watch/source.js';
import { newWatchStatistics, type WatchStatistics } from '../../site/watch/statistics.js';
import { countOf } from '../../words/numbers.js';
import { printable } from '../../words/printable.js';
import type { WatchMode } from '../options.js';

/** How folders are watched. */
export interface WatchOptions {
  readonly mode: WatchMode;
  /** How long a changed file must be quiet before it is read. */
  readonly quietMs: number;
  /** Between two looks at a file, where files are polled. */
  readonly pollMs: number;
}

/** Those who are told. */
export interface WatchEvents {
  note(text: string): void;
  warn(text: string): void;
}

/** At most one note in this time, ms. */
const NOTE_EVERY_MS = 1_000;

const CLOCK: WatchClock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export class FolderWatches {
  readonly statistics: WatchStatistics = newWatchStatistics();
  /** The name of a site's folder leads to another folder now. The server sets this. */
  onMoved: () => void = () => {};
  readonly #options: WatchOptions;
  readonly #events: WatchEvents;
  readonly #clock: WatchClock;
  readonly #flood = new EventFlood();
  readonly #notes: ReloadNotes;
  readonly #warned = new Set<string>();

  constructor(options: WatchOptions, events: WatchEvents, clock: WatchClock = CLOCK) {
    this.#options = options;
    this.#events = events;
    this.#clock = clock;
    this.#notes = new ReloadNotes((text) => events.note(text), clock);
  }

  /** A watch of a site's folder, which is about to be loaded. Undefined: files are not watched. */
  async watch(site: SiteOptions): Promise<FolderWatch | undefined> {
    const { mode, quietMs, pollMs } = this.#options;
    if (mode === 'off') return undefined;
    return new FolderWatch({
      folder: site.folder,
      root: openFolder(site.folder),
      dotfiles: site.dotfiles ?? false,
      open: mode === 'poll' ? await openPolling(site, pollMs) : openNotify,
      lookEveryMs: mode === 'poll' ? pollMs : undefined,
      quietMs,
      flood: this.#flood,
      statistics: this.statistics,
      clock: this.#clock,
      refreshed: (result) => this.#notes.take(result),
      moved: () => this.onMoved(),
      gone: () => this.#events.warn(`${site.folder} is not there any more: its names are 404 until it is there again`),
      back: () => this.#events.note(`${site.folder} is there again`),
      failed: (error) => this.#failed(error),
    });
  }

  #failed(error: NodeJS.ErrnoException): void {
    const { code = 'unknown' } = error;
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    this.#events.warn(describeUnwatched(error));
  }
}

/** chokidar is loaded only if it is needed. */
async function openPolling({ dotfiles = false, symlinks }: SiteOptions, everyMs: number): Promise<OpenSource> {
  const { openPoll } = await import('../../site/watch/poll-source.js');
  return openPoll({ everyMs, dotfiles, followSymlinks: symlinks !== 'none' });
}

/** What is said of a folder that cannot be watched, once for all of its kind. */
export function describeUnwatched({ code = 'unknown', path }: NodeJS.ErrnoException): string {
  const which = path === undefined ? '' : `, such as ${printable(path)},`;
  return `changes in some folders${which} will not be noticed: ${reasonOf(code)}`;
}

/** What is wrong, and what helps. */
function reasonOf(code: string): string {
  if (code === 'ENOSPC') {
    return `the kernel gives no more watches (${setting('max_user_watches')}). More: sysctl -w \
fs.inotify.max_user_watches=1048576; or look at the files instead: --watch poll`;
  }
  if (code === 'EMFILE') {
    return `the kernel gives no more inotify instances (${setting('max_user_instances')}), or the process has too many \
files open. More: sysctl -w fs.inotify.max_user_instances=1024; or --watch poll`;
  }
  return `they cannot be watched (${code}); SIGHUP looks at all files`;
}

function setting(name: string): string {
  try {
    return `fs.inotify.${name} is ${readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8').trim()}`;
  } catch {
    return `fs.inotify.${name}`;
  }
}

/** One note a second at most, with the sum of all that was reloaded meanwhile. */
class ReloadNotes {
  readonly #note: (text: string) => void;
  readonly #clock: WatchClock;
  #published = 0;
  #removed = 0;
  #first = '';
  #isWaiting = false;
  #nextMs = 0;

  constructor(note: (text: string) => void, clock: WatchClock) {
    this.#note = note;
    this.#clock = clock;
  }

  take({ published, removed, first }: Refreshed): void {
    if (this.#published + this.#removed === 0) this.#first = first;
    this.#published += published;
    this.#removed += removed;
    if (this.#isWaiting) return;
    const waitMs = this.#nextMs - this.#clock.now();
    if (waitMs <= 0) {
      this.#tell();
      return;
    }
    this.#isWaiting = true;
    this.#clock.after(waitMs, () => this.#tell());
  }

  #tell(): void {
    this.#isWaiting = false;
    this.#nextMs = this.#clock.now() + NOTE_EVERY_MS;
    this.#note(noteOf(this.#published, this.#removed, this.#first));
    this.#published = 0;
    this.#removed = 0;
  }
}

function noteOf(published: number, removed: number, first: string): string {
  const name = printable(Buffer.from(first === '' ? '/' : first, 'latin1').toString('utf8'));
  if (published + removed === 1) return published === 1 ? `reloaded ${name}` : `${name} is gone`;
  const parts = [];
  if (published > 0) parts.push(`reloaded ${countOf(published, 'file')}`);
  if (removed > 0) parts.push(`${removed.toLocaleString('en-US')} ${removed === 1 ? 'name is' : 'names are'} gone`);
  return `${parts.join(', ')}: ${name} and others`;
}
