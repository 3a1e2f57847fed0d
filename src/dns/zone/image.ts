/**
 * A zone in shared memory: the main thread builds it, and every worker reads it in place. To replace a zone is to
 * replace one object, so a reload delays no query, and a transfer under way goes on with the old image.
 *
 *     words   header │ hash table │ nodes │ sets of records │ NSEC order │ NSEC3 order
 *     bytes   names, data: [length, 2 bytes][data] for each record
 *
 * A node is a name that exists: an owner, or an empty non-terminal above one (RFC 4592 section 2.2.2). Places in
 * `words` are indexes of 32-bit words; places in `bytes` are offsets.
 */
import { compareNames, equalNames, labelCount, nameHash, toLower } from '../wire/name.js';
import { TYPE } from '../wire/types.js';
import { keyOf, type Owner, type RecordSet, type ZoneDraft } from './draft.js';
import { nsec3Hash } from './nsec3-hash.js';

/** Places in the header. */
export const HEAD = {
  HASH: 0,
  HASH_MASK: 1,
  NODES: 2,
  NODE_COUNT: 3,
  NSEC: 4,
  NSEC_COUNT: 5,
  NSEC3: 6,
  NSEC3_COUNT: 7,
  APEX: 8,
  SALT: 9,
  ITERATIONS: 10,
  SERIAL: 11,
  RECORD_COUNT: 12,
  NEGATIVE_TTL: 13,
  IS_SIGNED: 14,
  WORDS: 16,
} as const;

/** Places in a node. */
export const NODE = {
  NAME: 0,
  NAME_LENGTH: 1,
  FLAGS: 2,
  /** The node `*` below it, or -1. */
  WILDCARD: 3,
  SETS: 4,
  SET_COUNT: 5,
  /** The node of the NSEC3 that matches its name, or -1. */
  NSEC3: 6,
  LABELS: 7,
  WORDS: 8,
} as const;

/** Places in a set of records. */
export const SET = {
  TYPE: 0,
  TTL: 1,
  COUNT: 2,
  DATA: 3,
  SIGNATURE_COUNT: 4,
  SIGNATURES: 5,
  SIGNATURE_TTL: 6,
  NODE: 7,
  WORDS: 8,
} as const;

export const NODE_FLAG = {
  /** The top of a delegated zone: it has NS and is not our apex. */
  CUT: 1,
  /** Below a cut or a DNAME, so its data is no answer: glue at best. */
  OCCLUDED: 2,
  HAS_DNAME: 4,
  HAS_CNAME: 8,
  /** It holds NSEC3, and is no name to be asked for. */
  HASHED: 16,
} as const;

