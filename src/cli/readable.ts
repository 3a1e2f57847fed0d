/** Whether a file can be read, in words for the person who named it. */
import { accessSync, constants, statSync } from 'node:fs';
import { readReason } from '../words/file-reasons.js';

/** @throws {Error} with a sentence that names the path, if this is no file that we may read */
export function checkReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
    if (statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  } catch (cause) {
    throw new Error(`cannot read ${path}: ${readReason(cause as NodeJS.ErrnoException)}`, { cause });
  }
}
