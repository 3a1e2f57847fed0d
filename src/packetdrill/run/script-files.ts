/**
 * Finds scripts in folders, reads them, and runs each in the IP versions that it is meant for.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ScriptResult } from './result.js';
import type { IpVersion } from './script-config.js';
import { type RunSourceOptions, runText } from './script-text.js';

/** The longest scripts there are have some 200 KiB. */
const MAX_SCRIPT_BYTES = 4 * 1024 * 1024;

/** A name on the command line leads to no script. */
export class NoScripts extends Error {
  override readonly name = 'NoScripts';
}

export interface RunFileOptions extends RunSourceOptions {
  readonly ipVersions: readonly IpVersion[];
}

/**
 * The scripts that `paths` name: files as they are, folders with all `*.pkt` below them, sorted.
 * @throws {NoScripts} if a path does not exist or a folder has none.
 */
export function findScripts(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const info = statSync(path, { throwIfNoEntry: false });
    if (info === undefined) throw new NoScripts(`${path}: there is no such file or folder`);
    if (!info.isDirectory()) return [path];
    // With the types of entries, links to folders are not followed: one may lead back.
    const found = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.name.endsWith('.pkt') && !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    if (found.length === 0) throw new NoScripts(`${path}: there is no script (*.pkt) in this folder`);
    return found;
  });
}

/**
 * Runs the script in one file, once in each IP version asked for. A script that names a version is run only in that
 * one. A file whose name ends in `v4.pkt` or `v6.pkt` is meant for that family (packetdrill's convention).
 */
export function runScriptFile(path: string, options: RunFileOptions): ScriptResult[] {
  const source = readScript(path);
  const results: ScriptResult[] = [];
  for (const version of options.ipVersions) {
    if (!isMeantFor(path, version)) continue;
    const result = runSource(path, source, version, options);
    if (results.some((other) => other.ipVersion === result.ipVersion)) continue;
    results.push(result);
  }
  if (results.length === 0) results.push(runSource(path, source, path.endsWith('v6.pkt') ? 'ipv6' : 'ipv4', options));
  return results;
}

function isMeantFor(path: string, version: IpVersion): boolean {
  if (path.endsWith('v6.pkt')) return version === 'ipv6';
  return !path.endsWith('v4.pkt') || version !== 'ipv6';
}

/** Runs the text of a script that lies, or could lie, at `path`: it may name files beside it. */
export function runSource(path: string, source: string, version: IpVersion, options: RunFileOptions): ScriptResult {
  const folder = dirname(resolve(path));
  return runText(path, source, version, options, (name) => readBeside(folder, name));
}

/**
 * A file that a script's shell line names: relative to the script's folder, or else to a folder above it, because a
 * collection of scripts is run from the top and keeps its `defaults.sh` there.
 */
function readBeside(folder: string, name: string): string | undefined {
  for (let from = folder; ; from = dirname(from)) {
    const path = resolve(from, name);
    const info = statSync(path, { throwIfNoEntry: false });
    if (info?.isFile() && info.size <= MAX_SCRIPT_BYTES) return readFileSync(path, 'utf8');
    if (from === dirname(from)) return undefined;
  }
}

/**
 * Reads a script, from a file or a pipe. @throws {NoScripts} if it is longer than any script: `/dev/zero` has no end.
 */
function readScript(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_SCRIPT_BYTES + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length <= MAX_SCRIPT_BYTES; length += count) {
      count = readSync(file, bytes, length, bytes.length - length, null);
    }
    if (length > MAX_SCRIPT_BYTES) throw new NoScripts(`${path}: more than ${MAX_SCRIPT_BYTES >> 20} MiB is no script`);
    return bytes.toString('utf8', 0, length).replace(/^\uFEFF/, ''); // a byte order mark
  } finally {
    closeSync(file);
  }
}
