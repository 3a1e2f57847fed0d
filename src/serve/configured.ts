/**
 * A configuration file as the options of a server. The command line's options win over it: src/cli/serve.ts puts them
 * on top with `overlay`.
 */
import type { AccessLogOptions } from '../log/log-handle.js';
import type { LoadedConfiguration } from '../site/config/load.js';
import type { Configuration } from '../site/config/schema.js';
import { LIMIT_NAMES } from '../site/config/sections/limits.js';
import type { SiteOptions } from '../site/options.js';
import type { HttpLimits, ServeOptions } from './options.js';
import { ServeError } from './serve-error.js';

/** What a file says, as options. What it leaves out is left out. */
export function optionsOf({ values }: Pick<LoadedConfiguration, 'values'>): ServeOptions {
  const { sites, port, serverHeader, workers, grace, probe, unknownHost, tcp, cache, capture, log } = values;
  return defined({
    sites,
    port,
    serverHeader,
    workers,
    graceMs: grace,
    probe,
    unknownHost,
    tcp,
    cacheBytes: cache?.size,
    maxObjectBytes: cache?.maxObject,
    accessLog: logOf(log),
    capturePath: capture?.file,
    trace: capture?.trace,
    limits: values.limits === undefined ? undefined : limitsOf(values.limits),
    ...networkOf(values),
  });
}

function logOf(log: Configuration['log'] = {}): AccessLogOptions | undefined {
  const { to: target, format, rotateSize: rotateBytes, keep, ring: ringRecords, whenFull: onFailure } = log;
  return target === undefined ? undefined : defined({ target, format, rotateBytes, keep, ringRecords, onFailure });
}

function limitsOf(limits: NonNullable<Configuration['limits']>): Partial<HttpLimits> {
  const names = Object.entries(LIMIT_NAMES) as [keyof typeof LIMIT_NAMES, keyof HttpLimits][];
  return defined(Object.fromEntries(names.map(([name, limit]) => [limit, limits[name]])));
}

function networkOf({ network = {} }: Configuration): Partial<ServeOptions> {
  const { interface: interfaceName, host, address: addresses, bridge, gateway, gateway6 } = network;
  const { mac, vlan, mtu, offload, frames, superSegment: superSegmentBytes } = network;
  const wish = defined({ interfaceName, host, addresses, bridge, gateway, gateway6 });
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
 * Options with others on top, which win. Groups (network, limits, tcp) are joined name by name. A folder on top takes
 * the place of that of the one site.
 * @throws {ServeError} `bad-option` for a folder on top of several sites
 */
export function overlay(base: ServeOptions, top: ServeOptions): ServeOptions {
  const { folder, sites = base.sites, ...rest } = top;
  return {
    ...base,
    ...rest,
    network: { ...base.network, ...defined({ ...rest.network }) },
    limits: { ...base.limits, ...rest.limits },
    tcp: { ...base.tcp, ...rest.tcp },
    ...(sites === undefined ? defined({ folder: folder ?? base.folder }) : { sites: sitesOn(sites, top) }),
  };
}

/** Options that hold for every site. */
function sitesOn(sites: readonly SiteOptions[], top: ServeOptions): SiteOptions[] {
  const { folder, dotfiles, symlinks, charset, compress } = top;
  if (folder !== undefined && sites.length > 1) {
    throw new ServeError(
      'bad-option',
      `a folder on the command line, and ${sites.length} sites in the configuration`,
      'Leave the folder away, or serve it without --config.',
    );
  }
  return sites.map((site) => ({ ...site, ...defined({ folder, dotfiles, symlinks, charset, compress }) }));
}

/** Without what is undefined. */
export function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
