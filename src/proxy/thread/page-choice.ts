/** Which site's page goes with an error: the choice by Host, as the workers make it (src/http/sites/host-table.ts). */
import type { ErrorPage, ErrorPages } from '../exchange/error-answer.js';
import type { SiteErrorPages } from './messages.js';

/** The pages of these sites, by status and Host field. */
export function pagesOf(sites: readonly SiteErrorPages[]): ErrorPages {
  const fallback = sites.find(({ isDefault }) => isDefault) ?? sites[0];
  return (status, host): ErrorPage | undefined => {
    const name = host.toLowerCase().replace(/:\d*$/, '');
    const site = sites.find(({ hosts }) => hosts.includes(name)) ?? wildFor(sites, name) ?? fallback;
    return site?.pages[status];
  };
}

/** The longest `*.example.org` that the name lies below. */
function wildFor(sites: readonly SiteErrorPages[], name: string): SiteErrorPages | undefined {
  let best: SiteErrorPages | undefined;
  let longest = 0;
  for (const site of sites) {
    for (const host of site.hosts) {
      if (!host.startsWith('*.') || host.length <= longest || !name.endsWith(host.slice(1))) continue;
      best = site;
      longest = host.length;
    }
  }
  return best;
}
