/**
 * A new configuration for a running server: what can change at once, and what has to wait for the next start. Called by
 * server.ts.
 */
import { isDeepStrictEqual } from 'node:util';
import { FolderError } from '../cache/folder/warnings.js';
import type { ServerParts } from './assembly.js';
import { defined } from './configured.js';
import type { LoadedSite, SiteChanges } from './folders/site-folders.js';
import { siteTable } from './folders/site-table.js';
import { tellSites } from './folders/tell-sites.js';
import { prepareAcme } from './https/acme.js';
import { httpSettings, tellHttp } from './modules/http-row.js';
import { httpsOf, readTls } from './modules/tls-row.js';
import { DEFAULTS, type ServeOptions, sitesOf, watchOptions } from './options.js';
import { checkModules } from './preflight.js';
import { ServeError } from './serve-error.js';

/**
 * What a new configuration did.
 *
 * @example
 * ```ts
 * import type { FolderServer, ServeOptions } from 'fastpath';
 *
 * export async function reload(server: FolderServer, options: ServeOptions): Promise<void> {
 *   const { sites, needRestart } = await server.reload(options);
 *   console.log(sites.added, sites.removed, `at the next start: ${needRestart.join(', ')}`);
 * }
 * ```
 */
export interface ReloadResult {
  readonly sites: SiteChanges;
  /** Settings that hold from now on. */
  readonly changed: readonly string[];
  /** What was read anew although its setting is the same: the handler, whose file may have changed. */
  readonly loadedAgain?: readonly string[];
  /** Settings that differ but stay as they are until the next start, as the configuration file names them. */
  readonly needRestart: readonly string[];
}

/** A handler that is a file, or none, may change; one that is a function of the program stays. */
function isFile(handler: ServeOptions['handler']): boolean {
  return handler === undefined || typeof handler === 'string';
}

/** Names in the configuration file, and the option that each becomes. */
const FIXED: Readonly<Record<string, (options: ServeOptions) => unknown>> = {
  network: ({ network, mac, vlan, mtu, offload = DEFAULTS.offload, frames = DEFAULTS.frames, ...rest }) => [
    ...Object.entries(network ?? {}).map(([name, value]) => [name, String(value)]),
    mac,
    vlan,
    mtu,
    offload,
    frames,
    rest.superSegmentBytes,
  ],
  port: ({ port = DEFAULTS.port }) => port,
  workers: ({ workers = DEFAULTS.workers }) => workers,
  tcp: ({ tcp = {}, backlog }) => [tcp, backlog],
  cache: ({ cacheBytes, maxObjectBytes }) => [cacheBytes, maxObjectBytes],
  user: ({ user }) => user?.uid,
  capture: ({ capturePath, trace = false }) => [capturePath, trace],
  inspect: ({ inspectPort }) => inspectPort,
  log: ({ accessLog }) => accessLog,
  admin: ({ admin }) => admin,
  modules: ({ modules = [] }) => modules,
  handler: ({ handler }) => (isFile(handler) ? undefined : handler),
  'cache.handler': ({ handler, handlerCache }) => (isFile(handler) ? undefined : handlerCache),
  'tls.port, threads or hsts': ({ tls }) => [tls?.port, tls?.threads, tls?.hstsSeconds, tls === undefined],
  reload: (options) => watchOptions(options),
};

/**
 * Gives a running server other options. If a folder cannot be served, nothing changes.
 * @throws {ServeError} `unreadable`, `bad-option`
 */
