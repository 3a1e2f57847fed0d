/** What is in the library, counted: kinds of objects, their bytes, and what became of them since the start. */
import { SummedBytes } from '../../net/wire/summed-bytes.js';
import { HEAD_LENGTH, PAYLOAD_LENGTH, type SlabView, STREAM } from '../object/record.js';
import { kindOf } from './records.js';

/**
 * What became of variants in content codings, since the start.
 *
 * @example
 * ```ts
 * import type { Library } from 'fastpath';
 *
 * export const saved = (library: Library) => library.statistics.variantBytesSaved;
 * ```
 */
export interface VariantCounts {
  /** Files such as app.js.br that were taken as a variant, and those that were not: see the warnings. */
  sidecarsUsed: number;
  sidecarsRefused: number;
  /** Variants made and published. */
  variantsMade: number;
  /** Variants dropped: they save less than a tenth, there is no room, their file has changed meanwhile. */
  variantsInVain: number;
  variantsWithoutRoom: number;
  variantsOutdated: number;
  /** By how many bytes all of them, when they were published, were shorter than their files. */
  variantBytesSaved: number;
}

/**
 * Numbers for a status line. `payloadBytes` and `tableBytes` count the objects that can be found now.
 *
 * @example
 * ```ts
 * import type { LibraryStatistics } from 'fastpath';
 *
 * export const full = ({ usedBytes, limitBytes }: LibraryStatistics) => usedBytes / limitBytes;
 * ```
 */
export interface LibraryStatistics extends Readonly<VariantCounts> {
  files: number;
  redirects: number;
  /** Short answers of the server's own. */
  notices: number;
  /** Files in a content coding, and the bytes of their payloads. */
  variants: number;
  variantBytes: number;
  /** Parts of large files. */
  pieces: number;
  /** Lists of folders, error pages and those of single-page applications. */
  pages: number;
  /** Answers of handlers and upstreams. */
  stored: number;
  names: number;
  payloadBytes: number;
  /** Prefix-sum tables. */
  tableBytes: number;
  /** All memory of objects, retired ones too: records, names, heads, payloads and sums. */
  usedBytes: number;
  /**
   * Tables of names, in this thread and in every worker, and the queue for eviction. Together with `usedBytes` bounded
   * by `limitBytes`.
   */
  indexBytes: number;
  /** Memory taken from the system for objects, whether used or not. */
  reservedBytes: number;
  limitBytes: number;
  /** Names replaced or removed that a worker still sends. */
  retiredInUse: number;
  /** Since the start: names published, how many of these replaced another object, and names removed. */
  published: number;
  replaced: number;
  removed: number;
  /** Objects that gave way to others since the start, and their bytes. */
  evicted: number;
  evictedBytes: number;
}

/** The counters of variants at the start. */
export function noVariants(): VariantCounts {
  return {
    sidecarsUsed: 0,
    sidecarsRefused: 0,
    variantsMade: 0,
    variantsInVain: 0,
    variantsWithoutRoom: 0,
    variantsOutdated: 0,
    variantBytesSaved: 0,
  };
}

/** Counters of the objects that can be found now, and of the names published, replaced and removed since the start. */
export class ObjectCounts {
  files = 0;
  redirects = 0;
  notices = 0;
  variants = 0;
  variantBytes = 0;
  pieces = 0;
  pages = 0;
  stored = 0;
  payloadBytes = 0;
  tableBytes = 0;
  published = 0;
  replaced = 0;
  removed = 0;

  /** An object can be found from now on (`sign` is 1), or cannot be any more (-1). */
  count(view: SlabView, objectAt: number, sign: 1 | -1): void {
    const kind = kindOf(view, objectAt);
    const isStreamed = view.word(objectAt + STREAM) !== 0;
    const payloadLength = isStreamed ? 0 : view.double(objectAt, PAYLOAD_LENGTH);
    const headLength = view.word(objectAt + HEAD_LENGTH);
    if (kind === 'file') this.files += sign;
    else if (kind === 'redirect') this.redirects += sign;
    else if (kind === 'variant') this.variants += sign;
    else if (kind === 'piece') this.pieces += sign;
    else if (kind === 'page') this.pages += sign;
    else if (kind === 'stored') this.stored += sign;
    else this.notices += sign;
    if (kind === 'variant') this.variantBytes += sign * payloadLength;
    this.payloadBytes += sign * payloadLength;
    this.tableBytes += sign * 2 * SummedBytes.tableLength(headLength + payloadLength);
  }
}
