/**
 * Where the error of a file lies that cannot be imported: `/srv/app.js:3:14: SyntaxError: Unexpected token ';'`. Node
 * knows the place of a syntax error in an ES module, and prints it when a process ends by it, but does not put it into
 * the error. So it is asked again, by `node --check`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files that are checked at most: the one that was imported, and what it imports by a path. */
const MOST_FILES = 40;
const CHECK_MS = 5_000;

/** An imported name: `from './x.js'`, `import './x.js'`, `import('./x.js')`, `require('./x.js')`. */
const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"])([^'"\n]+)\1/g;

/** The error in one line, with its place. `url`: the file that was to be imported. */
export function loadingFault(error: unknown, url: string): string {
  if (!(error instanceof Error)) return String(error);
  if (!existsSync(pathOf(url))) return `${pathOf(url)}: there is no such file`;
  const message = `${error.name}: ${error.message.split('\n')[0]}`;
  const place = markedPlace(error.stack) ?? importPlace(error) ?? syntaxPlace(error, url) ?? stackPlace(error.stack);
  return place === undefined ? message : `${place}: ${message}`;
}

/** Node marks the place of some errors in front of the stack: file, source line, and `^` (or nothing at its end). */
function markedPlace(text = ''): string | undefined {
  const [, file, line, spaces = ''] = /^((?:file:\/\/)?\/\S*?):(\d+)\n.*\n( *)(?:\^|\n)/m.exec(text) ?? [];
  return file === undefined ? undefined : `${pathOf(file)}:${line}:${spaces.length + 1}`;
}

/** Something is imported that is not there: the importing file says where. */
function importPlace({ message }: Error): string | undefined {
  const [, wanted = '', from] =
    /^Cannot find (?:package|module) '(.+?)' imported from (.+)$/m.exec(message) ??
    /^Cannot find module '(.+?)'\nRequire stack:\n- (.+)$/m.exec(message) ??
    [];
  if (from === undefined) return undefined;
  const file = pathOf(from);
  for (const { specifier, line, column } of importsOf(file)) {
    const isMeant =
      specifier === wanted || specifier.startsWith(`${wanted}/`) || resolvePath(file, specifier) === wanted;
    if (isMeant) return `${file}:${line}:${column}`;
  }
  return file;
}

/** Looks for the file with the mistake: the imported one, and those that it imports. */
function syntaxPlace(error: Error, url: string): string | undefined {
  if (error.name !== 'SyntaxError') return undefined;
  const files = [pathOf(url)];
  for (let i = 0; i < files.length && i < MOST_FILES; i++) {
    const file = files[i] ?? '';
    const place = checkedPlace(file);
    if (place !== undefined) return place;
    for (const { specifier } of importsOf(file)) {
      const next = /^\.{0,2}\//.test(specifier) ? resolvePath(file, specifier) : file;
      if (!files.includes(next)) files.push(next);
    }
  }
  return undefined;
}

function checkedPlace(file: string): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: CHECK_MS });
  return status === 0 ? undefined : markedPlace(stderr);
}

/** The first line of the stack that is a file's. */
function stackPlace(stack = ''): string | undefined {
  const [, file, place] = /^ *at (?:.*\()?((?:file:\/\/)?\/[^:]+):(\d+:\d+)\)?$/m.exec(stack) ?? [];
  return file === undefined ? undefined : `${pathOf(file)}:${place}`;
}

interface ImportLine {
  readonly specifier: string;
  readonly line: number;
  readonly column: number;
}

function importsOf(file: string): ImportLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? '';
    const before = text.slice(0, match.index + match[0].length - specifier.length - 2).split('\n');
    return { specifier, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  });
}

function resolvePath(file: string, specifier: string): string {
  try {
    return createRequire(file).resolve(specifier);
  } catch {
    return resolve(dirname(file), specifier);
  }
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}
