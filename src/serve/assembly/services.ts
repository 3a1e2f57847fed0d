/** What a server has beside its workers: HTTPS, the parts of modules, leases, certificates, pages for people. */
import type { Library } from '../../cache/library/library.js';
import type { TlsSettings } from '../../tls/settings.js';
import type { ServerAdmin } from '../admin.js';
import type { SiteFolders } from '../folders/site-folders.js';
import { AcmeService } from '../https/acme.js';
import { TlsThreads } from '../https/threads.js';
import { httpSettings } from '../modules/http-row.js';
import { MainParts } from '../modules/main-parts.js';
import type { LoadedPlan } from '../modules/rows.js';
import { InterfaceWatch } from '../network/interface-watch.js';
import { LeaseDesk, type LeaseFile } from '../network/lease-desk.js';
import type { NetworkPlan } from '../network/network-plan.js';
import { ServeError } from '../serve-error.js';
import type { ServerLog } from '../server-log.js';
import type { ChannelSource } from '../slow/threads.js';
import type { DataPlane } from '../worker/data-plane.js';
import type { Ground, Work } from './work.js';

/**
 * Opened before anything is loaded, so that `/readyz` says how far it is, and before the privileges are given up, which
 * a path or a low port may need. It closes last. A successor opens it when the process before it has closed it.
 */
export async function createAdmin({ options, undo }: Work): Promise<ServerAdmin | undefined> {
  if (options.admin === undefined) return undefined;
  const { ServerAdmin } = await import('../admin.js'); // with prom-client, which no other server needs
  const admin = ServerAdmin.create(options.admin, options.user);
  undo.add(() => admin.close());
  return admin;
}

/** The page for `--inspect`; its address. @throws {ServeError} `address-taken` */
export async function openInspector(
  { options, undo }: Work,
  plane: DataPlane,
  library: Library,
  folders: SiteFolders,
): Promise<string | undefined> {
  const port = options.inspectPort;
  if (port === undefined) return undefined;
  const { PageServer } = await import('../../inspector/page-server.js');
  const { InspectFeed } = await import('../inspect-feed.js');
  const page = new PageServer({ feed: new InspectFeed(plane, library, () => folders.sites) });
  try {
    await page.open(port);
  } catch (cause) {
    const advice = 'Choose another port: --inspect PORT.';
    throw new ServeError('address-taken', `the inspector cannot listen on port ${port}`, advice, { cause });
  }
  undo.add(() => page.close());
  return page.url('server');
}

/** What the main thread knows of the lease, and passes on. */
export function openDesk({ events, undo }: Work, { plan }: Ground, file: LeaseFile | undefined): LeaseDesk | undefined {
  if (plan.dynamic?.dhcp !== true) return undefined;
  const desk = new LeaseDesk(events, plan.dynamic.lease, file);
  undo.add(() => desk.close());
  return desk;
}

/** The parts of modules that run in this thread. */
export async function startMains(
  { events, undo }: Work,
  modules: readonly LoadedPlan[],
  plane: DataPlane,
  sites: SiteFolders,
): Promise<MainParts> {
  const warn = (text: string) => events.warn(text);
  const folderOf = (site: number) => sites.sites.find(({ number }) => number === site)?.loader.disk;
  const mains = await MainParts.create(modules, plane, warn, folderOf);
  undo.add(() => mains.close());
  return mains;
}

/** The threads of HTTPS. When the server stops, they end their connections first. */
export async function startTls(
  { options, events, undo }: Work,
  plane: DataPlane,
  library: Library,
  log: ServerLog | undefined,
  settings: TlsSettings | undefined,
): Promise<TlsThreads | undefined> {
  if (options.tls === undefined || settings === undefined) return undefined;
  const logOf = (thread: number) => log?.memory(plane.size + thread);
  const plan = { options: options.tls, settings, http: httpSettings(options), logOf };
  const threads = new TlsThreads(plan, plane, library, (error) => events.died(error));
  undo.add(() => threads.stopping(plane.graceMs > 0));
  await threads.ready();
  return threads;
}

/** Connections of the workers and of HTTPS: both hand requests over. */
export function channelsOf(plane: DataPlane, tls: TlsThreads | undefined): ChannelSource {
  return {
    openChannels: (...given) => [...plane.openChannels(...given), ...(tls?.openChannels(...given) ?? [])],
    channelFailed(...given) {
      plane.channelFailed(...given);
      tls?.channelFailed(...given);
    },
  };
}

/** Asks an authority for certificates, if the options want that, and renews them. */
export async function startAcme({ options, events, undo }: Work, plane: DataPlane): Promise<AcmeService> {
  const acme = new AcmeService(plane, events);
  undo.add(() => acme.close());
  await acme.configure(options);
  return acme;
}

/** Tells when somebody changes our interface. */
export function watch({ events, undo }: Work, plan: NetworkPlan): void {
  const interfaceWatch = new InterfaceWatch(plan, events);
  undo.add(() => interfaceWatch.stop());
}
