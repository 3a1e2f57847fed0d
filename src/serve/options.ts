/**
 * All options of a server, with their defaults. The command line (src/cli/serve.ts) fills them in, or a program that
 * embeds the server.
 */

import type { AcmeOptions } from '../acme/options.js';
import type { SymlinkRule } from '../cache/folder/folder.js';
import type { CompressMode } from '../cache/head/compressible.js';
import type { CharsetRule } from '../cache/head/content-type.js';
import type { Handler } from '../handler/index.js';
import type { HttpLimits } from '../http/limits.js';
import type { UnknownHost } from '../http/sites/sites.js';
import type { AccessLogOptions } from '../log/log-handle.js';
import type { TcpSettings } from '../net/tcp/settings.js';
import type { Upstreams } from '../proxy/options.js';
import type { SharedCacheOptions } from '../shared-cache/options.js';
import type { AdminAddress } from '../site/admin-address.js';
import type { SiteDefaults, SiteOptions } from '../site/options.js';
import type { CertificateFiles } from '../tls/certificate.js';
import type { TlsVersion } from '../tls/settings.js';
import type { ModuleWish } from './modules/wishes.js';
import type { NetworkWish } from './network/network-plan.js';
import type { ServeUser } from './process/privileges.js';
import { ServeError } from './serve-error.js';
import type { FramesWish } from './worker/frames.js';

export type { HttpLimits } from '../http/limits.js';

/**
 * Everything that `FolderServer.start` can be told: what `fastpath serve` takes from its command line.
 *
 * @example
 * ```ts
 * import type { ServeOptions } from 'fastpath';
 *
 * export const options: ServeOptions = {
 *   folder: './site',
 *   workers: 2,
 *   frames: 'auto',
 *   watch: 'notify',
 *   probe: 'warn',
 *   bandwidth: { connection: 1_000_000 },
 *   limits: { idleTimeoutMs: 10_000 },
 * };
 * ```
 */
