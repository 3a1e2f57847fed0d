/** What the options say of HTTPS, for the parts of a server. */
import { tlsChannel, tlsModule } from '../../tls/module.js';
import type { TlsSettings } from '../../tls/settings.js';
import { certificatesOf, readableCertificates } from '../https/acme.js';
import { TLS_DEFAULTS, tlsSettings } from '../https/threads.js';
import { backlogOf, type ServeOptions, sitesOf } from '../options.js';
import type { LoadedPlan } from './rows.js';

/** The module of the workers; none without HTTPS. */
export function tlsPlans(options: ServeOptions): LoadedPlan[] {
  const { tls } = options;
  if (tls === undefined) return [];
  const { port = TLS_DEFAULTS.port } = tls;
  const own = { port, backlog: backlogOf(options), threads: tlsThreads(options) };
  return [{ name: 'tls', definition: tlsModule, options: own }];
}

/** How many TLS threads there are. */
export function tlsThreads({ tls }: ServeOptions): number {
  return tls === undefined ? 0 : (tls.threads ?? TLS_DEFAULTS.threads);
}

/** The names of the workers' channels to them. */
export function tlsChannels(options: ServeOptions): string[] {
  return Array.from({ length: tlsThreads(options) }, (_, thread) => tlsChannel(thread));
}

/** Reads the certificates. @throws {ServeError} for one that cannot be used */
export function readTls(options: ServeOptions, warn: (text: string) => void): TlsSettings | undefined {
  const { tls } = options;
  if (tls === undefined) return undefined;
  const hosts = sitesOf(options).flatMap(({ hosts = [], aliases = [] }) => [...hosts, ...aliases]);
  return tlsSettings({ ...tls, certificates: readableCertificates(options) }, hosts, warn);
}

/** Where HTTP is redirected to; undefined: nowhere. */
export function httpsOf({ tls }: ServeOptions): { readonly port: number } | undefined {
  return tls?.redirect === true ? { port: tls.port ?? TLS_DEFAULTS.port } : undefined;
}

/** The files of all certificates and keys. */
export function certificateFiles(options: ServeOptions): string[] {
  return certificatesOf(options).flatMap(({ certificate, key }) => [certificate, key]);
}
