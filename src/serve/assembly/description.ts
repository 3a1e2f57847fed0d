/** What a running server says of itself. */
import { formatMac } from '../../net/wire/address.js';
import { siteName } from '../../site/options.js';
import type { ServerAdmin } from '../admin.js';
import { defined } from '../configured.js';
import type { ServerInfo } from '../events.js';
import { answeredHost } from '../folders/site-table.js';
import { TLS_DEFAULTS } from '../https/threads.js';
import { isLinkLocal } from '../network/arithmetic.js';
import type { NetworkPlan } from '../network/network-plan.js';
import { DEFAULTS, type ServeOptions, sitesOf } from '../options.js';
import { userName } from '../process/privileges.js';
import type { FramesChoice } from '../worker/frames.js';
import type { Ground } from './work.js';

/** What a server tells of itself, of the parts of its assembly. */
interface Described {
  readonly frames: FramesChoice;
  readonly admin: ServerAdmin | undefined;
  readonly inspector: ServerInfo['inspector'] | undefined;
  readonly modules: ServerInfo['modules'] | undefined;
}

/** What the server tells of itself when it is ready, and to those who ask. */
export function describe(options: ServeOptions, { plan, queues }: Ground, parts: Described): ServerInfo {
  const { admin, frames, modules, inspector } = parts;
  const [first] = queues;
  if (first === undefined) throw new Error('a server has a queue');
  const gateways = [plan.gateway, plan.gateway6].filter((gateway) => gateway !== undefined);
  const hostField = answeredHost(sitesOf(options), options.unknownHost ?? DEFAULTS.unknownHost);
  return {
    url: urlOf(plan, 'http', options.port ?? DEFAULTS.port),
    ...(options.tls !== undefined && { httpsUrl: urlOf(plan, 'https', options.tls.port ?? TLS_DEFAULTS.port) }),
    ...(hostField !== undefined && { hostField }),
    folder: sitesOf(options)[0].folder,
    sites: sitesOf(options).map((site, index) => ({ name: siteName(site, index), folder: site.folder })),
    interfaceName: plan.interfaceName,
    ...(plan.bridge !== undefined && { bridge: plan.bridge }),
    temporary: !plan.exists,
    mac: formatMac(first.mac),
    addresses: plan.addresses.map(String),
    hostAddresses: plan.host.map(String),
    gateways: gateways.map(String),
    mtu: first.mtu,
    superSegmentBytes: first.virtio ? first.superSegmentBytes : 0,
    frames,
    workers: queues.length,
    ...(admin?.address !== undefined && { admin: admin.address }),
    user: userName(options.user),
    ...defined({ modules, inspector }),
  };
}

/** The address of a server for a browser; '' while its network address has still to be asked for. */
export function urlOf(plan: NetworkPlan, scheme: 'http' | 'https', port: number): string {
  const [first] = plan.addresses;
  if (first === undefined) return ''; // it has still to be asked for
  const { address } = first;
  const zone = isLinkLocal(address) ? `%25${plan.hostInterface}` : ''; // RFC 6874 section 2
  const isUsual = port === (scheme === 'http' ? 80 : 443);
  return `${scheme}://${address.isV4 ? address : `[${address}${zone}]`}${isUsual ? '' : `:${port}`}/`;
}
