/** The sites' own pages for errors of the reverse proxy, read for its thread. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SiteErrorPages } from '../../proxy/thread/messages.js';
import type { SiteOptions } from '../../site/options.js';

/** What the proxy itself answers. */
const STATUSES = [400, 405, 501, 502, 503, 504] as const;
/** A larger page is not sent with these errors. */
const LARGEST_PAGE = 64 * 1024;

/** A page that is not there, or too large, is left out: then a line of text goes with the error. */
export function upstreamPages(sites: readonly SiteOptions[]): SiteErrorPages[] {
  return sites.map(({ hosts = [], isDefault = hosts.length === 0, folder, errorPages = {} }) => {
    const found = STATUSES.flatMap((status) => {
      const path = errorPages[status];
      const body = path === undefined ? undefined : readPage(join(folder, path));
      return body === undefined ? [] : [[status, { type: 'text/html; charset=utf-8', body }] as const];
    });
    return { hosts, isDefault, pages: Object.fromEntries(found) };
  });
}

function readPage(file: string): Uint8Array | undefined {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size <= LARGEST_PAGE ? Uint8Array.from(readFileSync(file)) : undefined;
  } catch {
    return undefined;
  }
}
