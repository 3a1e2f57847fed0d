/** Reads a zone's image in place: finds names, sets of records, and the proofs that a name does not exist. */
import { readUint16 } from '../../net/wire/bytes.js';
import { compareNames, nameHash, prepend, sameName, toLower } from '../wire/name.js';
import { HEAD, hashLabel, NODE, NODE_FLAG, SET, type ZoneImage } from './image.js';
import { nsec3Hash } from './nsec3-hash.js';

/** The label `*`. */
const ASTERISK = Uint8Array.of(0x2a);

/**
 * A zone, ready to be asked. A node or a set is a number: its place in `words`. 0 means that there is none.
 */
export class Zone {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  /** The zone's name, in the case of its file. */
  readonly name: Uint8Array;
  readonly apex: number;
  readonly isSigned: boolean;
  readonly hasNsec3: boolean;
  readonly #hash: number;
  readonly #mask: number;

  constructor({ words, bytes }: ZoneImage) {
    this.words = words;
    this.bytes = bytes;
    this.apex = words[HEAD.APEX]!;
    this.name = this.nameOf(this.apex);
    this.isSigned = words[HEAD.IS_SIGNED] === 1;
    this.hasNsec3 = words[HEAD.NSEC3_COUNT]! > 0;
    this.#hash = words[HEAD.HASH]!;
    this.#mask = words[HEAD.HASH_MASK]!;
  }

  /** The serial number of its SOA, as an unsigned number. */
  get serial(): number {
    return this.words[HEAD.SERIAL]! >>> 0;
  }

  get recordCount(): number {
    return this.words[HEAD.RECORD_COUNT]!;
  }

  get labels(): number {
    return this.words[this.apex + NODE.LABELS]!;
  }

  /** How long it may be remembered that something is not there, seconds: RFC 2308 section 5. */
  get negativeTtl(): number {
    return this.words[HEAD.NEGATIVE_TTL]!;
  }

  /** The name of a node. */
  nameOf(node: number): Uint8Array {
    const at = this.words[node + NODE.NAME]!;
    return this.bytes.subarray(at, at + this.words[node + NODE.NAME_LENGTH]!);
  }

  /** The node with the name at `at`, in any case; 0: the name does not exist. Allocates nothing. */
  find(name: Uint8Array, at: number, length: number): number {
    const { words, bytes } = this;
    let slot = nameHash(name, at, length) & this.#mask;
    for (;;) {
      const node = words[this.#hash + slot]!;
      if (node === 0) return 0;
      if (words[node + NODE.NAME_LENGTH] === length && sameName(bytes, words[node + NODE.NAME]!, name, at, length)) {
        return node;
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  /** The set of that type; 0: there is none. */
  set(node: number, type: number): number {
    const { words } = this;
    let set = words[node + NODE.SETS]!;
    for (let left = words[node + NODE.SET_COUNT]!; left > 0; left--, set += SET.WORDS) {
      if (words[set + SET.TYPE] === type) return set;
    }
    return 0;
  }

  hasFlag(node: number, flag: number): boolean {
    return (this.words[node + NODE.FLAGS]! & flag) !== 0;
  }

  /** The data of the only record of a set that has one, such as CNAME. */
  only(set: number): Uint8Array {
    const at = this.words[set + SET.DATA]!;
    return this.bytes.subarray(at + 2, at + 2 + readUint16(this.bytes, at));
  }

  /** The set of NSEC whose owner is `name`, or the last one before it. 0: the zone has no NSEC. */
  nsecBefore(name: Uint8Array): number {
    const from = this.words[HEAD.NSEC]!;
    const count = this.words[HEAD.NSEC_COUNT]!;
    if (count === 0) return 0;
    const index = this.#lastUpTo(from, count, name);
    return this.set(this.words[from + Math.max(index, 0)]!, 47);
  }

  /**
   * The set of NSEC3 that covers the hash of `name`: its owner is the last one before it, and of the first the last
   * (RFC 5155 section 1.3). 0: the zone has none.
   */
  nsec3Covering(name: Uint8Array): number {
    const count = this.words[HEAD.NSEC3_COUNT]!;
    if (count === 0) return 0;
    const owner = this.#hashedName(name);
    const from = this.words[HEAD.NSEC3]!;
    const index = this.#lastUpTo(from, count, owner);
    return this.set(this.words[from + (index < 0 ? count - 1 : index)]!, 50);
  }

  /** The set of NSEC3 that matches a node; 0: there is none (opt-out). */
  nsec3Of(node: number): number {
    const hashed = this.words[node + NODE.NSEC3]!;
    return hashed < 0 ? 0 : this.set(hashed, 50);
  }

  /** The name `*` below `encloser`; undefined if that is too long. */
  wildcardName(encloser: Uint8Array): Uint8Array | undefined {
    return prepend(ASTERISK, encloser);
  }

  /** The wildcard below a node; 0: there is none. */
  wildcardBelow(node: number): number {
    return Math.max(0, this.words[node + NODE.WILDCARD]!);
  }

  /** True for a name that cannot be asked for, or not here. */
  isHidden(node: number): boolean {
    return this.hasFlag(node, NODE_FLAG.OCCLUDED | NODE_FLAG.HASHED);
  }

  /** The last of `count` nodes, in order, whose name is not behind `name`; -1: all are. */
  #lastUpTo(from: number, count: number, name: Uint8Array): number {
    const { words, bytes } = this;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const node = words[from + middle]!;
      if (compareNames(bytes, words[node + NODE.NAME]!, name, 0) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #hashedName(name: Uint8Array): Uint8Array {
    const at = this.words[HEAD.SALT]!;
    const salt = this.bytes.subarray(at + 1, at + 1 + this.bytes[at]!);
    const hash = nsec3Hash(toLower(name), salt, this.words[HEAD.ITERATIONS]!);
    const label = hashLabel(hash);
    const owner = new Uint8Array(label.length + this.name.length);
    owner.set(label);
    owner.set(this.name, label.length);
    return owner;
  }
}
