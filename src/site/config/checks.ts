/**
 * What is wrong although each value is right by itself: folders that are not there, two sites with one host, redirects
 * that lead in a circle, error pages that nobody has. Sites that could be read are checked even if others could not.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openFolder } from '../../cache/folder/folder.js';
import { FolderError } from '../../cache/folder/warnings.js';
import type { Route } from '../../http/routes/route.js';
import type { UnknownHost } from '../../http/sites/sites.js';
import type { SiteOptions } from '../options.js';
import { redirectLoop } from './redirect-loop.js';

/**
 * A problem with the way to its key.
 *
 * @example
 * ```ts
 * import type { ServeError } from 'fastpath';
 *
 * export const list = ({ findings }: ServeError) =>
 *   findings.map(({ path, message }) => `${path.join('.')} ${message}`);
 * ```
 */
export interface Finding {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The key itself is wrong, and not its value. */
  readonly isOfKey?: boolean;
}

/** A site and its place in the list. */
export interface NumberedSite {
  readonly index: number;
  /** Its folder is a whole path. */
  readonly options: SiteOptions;
  /** Where its redirects stand in their list, if some are left out. */
  readonly redirectPlaces?: readonly number[];
}

/** A folder that is to be served must be there. `folder`: its whole path. */
export function checkFolder(index: number, folder: string): Finding[] {
  try {
    openFolder(folder);
    return [];
  } catch (error) {
    if (!(error instanceof FolderError)) throw error;
    return [{ path: ['sites', index, 'folder'], message: error.message }];
  }
}

/** What makes the sites unusable. `partial`: what could be read of those that are wrong anyway. */
export function checkSites(sites: readonly NumberedSite[], partial: readonly NumberedSite[]): Finding[] {
  const all = [...sites, ...partial].sort((a, b) => a.index - b.index);
  return [...checkHosts(all), ...checkDefaults(sites), ...checkReach(sites), ...checkLoops(all), ...checkRoutes(all)];
}

/** What is odd about the sites but may be meant. */
export function doubtSites(sites: readonly NumberedSite[]): Finding[] {
  return [...doubtPages(sites), ...doubtRoutes(sites), ...doubtTwins(sites)];
}

/** The command line may have the certificates, so this may be meant. */
export function doubtTls(tls: object | undefined): Finding[] {
  if (tls === undefined || 'certificates' in tls || 'acme' in tls) return [];
  return [{ path: ['tls'], message: 'has no "certificates", so there is no HTTPS unless the command line has one' }];
}

/** Upstreams that no route of any site leads to: their servers get no requests but checks. */
export function doubtUpstreams(upstreams: object | undefined, sites: readonly NumberedSite[]): Finding[] {
  const named = new Set(
    sites.flatMap(({ options: { routes = [] } }) =>
      routes.flatMap(({ to }) => to.flatMap((step) => (typeof step === 'string' ? [] : [step.upstream]))),
    ),
  );
  const unused = Object.keys(upstreams ?? {}).filter((name) => !named.has(name));
  return unused.map((name) => ({ path: ['upstreams', name], message: 'gets no requests: no route leads to it' }));
}

/** A cache in front of nothing. The command line may have the handler, so this may be meant. */
export function doubtHandlerCache(cache: { handler?: unknown } | undefined, handler: string | undefined): Finding[] {
  const isOn = cache?.handler !== undefined && cache.handler !== false;
  if (!isOn || handler !== undefined) return [];
  const message = 'keeps nothing: there is no "handler", unless the command line has one';
  return [{ path: ['cache', 'handler'], message }];
}

/** Files that are not there, as far as they can be told while other things are wrong; a start says it in detail. */
export function checkFiles(value: unknown, base: string): Finding[] {
  const { handler, tls, modules } = (value ?? {}) as {
    handler?: unknown;
    tls?: { certificates?: unknown };
    modules?: unknown;
  };
  const named: [Finding['path'], unknown][] = [[['handler'], handler]];
  for (const [i, entry] of listOf(tls?.certificates).entries()) {
    for (const key of ['certificate', 'key'] as const) named.push([['tls', 'certificates', i, key], entry?.[key]]);
  }
  for (const [i, entry] of listOf(modules).entries()) {
    const use = entry?.use;
    if (typeof use === 'string' && /^\.{0,2}\//.test(use)) named.push([['modules', i, 'use'], use]);
  }
  return named.flatMap(([path, file]) => {
    const isThere = typeof file !== 'string' || file === '' || existsSync(resolve(base, file));
    return isThere ? [] : [{ path, message: `there is no file ${file}` }];
  });
}

function listOf(value: unknown): (Record<string, unknown> | null)[] {
  return Array.isArray(value) ? (value as (Record<string, unknown> | null)[]) : [];
}

/** Pages that nobody has. */
function doubtPages(sites: readonly NumberedSite[]): Finding[] {
  return sites.flatMap(({ index, options }) => {
    const { folder, errorPages = {}, spa = false, rewrites = [], cleanUrls = false } = options;
    const isThere = (page: string) => existsSync(join(folder, page));
    const findings: Finding[] = [];
    for (const [status, page] of Object.entries(errorPages)) {
      if (isThere(page)) continue;
      findings.push({ path: ['sites', index, 'errorPages', status], message: `there is no file ${page} in ${folder}` });
    }
    for (const [place, { to }] of rewrites.entries()) {
      const isFixed = !/\/:/.test(to);
      if (!isFixed || isThere(to) || (cleanUrls !== false && isThere(`${to}.html`))) continue;
      findings.push({
        path: ['sites', index, 'rewrites', place, 'to'],
        message: `there is no file ${to} in ${folder}`,
      });
    }
    const fallback = spa === true ? '/index.html' : spa;
    if (fallback !== false && !isThere(fallback)) {
      findings.push({ path: ['sites', index, 'spa'], message: `there is no file ${fallback} in ${folder}` });
    }
    return findings;
  });
}

/** A site without hosts, though unknown hosts, and requests without one, do not come to the default site. */
export function doubtUnknownHost(sites: readonly NumberedSite[], unknownHost: UnknownHost): Finding[] {
  const nameless = sites.find(({ options }) => options.hosts === undefined);
  if (nameless === undefined || unknownHost === 'default') return [];
  if (sites.every(({ options }) => options.hosts === undefined)) {
    return [{ path: ['unknownHost'], message: 'has no effect: no site has "hosts", so no host is unknown' }];
  }
  const effect = `with "${unknownHost}" it answers no request`;
  return [{ path: ['unknownHost'], message: `sites[${nameless.index}] has no "hosts", so ${effect}` }];
}

/** A host belongs to one site. */
function checkHosts(sites: readonly NumberedSite[]): Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { index, options } of sites) {
    for (const list of ['hosts', 'aliases'] as const) {
      for (const [place, host] of (options[list] ?? []).entries()) {
        const path = ['sites', index, list, place];
        const owner = owners.get(host);
        if (owner === undefined) owners.set(host, `sites[${index}].${list}`);
        else findings.push({ path, message: `the host ${host} stands in ${owner} already; a host has one site` });
      }
    }
    const [first] = options.hosts ?? [];
    if (options.aliases === undefined || (first !== undefined && !first.startsWith('*.'))) continue;
    const message = 'aliases are redirected to the first of "hosts", which must be a host without *';
    findings.push({ path: ['sites', index, 'aliases'], message });
  }
  return findings;
}

