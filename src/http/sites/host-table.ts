/**
 * From the bytes of a host, as they lie in the request, to the site that answers for it. Called for a request whose
 * Host line is not the one of the request before, so it makes no string and no object.
 *
 *     Host: WWW.Example.org.:8080   ->   www.example.org   ->   the row of www.example.org, or of *.example.org
 *
 * Letters count in any case, a port and one dot at the end do not count (RFC 9110 section 4.2.3, RFC 1034 section
 * 3.1). The name is hashed from its end, so the hashes of ".org" and ".example.org" come up on the way to the hash of
 * the whole. One walk finds the exact name and the longest "*." name that fits. Only the owner of the sites chooses the
 * names in the table, so a stranger cannot build a cluster, and the hash needs no secret.
 */
import { ASTERISK, ascii, COLON, DOT, isDigit, lowerCase } from '../grammar/grammar.js';

const SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** One host name of the table, and what was said about it. */
class Row<Value> {
  constructor(
    /** In lower case. For "*.example.org" it is ".example.org". */
    readonly name: Uint8Array,
    readonly value: Value,
  ) {}
}

/** Names of hosts with a value each. It is made once and does not change. */
export class HostTable<Value> {
  readonly #rows: (Row<Value> | null)[];
  readonly #hashes: Int32Array;
  readonly #mask: number;
  #hasWildcards = false;

  /**
   * `names`: 'example.org', '*.example.org', '192.0.2.1' or '[2001:db8::1]', each with its value. Of two equal names
   * the first counts.
   */
  constructor(names: Iterable<readonly [name: string, value: Value]>) {
    const all = [...names];
    let slots = 8;
    while (slots < 2 * all.length) slots *= 2;
    this.#rows = new Array<Row<Value> | null>(slots).fill(null);
    this.#hashes = new Int32Array(slots);
    this.#mask = slots - 1;
    for (const [name, value] of all) this.#add(ascii(name.toLowerCase().replace(/\.$/, '')), value);
  }

  /** The value of the host `bytes[from, to)`, which is valid by `isHost`; null for a host that is not here. */
  find(bytes: Uint8Array, from: number, to: number): Value | null {
    const end = endOfName(bytes, from, to);
    if (bytes[from] === DOT) return null; // a label is missing
    let wildcard: Value | null = null;
    let hash = SEED;
    for (let at = end - 1; at >= from; at--) {
      const octet = lowerCase(bytes[at]!);
      hash = Math.imul(hash ^ octet, PRIME);
      if (octet === DOT && this.#hasWildcards && at > from) wildcard = this.#probe(hash, bytes, at, end) ?? wildcard;
    }
    return this.#probe(hash, bytes, from, end) ?? wildcard;
  }

  #add(spelled: Uint8Array, value: Value): void {
    const isWildcard = spelled[0] === ASTERISK && spelled[1] === DOT;
    if (isWildcard) this.#hasWildcards = true;
    const name = isWildcard ? spelled.subarray(1) : spelled;
    const hash = name.reduceRight((before, octet) => Math.imul(before ^ octet, PRIME), SEED);
    if (this.#probe(hash, name, 0, name.length) !== null) return;
    let slot = hash & this.#mask;
    while (this.#rows[slot] !== null) slot = (slot + 1) & this.#mask;
    this.#rows[slot] = new Row(name, value);
    this.#hashes[slot] = hash;
  }

  /** The value of exactly this name. The table is at most half full, so the walk ends. */
  #probe(hash: number, bytes: Uint8Array, from: number, to: number): Value | null {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = this.#rows[slot]!;
      if (row === null) return null;
      if (this.#hashes[slot] === hash && isName(row.name, bytes, from, to)) return row.value;
    }
  }
}

/** The end of the name in `bytes[from, to)`: in front of the port, and of one dot. */
export function endOfName(bytes: Uint8Array, from: number, to: number): number {
  const end = startOfPort(bytes, from, to);
  return end - 1 > from && bytes[end - 1] === DOT ? end - 1 : end;
}

/** The place of the colon in front of the port of a valid host, or `to` if there is none. */
export function startOfPort(bytes: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && isDigit(bytes[at - 1]!)) at--;
  return at > from && bytes[at - 1] === COLON ? at - 1 : to;
}

function isName(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== lowerCase(bytes[from + i]!)) return false;
  return true;
}
