/**
 * A configuration file as the options of a server. The command line's options win over it: src/cli/serve.ts puts them
 * on top with `overlay`.
 */
import { type AccessLogOptions, LOG_DEFAULTS } from '../log/log-handle.js';
import { LIMIT_NAMES } from '../site/config/limit-names.js';
import type { LoadedConfiguration } from '../site/config/load.js';
import type { Configuration } from '../site/config/schema.js';
import type { SiteOptions } from '../site/options.js';
import { faultOf } from './faults.js';
import type { AdminOptions, HttpLimits, ServeOptions, TlsOptions } from './options.js';
import { ServeError } from './serve-error.js';

/** Options from one place. Those of the log may stand here, and where it goes elsewhere; so with administrators. */
export interface PartialOptions extends Omit<ServeOptions, 'accessLog' | 'admin' | 'tls'> {
  readonly tls?: Partial<TlsOptions>;
  readonly accessLog?: Partial<AccessLogOptions>;
  readonly admin?: Partial<AdminOptions>;
}

/** What a file says, as options. What it leaves out is left out. */
export function optionsOf({ values }: Pick<LoadedConfiguration, 'values'>): PartialOptions {
  const { sites, port, serverHeader, workers, grace, probe, unknownHost, tcp, cache, capture, log } = values;
  const { admin, reload, handler, modules, upstreams } = values;
  return defined({
    sites,
    upstreams,
    port,
    serverHeader,
    workers,
    graceMs: grace,
    probe,
    unknownHost,
    tcp,
    tls: tlsOf(values.tls),
    bandwidth: values.bandwidth,
    cacheBytes: cache?.size,
    maxObjectBytes: cache?.maxObject,
    handlerCache: cache?.handler,
    accessLog: logOf(log),
    admin,
    handler,
    modules,
    watch: reload?.files,
    watchQuietMs: reload?.quiet,
    watchPollMs: reload?.pollEvery,
    capturePath: capture?.file,
    trace: capture?.trace,
    limits: values.limits === undefined ? undefined : limitsOf(values.limits),
    ...networkOf(values),
  });
}

function logOf(log: Configuration['log']): Partial<AccessLogOptions> | undefined {
  if (log === undefined) return undefined;
  const { to: target, format, rotateSize: rotateBytes, keep, ring: ringRecords, whenFull: onFailure } = log;
  return defined({ target, format, rotateBytes, keep, ringRecords, onFailure });
}

function tlsOf(tls: Configuration['tls']): PartialOptions['tls'] {
  if (tls === undefined) return undefined;
  const { hsts, acme, ...rest } = tls;
  // A configuration that is shown whole has an empty one.
  const isAsked = acme?.email !== undefined || acme?.folder !== undefined || acme?.agree === true;
  return {
    ...rest,
    ...(isAsked && defined({ acme })),
    ...(hsts !== undefined && { hstsSeconds: Math.floor(hsts / 1000) }),
  };
}

function limitsOf(limits: NonNullable<Configuration['limits']>): Partial<HttpLimits> {
  const names = Object.entries(LIMIT_NAMES) as [keyof typeof LIMIT_NAMES, keyof HttpLimits][];
  return defined(Object.fromEntries(names.map(([name, limit]) => [limit, limits[name]])));
}

function networkOf({ network = {} }: Configuration): Partial<ServeOptions> {
  const { interface: interfaceName, host, address: addresses, bridge, gateway, gateway6, hostname: hostName } = network;
  const { mac, vlan, mtu, offload, frames, superSegment: superSegmentBytes } = network;
  const wish = defined({ interfaceName, host, addresses, bridge, gateway, gateway6, hostName });
  return defined({
    network: Object.keys(wish).length === 0 ? undefined : wish,
    mac,
    vlan,
    mtu,
    offload,
    frames,
    superSegmentBytes,
  });
}

/**
 * Options with others on top, which win. Groups (network, limits, tcp, log) are joined name by name, and modules
 * are added. A folder on top takes the place of that of the one site.
 * @throws {ServeError} `bad-option` for a folder on top of several sites, for options of a log on top of none, and for
 *   a token without a listener
 */
