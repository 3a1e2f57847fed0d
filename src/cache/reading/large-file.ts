/**
 * The head of a file that is sent in pieces (pieces.ts). It is made from the file's stamp, without reading the file.
 *
 * Its entity-tag is made of size, mtime, ctime and inode, in full precision. That is a strong validator (RFC 9110
 * section 8.8.1), since bytes cannot change without a change of these. A write sets mtime and ctime. A program that
 * sets mtime back (cp -p, rsync -t) cannot set ctime back. A file that is replaced has another inode or another ctime.
 * Two writes within one tick of the kernel's clock could leave the same times, so a stamp counts only when it is older
 * than a tick (`isSettled`). The tag is hashed, so that clients do not see the inode.
 */
import { hash } from 'node:crypto';
import type { FileStamp, FoundFile } from '../folder/folder.js';
import { isNegotiated } from '../head/compressible.js';
import { contentTypeOf } from '../head/content-type.js';
import { type Answer, ETAG_LENGTH, fileAnswer } from '../head/heads.js';
import type { Draft } from '../object/draft.js';
import type { Measures } from '../object/layout.js';
import { headRuleOf, measuresOf, namesOf } from './file-measures.js';
import { modifiedSeconds, type ReadingSetup } from './reading.js';

/** Without its quotes. */
export function stampTag({ size, mtimeMs, ctimeMs, ino }: FileStamp): string {
  return hash('sha256', `${size} ${mtimeMs} ${ctimeMs} ${ino}`, 'base64url').slice(0, ETAG_LENGTH);
}

/** The measures of the head; `number`: of the file. */
export function largeMeasures(file: FoundFile, setup: ReadingSetup, number: number): Measures {
  const measures = measuresOf(file, setup);
  return { ...measures, payloadLength: 0, streamed: { file: number, length: file.size } };
}

/** Writes the head into its place. */
export function sealLarge(draft: Draft, file: FoundFile, setup: ReadingSetup, nowMs: number): void {
  draft.seal(namesOf(file), largeAnswer(file, setup, nowMs));
}

/** The charset of text can only be guessed from the bytes, and they are not here: there is none. */
function largeAnswer(file: FoundFile, { charset, compress }: ReadingSetup, nowMs: number): Answer {
  const { named, fields, hasEtag, hasLastModified } = headRuleOf(file);
  const { type, encoding } = named;
  return fileAnswer({
    contentType: charset === 'auto' ? type : contentTypeOf(type, charset, new Uint8Array(0)),
    contentEncoding: encoding,
    contentLength: file.size,
    lastModifiedSeconds: hasLastModified ? modifiedSeconds(file, nowMs) : -1,
    etag: hasEtag ? stampTag(file) : '',
    fields,
    isNegotiated: isNegotiated(file, named, compress),
  });
}
