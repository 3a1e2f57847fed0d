/** From the bytes of a variant to its object in the cache. Main thread. */
import { hash } from 'node:crypto';
import { ETAG_LENGTH } from '../head/heads.js';
import type { HeldFile, Library } from '../library/library.js';
import { variantAnswer } from './variant-answer.js';

export type PublishResult =
  | 'published'
  /** The file has been replaced or removed since it was held. */
  | 'gone'
  /** The limit of the cache leaves no room. */
  | 'no-room';

/** The entity-tag of these bytes, without its quotes: from the content, as that of a file is (reading.ts). */
export function etagOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url').slice(0, ETAG_LENGTH);
}

/** A variant that is not in the cache yet. `etag`: without its quotes. */
export interface CodedBytes {
  readonly coding: number;
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly isSidecar: boolean;
}

/** Publishes a variant of a file that is held, under all names of the file. */
export function publishVariant(
  library: Library,
  file: HeldFile,
  { coding, bytes, etag, isSidecar }: CodedBytes,
): PublishResult {
  const names = library.liveNames(file);
  if (names.length === 0) return 'gone';
  const { entry } = file;
  const answer = variantAnswer(entry, coding, bytes.length, etag);
  const measures = {
    nameCount: names.length,
    namesLength: names.reduce((sum, name) => sum + name.length, 0),
    headRoom: answer.head.length,
    payloadLength: bytes.length,
    notModifiedLength: answer.notModified.length,
  };
  const draft = library.reserve(measures, 'variant', entry.site, coding);
  if (draft === undefined) return 'no-room';
  draft.payload.set(bytes);
  draft.seal(names, answer);
  return library.publishVariant(draft, file, isSidecar) ? 'published' : 'gone';
}