export function overlay(base: PartialOptions, top: PartialOptions): ServeOptions {
  const { folder, sites = base.sites, ...rest } = top;
  const { accessLog: _, admin: __, tls: ___, ...below } = base;
  const modules = [...(base.modules ?? []), ...(top.modules ?? [])];
  return {
    ...below,
    ...rest,
    ...defined({ accessLog: logOn(base.accessLog, top.accessLog), admin: adminOn(base.admin, top.admin) }),
    ...(modules.length > 0 && { modules }),
    ...defined({ upstreams: top.upstreams && { ...base.upstreams, ...top.upstreams } }),
    network: { ...base.network, ...defined({ ...rest.network }) },
    limits: { ...base.limits, ...rest.limits },
    tcp: { ...base.tcp, ...rest.tcp },
    ...defined({ tls: tlsOn(base.tls, rest.tls) }),
    ...((base.bandwidth ?? rest.bandwidth) && { bandwidth: { ...base.bandwidth, ...rest.bandwidth } }),
    ...(sites === undefined ? defined({ folder: folder ?? base.folder }) : { sites: sitesOn(sites, top) }),
  };
}

/** What is said of a section `log` without its `to`, unless the command line has one. */
export const FOR_NO_LOG = 'options of an access log, and there is no log';

/** Options of a log that goes nowhere. A configuration that is shown whole has all defaults, which say nothing. */
export function isForNoLog({ target, ...rest }: Partial<AccessLogOptions> = {}): boolean {
  return (
    target === undefined && Object.entries(rest).some(([name, value]) => Reflect.get(LOG_DEFAULTS, name) !== value)
  );
}

/** A file may say how a log looks and leave it to the command line whether there is one. The opposite is a mistake. */
function logOn(
  base: Partial<AccessLogOptions> = {},
  top: Partial<AccessLogOptions> = {},
): AccessLogOptions | undefined {
  const { target, ...rest } = { ...base, ...top };
  if (target !== undefined) return { target, ...rest };
  if (Object.keys(top).length === 0) {
    if (!isForNoLog(base)) return undefined;
    throw faultOf(['log'], FOR_NO_LOG, 'Write "to: FILE" beside them, or give --access-log FILE.');
  }
  throw new ServeError(
    'bad-option',
    'options of an access log on the command line, and there is no log',
    'Add --access-log FILE, or write "log: {to: FILE}" into the configuration.',
  );
}

/** The same for administrators: the file of the token here, and where to listen there. */
function adminOn(base: Partial<AdminOptions> = {}, top: Partial<AdminOptions> = {}): AdminOptions | undefined {
  const { listen, ...rest } = { ...base, ...top };
  if (listen !== undefined) return { listen, ...rest };
  if (Object.keys(top).length === 0) return undefined;
  throw new ServeError('bad-option', 'a token for administrators, and no listener', 'Add --admin 127.0.0.1:9464.');
}

/** Certificates of the command line take the place of those of the file; its other settings of TLS stay. */
function tlsOn(base: PartialOptions['tls'], top: PartialOptions['tls']): ServeOptions['tls'] {
  const { certificates = [], ...rest } = { ...base, ...defined({ ...top }) };
  if (certificates.length > 0 || rest.acme !== undefined) return { certificates, ...rest };
  if (top === undefined) return undefined;
  throw new ServeError('bad-option', 'options of HTTPS, and no certificate', 'Add --tls CERTIFICATE --tls-key KEY.');
}

/** Options that hold for every site. */
function sitesOn(sites: readonly SiteOptions[], top: PartialOptions): SiteOptions[] {
  const { folder, dotfiles, symlinks, charset, compress, rules } = top;
  if (folder !== undefined && sites.length > 1) {
    throw new ServeError(
      'bad-option',
      `a folder on the command line, and ${sites.length} sites in the configuration`,
      'Leave the folder away, or serve it without --config.',
    );
  }
  return sites.map((site) => ({ ...site, ...rules, ...defined({ folder, dotfiles, symlinks, charset, compress }) }));
}

/** Without what is undefined. */
export function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
