/** What a world is made of. */
import type { HostOptions, LinkOptions, RouterOptions } from './options.js';
import type { World } from './world.js';

/** A world: hosts, links, a seed, and what happens at the start. @see {@link World} */
export interface WorldOptions {
  /** The seed of all chance; default 1. The same seed gives the same frames, on every machine. */
  readonly seed?: number;
  readonly hosts: Readonly<Record<string, HostOptions>>;
  /** Names of switches (RFC 2889: bridges that learn). */
  readonly switches?: readonly string[];
  /**
   * Switches that know the sizes of their links, by name, each with its address. If a packet is too long for the next
   * link, a router says from its address which size would pass (RFC 1191, RFC 4443 section 3.2), or cuts a packet of
   * IPv4 that may be cut. More than an address: `RouterOptions`.
   */
  readonly routers?: Readonly<Record<string, string | RouterOptions>>;
  /** Default: one cable between two hosts, or a switch named `switch` with a cable to each of more. */
  readonly links?: readonly LinkOptions[];
  /** What every link does that is not named in `links`. */
  readonly link?: Omit<LinkOptions, 'ends' | 'name'>;
  /** Called when the world begins, and again each time it begins anew. It must do the same each time. */
  readonly start?: (world: World) => void;
  /** The time of day when the clock says 0, milliseconds since 1970. Default: the example of RFC 9110 section 5.6.7. */
  readonly epochMs?: number;
  /** Events kept in `history`; default 200,000. The oldest go first. */
  readonly historyEvents?: number;
  /** Bytes of frames kept there; default 64 MiB. */
  readonly historyBytes?: number;
}
