/**
 * Proofs that something does not exist: RFC 4035 section 3.1.3 with NSEC, RFC 5155 section 7.2 with NSEC3. Each adds
 * sets to the authority section; a set that is there already is not repeated.
 */
import { labelCount, skipLabels } from '../wire/name.js';
import { TYPE } from '../wire/types.js';
import { NODE } from '../zone/image.js';
import type { Zone } from '../zone/zone.js';
import type { Sections } from './sections.js';

/** The name does not exist, and no wildcard stands for it. `encloser` is the last name above it that exists. */
export function proveNoName(zone: Zone, sections: Sections, name: Uint8Array, encloser: number): void {
  if (zone.hasNsec3) proveEncloser(zone, sections, name, encloser);
  else sections.authority(zone.nsecBefore(name));
  const wildcard = zone.wildcardName(zone.nameOf(encloser));
  if (wildcard === undefined) return;
  sections.authority(zone.hasNsec3 ? zone.nsec3Covering(wildcard) : zone.nsecBefore(wildcard));
}

/** The name exists and has no set of the type. An empty non-terminal has no NSEC: the one before it shows that. */
export function proveNoData(zone: Zone, sections: Sections, node: number): void {
  if (!zone.hasNsec3) {
    const own = zone.set(node, TYPE.NSEC);
    sections.authority(own === 0 ? zone.nsecBefore(zone.nameOf(node)) : own);
    return;
  }
  const match = zone.nsec3Of(node);
  if (match !== 0) sections.authority(match);
  else proveEncloser(zone, sections, zone.nameOf(node), node);
}

/** A wildcard has been expanded: the name itself does not exist. */
export function proveWildcard(zone: Zone, sections: Sections, name: Uint8Array, encloser: number): void {
  if (zone.hasNsec3) sections.authority(zone.nsec3Covering(nextCloser(zone, name, encloser)));
  else sections.authority(zone.nsecBefore(name));
}

/** A wildcard stands for the name, and has no set of the type. */
export function proveWildcardNoData(
  zone: Zone,
  sections: Sections,
  name: Uint8Array,
  encloser: number,
  wildcard: number,
): void {
  if (zone.hasNsec3) {
    proveEncloser(zone, sections, name, encloser);
    sections.authority(zone.nsec3Of(wildcard));
  } else {
    sections.authority(zone.nsecBefore(name));
    proveNoData(zone, sections, wildcard);
  }
}

/** A delegation is not signed: RFC 4035 section 3.1.4, RFC 5155 section 7.2.7. */
export function proveUnsigned(zone: Zone, sections: Sections, cut: number): void {
  proveNoData(zone, sections, cut);
}

/**
 * RFC 5155 section 7.2.1: the NSEC3 that matches the closest encloser, and the one that covers the next closer name.
 * With opt-out, an encloser may have none; then one further up is the closest that can be proved.
 */
function proveEncloser(zone: Zone, sections: Sections, name: Uint8Array, encloser: number): void {
  let node = encloser;
  while (zone.nsec3Of(node) === 0) {
    if (node === zone.apex) return;
    const own = zone.nameOf(node);
    const at = skipLabels(own, 0, 1);
    node = zone.find(own, at, own.length - at);
  }
  sections.authority(zone.nsec3Of(node));
  sections.authority(zone.nsec3Covering(nextCloser(zone, name, node)));
}

/** The name one label longer than the encloser, on the way to `name`: RFC 5155 section 1.3. */
function nextCloser(zone: Zone, name: Uint8Array, encloser: number): Uint8Array {
  const extra = labelCount(name, 0) - zone.words[encloser + NODE.LABELS]!;
  return name.subarray(skipLabels(name, 0, extra - 1));
}