function checkDefaults(sites: readonly NumberedSite[]): Finding[] {
  const [, ...others] = sites.filter(({ options }) => options.isDefault === true);
  return others.map(({ index }) => ({
    path: ['sites', index, 'isDefault'],
    message: 'another site is the default already; there is one',
  }));
}

/** A site without hosts answers as the default site only, as src/serve/folders/site-table.ts chooses it too. */
function checkReach(sites: readonly NumberedSite[]): Finding[] {
  const nameless = sites.filter(({ options }) => options.hosts === undefined);
  const chosen = sites.find(({ options }) => options.isDefault === true) ?? nameless[0];
  return nameless.flatMap((site) => {
    // Of two sites that both say `isDefault`, the second has its error already.
    if (chosen === undefined || site === chosen || site.options.isDefault === true) return [];
    const reason = `it has no "hosts", and sites[${chosen.index}] is the default site`;
    return [{ path: ['sites', site.index], message: `no request can reach this site: ${reason}` }];
  });
}

function checkLoops(sites: readonly NumberedSite[]): Finding[] {
  return sites.flatMap(({ index, options, redirectPlaces }) =>
    (options.redirects ?? []).flatMap((rule, i) => {
      const loop = redirectLoop(rule, options);
      if (loop === undefined) return [];
      const message = `this redirect leads in a circle: ${loop.join(' → ')}`;
      return [{ path: ['sites', index, 'redirects', redirectPlaces?.[i] ?? i, 'from'], message }];
    }),
  );
}

/** A route is for hosts that the site answers for. */
function checkRoutes(sites: readonly NumberedSite[]): Finding[] {
  return sites.flatMap(({ index, options: { routes = [], hosts = [] } }) =>
    routes.flatMap((route, place) =>
      (route.hosts ?? []).flatMap((host, i) => {
        if (hosts.includes(host)) return [];
        const known = hosts.length === 0 ? 'the site has none' : `the site has ${hosts.join(', ')}`;
        return [{ path: ['sites', index, 'routes', place, 'hosts', i], message: `must stand in "hosts": ${known}` }];
      }),
    ),
  );
}

/** Routes that never count, because those in front of them take all of their requests. */
function doubtRoutes(sites: readonly NumberedSite[]): Finding[] {
  return sites.flatMap(({ index, options: { routes = [] } }) =>
    routes.flatMap(({ path }, place) => {
      const earlier = routes.slice(0, place).findIndex((route) => takesAllOf(route, path));
      if (earlier < 0) return [];
      const message = `never counts: routes[${earlier}] (${routes[earlier]?.path}) takes all of its requests`;
      return [{ path: ['sites', index, 'routes', place, 'path'], message }];
    }),
  );
}

/** Redirects and rewrites that never count: another one in front has the same pattern. */
function doubtTwins(sites: readonly NumberedSite[]): Finding[] {
  return sites.flatMap(({ index, options }) =>
    (['redirects', 'rewrites'] as const).flatMap((list) => {
      const patterns = (options[list] ?? []).map(({ from }) => from);
      return patterns.flatMap((from, place) => {
        const earlier = patterns.indexOf(from);
        if (earlier === place) return [];
        const message = `never counts: ${list}[${earlier}] has the same pattern`;
        return [{ path: ['sites', index, list, place, 'from'], message }];
      });
    }),
  );
}

function takesAllOf({ path, methods, hosts }: Route, other: string): boolean {
  if (methods !== undefined || hosts !== undefined) return false;
  return path === other || path === '/**' || (path.endsWith('/') && !/[*?]/.test(path) && other.startsWith(path));
}
