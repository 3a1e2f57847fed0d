/**
 * Reads one file into its place in the cache's memory, as it was at one moment: bytes, entity-tag, heads and sums.
 * All calls are synchronous, since this runs in reading threads (reading-worker.ts), and in the main thread for a few
 * small files. A tiny file costs 25 µs, and a GiB 1.7 s (scripts/micro/loading.ts).
 *
 * A file can be written while it is read. POSIX gives a reader no snapshot of a file. So after the reading, the
 * file's size, times and inode are compared with those that the walk saw, and the file is read again if they differ.
 * A second change within one tick of the kernel's clock leaves the times as they were, so a file that changed less
 * than a tick ago is read later.
 *
 * The entity-tag is taken from the content, not from size and time. So it is a strong validator in the sense of RFC
 * 9110 section 8.8.3 even if two versions have the same size and second. `touch` or a new checkout invalidates no
 * client's cache, and several servers of the same files agree. The file is read for its sums anyway.
 */
import { createHash, hash as hashOnce } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { type FileStamp, type FoundFile, isSameStamp, isWithin, pathArgument, stampOf } from '../folder/folder.js';
import { isAbsence, readingFault, systemCode, type WarningReason } from '../folder/warnings.js';
import { type CompressMode, isNegotiated } from '../head/compressible.js';
import { type CharsetRule, contentTypeOf } from '../head/content-type.js';
import { ETAG_LENGTH, fileAnswer } from '../head/heads.js';
import { hintLine } from '../head/hints.js';
import { layoutOf, type Measures, type Place, payloadOf, writeObject } from '../object/layout.js';
import { PIECE_ANSWER, PIECE_BYTES, pieceLength, pieceMeasures, pieceName } from '../object/pieces.js';
import { Coding, type ObjectKind, SlabView } from '../object/record.js';
import { headRuleOf, measuresOf, namesOf, publicName } from './file-measures.js';

/** The parameters that all files of a folder share. */
export interface ReadingSetup {
  /** Real path of the folder. Paths and names here have a character for each byte. */
  readonly root: string;
  readonly site: number;
  readonly charset: CharsetRule;
  /** Which variants there are to be: it decides about Vary. */
  readonly compress: CompressMode;
}

/** One file, as the walk found it, and the place that has been taken for it. */
export interface ReadingJob extends FoundFile {
  readonly slab: number;
  readonly blockFrom: number;
  readonly blockLength: number;
}

/** A piece of a large file (pieces.ts), and the place that has been taken for it. */
export interface PieceJob extends ReadingJob {
  /** The number of the file, and of the piece. */
  readonly file: number;
  readonly piece: number;
}

