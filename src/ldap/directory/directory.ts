/**
 * The entries as a worker has them: by name, in the order of the tree, and by value. It is made once and never
 * changed; another load makes another directory.
 */

import { TAG } from '../ber/reader.js';
import { BerWriter } from '../ber/writer.js';
import { OP } from '../protocol/codes.js';
import { normalise, parentKeys } from './match.js';
import { type AttributeType, inventType, typeOf } from './schema.js';
import type { PlainEntry } from './tree.js';

/** An attribute of an entry: a type, options (`;lang-en`) and values. */
export class Attribute {
  readonly options: readonly string[];
  #normalised: (string | undefined)[] | undefined;
  #encoded: Uint8Array | undefined;

  constructor(
    readonly description: string,
    readonly type: AttributeType,
    readonly values: readonly Uint8Array[],
  ) {
    this.options = description.toLowerCase().split(';').slice(1);
  }

  /** The values as the type's rule of equality compares them. A value that has no such form is undefined. */
  get normalised(): readonly (string | undefined)[] {
    const rule = this.type.equality;
    this.#normalised ??= this.values.map((value) => (rule === undefined ? undefined : normalise(rule, value)));
    return this.#normalised;
  }

  /** PartialAttribute in BER, which many results share. */
  get encoded(): Uint8Array {
    this.#encoded ??= encodeAttribute(this.description, this.values);
    return this.#encoded;
  }
}

/** @param values none: types only */
export function encodeAttribute(description: string, values: readonly Uint8Array[]): Uint8Array {
  const writer = new BerWriter(64);
  writer.within(TAG.sequence, () => {
    writer.octets(description);
    writer.within(TAG.set, () => {
      for (const value of values) writer.octets(value);
    });
  });
  return writer.finish();
}

/** An entry with no more values than that has the weight 1. */
const VALUES_OF_WEIGHT = 64;

export class Entry {
  /** How much longer a test takes here than for an ordinary entry: a group may have 100,000 members. */
  readonly weight: number;
  #whole: Uint8Array | undefined;

  constructor(
    readonly dn: string,
    readonly key: string,
    readonly attributes: readonly Attribute[],
    readonly parent: number,
    readonly end: number,
  ) {
    const values = attributes.reduce((sum, attribute) => sum + attribute.values.length, 0);
    this.weight = Math.ceil((values + 1) / VALUES_OF_WEIGHT);
  }

  /** SearchResultEntry with all user attributes, in BER. */
  get whole(): Uint8Array {
    this.#whole ??= encodeEntry(
      this.dn,
      this.attributes.filter(({ type }) => !type.isOperational).map(({ encoded }) => encoded),
    );
    return this.#whole;
  }
}

/** SearchResultEntry in BER, of attributes in BER. */
export function encodeEntry(dn: string, attributes: readonly Uint8Array[]): Uint8Array {
  const size = attributes.reduce((sum, { length }) => sum + length, 0);
  const list = new Uint8Array(size);
  let at = 0;
  for (const attribute of attributes) {
    list.set(attribute, at);
    at += attribute.length;
  }
  const writer = new BerWriter(size + 3 * dn.length + 32);
  writer.within(OP.searchEntry, () => {
    writer.octets(dn);
    writer.octets(list, TAG.sequence);
  });
  return writer.finish();
}

const NO_ENTRIES: readonly number[] = [];

export class Directory {
  readonly entries: Entry[] = [];
  /** The largest weight of an entry. */
  weight = 1;
  /** How many names stand above the deepest entry's, the root among them. */
  depth = 0;
  readonly #byKey = new Map<string, number>();
  /** For each type the numbers of the entries by normalised value, of the type and of those under it. */
  readonly #index = new Map<AttributeType, Map<string, number[]>>();
  readonly #invented = new Map<string, AttributeType>();

  /** @param generation counts the loads: a page of an earlier one cannot be continued */
  constructor(readonly generation: number) {}

  /** Entries come in the order of the tree. */
  add({ dn, key, attributes, parent, end }: PlainEntry): void {
    const number = this.entries.length;
    const own = attributes.map(
      ([description, values]) =>
        new Attribute(description, this.#typeOrNew(description.split(';', 1)[0] as string), values),
    );
    const operational = [
      ['entryDN', dn],
      ['subschemaSubentry', SUBSCHEMA_DN],
      ['hasSubordinates', end > number + 1 ? 'TRUE' : 'FALSE'],
    ] as const;
    for (const [name, value] of operational) {
      const type = typeOf(name);
      if (type !== undefined) own.push(new Attribute(name, type, [Buffer.from(value)]));
    }
    const entry = new Entry(dn, key, own, parent, end);
    this.entries.push(entry);
    this.weight = Math.max(this.weight, entry.weight);
    this.depth = Math.max(this.depth, parentKeys(key).length);
    this.#byKey.set(key, number);
    for (const attribute of own) this.#addToIndex(attribute, number);
  }

  /** The number of the entry with this normalised DN. */
  find(key: string): number | undefined {
    return this.#byKey.get(key);
  }

  /** The nearest entry above this normalised DN (RFC 4511 section 4.1.9). */
  nearestAbove(key: string): Entry | undefined {
    for (const parent of parentKeys(key).slice(-this.depth - 1)) {
      const number = this.find(parent);
      if (number !== undefined) return this.entries[number];
    }
    return undefined;
  }

  /** The type of this name: of the schema, or one that only the data has. */
  typeOf(name: string): AttributeType | undefined {
    return typeOf(name) ?? this.#invented.get(name.toLowerCase());
  }

  get inventedTypes(): Iterable<AttributeType> {
    return this.#invented.values();
  }

  /** The entries that have this value in the type or one under it, in rising order. */
  withValue(type: AttributeType, normalised: string): readonly number[] {
    return this.#index.get(type)?.get(normalised) ?? NO_ENTRIES;
  }

  /** The names of the entries that have no parent. */
  get suffixes(): string[] {
    return this.entries.filter(({ parent }) => parent < 0).map(({ dn }) => dn);
  }

  #typeOrNew(name: string): AttributeType {
    const known = this.typeOf(name);
    if (known !== undefined) return known;
    const made = inventType(name);
    this.#invented.set(name.toLowerCase(), made);
    return made;
  }

  #addToIndex(attribute: Attribute, number: number): void {
    for (const value of attribute.normalised) {
      if (value === undefined) continue;
      for (let type: AttributeType | undefined = attribute.type; type !== undefined; type = type.superior) {
        let values = this.#index.get(type);
        if (values === undefined) this.#index.set(type, (values = new Map()));
        const numbers = values.get(value);
        if (numbers === undefined) values.set(value, [number]);
        else if (numbers.at(-1) !== number) numbers.push(number);
      }
    }
  }
}

/** Where the schema can be read. */
export const SUBSCHEMA_DN = 'cn=Subschema';