/** What the workers are given. It survives structured cloning without a copy. */
export interface ZoneImage {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

/** An owner with its place. */
interface Node {
  readonly name: Uint8Array;
  readonly sets: readonly RecordSet[];
  flags: number;
  /** Index of the node below it with the label `*`, or -1. */
  wildcard: number;
  nsec3: number;
}

/** Lays out a sound draft. */
export function buildImage(draft: ZoneDraft): ZoneImage {
  const nodes = [...namesOf(draft)].map(nodeOf).sort((a, b) => compareNames(a.name, 0, b.name, 0));
  const hashed = [...draft.hashed.values()].map(nodeOf).sort((a, b) => compareNames(a.name, 0, b.name, 0));
  for (const node of hashed) node.flags = NODE_FLAG.HASHED;
  const index = new Map(nodes.map(({ name }, i) => [keyOf(name), i]));
  for (const node of nodes) describe(node, draft, index);
  linkHashes(nodes, hashed, draft);
  return new ImageWriter(draft, [...nodes, ...hashed], nodes.length).image;
}

function nodeOf({ name, sets }: Owner): Node {
  return { name, sets: [...sets.values()].sort((a, b) => a.type - b.type), flags: 0, wildcard: -1, nsec3: -1 };
}

/** The owners, and the empty non-terminals between them and the apex. */
function namesOf({ apex, owners }: ZoneDraft): Iterable<Owner> {
  const all = new Map(owners);
  for (const { name } of owners.values()) {
    for (let at = name[0]! + 1; name.length - at > apex.length; at += name[at]! + 1) {
      const above = name.subarray(at);
      const key = keyOf(above);
      if (all.has(key)) break;
      all.set(key, { name: above, sets: new Map() });
    }
  }
  return all.values();
}

function describe(node: Node, { apex }: ZoneDraft, index: ReadonlyMap<string, number>): void {
  const { name, sets } = node;
  const has = (type: number) => sets.some((set) => set.type === type);
  node.wildcard = index.get(`\x01*${keyOf(name)}`) ?? -1;
  if (has(TYPE.CNAME)) node.flags |= NODE_FLAG.HAS_CNAME;
  if (has(TYPE.DNAME)) node.flags |= NODE_FLAG.HAS_DNAME;
  if (has(TYPE.NS) && !equalNames(name, apex)) node.flags |= NODE_FLAG.CUT;
}

/** Marks what lies below cuts and redirections. `nodes` are in order, so an ancestor comes before its descendants. */
function occlude(nodes: readonly Node[]): void {
  let above: Node | undefined;
  for (const node of nodes) {
    const isBelow = above !== undefined && isProperlyBelow(node.name, above.name);
    if (isBelow) node.flags |= NODE_FLAG.OCCLUDED;
    else if ((node.flags & (NODE_FLAG.CUT | NODE_FLAG.HAS_DNAME)) !== 0) above = node;
  }
}

function isProperlyBelow(name: Uint8Array, above: Uint8Array): boolean {
  const extra = labelCount(name, 0) - labelCount(above, 0);
  if (extra <= 0) return false;
  let at = 0;
  for (let i = 0; i < extra; i++) at += name[at]! + 1;
  return equalNames(name.subarray(at), above);
}

/** Finds the NSEC3 of each name once, so that an answer hashes only names that do not exist. */
function linkHashes(nodes: readonly Node[], hashed: readonly Node[], draft: ZoneDraft): void {
  occlude(nodes);
  const parameters = parametersOf(draft);
  if (hashed.length === 0 || parameters === undefined) return;
  const byHash = new Map(hashed.map(({ name }, i) => [keyOf(name.subarray(0, name[0]! + 1)), nodes.length + i]));
  for (const node of nodes) {
    if ((node.flags & NODE_FLAG.OCCLUDED) !== 0) continue;
    const hash = nsec3Hash(toLower(node.name), parameters.salt, parameters.iterations);
    node.nsec3 = byHash.get(keyOf(hashLabel(hash))) ?? -1;
  }
}

interface Nsec3Parameters {
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** Those of the chain that NSEC3 records really have: RFC 5155 section 7.3 allows several while they change. */
function parametersOf({ apex, owners, hashed }: ZoneDraft): Nsec3Parameters | undefined {
  const sets = owners.get(keyOf(apex))?.sets.get(TYPE.NSEC3PARAM);
  const [first] = hashed.values();
  const used = first?.sets.get(TYPE.NSEC3)?.data[0];
  const found = sets?.data.find((data) => used !== undefined && sameParameters(data, used)) ?? sets?.data[0];
  if (found === undefined) return undefined;
  return { iterations: (found[2]! << 8) | found[3]!, salt: found.subarray(5, 5 + found[4]!) };
}

/** Algorithm, iterations and salt; the flags differ. */
function sameParameters(a: Uint8Array, b: Uint8Array): boolean {
  if (a[0] !== b[0] || a[2] !== b[2] || a[3] !== b[3] || a[4] !== b[4]) return false;
  for (let i = 5; i < 5 + a[4]!; i++) if (a[i] !== b[i]) return false;
  return true;
}

const BASE32HEX = '0123456789abcdefghijklmnopqrstuv';

/** The label of an NSEC3: its length, and the hash in base32hex. 20 bytes are 32 digits exactly. */
export function hashLabel(hash: Uint8Array): Uint8Array {
  const label = new Uint8Array(33);
  label[0] = 32;
  let held = 0;
  let bits = 0;
  let at = 1;
  for (const byte of hash) {
    held = ((held << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 5; ) label[at++] = BASE32HEX.charCodeAt((held >>> (bits -= 5)) & 31);
  }
  return label;
}

/** Writes words and bytes one behind the other. */
class ImageWriter {
  readonly image: ZoneImage;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  #nextWord: number = HEAD.WORDS;
  #nextByte = 0;

  constructor(draft: ZoneDraft, nodes: readonly Node[], nameCount: number) {
    const setCount = nodes.reduce((sum, { sets }) => sum + sets.length, 0);
    const slots = 2 ** Math.ceil(Math.log2(2 * nameCount + 2));
    const parameters = parametersOf(draft);
    const nsec = nodes.flatMap(({ sets }, i) => (sets.some(({ type }) => type === TYPE.NSEC) ? [i] : []));
    const hashedCount = nodes.length - nameCount;
    const wordCount = HEAD.WORDS + slots + nodes.length * NODE.WORDS + setCount * SET.WORDS + nsec.length + hashedCount;
    this.#words = new Int32Array(new SharedArrayBuffer(4 * wordCount));
    this.#bytes = new Uint8Array(new SharedArrayBuffer(1 + (parameters?.salt.length ?? 0) + bytesOf(nodes)));
    this.image = { words: this.#words, bytes: this.#bytes };
    const words = this.#words;
    words[HEAD.SALT] = this.#data(parameters?.salt ?? new Uint8Array(0), 1);
    words[HEAD.ITERATIONS] = parameters?.iterations ?? 0;
    words[HEAD.HASH] = this.#reserve(slots);
    words[HEAD.HASH_MASK] = slots - 1;
    words[HEAD.NODES] = this.#reserve(nodes.length * NODE.WORDS);
    words[HEAD.NODE_COUNT] = nodes.length;
    for (const [i, node] of nodes.entries()) this.#node(node, i, i < nameCount);
    words[HEAD.NSEC] = this.#list(nsec);
    words[HEAD.NSEC_COUNT] = nsec.length;
    words[HEAD.NSEC3] = this.#list(Array.from({ length: hashedCount }, (_, i) => nameCount + i));
    words[HEAD.NSEC3_COUNT] = hashedCount;
    this.#top(draft);
  }

  #top({ apex, owners }: ZoneDraft): void {
    const words = this.#words;
    const top = owners.get(keyOf(apex));
    const soa = top?.sets.get(TYPE.SOA);
    const data = soa?.data[0];
    if (soa === undefined || data === undefined) throw new Error('a zone without SOA has no image');
    const numbers = new DataView(data.buffer, data.byteOffset + data.length - 20);
    words[HEAD.APEX] = this.#find(apex);
    words[HEAD.SERIAL] = numbers.getUint32(0) | 0;
    words[HEAD.NEGATIVE_TTL] = Math.min(soa.ttl, numbers.getUint32(16));
    words[HEAD.IS_SIGNED] = soa.signatures.length > 0 ? 1 : 0;
  }

  /** The apex is in the table, whatever its place in the order. */
  #find(name: Uint8Array): number {
    const words = this.#words;
    const bytes = this.#bytes;
    for (let i = 0; i < words[HEAD.NODE_COUNT]!; i++) {
      const node = words[HEAD.NODES]! + i * NODE.WORDS;
      const at = words[node + NODE.NAME]!;
      if (equalNames(bytes.subarray(at, at + words[node + NODE.NAME_LENGTH]!), name)) return node;
    }
    throw new Error('a zone without apex has no image');
  }

  #node(node: Node, i: number, isName: boolean): void {
    const words = this.#words;
    const nodes = words[HEAD.NODES]!;
    const at = nodes + i * NODE.WORDS;
    const wordOf = (index: number) => (index < 0 ? -1 : nodes + index * NODE.WORDS);
    words[at + NODE.NAME] = this.#data(node.name, 0);
    words[at + NODE.NAME_LENGTH] = node.name.length;
    words[at + NODE.FLAGS] = node.flags;
    words[at + NODE.WILDCARD] = wordOf(node.wildcard);
    words[at + NODE.NSEC3] = wordOf(node.nsec3);
    words[at + NODE.LABELS] = labelCount(node.name, 0);
    words[at + NODE.SET_COUNT] = node.sets.length;
    words[at + NODE.SETS] = this.#reserve(node.sets.length * SET.WORDS);
    for (const [j, set] of node.sets.entries()) this.#set(set, words[at + NODE.SETS]! + j * SET.WORDS, at);
    words[HEAD.RECORD_COUNT]! += node.sets.reduce(
      (sum, { data, signatures }) => sum + data.length + signatures.length,
      0,
    );
    if (isName) this.#enter(node.name, at);
  }

