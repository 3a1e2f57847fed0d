/**
 * The way to a served folder. If a link on it leads elsewhere (`current -> releases/42`), another folder is served. If
 * the folder itself is removed and made anew, the old watches are of no use.
 */
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { pathArgument } from '../../cache/folder/folder.js';

/** As many links as Linux follows in one path. */
const MOST_LINKS = 40;

/**
 * The paths on the way to `folder` whose change may lead to another folder: each link, and the folder at the end. Real
 * paths but for the last part, a character for each byte. Ends early where something is missing.
 */
export function wayTo(folder: string): string[] {
  const way: string[] = [];
  let todo = folder.split('/').filter((part) => part !== '' && part !== '.');
  let at = '';
  let links = 0;
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const path = `${at}/${part}`;
    const target = linkTarget(path);
    if (target !== undefined && links++ < MOST_LINKS) {
      way.push(path);
      if (target[0] === '/') at = '';
      todo = [...target.split('/').filter((each) => each !== '' && each !== '.'), ...todo];
    } else {
      at = path;
      if (todo.length === 0) way.push(path);
    }
  }
  return way;
}

/** Which folder a path leads to now: its real path and its identity. Undefined: to none. */
export function identityOf(folder: string): { readonly path: string; readonly id: string } | undefined {
  try {
    const path = realpathSync.native(pathArgument(folder), 'latin1');
    const { dev, ino } = statSync(pathArgument(path));
    return { path, id: `${dev} ${ino}` };
  } catch {
    return undefined;
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(pathArgument(path)).isSymbolicLink() ? readlinkSync(pathArgument(path), 'latin1') : undefined;
  } catch {
    return undefined;
  }
}
