/** A figure that adds up bytes in ones' complement, word by word (RFC 1071). */
import { fold, swap } from '../../../../src/net/wire/checksum.js';

/** A figure in which the reader adds up bytes. */
export interface SumFigure {
  readonly kind: 'sum';
  readonly title: string;
  readonly tells: string;
  /** The bytes at first, in hexadecimal with spaces. */
  readonly bytes: string;
}

/** One word and the sum after it. */
export interface SumStep {
  /** Where the word begins, from 0. */
  readonly at: number;
  readonly word: number;
  /** The sum with this word, folded. */
  readonly sum: number;
  /** The addition carried out of the highest bit, and the carry came back in at the lowest. */
  readonly carried: boolean;
}

/** A sum word by word. */
export interface SumSteps {
  readonly steps: readonly SumStep[];
  readonly sum: number;
  /** The checksum field: the sum with all its bits turned. */
  readonly field: number;
  /** The sum of the same bytes when they begin at an odd place. */
  readonly swapped: number;
}

/** Declares a figure of this kind. */
export function sumFigure(figure: Omit<SumFigure, 'kind'>): SumFigure {
  return { kind: 'sum', ...figure };
}

/** The bytes of a text in hexadecimal; undefined if it is none. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Adds up `bytes`; a last odd byte counts as the high byte of a word. */
export function sumSteps(bytes: Uint8Array): SumSteps {
  const steps: SumStep[] = [];
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    const word = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const carried = sum + word > 0xffff;
    sum = fold(sum + word);
    steps.push({ at, word, sum, carried });
  }
  return { steps, sum, field: ~sum & 0xffff, swapped: swap(sum) };
}
