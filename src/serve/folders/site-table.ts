/** What the workers have to know of the sites (src/http/sites/sites.ts), from what the configuration says of them. */
import type { SitePacing } from '../../http/sites/bandwidth.js';
import type { SiteHostName, SiteRules, SiteTable, UnknownHost } from '../../http/sites/sites.js';
import type { SiteOptions } from '../../site/options.js';
import { preflightLines, SiteFields } from '../../site/rules/fields.js';
import { VARY_ACCEPT } from '../../site/rules/site-rules.js';

/** A site with its number in the cache. */
export interface NumberedSite {
  readonly number: number;
  readonly options: SiteOptions;
}

/**
 * The table of these sites. Numbers that no site has are left empty.
 * @param hasHandler what no file answers goes to the handler
 * @param kept whose answers are kept
 */
export function siteTable(
  sites: readonly NumberedSite[],
  unknownHost: UnknownHost,
  pacing?: SitePacing,
  hasHandler = false,
  https?: SiteTable['https'],
  kept?: SiteTable['kept'],
): SiteTable {
  const rules: SiteRules[] = [];
  for (const { number, options } of sites) {
    rules[number] = { ...rulesOf(options), ...(hasHandler && { handler: true }) };
  }
  const last = Math.max(0, ...sites.map(({ number }) => number));
  return {
    sites: Array.from({ length: last + 1 }, (_, number) => rules[number] ?? {}),
    hosts: sites.flatMap(hostsOf),
    defaultSite: defaultOf(sites),
    unknownHost,
    ...(pacing !== undefined && { pacing }),
    ...(https !== undefined && { https }),
    ...(kept !== undefined && { kept }),
  };
}

/** A name for the Host field of somebody who has only our address; undefined: any host is answered. */
export function answeredHost(sites: readonly SiteOptions[], unknownHost: UnknownHost): string | undefined {
  if (unknownHost === 'default') return undefined;
  const names = sites.flatMap(({ hosts = [] }) => hosts);
  return names.find((name) => !name.startsWith('*.')) ?? names[0]?.replace('*', 'www');
}

/** The site that says so, or the first without hosts, or the first. */
function defaultOf(sites: readonly NumberedSite[]): number {
  const chosen =
    sites.find(({ options }) => options.isDefault === true) ??
    sites.find(({ options }) => (options.hosts ?? []).length === 0) ??
    sites[0];
  return chosen?.number ?? 0;
}

function hostsOf({ number, options: { hosts = [], aliases = [] } }: NumberedSite): SiteHostName[] {
  const [first] = hosts;
  const redirected = first === undefined ? [] : aliases.map((name) => ({ name, site: number, redirectTo: first }));
  return [...hosts.map((name) => ({ name, site: number })), ...redirected];
}

function withText<Name extends string>(name: Name, text: string): { [K in Name]?: string } {
  return text === '' ? {} : ({ [name]: text } as { [K in Name]?: string });
}

function rulesOf(options: SiteOptions): SiteRules {
  const { redirects, rewrites, routes, spa = false } = options;
  const fields = new SiteFields(options).linesForAll();
  return {
    ...(redirects !== undefined && {
      redirects: redirects.map(({ from, to = '', status = 301 }) => ({ from, to, status })),
    }),
    ...(rewrites !== undefined && { rewrites }),
    ...(routes !== undefined && { routes }),
    ...withText('fields', fields),
    ...withText('notFound', spa === false ? '' : VARY_ACCEPT),
    ...withText('preflight', preflightLines(options.cors)),
    ...(options.serverTiming === true && { serverTiming: true }),
  };
}
