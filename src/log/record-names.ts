/** The words for the small numbers of a record (record.ts). */
import { AnswerReason, CacheResult } from '../http/index.js';

/** Why a connection ended before an answer was acknowledged, by number: TCP's `CloseReason`s. */
export const CLOSE_REASONS = ['closed', 'reset', 'refused', 'aborted', 'timeout', 'unreachable', 'stopped'] as const;

/** What the log calls the `CacheResult`s and `AnswerReason`s of HTTP, by number: `noObject` is `no-object`. */
export const CACHE_NAMES = namesByNumber(CacheResult);
export const REASON_NAMES = namesByNumber(AnswerReason);
export const CODING_NAMES = ['identity', 'gzip', 'br', 'zstd'] as const;

function namesByNumber(numbers: Readonly<Record<string, number>>): readonly string[] {
  const names: string[] = [];
  for (const [name, number] of Object.entries(numbers)) {
    names[number] = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  }
  return names;
}
