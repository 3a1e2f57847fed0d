/** The capture file that a command writes while it reads another. */
import { statSync } from 'node:fs';
import type { CaptureOutput } from '../capture/file/output.js';
import { ServeError } from '../serve/serve-error.js';
import { writeReason } from '../words/file-reasons.js';

/**
 * Creates the file at `path`; `-` is standard output.
 * @param option its name on the command line, for messages
 * @param capture the file that is read
 * @throws {ServeError} if it cannot be created, or is the capture itself
 */
export async function openCaptureOutput(option: string, path: string, capture: string): Promise<CaptureOutput> {
  const { CaptureOutput } = await import('../capture/file/output.js');
  if (isSameFile(path, capture)) throw new ServeError('bad-option', `${option} ${path} is the capture itself`);
  try {
    return new CaptureOutput(path);
  } catch (error) {
    throw new ServeError('unreadable', `cannot write ${path}: ${writeReason(error as Error)}`, '', { cause: error });
  }
}

/** True for the same name or a link to it: writing would empty the capture before it is read. */
function isSameFile(path: string, other: string): boolean {
  const [a, b] = [path, other].map((name) => statSync(name, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.isFile() && a.dev === b.dev && a.ino === b.ino;
}
