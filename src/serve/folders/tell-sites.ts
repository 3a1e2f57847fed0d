/** Who has to know which sites there are. */
import type { SiteTable } from '../../http/sites/sites.js';
import type { TlsThreads } from '../https/threads.js';
import { tellHttp } from '../modules/http-row.js';
import type { ServerLog } from '../server-log.js';
import type { DataPlane } from '../worker/data-plane.js';

/** Those who answer requests, and the log of what they answer. */
export interface Answerers {
  readonly plane: DataPlane;
  readonly tls: TlsThreads | undefined;
  readonly log: ServerLog | undefined;
}

/** From now on these are the sites. The log hears of their names first: it may get a record at once. */
export function tellSites({ plane, tls, log }: Answerers, names: ReadonlyMap<number, string>, table: SiteTable): void {
  log?.sites(names);
  tellHttp(plane, { kind: 'sites', table });
  tls?.sites(table);
}
