/** A server with a handler or an upstream needs no files: it serves an empty folder, so everything goes there. */
import { chmodSync, chownSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServeOptions } from '../options.js';
import type { UndoList } from '../process/undo-list.js';

/** What no file answers goes elsewhere, so there may be no files: to a handler, or by a route that all sites have. */
export function needsNoFiles({ handler, rules }: Pick<ServeOptions, 'handler' | 'rules'>): boolean {
  return handler !== undefined || rules?.routes !== undefined;
}

/** The options with a folder. If they name none and need none, it is an empty one, removed at the end. */
export function withFolder(options: ServeOptions, undo: UndoList): ServeOptions {
  const { folder, sites, user } = options;
  if (folder !== undefined || sites !== undefined) return options;
  if (!needsNoFiles(options)) return options;
  const empty = mkdtempSync(join(tmpdir(), 'fastpath-empty-'));
  undo.add(() => {
    try {
      rmdirSync(empty);
    } catch {
      // somebody has put a file there, and keeps it
    }
  });
  chmodSync(empty, 0o755);
  if (user !== undefined) chownSync(empty, user.uid, user.gid); // who removes it in the end
  return { ...options, folder: empty };
}
