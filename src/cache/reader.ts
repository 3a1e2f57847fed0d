/**
 * Reads one file into the cache's memory, as it was at one moment. Called by loader.ts.
 *
 * A file can be written while it is read. Nothing in POSIX gives a reader a stable picture, so the file's size and
 * times are compared before and after, and the file is read again if they differ. A second change within one tick of
 * the kernel's clock leaves the times as they were, so a file changed less than a tick ago is left to settle first.
 *
 * The entity-tag is taken from the content, not from size and time: then it is a strong validator in the sense of RFC
 * 9110 section 8.8.3 even if two versions have the same size and second, `touch` or a new checkout invalidates nobody's
 * cache, and several servers of the same files agree. The file is read for its sums anyway, and SHA-256 takes as long
 * as those (1.5 GB/s here).
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, open, read, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Draft, ObjectKey } from './draft.js';
import { isWithin } from './folder.js';
import { type Answer, ETAG_LENGTH, fileAnswer, type LimitReason } from './heads.js';
import type { Library } from './library.js';
import type { Turn } from './turns.js';
import { systemCode, type WarningReason } from './warnings.js';

export type ReadResult =
  /** Read, sealed, and ready to be published. */
  | { readonly kind: 'sealed'; readonly draft: Draft; readonly answer: Answer }
  /** To be answered with 503. */
  | { readonly kind: 'limit'; readonly reason: LimitReason; readonly size: number }
  /** It does not exist any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: WarningReason; readonly detail: string };

export interface ReadRequest {
  /** Real path of the folder, and of the file in it. */
  readonly root: Buffer;
  readonly path: Buffer;
  readonly key: ObjectKey;
  readonly contentType: string;
  readonly maxObjectBytes: number;
  /** When this file may take its place in memory, so that those before it have theirs, or none. */
  readonly turn: Turn;
  /** Called with the number of bytes each time some have been read. */
  readonly onRead: (bytes: number) => void;
}

const ATTEMPTS = 4;
/** Longer than a tick of the kernel's clock, by which it stamps files (1 to 10 ms). */
const TICK_MS = 12;
/** Read and hashed at a time: some milliseconds. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** No link as the last part (the walk has resolved them), and no waiting for a pipe's other end. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

// What may wait for a disk goes to Node's thread pool; a trip there costs 20 µs, so the rest does not.
const openFile = promisify(open);
const readInto = promisify(read);

/** Reads the file, several times if need be. Never throws for what a file system may do. */
export async function readObject(library: Library, request: ReadRequest): Promise<ReadResult> {
  let size = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    let descriptor = -1;
    try {
      descriptor = await openFile(request.path, FLAGS);
      const result = await readOnce(library, request, descriptor);
      if (typeof result !== 'number') return result;
      size = result;
    } catch (error) {
      return failure(error);
    } finally {
      if (descriptor >= 0) closeSync(descriptor);
    }
    if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  return { kind: 'limit', reason: 'changing', size };
}

/** One attempt; the file's size if it was changed just before or on the way. */
async function readOnce(library: Library, request: ReadRequest, descriptor: number): Promise<ReadResult | number> {
  const startedAt = Date.now();
  const before = fstatSync(descriptor, { bigint: true });
  const size = Number(before.size);
  if (!before.isFile()) return { kind: 'failed', reason: 'special', detail: '' };
  if (!isWithin(pathOf(descriptor), request.root)) {
    return { kind: 'failed', reason: 'outside', detail: 'a folder on its way was replaced by a link' };
  }
  if (size > request.maxObjectBytes) return { kind: 'limit', reason: 'max-object', size };
  if (!isSettled(before, startedAt)) return size;
  await request.turn.mine;
  const { key, contentType } = request;
  const modified = modifiedSeconds(before, startedAt);
  const placeholder = fileAnswer(contentType, size, modified, '-'.repeat(ETAG_LENGTH));
  const draft = library.reserve(key, placeholder, size);
  request.turn.pass();
  if (draft === undefined) return { kind: 'limit', reason: 'cache-size', size };
  try {
    const etag = await fill(draft.payload, descriptor, request.onRead);
    if (etag !== undefined && isSame(before, fstatSync(descriptor, { bigint: true }))) {
      const answer = fileAnswer(contentType, size, modified, etag);
      await draft.seal(answer);
      return { kind: 'sealed', draft, answer };
    }
  } catch (error) {
    library.discard(draft);
    throw error;
  }
  library.discard(draft);
  return size;
}

/** Fills `into` from the start of the file; its entity-tag, or undefined if the file is shorter. */
async function fill(
  into: Uint8Array,
  descriptor: number,
  onRead: (bytes: number) => void,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await readInto(descriptor, into, at, Math.min(PIECE_BYTES, into.length - at), at);
    if (bytesRead === 0) return undefined;
    hash.update(into.subarray(at, at + bytesRead));
    at += bytesRead;
    onRead(bytesRead);
  }
  return hash.digest('base64url').slice(0, ETAG_LENGTH);
}

/** The real path of an open file: the check that no folder became a link between the walk and now. */
function pathOf(descriptor: number): Buffer {
  return readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' });
}

function isSame(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs;
}

function isSettled(stat: BigIntStats, nowMs: number): boolean {
  const age = nowMs - Number(stat.ctimeNs / 1_000_000n);
  return age >= TICK_MS || age < -1000; // a file system with another clock: nothing to be learnt from it
}

/** Last-Modified: never later than now (RFC 9110 section 8.8.2.1), and none for times before 1970. */
function modifiedSeconds(stat: BigIntStats, nowMs: number): number {
  const seconds = Math.min(Number(stat.mtimeNs / 1_000_000_000n), Math.floor(nowMs / 1000));
  return stat.mtimeNs < 0n ? -1 : seconds;
}

function failure(error: unknown): ReadResult {
  const code = systemCode(error);
  if (code === '') throw error;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'gone' };
  if (code === 'ELOOP') return { kind: 'limit', reason: 'changing', size: 0 };
  return { kind: 'failed', reason: code === 'ENXIO' ? 'special' : 'unreadable', detail: code };
}