export interface ServeOptions {
  /** The folder with the files of the one site. Not beside `sites`. With a handler there may be none. */
  readonly folder?: string;
  /** Several sites, or one with rules. A site's place in this list is its number in the cache. */
  readonly sites?: readonly SiteOptions[];
  /** Groups of servers that answer what this one cannot, by name. */
  readonly upstreams?: Upstreams;
  /** What happens to a request for a host that no site names. Default 'default': the default site answers. */
  readonly unknownHost?: UnknownHost;
  /** Interface and addresses; the server chooses those that are left out. */
  readonly network?: NetworkWish;
  /** Our Ethernet address, `02:66:70:00:00:01`; by default one that belongs to the interface's name. */
  readonly mac?: string;
  /** The virtual LAN (IEEE 802.1Q) that we are in, 1 to 4094: our frames are tagged. Default 0: none. */
  readonly vlan?: number;
  /** The largest IP packet, bytes; by default what the interface has, 1,500 for a new one. */
  readonly mtu?: number;
  /** Leave super-segments and checksums to the kernel. False: every frame is as on a wire. Default true. */
  readonly offload?: boolean;
  /** The most payload in a super-segment, bytes; by default the most that the kernel takes. */
  readonly superSegmentBytes?: number;
  /** How frames cross to the kernel: plain system calls, an io_uring, or what pays on this machine. Default 'auto'. */
  readonly frames?: FramesWish;
  /** Data-path workers, each with a queue of the interface. Default 1. */
  readonly workers?: number;
  /** TCP port. Default 80. */
  readonly port?: number;
  /** Connections that may wait in SYN-RECEIVED; the same as `tcp.backlog`. If both are given, this one counts. */
  readonly backlog?: number;
  /** Bounds the memory of the cache, tables included, bytes. */
  readonly cacheBytes?: number;
  /** A larger file is kept and sent in pieces, bytes. Default: none if all files fit, else 512 KiB. */
  readonly maxObjectBytes?: number;
  /** For sites that do not say: serve names that begin with '.' too; `.well-known` always is. Default false. */
  readonly dotfiles?: boolean;
  /** For sites that do not say: which symbolic links are followed. Default 'inside'. */
  readonly symlinks?: SymlinkRule;
  /** For sites that do not say: the charset of text, 'auto' (UTF-8 where it certainly is), 'none' or a name. */
  readonly charset?: CharsetRule;
  /** Variants in content codings: none, those that lie beside the files, or made too. Default 'load'. */
  readonly compress?: CompressMode;
  /** Other rules for sites that do not say: clean URLs, lists of folders, fields … */
  readonly rules?: SiteDefaults;
  /** Whether changed files are noticed, and how. Default 'notify': the kernel tells. */
  readonly watch?: WatchMode;
  /** How long a changed file must be quiet before it is read, ms. */
  readonly watchQuietMs?: number;
  /** Between two looks at a file, with `watch: 'poll'`, ms. */
  readonly watchPollMs?: number;
  /**
   * Answers what no file answers (docs/slow-path.md): a file that exports it, which gets a thread of its own, or a
   * function, server or application of this program, which runs in the thread that starts the server. Default: none.
   */
  readonly handler?: string | Handler;
  /** Answers of the handler are kept, and sent to others as long as they are fresh. Default: none are. */
  readonly handlerCache?: SharedCacheOptions;
  /** Other protocols beside HTTP: files or packages that export a module (docs/modules.md). Default: none. */
  readonly modules?: readonly ModuleWish[];
  readonly limits?: Partial<HttpLimits>;
  /** HTTPS, beside HTTP. Default: none. */
  readonly tls?: TlsOptions;
  /** How fast the server sends at most. A site has a rate and a weight of its own. Default: no bound. */
  readonly bandwidth?: BandwidthOptions;
  /** TCP's settings that differ from `DEFAULT_TCP_SETTINGS`. */
  readonly tcp?: Partial<TcpSettings>;
  /** The `Server` field of responses; empty for none. */
  readonly serverHeader?: string;
  /** Writes a line for each request. Default: no log. */
  readonly accessLog?: AccessLogOptions;
  /** A listener for administrators, on this machine's own stack: metrics, health, control. Default: none. */
  readonly admin?: AdminOptions;
  /** Writes every frame that crosses the device to this pcapng file. */
  readonly capturePath?: string;
  /** Lets the inspector look, at this port of 127.0.0.1; 0: a free one. Default: it may not (docs/inspector.md). */
  readonly inspectPort?: number;
  /** Prints every frame as a line on standard error. */
  readonly trace?: boolean;
  /** The consequence of a self-probe that fails. Default `warn`. */
  readonly probe?: ProbeMode;
  /** The user that the process becomes when the interface is set up, if it is root. Default: no change. */
  readonly user?: ServeUser;
  /** How long open connections may take to close at the end, milliseconds; Infinity: as long as they want. */
  readonly graceMs?: number;
}

/**
 * HTTPS. docs/https.md explains it.
 *
 * @example
 * ```ts
 * import type { TlsOptions } from 'fastpath';
 *
 * export const tls: TlsOptions = {
 *   certificates: [{ certificate: './example.org.pem', key: './example.org.key' }],
 *   acme: { email: 'webmaster@example.org', agree: true },
 *   minVersion: '1.3',
 *   redirect: true,
 * };
 * ```
 */
export interface TlsOptions {
  /** The first one is for clients that name no host, or one that none of them has. */
  readonly certificates: readonly CertificateFiles[];
  /** Certificates for the hosts of the sites are asked for by ACME. Default: none. */
  readonly acme?: AcmeOptions;
  /** Default 443. */
  readonly port?: number;
  /** Threads that encrypt. Default 1. */
  readonly threads?: number;
  /** The oldest version that is spoken. Default '1.2'. */
  readonly minVersion?: TlsVersion;
  /** OpenSSL's list. Default: forward secrecy and authenticated encryption alone. */
  readonly ciphers?: string;
  /** Offer HTTP/2. Default true. */
  readonly http2?: boolean;
  /** Requests over HTTP are redirected to HTTPS. Default false. */
  readonly redirect?: boolean;
  /** Browsers ask over HTTPS alone for so long (RFC 6797), seconds. Default 0: they are told nothing. */
  readonly hstsSeconds?: number;
}