export async function reload(
  parts: ServerParts,
  now: ServeOptions,
  next: ServeOptions,
  warn: (text: string) => void,
): Promise<ReloadResult> {
  const { plane, tls } = parts;
  // First, since it changes nothing if a certificate cannot be used.
  if (tls !== undefined) await prepareAcme(next, warn);
  const settings = tls === undefined ? undefined : readTls(next, warn);
  const unknownHost = next.unknownHost ?? DEFAULTS.unknownHost;
  if (!isDeepStrictEqual(now.modules ?? [], next.modules ?? [])) await checkModules(next);
  const handler = await parts.slow.loadHandler(next);
  const changes = await replaceSites(parts, now, next, true).catch(async (error: unknown) => {
    await handler?.discard();
    throw error;
  });
  handler?.commit();
  await parts.modules.refresh();
  await parts.slow.configure(next);
  const changed: string[] = [];
  const [before, after] = [httpSettings(now), httpSettings(next)];
  if (settings !== undefined) {
    if (tls?.use(settings, after)) changed.push('tls');
    await parts.acme.configure(next);
  }
  if (!isDeepStrictEqual(before, after)) tellHttp(plane, { kind: 'settings', ...after });
  if (!isDeepStrictEqual(before.limits, after.limits)) changed.push('limits');
  if (before.serverHeader !== after.serverHeader) changed.push('serverHeader');
  if (!isDeepStrictEqual(now.bandwidth ?? {}, next.bandwidth ?? {})) changed.push('bandwidth');
  const isOtherHandler = !isDeepStrictEqual([now.handler, now.handlerCache], [next.handler, next.handlerCache]);
  if (isFile(now.handler) && isOtherHandler) changed.push('handler');
  if (!isDeepStrictEqual(now.upstreams ?? {}, next.upstreams ?? {})) changed.push('upstreams');
  if (unknownHost !== (now.unknownHost ?? DEFAULTS.unknownHost)) changed.push('unknownHost');
  if ((now.graceMs ?? DEFAULTS.graceMs) !== (next.graceMs ?? DEFAULTS.graceMs)) changed.push('grace');
  const differs = (value: (options: ServeOptions) => unknown) => !isDeepStrictEqual(value(now), value(next));
  const needRestart = Object.entries(FIXED).flatMap(([name, value]) => (differs(value) ? [name] : []));
  const loadedAgain = handler !== undefined && !isOtherHandler ? { loadedAgain: ['handler'] } : {};
  return { sites: changes, changed, ...loadedAgain, needRestart };
}

/**
 * The folders' names may lead to other folders now: those are loaded beside the old ones, and served instead.
 * @throws {ServeError} `unreadable`
 */
export async function reopen(parts: ServerParts, now: ServeOptions): Promise<SiteChanges> {
  return replaceSites(parts, now, now, false);
}

function replaceSites(
  { sites, plane, tls, bandwidth, kept, log }: ServerParts,
  now: ServeOptions,
  next: ServeOptions,
  looks: boolean,
): Promise<SiteChanges> {
  const unknownHost = next.unknownHost ?? DEFAULTS.unknownHost;
  const publish = (loaded: readonly LoadedSite[]) => {
    const pacing = bandwidth.use(loaded, next.bandwidth);
    const hasHandler = !isFile(now.handler) || typeof next.handler === 'string';
    const spaces = kept.spacesFor(isFile(now.handler) ? next : { ...next, ...handlerOf(now) });
    const table = siteTable(loaded, unknownHost, pacing, hasHandler, httpsOf(next), spaces);
    tellSites({ plane, tls, log }, sites.names, table);
  };
  return sites.replace(sitesOf(next), publish, looks).catch((error: unknown) => {
    if (!(error instanceof FolderError)) throw error;
    throw new ServeError('unreadable', error.message, 'The server goes on as it was.', { cause: error });
  });
}

/** A handler that is a function of the program, and its cache. */
function handlerOf({ handler, handlerCache }: ServeOptions): Partial<ServeOptions> {
  return defined({ handler, handlerCache });
}

/** What a reload may change. */
const CHANGEABLE = [
  'folder',
  'sites',
  'rules',
  'unknownHost',
  'limits',
  'serverHeader',
  'graceMs',
  'bandwidth',
  'tls',
  'upstreams',
] as const;

/** The options that hold after a reload: the new ones, but for those that need a restart. */
export function afterReload(now: ServeOptions, next: ServeOptions): ServeOptions {
  const isFileBoth = isFile(now.handler) && isFile(next.handler);
  const isChangeable = (name: string) =>
    CHANGEABLE.some((each) => each === name) || (isFileBoth && ['handler', 'handlerCache'].includes(name));
  return Object.fromEntries([
    ...Object.entries(now).filter(([name]) => !isChangeable(name)),
    ...Object.entries(next).filter(([name]) => isChangeable(name)),
  ]) as ServeOptions;
}
