/**
 * Compares two graphs of objects, field by field, whatever the fields are. It knows no class but by the short list of
 * those that hold scratch: they are used again for every frame and mean nothing in between.
 */

type Fields = Readonly<Record<string, unknown>>;

/** Classes whose objects are not compared. */
const SCRATCH = new Set([
  // Filled anew for each frame or ACK.
  'IncomingFrame',
  'OutgoingFrame',
  'IpPacket',
  'Segment',
  'AckOutcome',
  'SendRoom',
  'BareSegment',
  // What lies in a pool has no meaning until it is taken.
  'SentSegmentPool',
  'PiecePool',
  // One stack has it and the other has not.
  'ExpectedPath',
]);

/**
 * The first difference between two graphs, as a path with both values; undefined: they are equal.
 * @param except objects that are not looked into
 */
export function difference(a: unknown, b: unknown, except: ReadonlySet<unknown> = new Set()): string | undefined {
  return new Comparison(except).compare(a, b);
}

class Comparison {
  /** What has been met in the first graph, and what stood in its place in the second. */
  readonly #partner = new Map<object, object>();
  readonly #except: ReadonlySet<unknown>;

  constructor(except: ReadonlySet<unknown>) {
    this.#except = except;
  }

  compare(a: unknown, b: unknown): string | undefined {
    if (Object.is(a, b) || (a === 0 && b === 0)) return undefined;
    if (typeof a === 'function' && typeof b === 'function') return undefined;
    if (isScratch(a) || isScratch(b)) return undefined;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return `: ${a} and ${b}`;
    if (this.#except.has(a) && this.#except.has(b)) return undefined;
    const partner = this.#partner.get(a);
    if (partner !== undefined) return partner === b ? undefined : ': another object';
    this.#partner.set(a, b);
    return this.#compareInside(a, b);
  }

  #compareInside(a: object, b: object): string | undefined {
    const name = a.constructor.name;
    if (name !== b.constructor.name) return `: ${name} and ${b.constructor.name}`;
    if (ArrayBuffer.isView(a)) return numbers(a as Uint8Array, b as Uint8Array);
    if (a instanceof Map) return this.#items([...a].flat(), [...(b as Map<unknown, unknown>)].flat());
    if (a instanceof Set) return this.#items([...a], [...(b as Set<unknown>)]);
    if (Array.isArray(a)) return this.#items(a, b as unknown[]);
    return this.#fields(a as Fields, b as Fields);
  }

  #fields(a: Fields, b: Fields): string | undefined {
    let count = 0;
    for (const key in a) {
      count++;
      const found = this.compare(a[key], b[key]);
      if (found !== undefined) return `.${key}${found}`;
    }
    for (const _ in b) count--;
    return count === 0 ? undefined : ': other fields';
  }

  #items(a: readonly unknown[], b: readonly unknown[]): string | undefined {
    if (a.length !== b.length) return `: ${a.length} and ${b.length} items`;
    for (let i = 0; i < a.length; i++) {
      const found = this.compare(a[i], b[i]);
      if (found !== undefined) return `[${i}]${found}`;
    }
    return undefined;
  }
}

function isScratch(value: unknown): boolean {
  return typeof value === 'object' && value !== null && SCRATCH.has(value.constructor.name);
}

function numbers(a: Uint8Array, b: Uint8Array): string | undefined {
  if (a.length !== b.length) return `: ${a.length} and ${b.length} numbers`;
  if (a instanceof Uint8Array && Buffer.compare(a, b) === 0) return undefined;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return `[${i}]: ${a[i]} and ${b[i]}`;
  return undefined;
}
