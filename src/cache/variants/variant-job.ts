/**
 * One piece of work for a compressing thread: variants made of a few files, or a sidecar read. Neither takes memory of
 * the cache: the main thread does that when it knows how long the variants are.
 *
 * Small files go in batches. A message there and one back cost the main thread more than all else that it does for a
 * variant.
 */

import type { FoundFile } from '../folder/folder.js';
import { KEPT_FROM } from '../head/compressible.js';
import { FileReading } from '../reading/reading.js';
import { type Effort, encode, holds } from './coder.js';
import { etagOf } from './publish.js';

/** Variants that are to be made of one file. */
export interface FileToCode {
  /** The file's payload, in the cache's shared memory. */
  readonly content: Uint8Array;
  readonly codings: readonly number[];
  readonly isText: boolean;
  readonly effort: Effort;
}

export interface MakeJob {
  readonly kind: 'make';
  readonly files: readonly FileToCode[];
}

export interface SidecarJob {
  readonly kind: 'sidecar';
  readonly coding: number;
  readonly content: Uint8Array;
  /** The sidecar as the walk found it, and the folder that it must lie in. */
  readonly file: FoundFile;
  readonly root: string;
}

export type VariantJob = MakeJob | SidecarJob;

/** One variant: `bytes[from, to)` of the batch. */
export interface MadeVariant {
  readonly coding: number;
  readonly from: number;
  readonly to: number;
  /** Without its quotes; undefined: the variant saves less than a tenth, and there are no bytes of it. */
  readonly etag: string | undefined;
}

/** What was made of a batch of files. */
export interface MadeBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** By file, in the order of the job. */
  readonly variants: readonly (readonly MadeVariant[])[];
}

export type SidecarOutcome =
  /** `etag`: without its quotes. */
  | { readonly kind: 'done'; readonly bytes: Uint8Array<ArrayBuffer>; readonly etag: string }
  /** The sidecar does not hold the file. */
  | { readonly kind: 'differs' }
  /** The sidecar changed, is gone, or cannot be read: see reading.ts. */
  | { readonly kind: 'unread'; readonly detail: string };

/** What comes of a job of this kind. */
export type OutcomeOf<Job extends VariantJob> = Job extends MakeJob ? MadeBatch : SidecarOutcome;

/** Makes the variants of all files of a job. */
export function makeVariants({ files }: MakeJob): MadeBatch {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const variants = files.map(({ content, codings, isText, effort }) =>
    codings.map((coding): MadeVariant => {
      const coded = encode(coding, content, effort, isText);
      if (coded.length > KEPT_FROM * content.length) return { coding, from: 0, to: 0, etag: undefined };
      const from = length;
      pieces.push(coded);
      length += coded.length;
      return { coding, from, to: length, etag: etagOf(coded) };
    }),
  );
  return { bytes: joined(pieces, length), variants };
}

/** Reads a sidecar and compares it with its file. Never throws for what files and their content may do. */
export function readSidecar({ coding, content, file, root }: SidecarJob): SidecarOutcome {
  const reading = new FileReading({ root, site: 0, charset: 'none', compress: 'off' }, () => {});
  try {
    const bytes = reading.readBytes(file);
    if (bytes instanceof Uint8Array) return holds(coding, bytes, content) ? done(bytes) : { kind: 'differs' };
    return { kind: 'unread', detail: bytes.kind === 'failed' ? bytes.detail : bytes.kind };
  } finally {
    reading.leave();
  }
}

function done(bytes: Uint8Array): SidecarOutcome {
  const own = joined([bytes], bytes.length);
  return { kind: 'done', bytes: own, etag: etagOf(own) };
}

/** A copy with memory of its own, which can be handed to another thread: Node's buffers may share a pool. */
function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
