/**
 * One piece of work for a compressing thread: a variant made of a file, or a sidecar read. Neither takes memory of the
 * cache: the main thread does that when it knows how long the variant is.
 */

import type { FoundFile } from '../folder/folder.js';
import { KEPT_FROM } from '../head/compressible.js';
import { FileReading } from '../reading/reading.js';
import { type Effort, encode, holds } from './coder.js';
import { etagOf } from './publish.js';

export type VariantJob =
  | {
      readonly kind: 'make';
      readonly coding: number;
      /** The file's payload, in the cache's shared memory. */
      readonly content: Uint8Array;
      readonly isText: boolean;
      readonly effort: Effort;
    }
  | {
      readonly kind: 'sidecar';
      readonly coding: number;
      readonly content: Uint8Array;
      /** The sidecar as the walk found it, and the folder that it must lie in. */
      readonly file: FoundFile;
      readonly root: string;
    };

export type VariantOutcome =
  /** `etag`: without its quotes. */
  | { readonly kind: 'done'; readonly bytes: Uint8Array; readonly etag: string }
  /** It saves less than a tenth. */
  | { readonly kind: 'vain' }
  /** The sidecar does not hold the file. */
  | { readonly kind: 'differs' }
  /** The sidecar changed, is gone, or cannot be read: see reading.ts. */
  | { readonly kind: 'unread'; readonly detail: string };

/** Does one job. Never throws for what files and their content may do. */
export function runJob(job: VariantJob): VariantOutcome {
  return job.kind === 'make' ? make(job) : readSidecar(job);
}

function make({ coding, content, effort, isText }: VariantJob & { kind: 'make' }): VariantOutcome {
  const coded = encode(coding, content, effort, isText);
  if (coded.length > KEPT_FROM * content.length) return { kind: 'vain' };
  return done(coded);
}

function readSidecar({ coding, content, file, root }: VariantJob & { kind: 'sidecar' }): VariantOutcome {
  const reading = new FileReading({ root, site: 0, charset: 'none', compress: 'off' }, () => {});
  try {
    const bytes = reading.readBytes(file);
    if (bytes instanceof Uint8Array) return holds(coding, bytes, content) ? done(bytes) : { kind: 'differs' };
    return { kind: 'unread', detail: bytes.kind === 'failed' ? bytes.detail : bytes.kind };
  } finally {
    reading.leave();
  }
}

/** A copy with memory of its own, which can be handed to another thread: Node's buffers may share a pool. */
function done(bytes: Uint8Array): VariantOutcome {
  const own = new Uint8Array(bytes.length);
  own.set(bytes);
  return { kind: 'done', bytes: own, etag: etagOf(own) };
}