export type ReadingOutcome =
  /** All of it is in its place. */
  | { readonly kind: 'done' }
  /** The same, but it was changed so shortly before that it may be incomplete. */
  | { readonly kind: 'young' }
  /** It was changed just before or during the reading. Try again with the new stamp. */
  | { readonly kind: 'changed'; readonly stamp: FileStamp }
  /** It does not exist any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: WarningReason; readonly detail: string };

/** Longer than a tick of the kernel's clock, by which it stamps files (1 to 10 ms), ms. */
export const TICK_MS = 12;
/** A program that writes a file in pieces seldom pauses longer than this between two of them, ms. */
export const YOUNG_MS = 5_000;
/** How much is read and then hashed at a time, so that the bytes are still in the processor's cache for the hash. */
const STRETCH_BYTES = 512 * 1024;
/** Between two reports on a large file. */
const REPORT_BYTES = 4 * 1024 * 1024;
/** No link as the last part (the walk has resolved them), and no waiting for a pipe's other end. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const DONE: ReadingOutcome = { kind: 'done' };
const YOUNG: ReadingOutcome = { kind: 'young' };
const NO_STAMP: FileStamp = { size: 0, mtimeMs: 0, ctimeMs: 0, ino: 0 };

export class FileReading {
  readonly #setup: ReadingSetup;
  readonly #slabs = new Map<number, SlabView>();
  readonly #onRead: (bytes: number) => void;
  /** The descriptor of the folder that was entered last, or -1, and its real path. */
  #folder = -1;
  #folderPath = '';

  /** `onRead` is told now and then how many more bytes of a large file have been read. */
  constructor(setup: ReadingSetup, onRead: (bytes: number) => void) {
    this.#setup = setup;
    this.#onRead = onRead;
  }

  /** A slab in which places lie. */
  addSlab(id: number, buffer: SharedArrayBuffer): void {
    if (this.#slabs.get(id)?.bytes.buffer !== buffer) this.#slabs.set(id, new SlabView(id, buffer));
  }

  /** Reads the file once. Never throws for what a file system may do. */
  read(job: ReadingJob): ReadingOutcome {
    return this.#open(job, (descriptor) => this.#readOpen(job, descriptor));
  }

  /**
   * Reads a piece. The file must be as its stamp says, before and after: if it is not, the outcome is `changed`, and no
   * byte of it counts. Never throws for what a file system may do.
   */
  readPiece(job: PieceJob): ReadingOutcome {
    return this.#open(job, (descriptor) => this.#readPieceOf(job, descriptor));
  }

  #open(job: ReadingJob, use: (descriptor: number) => ReadingOutcome): ReadingOutcome {
    let descriptor = -1;
    try {
      const slash = job.path.lastIndexOf('/');
      const refusal = this.#enter(job.path.slice(0, slash) || '/', job);
      if (refusal !== undefined) return refusal;
      descriptor = openSync(pathArgument(`/proc/self/fd/${this.#folder}${job.path.slice(slash)}`), FLAGS);
      return use(descriptor);
    } catch (error) {
      return failure(error);
    } finally {
      if (descriptor >= 0) closeSync(descriptor);
    }
  }

  /** The bytes of a file, whole and of one moment, in memory of their own. Never throws as `read` does not. */
  readBytes(file: FoundFile): Uint8Array | ReadingOutcome {
    let descriptor = -1;
    try {
      const slash = file.path.lastIndexOf('/');
      const refusal = this.#enter(file.path.slice(0, slash) || '/', file);
      if (refusal !== undefined) return refusal;
      descriptor = openSync(pathArgument(`/proc/self/fd/${this.#folder}${file.path.slice(slash)}`), FLAGS);
      const bytes = new Uint8Array(file.size);
      const isWhole = isSettled(file, Date.now()) && readFully(descriptor, bytes, 0);
      const stat = fstatSync(descriptor);
      return isWhole && isSameStamp(file, stat) ? bytes : { kind: 'changed', stamp: stampOf(stat) };
    } catch (error) {
      return failure(error);
    } finally {
      if (descriptor >= 0) closeSync(descriptor);
    }
  }

  /** Lets go of the folder that was read last. */
  leave(): void {
    if (this.#folder >= 0) closeSync(this.#folder);
    this.#folder = -1;
    this.#folderPath = '';
  }

  /**
   * Opens the file's folder, unless it is open from the file before, and makes sure that it is the one that the walk
   * has checked: its real path is still the same. A file is then opened in this folder, so that no folder on its way
   * can be replaced by a link in between.
   */
  #enter(path: string, job: FoundFile): ReadingOutcome | undefined {
    if (path === this.#folderPath) return undefined;
    this.leave();
    this.#folder = openSync(pathArgument(path), constants.O_RDONLY | constants.O_DIRECTORY);
    const real = readlinkSync(`/proc/self/fd/${this.#folder}`, 'latin1');
    if (real === path) {
      this.#folderPath = path;
      return undefined;
    }
    if (isWithin(real, this.#setup.root)) return { kind: 'changed', stamp: job };
    return { kind: 'failed', reason: 'outside', detail: 'a folder on its way was replaced by a link' };
  }

  /** The stamp is compared with the walk's. So the file did not change from the walk until the end of the reading. */
  #readOpen(job: ReadingJob, descriptor: number): ReadingOutcome {
    const now = Date.now();
    const { named, fields, hasEtag, hasLastModified, hasHints } = headRuleOf(job);
    const { charset, compress } = this.#setup;
    const place = this.#placeOf(job, measuresOf(job, this.#setup));
    const payload = payloadOf(place);
    const etag = isSettled(job, now) ? this.#fill(payload, descriptor) : undefined;
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { kind: 'failed', reason: 'special', detail: '' };
    if (etag === undefined || !isSameStamp(job, stat)) return { kind: 'changed', stamp: stampOf(stat) };
    const answer = fileAnswer({
      contentType: contentTypeOf(named.type, charset, payload),
      contentEncoding: named.encoding,
      contentLength: job.size,
      lastModifiedSeconds: hasLastModified ? modifiedSeconds(job, now) : -1,
      etag: hasEtag ? etag : '',
      fields,
      hints: hasHints ? hintLine(payload, publicName(job)) : '',
      isNegotiated: isNegotiated(job, named, compress),
    });
    writeObject(place, namesOf(job), answer);
    return isYoung(job, now) ? YOUNG : DONE;
  }

  #readPieceOf(job: PieceJob, descriptor: number): ReadingOutcome {
    const before = fstatSync(descriptor);
    if (!isSameStamp(job, before)) return { kind: 'changed', stamp: stampOf(before) };
    const name = pieceName(job.file, job.piece);
    const place = this.#placeOf(job, pieceMeasures(name, pieceLength(job.size, job.piece)), 'piece');
    const isWhole = readFully(descriptor, payloadOf(place), job.piece * PIECE_BYTES);
    const after = fstatSync(descriptor);
    if (!isWhole || !isSameStamp(job, after)) return { kind: 'changed', stamp: stampOf(after) };
    writeObject(place, [name], PIECE_ANSWER);
    return DONE;
  }

  #placeOf(
    { slab, blockFrom: from, blockLength: length }: ReadingJob,
    measures: Measures,
    kind: ObjectKind = 'file',
  ): Place {
    const view = this.#slabs.get(slab);
    if (view === undefined) throw new RangeError(`slab ${slab} is unknown`);
    const { site } = this.#setup;
    return { view, from, length, measures, layout: layoutOf(measures), site, coding: Coding.identity, kind };
  }

  /** Fills `payload` from the start of the file; its entity-tag, or undefined if the file is shorter. */
  #fill(payload: Uint8Array, descriptor: number): string | undefined {
    if (payload.length <= STRETCH_BYTES) {
      if (!readFully(descriptor, payload, 0)) return undefined;
      return hashOnce('sha256', payload, 'base64url').slice(0, ETAG_LENGTH);
    }
    const hash = createHash('sha256');
    let reported = 0;
    for (let at = 0; at < payload.length; at += STRETCH_BYTES) {
      const stretch = payload.subarray(at, at + STRETCH_BYTES);
      if (!readFully(descriptor, stretch, at)) return undefined;
      hash.update(stretch);
      if (at - reported < REPORT_BYTES) continue;
      this.#onRead(at - reported);
      reported = at;
    }
    return hash.digest('base64url').slice(0, ETAG_LENGTH);
  }
}

