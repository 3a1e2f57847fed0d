/** Collects the records of one answer and writes them behind the question, section by section. */
import { readUint16 } from '../../net/wire/bytes.js';
import { nameLength } from '../wire/name.js';
import { HEADER_BYTES, TYPE } from '../wire/types.js';
import { SET } from '../zone/image.js';
import type { Zone } from '../zone/zone.js';
import { Answer } from './answer.js';
import { MessageWriter } from './message-writer.js';

/** One for all answers: they are written one after the other. */
const WRITER = new MessageWriter();

export class Sections {
  rcode = 0;
  flags = 0;
  kind = 0;
  answers = 0;
  authorities = 0;
  /** Sets in the additional section that a referral needs. */
  requiredSets = 0;
  readonly #zone: Zone;
  /** The client understands DNSSEC, so signatures go with their sets. */
  readonly #signed: boolean;
  readonly #start: number;
  readonly #ends: number[] = [];
  readonly #counts: number[] = [];
  #essential = 0;
  /** Sets that are in the message, each with its owner if that was synthesized. */
  readonly #seen = new Set<string>();

  constructor(zone: Zone, qname: Uint8Array, signed: boolean) {
    this.#zone = zone;
    this.#signed = signed;
    WRITER.begin(qname, 0, qname.length);
    this.#start = HEADER_BYTES + qname.length + 4;
  }

  /** A set for the answer section. `owner`: the name that a wildcard stands for. */
  answer(set: number, owner?: Uint8Array): void {
    this.answers += this.#put(set, owner);
  }

  /** A CNAME that a DNAME makes: RFC 6672 section 3.1. It has no signature. */
  madeAlias(owner: Uint8Array, ttl: number, target: Uint8Array): void {
    if (WRITER.record(owner, 0, TYPE.CNAME, ttl, target, 0, target.length)) this.answers++;
  }

  /** A record that is in no zone: HINFO in answer to ANY. */
  madeAnswer(owner: Uint8Array, type: number, ttl: number, data: Uint8Array): void {
    if (WRITER.record(owner, 0, type, ttl, data, 0, data.length)) this.answers++;
  }

  /** A set for the authority section; `ttl` if it is not its own. */
  authority(set: number, owner?: Uint8Array, ttl?: number): void {
    this.authorities += this.#put(set, owner, ttl);
  }

  /** All that must be there is there: what follows is additional. */
  endEssential(): void {
    this.#essential = WRITER.end;
  }

  /** A set for the additional section. */
  additional(set: number, owner?: Uint8Array, isRequired = false): void {
    const count = this.#put(set, owner);
    if (count === 0) return;
    if (isRequired) this.requiredSets = this.#ends.length + 1;
    this.#ends.push(WRITER.end - this.#start);
    this.#counts.push((this.#counts.at(-1) ?? 0) + count);
  }

  result(): Answer {
    return new Answer({
      flags: this.flags | this.rcode,
      kind: this.kind,
      records: WRITER.bytes.slice(this.#start, WRITER.end),
      answers: this.answers,
      authorities: this.authorities,
      essential: this.#essential - this.#start,
      ends: this.#ends,
      counts: this.#counts,
      requiredSets: this.requiredSets,
    });
  }

  /** The message got larger than any can be. */
  get isFull(): boolean {
    return WRITER.isFull;
  }

  /** Signatures of a set alone: the answer to a question for RRSIG. */
  signaturesOf(set: number, owner: Uint8Array): void {
    const { words } = this.#zone;
    this.answers += this.#records(
      owner,
      0,
      TYPE.RRSIG,
      set,
      SET.SIGNATURES,
      SET.SIGNATURE_COUNT,
      words[set + SET.TTL]!,
    );
  }

  /** Returns how many records it has written: none if the set is there already. */
  #put(set: number, owner?: Uint8Array, ttl?: number): number {
    if (set === 0) return 0;
    const key = owner === undefined ? String(set) : `${set} ${owner.join()}`;
    if (this.#seen.has(key)) return 0;
    this.#seen.add(key);
    const { words, bytes } = this.#zone;
    const node = words[set + SET.NODE]!;
    const name = owner ?? bytes;
    const at = owner === undefined ? words[node]! : 0;
    const type = words[set + SET.TYPE]!;
    const ownTtl = words[set + SET.TTL]!;
    let count = this.#records(name, at, type, set, SET.DATA, SET.COUNT, Math.min(ttl ?? ownTtl, ownTtl));
    if (!this.#signed) return count;
    const signatureTtl = words[set + SET.SIGNATURE_TTL]!;
    const { SIGNATURES, SIGNATURE_COUNT } = SET;
    count += this.#records(
      name,
      at,
      TYPE.RRSIG,
      set,
      SIGNATURES,
      SIGNATURE_COUNT,
      Math.min(ttl ?? ownTtl, signatureTtl),
    );
    return count;
  }

  #records(name: Uint8Array, at: number, type: number, set: number, data: number, count: number, ttl: number): number {
    const { words, bytes } = this.#zone;
    let from = words[set + data]!;
    let written = 0;
    for (let left = words[set + count]!; left > 0; left--) {
      const length = readUint16(bytes, from);
      if (WRITER.record(name, at, type, ttl, bytes, from + 2, length)) written++;
      from += 2 + length;
    }
    return written;
  }
}

/** The names that a record points to and whose addresses an answer adds; undefined for other types. */
export function targetAt(type: number): number | undefined {
  if (type === TYPE.NS) return 0;
  if (type === TYPE.MX || type === TYPE.SVCB || type === TYPE.HTTPS || type === TYPE.KX || type === TYPE.AFSDB)
    return 2;
  return type === TYPE.SRV ? 6 : undefined;
}

/** The name in the data at `at`, as a view. */
export function nameIn(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at, at + nameLength(bytes, at));
}
