/**
 * The files of `--pcap`, one for each worker. The paths are checked before anything is made, since a worker would die
 * if it could not write to its path. The files are made when the interface is ours, so that a start that fails leaves
 * no empty file.
 */
import { accessSync, closeSync, constants, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeReason } from '../../words/file-reasons.js';
import { ServeError } from '../serve-error.js';

export class CaptureFiles {
  /** The path of each worker's file; empty: nothing is recorded. */
  readonly paths: readonly string[];
  /** Those that were not there before. */
  readonly #made: string[] = [];

  /** @throws {ServeError} `bad-option` if a file cannot be written */
  constructor(path: string | undefined, workers: number) {
    const indexes = Array.from({ length: path === undefined ? 0 : workers }, (_, index) => index);
    this.paths = indexes.flatMap((index) => capturePathOf(path, index, workers) ?? []);
    for (const each of this.paths) {
      if (existsSync(each) && !statSync(each).isDirectory()) orRefuse(each, () => accessSync(each, constants.W_OK));
      else if (existsSync(each)) refuse(each, Object.assign(new Error(), { code: 'EISDIR' }));
      else orRefuse(each, () => accessSync(dirname(each), constants.W_OK | constants.X_OK));
    }
  }

  /** Makes the files. @throws {ServeError} `bad-option` */
  open(): void {
    for (const path of this.paths) {
      if (!existsSync(path)) this.#made.push(path);
      orRefuse(path, () => closeSync(openSync(path, 'a')));
    }
  }

  /** The start has failed: removes the files that `open` has made. */
  discard(): void {
    for (const path of this.#made.splice(0)) {
      try {
        rmSync(path, { force: true });
      } catch {
        // the folder is not ours any more
      }
    }
  }
}

function orRefuse(path: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    refuse(path, cause as Error);
  }
}

function refuse(path: string, cause: Error): never {
  throw new ServeError('bad-option', `cannot write ${path}: ${writeReason(cause)}`, 'Name another file.', { cause });
}

/** `out.pcapng` for one worker; `out-0.pcapng`, `out-1.pcapng` … for several. */
export function capturePathOf(path: string | undefined, index: number, workers: number): string | undefined {
  if (path === undefined || workers === 1) return path;
  const lastDot = path.lastIndexOf('.');
  const dot = lastDot > path.lastIndexOf('/') + 1 ? lastDot : path.length;
  return `${path.slice(0, dot)}-${index}${path.slice(dot)}`;
}
