/** Everything that can be wrong with a folder or something in it: typed, counted, and in words for the log. */
import { printable } from '../../words/printable.js';

/** Why a name of the folder is not served as it is. @see {@link LoaderStatistics} */
export type WarningReason =
  /** A symbolic link that leads out of the folder. */
  | 'outside'
  /** A symbolic link, where none is to be followed. */
  | 'symlink'
  /** A symbolic link to a name that begins with a dot, or to something in a folder with such a name. */
  | 'hidden'
  /** A symbolic link to nothing. */
  | 'dangling'
  /** A symbolic link to a folder that contains it, or to itself. */
  | 'loop'
  /** A socket, pipe or device. */
  | 'special'
  /** A file that the system does not let us read. */
  | 'unreadable'
  /** A folder that the system does not let us read. */
  | 'closed'
  /** The system gave another error (its code is in the message). */
  | 'failed'
  /** A sidecar that is older than its file, holds something else, or cannot be read: its file is served without it. */
  | 'sidecar-stale'
  | 'sidecar-differs'
  | 'sidecar-unread'
  /** The folder itself is not there, and nobody has said that it is gone for good. */
  | 'folder-gone'
  /** It was being written each time it was read. */
  | 'changing';

/** Something of a folder that is not served, or not as it is. @see {@link LoadOptions} */
export interface LoadWarning {
  readonly reason: WarningReason;
  /** The name within the folder, beginning with '/'. */
  readonly path: string;
  /** A sentence for the log. */
  readonly message: string;
}

/** Is told of each of them. @see {@link LoadOptions} */
export type WarningSink = (warning: LoadWarning) => void;

const SENTENCES: Record<WarningReason, string> = {
  outside: 'left out: a symbolic link that leads out of the folder',
  symlink: 'left out: a symbolic link, and none is to be followed',
  hidden: 'left out: a symbolic link that leads to a hidden file or folder',
  dangling: 'left out: a symbolic link to something that does not exist',
  loop: 'left out: a symbolic link that leads back to where it is',
  special: 'left out: neither a file nor a folder (a socket, a pipe or a device)',
  unreadable: 'answered with 403, and in no list: it cannot be read',
  closed: 'left out with all that is in it: this folder cannot be read',
  failed: 'left out: the system reported an error',
  'sidecar-stale': 'not used as a variant: it is older than the file that it belongs to',
  'sidecar-differs': 'not used as a variant: decoded, it is not the file that it belongs to',
  'sidecar-unread': 'not used as a variant: it cannot be read',
  'folder-gone': 'the folder is not there now; what was read of it stays',
  changing: 'read again when somebody asks for it: it was being changed each time it was read',
};

/**
 * A warning about the name `path`: a character for each byte, shown as UTF-8. `detail` is put in brackets behind the
 * sentence.
 */
export function warning(reason: WarningReason, path: string, detail = ''): LoadWarning {
  const text = Buffer.from(path, 'latin1').toString('utf8');
  const brackets = detail === '' ? '' : ` (${detail})`;
  return { reason, path: text, message: `${printable(text)}: ${SENTENCES[reason]}${brackets}` };
}

/** The reason for what the system says to an attempt to read: this code. */
export function readingFault(code: string): 'unreadable' | 'failed' {
  return isRefusal(code) ? 'unreadable' : 'failed';
}

/** Whether the system says by this code that we may not. */
export function isRefusal(code: string): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

/** Whether the system says by this code that there is no such name. */
export function isAbsence(code: string): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Why a folder cannot be served at all. */
export type FolderErrorCode = 'not-found' | 'not-a-folder' | 'unreadable';

export class FolderError extends Error {
  readonly code: FolderErrorCode;
  readonly folder: string;

  constructor(code: FolderErrorCode, folder: string, cause: unknown) {
    super(`${folder}: ${FOLDER_SENTENCES[code]}`, { cause });
    this.name = 'FolderError';
    this.code = code;
    this.folder = folder;
  }
}

const FOLDER_SENTENCES: Record<FolderErrorCode, string> = {
  'not-found': 'there is no such folder',
  'not-a-folder': 'this is not a folder',
  unreadable: 'this folder cannot be read',
};

/** The system's error code ('EACCES'), or '' for an error of another kind. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What happened to the name, without it and without details. */
export function sentenceOf(reason: WarningReason): string {
  return SENTENCES[reason];
}
