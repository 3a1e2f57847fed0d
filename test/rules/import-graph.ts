/** Reads the import lines of src, for the rules about them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../../../src/', import.meta.url));

/** One import or re-export. */
export interface Import {
  /** Relative to src: `net/tcp/tcp.ts`. */
  readonly from: string;
  /** Relative to src, or the name of a package or of a module of Node. */
  readonly to: string;
  /** `import type`, or braces in which every name has `type`: gone at run time. */
  readonly typeOnly: boolean;
  /** `await import('./g.js')`: not loaded with the file, but when the line is reached. */
  readonly isLater: boolean;
}

const STATEMENT = /^(?:import|export)\s+(type\s)?([^;'"]*?)from\s+'([^']+)';/gm;
const SIDE_EFFECT = /^import\s+'([^']+)';/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'/g;

/** All imports of one file's text. */
export function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, isLater = false) =>
    found.push({ from: file, to: target(file, specifier), typeOnly, isLater });
  for (const [, type, names = '', specifier = ''] of text.matchAll(STATEMENT)) {
    add(specifier, type !== undefined || onlyTypes(names));
  }
  for (const [, specifier = ''] of text.matchAll(SIDE_EFFECT)) add(specifier, false);
  for (const [, specifier = ''] of text.matchAll(DYNAMIC)) add(specifier, false, true);
  return found;
}

/** All imports of src. */
export function sourceImports(): Import[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.sort().flatMap((file) => importsOf(file, readFileSync(join(SOURCE, file), 'utf8')));
}

function onlyTypes(names: string): boolean {
  const inBraces = /^\{([^}]*)\}\s*$/.exec(names.trim())?.[1];
  if (inBraces === undefined) return false;
  const listed = inBraces.split(',').map((name) => name.trim());
  return listed.every((name) => name === '' || name.startsWith('type '));
}

function target(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return normalize(join(dirname(file), specifier)).replace(/\.js$/, '.ts');
}

/** The groups of files that import each other in a ring at run time, each group sorted. */
export function valueCycles(imports: readonly Omit<Import, 'isLater'>[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  const reaches = (start: string): Set<string> => {
    const seen = new Set<string>();
    const todo = [...(next.get(start) ?? [])];
    for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      todo.push(...(next.get(file) ?? []));
    }
    return seen;
  };
  const reach = new Map([...next.keys()].map((file) => [file, reaches(file)]));
  const groups = new Map<string, string[]>();
  for (const [file, seen] of reach) {
    if (!seen.has(file)) continue;
    const group = [...seen].filter((other) => reach.get(other)?.has(file)).sort();
    groups.set(group.join(), group);
  }
  return [...groups.values()];
}

/** All files and modules that these files need at run time, themselves included. */
export function filesBehind(roots: readonly string[], imports: readonly Import[]): string[] {
  const seen = new Set(roots);
  for (const file of seen) {
    for (const { from, to, typeOnly } of imports) if (from === file && !typeOnly) seen.add(to);
  }
  return [...seen];
}

/** The text of a file of src without its comments. */
export function code(file: string): string {
  return readFileSync(join(SOURCE, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
}
