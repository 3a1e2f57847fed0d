/** Whether a file can be read, in words for the person who named it. */
import { accessSync, constants, statSync } from 'node:fs';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
};

/** Why the system refused a file. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.message;
}

/** @throws {Error} with a sentence that names the path, if this is no file that we may read */
export function checkReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new Error(`cannot read ${path}: ${reasonOf(cause as NodeJS.ErrnoException)}`, { cause });
  }
  if (statSync(path).isDirectory()) throw new Error(`cannot read ${path}: ${REASONS.EISDIR}`);
}
