/**
 * Which modules of ours lead to a replaced file by their imports. They alone are loaded anew around a student's file.
 * All others are shared by every graph, so that a judgement costs milliseconds.
 */
import { readFileSync } from 'node:fs';

/** `from './a.js'`, `import './a.js'` and `import('./a.js')`. */
const IMPORT = /\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

const imports = new Map<string, readonly string[]>();
/** By the replaced module, and then by the module that may lead to it. */
const known = new Map<string, Map<string, boolean>>();

/** The modules that a compiled module imports, as URLs. */
export function importsOf(url: string): readonly string[] {
  let found = imports.get(url);
  if (found === undefined) {
    const text = readFileSync(new URL(url), 'utf8');
    found = Array.from(text.matchAll(IMPORT), ([, path = '']) => new URL(path, url).href);
    imports.set(url, found);
  }
  return found;
}

/** Whether the module `from` imports `target`, itself or through others. Both are URLs without a query. */
export function reaches(from: string, target: string): boolean {
  let answers = known.get(target);
  if (answers === undefined) known.set(target, (answers = new Map([[target, true]])));
  const answer = answers.get(from);
  if (answer !== undefined) return answer;
  const seen = new Set([from]);
  // A Set goes on to what is added while it is looped over.
  for (const url of seen) {
    if (answers.get(url) === true) {
      answers.set(from, true);
      return true;
    }
    if (answers.get(url) === undefined) for (const next of importsOf(url)) seen.add(next);
  }
  for (const url of seen) answers.set(url, false);
  return false;
}
