/**
 * Counters that a worker publishes and the main thread reads without asking: doubles in shared memory. A worker
 * thread sits in its poll loop and answers no questions, and posting a message a second would make garbage there.
 *
 * The counters live in plain objects all over the stack (`stack.statistics.tcp.segmentsReceived`). At its start the
 * worker lists them once, by dotted name, and tells the main thread the names; from then on publishing is a loop of
 * stores.
 */

/** The slots of the block: slot 0 counts publications, so that a reader sees whether the worker is alive. */
const HEARTBEAT = 0;
const FIRST_COUNTER = 1;
/** Room for all the counters of a worker; a stack has about a hundred. */
const MAX_COUNTERS = 1_023;

/** Objects with numbers in them, nested to any depth. Values that are no number and no object are left out. */
export interface CounterTree {
  readonly [name: string]: unknown;
}

/** Fresh shared memory for one worker's block. */
export function createStatisticsMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(8 * (FIRST_COUNTER + MAX_COUNTERS));
}

/** The worker's end: knows where each counter lives. */
export class StatisticsWriter {
  readonly names: string[] = [];
  readonly #holders: Record<string, number>[] = [];
  readonly #keys: string[] = [];
  readonly #block: Float64Array;

  /**
   * `roots` are walked once, now: their objects and the keys in them must stay, only numbers change.
   * @throws {RangeError} if there are more counters than slots.
   */
  constructor(memory: SharedArrayBuffer, roots: readonly CounterTree[]) {
    this.#block = new Float64Array(memory);
    for (const root of roots) this.#collect(root, '');
    if (this.names.length > MAX_COUNTERS)
      throw new RangeError(`${this.names.length} counters for ${MAX_COUNTERS} slots`);
  }

  /** Copies every counter to the shared block. */
  publish(): void {
    const block = this.#block;
    for (let i = 0; i < this.#keys.length; i++) block[FIRST_COUNTER + i] = this.#holders[i]![this.#keys[i]!]!;
    block[HEARTBEAT]!++;
  }

  #collect(tree: CounterTree, prefix: string): void {
    for (const key of counterKeys(tree)) {
      const value = tree[key];
      if (typeof value === 'number') {
        this.names.push(prefix + key);
        this.#holders.push(tree as Record<string, number>);
        this.#keys.push(key);
      } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
        this.#collect(value as CounterTree, `${prefix}${key}.`);
      }
    }
  }
}

/** Own properties, and the getters of a class, which may be counters too. */
function counterKeys(tree: CounterTree): string[] {
  const prototype: unknown = Object.getPrototypeOf(tree);
  if (prototype === null || prototype === Object.prototype || prototype === Array.prototype) return Object.keys(tree);
  const getters = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(([, each]) => each.get);
  return [...Object.keys(tree), ...getters.map(([key]) => key)];
}

/** The main thread's end. */
export class StatisticsReader {
  readonly #block: Float64Array;

  constructor(
    memory: SharedArrayBuffer,
    readonly names: readonly string[],
  ) {
    this.#block = new Float64Array(memory);
  }

  /** How often the worker has published. */
  get heartbeat(): number {
    return this.#block[HEARTBEAT]!;
  }

  /** The counters as they were last published, by dotted name. */
  read(): Map<string, number> {
    return new Map(this.names.map((name, i) => [name, this.#block[FIRST_COUNTER + i]!]));
  }
}

/** Adds the counters of several workers, name by name. */
export function sumCounters(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const counters of all) {
    for (const [name, value] of counters) sum.set(name, (sum.get(name) ?? 0) + value);
  }
  return sum;
}
