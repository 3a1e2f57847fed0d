/**
 * The numbers of the sites, and whose they were. A number is a part of every key of the cache, and the log's records
 * have it. A site that is loaded anew needs another one, since the old files are served meanwhile. So that the log and
 * the metrics call a site by its name all the same, a number keeps its name, and a name gets its old numbers back.
 */
import { MOST_SITES } from '../../log/traffic.js';

export class SiteNumbers {
  readonly #names: Map<number, string>;

  constructor(names: ReadonlyMap<number, string> = new Map()) {
    this.#names = new Map(names);
  }

  /** Names by number, those of former sites included. */
  get names(): ReadonlyMap<number, string> {
    return this.#names;
  }

  /** A site that stays may have another name now. */
  rename(number: number, name: string): void {
    this.#names.set(number, name);
  }

  /** A number for a site of this name. @param taken numbers of the sites that are, or are about to be, served */
  take(name: string, taken: ReadonlySet<number>): number {
    const number = this.#former(name, taken) ?? this.#unused(taken) ?? leastFree(taken);
    this.#names.set(number, name);
    return number;
  }

  #former(name: string, taken: ReadonlySet<number>): number | undefined {
    return [...this.#names].find(([number, given]) => given === name && !taken.has(number))?.[0];
  }

  /** A number that no site has had, if one is left of those that the log counts one by one. */
  #unused(taken: ReadonlySet<number>): number | undefined {
    const number = leastFree(new Set([...taken, ...this.#names.keys()]));
    return number < MOST_SITES ? number : undefined;
  }
}

function leastFree(taken: ReadonlySet<number>): number {
  let number = 0;
  while (taken.has(number)) number++;
  return number;
}
