/** An answer, made once and sent often: the records behind the question, and what the header says of them. */
import { SummedBytes } from '../../net/wire/summed-bytes.js';

/** What the limits on answers in a row take it for. */
export const KIND = { ANSWER: 0, REFERRAL: 1, NODATA: 2, NXDOMAIN: 3, ERROR: 4, WILDCARD: 5 } as const;

/** The same answer may be had under any number of names. */
export function isForAnyName(kind: number): boolean {
  return kind === KIND.NXDOMAIN || kind === KIND.WILDCARD || kind === KIND.REFERRAL;
}

export class Answer {
  /** The bits of the header that are the answer's own: AA and the result. */
  readonly flags: number;
  /** One of `KIND`. */
  readonly kind: number;
  /** All records in the order of the sections; empty for an answer without any. */
  readonly records: SummedBytes;
  readonly answers: number;
  readonly authorities: number;
  readonly additionals: number;
  /** Where the first two sections end in `records`: an answer that cannot hold them is truncated. */
  readonly essential: number;
  /** Where each set of the additional section ends, and how many records there are up to there. */
  readonly ends: Uint16Array;
  readonly counts: Uint16Array;
  /** Additional sets in front without which a referral leads nowhere: RFC 2181 section 9, RFC 9471. */
  readonly requiredSets: number;

  constructor(parts: AnswerParts) {
    this.flags = parts.flags;
    this.kind = parts.kind;
    this.records = SummedBytes.of(parts.records);
    this.answers = parts.answers;
    this.authorities = parts.authorities;
    this.essential = parts.essential;
    this.ends = Uint16Array.from(parts.ends);
    this.counts = Uint16Array.from(parts.counts);
    this.additionals = parts.counts.at(-1) ?? 0;
    this.requiredSets = parts.requiredSets;
  }

  /** How many sets of the additional section fit into `room` bytes with all before; -1: not even the others do. */
  setsWithin(room: number): number {
    if (this.records.length <= room) return this.ends.length;
    if (this.essential > room) return -1;
    let sets = this.ends.length;
    while (sets > 0 && this.ends[sets - 1]! > room) sets--;
    return sets < this.requiredSets ? -1 : sets;
  }

  /** Bytes of the records up to that many additional sets. */
  lengthWith(sets: number): number {
    return sets === 0 ? this.essential : this.ends[sets - 1]!;
  }

  /** Records in that many additional sets. */
  countWith(sets: number): number {
    return sets === 0 ? 0 : this.counts[sets - 1]!;
  }
}

/** What an answer is made of. */
export interface AnswerParts {
  readonly flags: number;
  readonly kind: number;
  readonly records: Uint8Array;
  readonly answers: number;
  readonly authorities: number;
  readonly essential: number;
  readonly ends: readonly number[];
  readonly counts: readonly number[];
  readonly requiredSets: number;
}

/** An answer without records. */
export function emptyAnswer(rcode: number, kind: number = KIND.ERROR): Answer {
  return new Answer({
    flags: rcode,
    kind,
    records: new Uint8Array(0),
    answers: 0,
    authorities: 0,
    essential: 0,
    ends: [],
    counts: [],
    requiredSets: 0,
  });
}
