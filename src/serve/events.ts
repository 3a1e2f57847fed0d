/** What a server reports: the facts of its start, and the events of its life. */
import type { LoadProgress } from '../cache/loading/load-options.js';
import type { CompressProgress } from '../cache/variants/variant-maker.js';
import type { ModuleInfo } from './modules/served.js';
import type { ServeError } from './serve-error.js';
import type { FramesChoice } from './worker/frames.js';

/**
 * Another host uses an address of ours (RFC 5227). We keep it, and announce that to the network now and then.
 * @see {@link ServeEvents}
 */
export interface RivalHost {
  readonly address: string;
  /** The other host's Ethernet address. */
  readonly mac: string;
}

/**
 * The events of a server's life, for a reporter.
 *
 * @example
 * ```ts
 * import type { ServeEvents } from 'fastpath';
 *
 * export const events: ServeEvents = {
 *   note: console.log,
 *   warn: console.warn,
 *   loading: ({ files, totalFiles }) => console.log(`${files} of ${totalFiles} files`),
 *   conflict: ({ address, mac }) => console.error(`${mac} uses ${address}, too`),
 *   closing: (unfinished) => console.log(`${unfinished} answers are under way`),
 *   died: (error) => console.error(error.message),
 * };
 * ```
 */
export interface ServeEvents {
  /** Something the user may want to know. */
  note(text: string): void;
  /** Something is wrong, but serving goes on. */
  warn(text: string): void;
  /** The folders are being read. */
  loading(progress: LoadProgress): void;
  /** Variants in content codings are made, beside serving: told after each file. */
  compressing?(progress: CompressProgress): void;
  /** Another host uses our address, and serving goes on. */
  conflict(conflict: RivalHost): void;
  /** Connections are being closed; this many answers are still under way. */
  closing(unfinished: number): void;
  /** Serving has ended by itself; `stop` has still to be called. */
  died(error: ServeError): void;
}

/** The facts of a running server. @see {@link FolderServer} */
export interface ServerInfo {
  readonly url: string;
  /** The same over TLS; undefined: there is no HTTPS. */
  readonly httpsUrl?: string;
  /** The Host field that a request needs; undefined: the address in the URL will do. */
  readonly hostField?: string;
  /** The folder of the first site. */
  readonly folder: string;
  readonly sites: readonly { readonly name: string; readonly folder: string }[];
  readonly interfaceName: string;
  /** The bridge of which the interface is a port. */
  readonly bridge?: string;
  /** The interface vanishes at the end. */
  readonly temporary: boolean;
  readonly mac: string;
  readonly addresses: readonly string[];
  readonly hostAddresses: readonly string[];
  /** Our default routers. */
  readonly gateways: readonly string[];
  readonly mtu: number;
  /** The most payload in one frame; 0: no offload. */
  readonly superSegmentBytes: number;
  /** How frames cross to the kernel, and why so. */
  readonly frames: FramesChoice;
  readonly workers: number;
  /** The modules beside HTTP; undefined: none. */
  readonly modules?: readonly ModuleInfo[];
  /** Where administrators ask: an address or a path; undefined: nowhere. */
  readonly admin?: string;
  /** Where the inspector looks, with its token; undefined: nowhere. */
  readonly inspector?: string;
  /** The user that the process serves as. */
  readonly user: string;
}
