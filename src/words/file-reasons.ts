/** Why the system refuses a file, in words for the person who named it. All commands say it in the same words. */

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
};

const READ_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
};

const WRITE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a part of its path is a file',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'nothing can be written in that file system',
  ENOSPC: 'the disk is full',
};

/** Why a file cannot be read: words for what the system says, else its own message. */
export function readReason(error: NodeJS.ErrnoException): string {
  return READ_REASONS[error.code ?? ''] ?? REASONS[error.code ?? ''] ?? error.message;
}

/** Why a file cannot be made or written: words for what the system says, else its own message. */
export function writeReason(error: NodeJS.ErrnoException): string {
  return WRITE_REASONS[error.code ?? ''] ?? REASONS[error.code ?? ''] ?? error.message;
}
