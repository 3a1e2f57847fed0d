/**
 * Reads a file of a student's folder. A folder that is marked comes from others: what has the name of a file in it may
 * be a folder, a pipe that never ends, or a link to a file of the teacher's.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import { readReason } from '../words/file-reasons.js';

/** Far more than a lab's file has. */
const MOST_BYTES = 1_000_000;

/** The text, or why there is none. */
export type StudentText = { readonly text: string } | { readonly problem: string };

/** Reads the file at `path`. @param within its links may not lead out of this folder */
export function readStudentFile(path: string, within?: string): StudentText {
  try {
    if (within !== undefined && !realpathSync(path).startsWith(realpathSync(within) + sep)) {
      return { problem: 'a link leads out of the folder' };
    }
    const stat = statSync(path);
    if (stat.isDirectory()) return { problem: 'it is a folder' };
    if (!stat.isFile()) return { problem: 'it is no regular file' };
    if (stat.size > MOST_BYTES) return { problem: 'it is larger than 1 MB' };
    return textOf(readFileSync(path));
  } catch (error) {
    return { problem: readReason(error as NodeJS.ErrnoException) };
  }
}

/** UTF-16 begins with the mark U+FEFF in one of its two byte orders. */
function textOf(bytes: Buffer): StudentText {
  const isWide = bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE());
  return isWide ? { problem: 'it is UTF-16: save it as UTF-8' } : { text: bytes.toString() };
}
