/**
 * Answers a question from one zone: RFC 1034 section 4.3.2, RFC 2308 (names that are not there), RFC 4592 (wildcards),
 * RFC 6672 (DNAME), RFC 4035 section 3.1 and RFC 5155 section 7.2 (proofs), RFC 8482 (ANY).
 *
 * It allocates: what it makes is kept, and sent again from then on (server/answer-table.ts).
 */
import { readUint16 } from '../../net/wire/bytes.js';
import { isWithin, labelCount, MAX_NAME_BYTES } from '../wire/name.js';
import { FLAG, RCODE, TYPE } from '../wire/types.js';
import { NODE, NODE_FLAG, SET } from '../zone/image.js';
import type { Zone } from '../zone/zone.js';
import { type Answer, emptyAnswer, KIND } from './answer.js';
import { FOUND, Lookup } from './lookup.js';
import { proveNoData, proveNoName, proveUnsigned, proveWildcard, proveWildcardNoData } from './proofs.js';
import { nameIn, Sections, targetAt } from './sections.js';

/** Names that lead from one to the next in an answer. A longer chain ends there. */
const MOST_STEPS = 16;
/** RFC 8482 section 4.2: an HINFO with "RFC8482" and an empty string. */
const ANY_DATA = Uint8Array.from([7, ...[...'RFC8482'].map((letter) => letter.charCodeAt(0)), 0]);
const ANY_TTL = 3600;

/** A question within `zone`. `name` is in lower case; `wantsDnssec`: the client set DO. */
export function resolve(zone: Zone, name: Uint8Array, type: number, wantsDnssec: boolean): Answer {
  const signed = wantsDnssec && zone.isSigned;
  const sections = new Sections(zone, name, signed);
  new Resolution(zone, type, signed, sections).run(name);
  return sections.isFull ? emptyAnswer(RCODE.SERVFAIL) : sections.result();
}

class Resolution {
  readonly #zone: Zone;
  readonly #type: number;
  readonly #signed: boolean;
  readonly #sections: Sections;
  readonly #lookup = new Lookup();
  /** Sets whose targets' addresses are added at the end. */
  readonly #pointing: number[] = [];
  /** The delegation that the answer ends at. */
  #cut = 0;
  /** Proofs that wildcards on the way could stand for their names. */
  readonly #expanded: { name: Uint8Array; encloser: number }[] = [];

  constructor(zone: Zone, type: number, signed: boolean, sections: Sections) {
    this.#zone = zone;
    this.#type = type;
    this.#signed = signed;
    this.#sections = sections;
  }

