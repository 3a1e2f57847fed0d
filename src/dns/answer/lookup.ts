/**
 * Finds a name in a zone, from the top down: RFC 1034 section 4.3.2 step 3, with wildcards as RFC 4592 section 3.3.1
 * has them and DNAME as RFC 6672 section 3.2. It allocates nothing: one object serves all look-ups.
 */
import { labelCount, skipLabels } from '../wire/name.js';
import { TYPE } from '../wire/types.js';
import { NODE, NODE_FLAG } from '../zone/image.js';
import type { Zone } from '../zone/zone.js';

/** What a look-up found. */
export const FOUND = {
  /** The name itself. */
  NAME: 0,
  /** A name above it is redirected. */
  DNAME: 1,
  /** It, or a name above it, is delegated. */
  CUT: 2,
  /** The name is not there, and a wildcard stands for it. */
  WILDCARD: 3,
  NOTHING: 4,
} as const;

export class Lookup {
  /** One of `FOUND`. */
  found = 4;
  /** The node that was found; for `NOTHING` 0. */
  node = 0;
  /** The last name above that exists: RFC 4592 section 3.3.1. */
  encloser = 0;

  /** Looks up a name that is within the zone. `type` matters at a cut: DS belongs to the upper side. */
  find(zone: Zone, name: Uint8Array, type: number): void {
    const labels = labelCount(name, 0);
    this.encloser = zone.apex;
    this.node = 0;
    for (let count = zone.labels; count <= labels; count++) {
      const isLast = count === labels;
      const at = skipLabels(name, 0, labels - count);
      const node = count === zone.labels ? zone.apex : zone.find(name, at, name.length - at);
      if (node === 0) break;
      if (this.#stopsAt(zone, node, isLast, type)) return;
      this.encloser = node;
      if (isLast) {
        this.found = FOUND.NAME;
        this.node = node;
        return;
      }
    }
    this.node = zone.wildcardBelow(this.encloser);
    this.found = this.node === 0 ? FOUND.NOTHING : FOUND.WILDCARD;
  }

  #stopsAt(zone: Zone, node: number, isLast: boolean, type: number): boolean {
    const flags = zone.words[node + NODE.FLAGS]!;
    if ((flags & NODE_FLAG.CUT) !== 0 && !(isLast && type === TYPE.DS)) this.found = FOUND.CUT;
    else if ((flags & NODE_FLAG.HAS_DNAME) !== 0 && !isLast) this.found = FOUND.DNAME;
    else return false;
    this.node = node;
    return true;
  }
}