/** Whether the file has bytes for all of `into`, from `position` on; they are there then. */
function readFully(descriptor: number, into: Uint8Array, position: number): boolean {
  for (let at = 0; at < into.length; ) {
    const read = readSync(descriptor, into, at, into.length - at, position + at);
    if (read === 0) return false;
    at += read;
  }
  return true;
}

/** Whether the last change is more than a tick ago. For a file system with another clock this cannot be known. */
export function isSettled({ ctimeMs }: FileStamp, nowMs: number): boolean {
  const age = nowMs - ctimeMs;
  return age >= TICK_MS || age < -1000;
}

/** Whether the last change is so recent that the file may be incomplete. */
export function isYoung({ mtimeMs, ctimeMs }: FileStamp, nowMs: number): boolean {
  return nowMs - Math.max(mtimeMs, ctimeMs) < YOUNG_MS && mtimeMs <= nowMs + YOUNG_MS;
}

/** Last-Modified: never later than now (RFC 9110 section 8.8.2.1), and none for times before 1970. */
export function modifiedSeconds({ mtimeMs }: FileStamp, nowMs: number): number {
  return mtimeMs < 0 ? -1 : Math.floor(Math.min(mtimeMs, nowMs) / 1000);
}

function failure(error: unknown): ReadingOutcome {
  const code = systemCode(error);
  if (code === '') throw error;
  if (isAbsence(code)) return { kind: 'gone' };
  if (code === 'EISDIR' || code === 'EAGAIN') return { kind: 'failed', reason: 'special', detail: '' };
  if (code === 'ELOOP') return { kind: 'changed', stamp: NO_STAMP };
  return { kind: 'failed', reason: code === 'ENXIO' ? 'special' : readingFault(code), detail: code };
}
