/**
 * The word VARIANTS in the record of a file's identity (record.ts): which variants it has, and what is known of the
 * others. A variant is the file in a content coding (RFC 9110 section 8.4.1).
 *
 *     bit 0      negotiated: the answer depends on Accept-Encoding, and its head has Vary
 *     bit 1-3    the variant in coding 1 to 3 (`Coding`) is published
 *     bit 9-11   this variant is a file of its own, such as app.js.br, and was not made here
 *     bit 17-19  this variant was made, saved too little, and was dropped: it is not made again
 */
import { Coding } from './record.js';

/** What `Accept-Encoding` may name and a file may have, the one we like best first. */
export const CODINGS = [Coding.brotli, Coding.zstd, Coding.gzip] as const;

export interface CodingName {
  readonly coding: number;
  /** As Content-Encoding and Accept-Encoding have it (RFC 9110 section 8.4.1, RFC 7932, RFC 8878). */
  readonly token: string;
  /** What the name of a sidecar ends with. */
  readonly suffix: string;
}

/** Token and suffix of each coding, in the order of `CODINGS`. */
export const CODING_NAMES: readonly CodingName[] = [
  { coding: Coding.brotli, token: 'br', suffix: '.br' },
  { coding: Coding.zstd, token: 'zstd', suffix: '.zst' },
  { coding: Coding.gzip, token: 'gzip', suffix: '.gz' },
];

export const NEGOTIATED = 1;
/** The bits of all published variants. */
export const PUBLISHED = (1 << Coding.gzip) | (1 << Coding.brotli) | (1 << Coding.zstd);

const SIDECAR_SHIFT = 8;
const VAIN_SHIFT = 16;

/** The bit of a variant that is published. */
export function publishedBit(coding: number): number {
  return 1 << coding;
}

/** Those bits for a list of codings. */
export function codingBits(codings: readonly number[]): number {
  return codings.reduce((bits, coding) => bits | publishedBit(coding), 0);
}

/** The bit of a variant that comes from a file of its own. */
export function sidecarBit(coding: number): number {
  return 1 << (coding + SIDECAR_SHIFT);
}

/** The bit of a variant that was made in vain. */
export function vainBit(coding: number): number {
  return 1 << (coding + VAIN_SHIFT);
}

/** Content-Encoding of a coding. @throws {RangeError} for identity, which has no name there. */
export function codingName(coding: number): CodingName {
  const found = CODING_NAMES.find((each) => each.coding === coding);
  if (found === undefined) throw new RangeError(`no content coding has the number ${coding}`);
  return found;
}
