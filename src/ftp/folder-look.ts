/** Looks at the folder of a site for the sessions, in the main thread. */
import { lstatSync } from 'node:fs';
import { FolderWalk, pathArgument } from '../cache/folder/folder.js';
import type { ModuleServer } from '../module/module.js';
import type { FolderQuestion } from './folder-questions.js';
import type { Found } from './listing.js';
import type { FolderAnswer } from './session.js';

/** A longer list of a folder is cut. */
const MOST_ENTRIES = 100_000;
/** In a folder that cannot be read. */
const NOTHING: Contents = { files: [], folders: [] };

/** What has this path, and what lies in it if that was asked. */
export function look(server: ModuleServer, { site, path, isList }: FolderQuestion): FolderAnswer {
  const folder = server.folderOf(site);
  if (folder === undefined) return { found: undefined, entries: [] };
  const { root, dotfiles, symlinks } = folder;
  const walk = () => new FolderWalk(root, { dotfiles, symlinks, maxNames: MOST_ENTRIES });
  const found = foundOf(walk().find(path), true);
  const [only] = found;
  if (only === undefined || !only.isFolder || !isList) return { found: only, entries: [] };
  return { found: only, entries: foundOf(walk().list(path) ?? NOTHING, false) };
}

type Contents = ReturnType<FolderWalk['find']>;

function foundOf({ files, folders }: Contents, isOne: boolean): Found[] {
  const last = (name: string) => name.slice(name.lastIndexOf('/') + 1);
  const found: Found[] = files.map(({ name, size, mtimeMs }) => ({
    name: last(name),
    isFolder: false,
    size,
    modifiedMs: mtimeMs,
  }));
  for (const { name, path, mtimeMs } of isOne ? folders.slice(0, 1) : folders) {
    const modifiedMs = mtimeMs ?? lstatSync(pathArgument(path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    found.push({ name: last(name), isFolder: true, size: 0, modifiedMs });
  }
  return found;
}