/** Bytes of payload a second; 0: no bound. @see {@link ServeOptions} */
export interface BandwidthOptions {
  /** Of all connections together. */
  readonly total?: number;
  /** Of each connection. */
  readonly connection?: number;
}

/**
 * The listener for administrators. docs/metrics.md has what it answers.
 *
 * @example
 * ```ts
 * import type { AdminOptions } from 'fastpath';
 *
 * export const admin: AdminOptions = { listen: { kind: 'tcp', host: '127.0.0.1', port: 9_100 }, tokenFile: './token' };
 * ```
 */
export interface AdminOptions {
  readonly listen: AdminAddress;
  /** A file with the token that changes need. Default: $FASTPATH_ADMIN_TOKEN, else none. */
  readonly tokenFile?: string;
  /** The token itself, in place of a file. */
  readonly token?: string;
}

/** `require`: if the probe does not get through, the server ends. @see {@link ServeOptions} */
export type ProbeMode = 'off' | 'warn' | 'require';

/**
 * `off`: files stay as they were until SIGHUP; `notify`: by inotify; `poll`: by a look at each file now and then.
 * @see {@link ServeOptions}
 */
export type WatchMode = 'off' | 'notify' | 'poll';

export const MAX_WORKERS = 64;
/** IPv4 asks for 68 at least (RFC 791); below 576 a header and its options leave little room for anything. */
export const MIN_MTU = 576;
/** What a TAP takes at most (Linux: 65,535 less the Ethernet header). */
export const MAX_MTU = 65_521;

export const DEFAULTS = {
  offload: true,
  frames: 'auto' as FramesWish,
  workers: 1,
  port: 80,
  backlog: 1_024,
  serverHeader: 'fastpath',
  probe: 'warn' as ProbeMode,
  graceMs: 3_000,
  symlinks: 'inside' as SymlinkRule,
  charset: 'auto' as CharsetRule,
  /**
   * Visitors expect a site compressed, as hosting services do it. It costs little here: nothing waits for it, it takes
   * the time that is left over, and happens once for each version of a file.
   */
  compress: 'load' as CompressMode,
  unknownHost: 'default' as UnknownHost,
  /**
   * People expect a file server to serve what is on the disk, as nginx, Caddy and Apache do; that the files are in
   * memory is our own affair. Watching costs a watch for each folder, and nothing while nothing changes.
   */
  watch: 'notify' as WatchMode,
  /** Long for a program that saves a file, short for a person who looks at it. */
  watchQuietMs: 100,
  watchPollMs: 2_000,
} as const;

/** The backlog: the option `backlog`, else TCP's setting, else the default. */
export function backlogOf({ backlog, tcp }: Pick<ServeOptions, 'backlog' | 'tcp'>): number {
  return backlog ?? tcp?.backlog ?? DEFAULTS.backlog;
}

/** How the folders are watched. */
export function watchOptions({
  watch: mode = DEFAULTS.watch,
  watchQuietMs: quietMs = DEFAULTS.watchQuietMs,
  watchPollMs: pollMs = DEFAULTS.watchPollMs,
}: ServeOptions) {
  return { mode, quietMs, pollMs };
}

/**
 * The sites of a server: those that are named, or the one of `folder`.
 * @throws {ServeError} `bad-option` if there is none, or both
 */
export function sitesOf({ sites, folder, ...options }: ServeOptions): readonly [SiteOptions, ...SiteOptions[]] {
  const { dotfiles = false, symlinks = DEFAULTS.symlinks, charset = DEFAULTS.charset } = options;
  const { compress = DEFAULTS.compress, rules } = options;
  const common = { dotfiles, symlinks, charset, compress, ...rules };
  const [first, ...others] = sites ?? [];
  if ((first === undefined) === (folder === undefined)) {
    throw new ServeError('bad-option', 'a server serves either one folder or a list of sites', 'Name one of the two.');
  }
  if (first !== undefined) return [{ ...common, ...first }, ...others.map((site) => ({ ...common, ...site }))];
  return [{ ...common, folder: folder as string }];
}
