/** What a world is made of: plain data, so that a page can keep it in its address. */
import type { HttpLimits } from '../http/limits.js';
import type { ImpairmentOptions } from '../net/device/impairment.js';
import type { InternetOptions } from '../net/ip/context.js';
import type { TcpSettings } from '../net/tcp/settings.js';

/**
 * The bytes of a file: text, bytes, or a number: so many bytes of a pattern that repeats nowhere near.
 * @see {@link HostOptions}
 */
export type FileContent = string | Uint8Array | number;

/**
 * A host. All is optional: `{}` is a host that answers ARP, ping and TCP.
 *
 * @example
 * ```ts
 * import { type HostOptions, World } from 'fastpath/browser';
 *
 * const server: HostOptions = { mtu: 1_280, files: { '/': 'hello', '/big': 1_000_000 }, tcp: { sack: false } };
 * export const world = new World({ hosts: { client: {}, server } });
 * ```
 */
export interface HostOptions {
  /**
   * Addresses with their networks, of IPv4 or IPv6. Default: `10.0.0.N/16`, N being its place in `hosts`, from 1. A
   * host of IPv6 may have none (`[]`, with `internet: { ipv6: true }`): it makes one of the prefix of a router.
   */
  readonly addresses?: readonly string[];
  readonly gateway?: string;
  /** The largest IP packet that the host believes in, bytes. Default: its link's `mtu`, else 1500. */
  readonly mtu?: number;
  readonly tcp?: Partial<TcpSettings>;
  readonly internet?: InternetOptions;
  /** Files by their paths: the host serves them over HTTP, on `port`. '/docs/index.html' answers '/docs/' too. */
  readonly files?: Readonly<Record<string, FileContent>>;
  /** Default 80. */
  readonly port?: number;
  readonly http?: Partial<HttpLimits>;
}

/**
 * What a link does to the frames that go one way. Times in microseconds, rates in bits a second, sizes in bytes.
 *
 * @example
 * ```ts
 * import type { Impairment } from 'fastpath/browser';
 *
 * export const bad: Impairment = { delay: 20_000, loss: 0.01, loseData: [3] }; // and the third frame with data
 * ```
 */
export interface Impairment extends Omit<ImpairmentOptions, 'lose'> {
  /** Loses the frames of these numbers, counted from 1 in this direction, whatever the chance. */
  loseFrames?: readonly number[];
  /** Loses the data segments of these numbers: frames with TCP payload, counted from 1 in this direction. */
  loseData?: readonly number[];
}

/**
 * A cable between two ends. An end is a host (which has one) or a switch (which has any number).
 *
 * @example
 * ```ts
 * import { type LinkOptions, World } from 'fastpath/browser';
 *
 * const links: LinkOptions[] = [
 *   { ends: ['left', 'middle'], both: { delay: 5_000 } },
 *   { ends: ['middle', 'right'], forth: { rate: 1_000_000 } },
 * ];
 * export const world = new World({ hosts: { left: {}, right: {} }, switches: ['middle'], links });
 * ```
 */
export interface LinkOptions {
  /** Default: `A-B` of its ends. */
  readonly name?: string;
  readonly ends: readonly [string, string];
  /** What it does to frames of either direction … */
  readonly both?: Impairment;
  /** … and, on top of that, from the first end to the second, and back. */
  readonly forth?: Impairment;
  readonly back?: Impairment;
  /** The longest IP packet that it takes. It drops a longer one and tells nobody, unless its host knows. */
  readonly mtu?: number;
}

/**
 * A router.
 *
 * @example
 * ```ts
 * import { type RouterOptions, World } from 'fastpath/browser';
 *
 * const router: RouterOptions = { addresses: ['10.0.0.254', '2001:db8:1::1'], prefix: '2001:db8:1::/64' };
 * const links = [{ ends: ['a', 'r'] as const }, { ends: ['r', 'b'] as const, mtu: 1_280 }];
 * export const world = new World({ hosts: { a: {}, b: {} }, routers: { r: router }, links });
 * ```
 */
export interface RouterOptions {
  /** Its own addresses, one of IPv4 and one of IPv6 at most. Its errors come from them. */
  readonly addresses?: readonly string[];
  /** A prefix of IPv6 that it advertises to hosts that ask, such as `2001:db8:1::/64` (RFC 4861 section 6.2.6). */
  readonly prefix?: string;
}
