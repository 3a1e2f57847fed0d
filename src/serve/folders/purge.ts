/**
 * Purging: files are read from disk again, whatever the cache thinks of them. What has changed is published, what is
 * gone is removed, and nobody gets a 404 meanwhile. Of a site that is not wholly in memory that is what is in memory:
 * the rest is read when somebody asks for it. Called for administrators.
 */
import { AdminError, type Purged, type PurgeWish } from '../../admin/source.js';
import type { LoadedSite } from './site-folders.js';
import { siteTable } from './site-table.js';

/** What of a wish concerns files. */
type FileWish = Pick<PurgeWish, 'path' | 'isPrefix' | 'host' | 'site'>;

/** @throws {AdminError} `unknown-site` */
export async function purge(sites: readonly LoadedSite[], wish: FileWish): Promise<readonly Purged[]> {
  const purged: Purged[] = [];
  for (const { name, loader } of chosen(sites, wish)) {
    const names = namesToRead(wish, (path) => loader.rules.pathsFor(path));
    const { loaded, unchanged, removed } = await loader.refreshAll(names);
    purged.push({ site: name, read: loaded + unchanged, changed: loaded, removed });
  }
  return purged;
}

/** The site of the name or host; without these all of them. */
function chosen(sites: readonly LoadedSite[], { site, host }: FileWish): readonly LoadedSite[] {
  if (site !== undefined) {
    const found = sites.filter(({ name }) => name === site);
    if (found.length > 0) return found;
    const names = sites.map(({ name }) => name).join(', ');
    throw new AdminError('unknown-site', `there is no site ${site}`, `There are: ${names}.`);
  }
  return host === undefined ? sites : sites.filter(({ number }) => number === siteOf(sites, host));
}

/** The number of the site that answers for this host. */
function siteOf(sites: readonly LoadedSite[], host: string): number {
  const { hosts, defaultSite } = siteTable(sites, 'default');
  const wanted = host.toLowerCase();
  const exact = hosts.find(({ name }) => name === wanted);
  if (exact !== undefined) return exact.site;
  const wild = hosts.filter(({ name }) => name.startsWith('*.') && wanted.endsWith(name.slice(1)));
  const [longest] = wild.sort((a, b) => b.name.length - a.name.length);
  return longest?.site ?? defaultSite;
}

/**
 * Names as the cache has them, a character for each byte. The folder that holds a prefix is read whole: new files may
 * have come that begin so.
 */
function namesToRead(wish: FileWish, pathsFor: (name: string) => readonly string[]): readonly string[] {
  const { isPrefix } = wish;
  const path = Buffer.from(wish.path, 'utf8').toString('latin1');
  if (isPrefix) return [path.slice(0, path.lastIndexOf('/'))];
  if (path.endsWith('/')) return pathsFor(path).filter((each) => each !== path.slice(0, -1)); // not all that is in it
  return [...new Set([path, ...pathsFor(path)])];
}
