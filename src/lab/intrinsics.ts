/**
 * Freezes what ECMAScript defines: a student's file computes with the same objects as its judge (enclosure.ts).
 *
 * Node's flag --frozen-intrinsics does it, too, but makes accessors of every `constructor`. Node's own printing looks
 * for the plain property, so an error prints as `{}` and a map as `Object(1) [Map]`. Here it stays a plain property.
 */

/** What no property of a global leads to. */
function hiddenObjects(): object[] {
  const generator = (function* () {})();
  const asyncGenerator = (async function* () {})();
  return [
    [][Symbol.iterator](),
    new Map().entries(),
    new Set().values(),
    ''[Symbol.iterator](),
    ''.matchAll(/x/g),
    new Intl.Segmenter().segment(''),
    new Intl.Segmenter().segment('')[Symbol.iterator](),
    generator,
    asyncGenerator,
    generator.constructor,
    async () => {},
  ];
}

/** Freezes these globals, and all that their properties and prototypes lead to. For good. */
export function freezeIntrinsics(globals: readonly unknown[]): void {
  allowOwnProperties(Object.prototype);
  for (const value of globals) {
    if (typeof value === 'function' && isErrorPrototype(value.prototype)) allowOwnProperties(value.prototype);
  }
  const reached = new Set<unknown>([...globals, ...hiddenObjects()]);
  reached.delete(globalThis);
  // A set that grows while it is walked hands out what is added, each object once.
  for (const each of reached) {
    if (!isObject(each)) continue;
    for (const value of neighboursOf(each)) if (value !== globalThis) reached.add(value);
    Object.freeze(each);
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'function' || (typeof value === 'object' && value !== null);

const isErrorPrototype = (value: unknown): value is object =>
  isObject(value) && (value === Error.prototype || value instanceof Error);

function neighboursOf(object: object): unknown[] {
  const properties = Reflect.ownKeys(object).map((key) => Reflect.getOwnPropertyDescriptor(object, key));
  return [Object.getPrototypeOf(object), ...properties.flatMap((each) => [each?.value, each?.get, each?.set])];
}

/**
 * Lets an object have a property of its own by assignment where the frozen prototype has one of this name, as in
 * `error.name = 'Late'` and `point.toString = …`. JavaScript forbids that below a constant, and not below a setter.
 */
function allowOwnProperties(prototype: object): void {
  for (const [key, { value, writable, enumerable }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (writable !== true || key === 'constructor') continue;
    const get = () => value as unknown;
    const set = function (this: unknown, own: unknown) {
      if (this === prototype) throw new TypeError(`Cannot assign to read only property '${key}'`);
      Object.defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
    };
    Object.defineProperty(prototype, key, { get, set, enumerable: enumerable === true });
  }
}