  #set({ type, ttl, data, signatures, signatureTtl }: RecordSet, at: number, node: number): void {
    const words = this.#words;
    words[at + SET.TYPE] = type;
    words[at + SET.TTL] = ttl;
    words[at + SET.COUNT] = data.length;
    words[at + SET.DATA] = this.#nextByte;
    for (const each of data) this.#data(each, 2);
    words[at + SET.SIGNATURE_COUNT] = signatures.length;
    words[at + SET.SIGNATURES] = this.#nextByte;
    for (const each of signatures) this.#data(each, 2);
    words[at + SET.SIGNATURE_TTL] = signatureTtl;
    words[at + SET.NODE] = node;
  }

  /** Linear probing; the table is half empty at least. */
  #enter(name: Uint8Array, node: number): void {
    const words = this.#words;
    const mask = words[HEAD.HASH_MASK]!;
    let slot = nameHash(name, 0, name.length) & mask;
    while (words[words[HEAD.HASH]! + slot] !== 0) slot = (slot + 1) & mask;
    words[words[HEAD.HASH]! + slot] = node;
  }

  /** Appends bytes behind a length of `prefix` bytes; returns where they begin. */
  #data(data: Uint8Array, prefix: number): number {
    const at = this.#nextByte;
    for (let i = prefix - 1; i >= 0; i--) this.#bytes[this.#nextByte++] = (data.length >>> (8 * i)) & 255;
    this.#bytes.set(data, this.#nextByte);
    this.#nextByte += data.length;
    return at;
  }

  #list(indexes: readonly number[]): number {
    const at = this.#reserve(indexes.length);
    for (const [i, index] of indexes.entries()) this.#words[at + i] = this.#words[HEAD.NODES]! + index * NODE.WORDS;
    return at;
  }

  #reserve(count: number): number {
    const at = this.#nextWord;
    this.#nextWord += count;
    return at;
  }
}

function bytesOf(nodes: readonly Node[]): number {
  const size = (list: readonly Uint8Array[]) => list.reduce((sum, { length }) => sum + 2 + length, 0);
  return nodes.reduce(
    (sum, { name, sets }) =>
      sum + name.length + sets.reduce((part, { data, signatures }) => part + size(data) + size(signatures), 0),
    0,
  );
}