  run(qname: Uint8Array): void {
    const sections = this.#sections;
    sections.flags = FLAG.AA;
    let name: Uint8Array | undefined = qname;
    const visited: Uint8Array[] = [];
    while (name !== undefined && visited.length <= MOST_STEPS) {
      visited.push(name);
      name = this.#step(name);
      if (name !== undefined && (!isWithin(name, this.#zone.name) || visited.some((each) => isSame(each, name!))))
        break;
    }
    for (const { name: each, encloser } of this.#expanded) proveWildcard(this.#zone, sections, each, encloser);
    sections.endEssential();
    if (this.#cut !== 0) this.#glue();
    for (const set of this.#pointing) this.#addresses(set, 0);
  }

  /** Answers for one name; returns the name where its alias leads. */
  #step(name: Uint8Array): Uint8Array | undefined {
    const lookup = this.#lookup;
    lookup.find(this.#zone, name, this.#type);
    switch (lookup.found) {
      case FOUND.NAME:
        return this.#atNode(lookup.node, name, undefined);
      case FOUND.WILDCARD:
        return this.#atNode(lookup.node, name, name);
      case FOUND.DNAME:
        return this.#redirect(lookup.node, name);
      case FOUND.CUT:
        this.#refer(lookup.node);
        return undefined;
      default:
        this.#nothing(name);
        return undefined;
    }
  }

  /** `owner`: the name that a wildcard stands for. */
  #atNode(node: number, name: Uint8Array, owner: Uint8Array | undefined): Uint8Array | undefined {
    const zone = this.#zone;
    const { encloser } = this.#lookup;
    const alias =
      zone.hasFlag(node, NODE_FLAG.HAS_CNAME) && !ownTypeOfAlias(this.#type) ? zone.set(node, TYPE.CNAME) : 0;
    const set = alias === 0 ? this.#wanted(node, owner ?? name) : alias;
    if (set === 0) {
      this.#noData(node, name, owner);
      return undefined;
    }
    if (owner !== undefined && this.#sections.answers === 0) this.#sections.kind = KIND.WILDCARD;
    if (owner !== undefined && this.#signed) this.#expanded.push({ name, encloser });
    if (set < 0) return undefined;
    this.#sections.answer(set, owner);
    if (alias !== 0) return zone.only(alias);
    this.#pointing.push(set);
    return undefined;
  }

  /** The set that is asked for; 0: it is not there; -1: the answer is complete. */
  #wanted(node: number, name: Uint8Array): number {
    const zone = this.#zone;
    if (this.#type === TYPE.ANY) return this.#any(node, name);
    if (this.#type === TYPE.RRSIG) return this.#signatures(node, name);
    return zone.set(node, this.#type);
  }

  /** RFC 8482 section 4: one set of a signed zone (4.1), or a HINFO that says so (4.2). */
  #any(node: number, name: Uint8Array): number {
    const { words } = this.#zone;
    if (words[node + NODE.SET_COUNT] === 0) return 0;
    if (this.#zone.isSigned) return words[node + NODE.SETS]!;
    this.#sections.madeAnswer(name, TYPE.HINFO, ANY_TTL, ANY_DATA);
    return -1;
  }

  /** RFC 8482 section 7: the signatures of one set are enough. */
  #signatures(node: number, name: Uint8Array): number {
    const { words } = this.#zone;
    let set = words[node + NODE.SETS]!;
    for (let left = words[node + NODE.SET_COUNT]!; left > 0; left--, set += SET.WORDS) {
      if (words[set + SET.SIGNATURE_COUNT] === 0) continue;
      this.#sections.signaturesOf(set, name);
      return -1;
    }
    return 0;
  }

  /** RFC 6672 section 3.2: the labels below the owner go before the target. */
  #redirect(node: number, name: Uint8Array): Uint8Array | undefined {
    const zone = this.#zone;
    const set = zone.set(node, TYPE.DNAME);
    const target = zone.only(set);
    const kept = name.length - zone.words[node + NODE.NAME_LENGTH]!;
    this.#sections.answer(set);
    if (kept + target.length > MAX_NAME_BYTES) {
      this.#sections.rcode = RCODE.YXDOMAIN;
      return undefined;
    }
    const renamed = new Uint8Array(kept + target.length);
    renamed.set(name.subarray(0, kept));
    renamed.set(target, kept);
    this.#sections.madeAlias(name, zone.words[set + SET.TTL]!, renamed);
    return this.#type === TYPE.CNAME || this.#type === TYPE.ANY ? undefined : renamed;
  }

  /** RFC 1034 section 4.2.1, RFC 4035 section 3.1.4. */
  #refer(cut: number): void {
    const zone = this.#zone;
    const sections = this.#sections;
    if (sections.answers === 0) sections.flags = 0;
    if (sections.answers === 0) sections.kind = KIND.REFERRAL;
    sections.authority(zone.set(cut, TYPE.NS));
    this.#cut = cut;
    if (!this.#signed) return;
    const ds = zone.set(cut, TYPE.DS);
    if (ds !== 0) sections.authority(ds);
    else proveUnsigned(zone, sections, cut);
  }

  #noData(node: number, name: Uint8Array, owner: Uint8Array | undefined): void {
    this.#negative(KIND.NODATA);
    if (!this.#signed) return;
    if (owner === undefined) proveNoData(this.#zone, this.#sections, node);
    else proveWildcardNoData(this.#zone, this.#sections, name, this.#lookup.encloser, node);
  }

  /** RFC 6604 section 3: the result is that of the last name of a chain. */
  #nothing(name: Uint8Array): void {
    this.#negative(KIND.NXDOMAIN);
    this.#sections.rcode = RCODE.NXDOMAIN;
    if (this.#signed) proveNoName(this.#zone, this.#sections, name, this.#lookup.encloser);
  }

  /** RFC 2308 section 3: the SOA, with the time for which this may be remembered. */
  #negative(kind: number): void {
    const zone = this.#zone;
    if (this.#sections.answers === 0) this.#sections.kind = kind;
    this.#sections.authority(zone.set(zone.apex, TYPE.SOA), undefined, zone.negativeTtl);
  }

  /** The addresses of servers within the delegated zone are needed; others help. */
  #glue(): void {
    const zone = this.#zone;
    const servers = zone.set(this.#cut, TYPE.NS);
    this.#addresses(servers, this.#cut);
  }

  /** Adds the addresses of the names that the records of a set point to. `cut`: it is a referral's. */
  #addresses(set: number, cut: number): void {
    const zone = this.#zone;
    const { words, bytes } = zone;
    const offset = targetAt(words[set + SET.TYPE]!);
    if (offset === undefined) return;
    let from = words[set + SET.DATA]!;
    for (let left = words[set + SET.COUNT]!; left > 0; left--) {
      this.#addressesOf(nameIn(bytes, from + 2 + offset), cut);
      from += 2 + readUint16(bytes, from);
    }
  }

  #addressesOf(target: Uint8Array, cut: number): void {
    const zone = this.#zone;
    if (!isWithin(target, zone.name)) return;
    const { node, owner } = this.#addressNode(target);
    if (node === 0) return;
    const isRequired = cut !== 0 && isWithin(target, zone.nameOf(cut));
    this.#sections.additional(zone.set(node, TYPE.A), owner, isRequired);
    this.#sections.additional(zone.set(node, TYPE.AAAA), owner, isRequired);
  }

  /** Glue lies below a cut, where a look-up does not go. */
  #addressNode(target: Uint8Array): { node: number; owner: Uint8Array | undefined } {
    const zone = this.#zone;
    const exact = zone.find(target, 0, target.length);
    if (exact !== 0) return { node: exact, owner: undefined };
    this.#lookup.find(zone, target, TYPE.A);
    const { found, node } = this.#lookup;
    return found === FOUND.WILDCARD ? { node, owner: target } : { node: 0, owner: undefined };
  }
}

/** A question for these is about the alias itself. */
function ownTypeOfAlias(type: number): boolean {
  return type === TYPE.CNAME || type === TYPE.ANY || type === TYPE.RRSIG || type === TYPE.NSEC || type === TYPE.KEY;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return isWithin(a, b) && labelCount(a, 0) === labelCount(b, 0);
}
