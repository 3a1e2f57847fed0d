/** The folders of the sites are loaded, and those who answer are told which sites there are. */
import type { Library } from '../../cache/library/library.js';
import type { LoadProgress } from '../../cache/loading/load-options.js';
import type { ServerAdmin } from '../admin.js';
import { Bandwidth } from '../bandwidth.js';
import { SiteFolders } from '../folders/site-folders.js';
import { siteTable } from '../folders/site-table.js';
import type { FolderWatches } from '../folders/watches.js';
import type { TlsThreads } from '../https/threads.js';
import { tellHttp } from '../modules/http-row.js';
import { httpsOf } from '../modules/tls-row.js';
import { DEFAULTS, sitesOf } from '../options.js';
import { unreadable } from '../preflight.js';
import type { KeptAnswers } from '../slow/kept-answers.js';
import type { DataPlane } from '../worker/data-plane.js';
import type { Work } from './work.js';

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
  plane: DataPlane,
  tls: TlsThreads | undefined,
  { sites }: SiteFolders,
  kept: KeptAnswers,
): Bandwidth {
  const unknownHost = options.unknownHost ?? DEFAULTS.unknownHost;
  const bandwidth = new Bandwidth(plane.size);
  const pacing = bandwidth.use(sites, options.bandwidth);
  const spaces = kept.spacesFor(options);
  const table = siteTable(sites, unknownHost, pacing, options.handler !== undefined, httpsOf(options), spaces);
  tellHttp(plane, { kind: 'sites', table });
  tls?.sites(table);
  return bandwidth;
}
