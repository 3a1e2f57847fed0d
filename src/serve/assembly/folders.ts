/** The folders of the sites are loaded, and those who answer are told which sites there are. */
import type { Library } from '../../cache/library/library.js';
import type { LoadProgress } from '../../cache/loading/load-options.js';
import type { ServerAdmin } from '../admin.js';
import { Bandwidth } from '../bandwidth.js';
import { SiteFolders } from '../folders/site-folders.js';
import { siteTable } from '../folders/site-table.js';
import { type Answerers, tellSites } from '../folders/tell-sites.js';
import type { FolderWatches } from '../folders/watches.js';
import { httpsOf } from '../modules/tls-row.js';
import { DEFAULTS, sitesOf } from '../options.js';
import { unreadable } from '../preflight.js';
import type { KeptAnswers } from '../slow/kept-answers.js';
import type { Work } from './work.js';

/**
 * Brings the folders of all sites into the cache.
 * @throws {ServeError} if one cannot be read, and the signal's reason
 */
export async function load(
  { options, events, undo }: Work,
  library: Library,
  { admin, watches }: { admin: ServerAdmin | undefined; watches: FolderWatches },
  signal?: AbortSignal,
): Promise<SiteFolders> {
  const folders = new SiteFolders(library, {
    maxObjectBytes: options.maxObjectBytes,
    warn: (text) => events.warn(text),
    compressing: (progress) => events.compressing?.(progress),
    watch: (site) => watches.watch(site),
  });
  undo.add(() => folders.close());
  try {
    const report = (progress: LoadProgress) => {
      admin?.loading(progress);
      events.loading(progress);
    };
    await folders.load(sitesOf(options), report, signal);
    return folders;
  } catch (error) {
    throw unreadable(error, options.user?.name);
  }
}

/** Tells those who answer which sites there are, and how they share the bandwidth. */
export function publishSites(
  { options }: Work,
  answerers: Answerers,
  { sites, names }: SiteFolders,
  kept: KeptAnswers,
): Bandwidth {
  const { plane } = answerers;
  const unknownHost = options.unknownHost ?? DEFAULTS.unknownHost;
  const bandwidth = new Bandwidth(plane.size);
  const pacing = bandwidth.use(sites, options.bandwidth);
  const spaces = kept.spacesFor(options);
  const table = siteTable(sites, unknownHost, pacing, options.handler !== undefined, httpsOf(options), spaces);
  tellSites(answerers, names, table);
  return bandwidth;
}
