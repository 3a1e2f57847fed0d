/** The map of a world: which ends are joined by which links. It checks what a person has written. */
import type { Impairment, LinkOptions } from './options.js';
import type { WorldOptions } from './world-options.js';

/** A link with all its defaults filled in. */
export interface PlannedLink {
  readonly name: string;
  readonly ends: readonly [string, string];
  readonly forth: Impairment;
  readonly back: Impairment;
  readonly mtu: number | undefined;
}

/** The hosts, switches and links of a world. */
export interface Topology {
  readonly hosts: readonly string[];
  readonly switches: readonly string[];
  readonly links: readonly PlannedLink[];
}

/** The name of the switch that joins more than two hosts by default. */
const DEFAULT_SWITCH = 'switch';

/** Works out the map. @throws {RangeError} for an end that is nobody, a host with two cables, or a ring of switches. */
export function topologyOf(options: WorldOptions): Topology {
  const hosts = Object.keys(options.hosts);
  const routers = Object.keys(options.routers ?? {});
  if (hosts.length === 0 || hosts.length + routers.length < 2) {
    throw new RangeError('a world has at least two hosts, or a host and a router');
  }
  const isStar = options.links === undefined && hosts.length > 2;
  const between = [...(options.switches ?? []), ...routers];
  const switches = isStar ? [DEFAULT_SWITCH] : between;
  const links = (options.links ?? defaultLinks(hosts)).map((link) => planned(link, options.link ?? {}));
  check(hosts, switches, links);
  return { hosts, switches, links };
}

function defaultLinks(hosts: readonly string[]): LinkOptions[] {
  const [first = '', second = ''] = hosts;
  if (hosts.length === 2) return [{ ends: [first, second] }];
  return hosts.map((host) => ({ ends: [host, DEFAULT_SWITCH] }));
}

function planned(link: LinkOptions, common: Omit<LinkOptions, 'ends' | 'name'>): PlannedLink {
  const both = { ...common.both, ...link.both };
  return {
    name: link.name ?? link.ends.join('-'),
    ends: link.ends,
    forth: { ...both, ...common.forth, ...link.forth },
    back: { ...both, ...common.back, ...link.back },
    mtu: link.mtu ?? common.mtu,
  };
}

function check(hosts: readonly string[], switches: readonly string[], links: readonly PlannedLink[]): void {
  const nodes = new Set([...hosts, ...switches]);
  if (nodes.size < hosts.length + switches.length) throw new RangeError('two hosts or switches have the same name');
  const cables = new Map<string, number>();
  /** By node: a node that it is joined to, up to one that stands for all that are joined. */
  const joined = new Map<string, string>();
  const rootOf = (node: string): string => (joined.has(node) ? rootOf(joined.get(node)!) : node);
  for (const { name, ends } of links) {
    for (const end of ends) {
      if (!nodes.has(end)) throw new RangeError(`link ${name}: ${end} is neither a host nor a switch`);
      cables.set(end, (cables.get(end) ?? 0) + 1);
    }
    const [one, other] = [rootOf(ends[0]), rootOf(ends[1])];
    if (one === other) throw new RangeError(`link ${name} closes a ring: frames would go round for ever`);
    joined.set(one, other);
  }
  for (const host of hosts) {
    if (cables.get(host) !== 1) throw new RangeError(`host ${host} has ${cables.get(host) ?? 0} cables: it needs one`);
  }
  if (new Set(links.map(({ name }) => name)).size < links.length) throw new RangeError('two links have the same name');
}
