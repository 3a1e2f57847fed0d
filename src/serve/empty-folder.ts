/** A server that has a handler needs no files: it serves an empty folder, so everything goes to the handler. */
import { chmodSync, chownSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServeOptions } from './options.js';
import type { UndoList } from './undo-list.js';

/** The options with a folder. If they name none and have a handler, it is an empty one, which is removed at the end. */
export function withFolder(options: ServeOptions, undo: UndoList): ServeOptions {
  const { folder, sites, handler, user } = options;
  if (folder !== undefined || sites !== undefined || handler === undefined) return options;
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
