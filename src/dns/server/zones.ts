/** The zones of a server: which one a name belongs to. */
import { nameHash, sameName } from '../wire/name.js';
import type { Zone } from '../zone/zone.js';

export class Zones {
  #byHash = new Map<number, Zone[]>();
  #all: Zone[] = [];

  get all(): readonly Zone[] {
    return this.#all;
  }

  /** Serves `zone` from now on, in place of one with the same name. */
  put(zone: Zone): void {
    this.#all = [...this.#others(zone.name), zone];
    this.#index();
  }

  #others(name: Uint8Array): Zone[] {
    return this.#all.filter(
      (other) => other.name.length !== name.length || !sameName(other.name, 0, name, 0, name.length),
    );
  }

  #index(): void {
    this.#byHash = new Map();
    for (const zone of this.#all) {
      const hash = nameHash(zone.name, 0, zone.name.length);
      const row = this.#byHash.get(hash);
      if (row === undefined) this.#byHash.set(hash, [zone]);
      else row.push(zone);
    }
  }

  /** The zone of exactly this name. */
  exact(name: Uint8Array, at: number, length: number): Zone | undefined {
    const row = this.#byHash.get(nameHash(name, at, length));
    if (row === undefined) return undefined;
    for (let i = 0; i < row.length; i++) {
      const zone = row[i]!;
      if (zone.name.length === length && sameName(zone.name, 0, name, at, length)) return zone;
    }
    return undefined;
  }

  /**
   * The zone that answers for a name: the lowest one that it is within. `isParent`: a question for DS at the top of a
   * zone belongs to the zone above it, if we have that too (RFC 4035 section 3.1.4.1).
   */
  find(name: Uint8Array, at: number, length: number, isParent: boolean): Zone | undefined {
    let lower: Zone | undefined;
    let from = at;
    for (;;) {
      const zone = this.exact(name, from, at + length - from);
      if (zone !== undefined && !(isParent && from === at)) return zone;
      lower = zone ?? lower;
      if (name[from] === 0) return lower;
      from += name[from]! + 1;
    }
  }
}
