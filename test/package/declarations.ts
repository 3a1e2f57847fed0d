/** Finds the declarations behind the exports of src/index.ts, as a reader of the package's `.d.ts` files does. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One exported name. */
export interface Declaration {
  readonly name: string;
  /** The `.d.ts` file that declares it. */
  readonly file: string;
  /** The docstring right above the declaration, without its stars; empty if there is none. */
  readonly docstring: string;
}

const EXPORTS = /export\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'([^']+)'/g;

/** The names that `file` exports, each with the file where its declaration stands. */
export function declarationsOf(file: string): Declaration[] {
  const text = readFileSync(file, 'utf8');
  return Array.from(text.matchAll(EXPORTS)).flatMap(([, names = '', specifier = '']) => {
    const target = join(dirname(file), specifier.replace(/\.js$/, '.d.ts'));
    return names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .map((name) => declarationOf(target, name.split(' as ')[0] ?? name));
  });
}

function declarationOf(file: string, name: string): Declaration {
  const text = readFileSync(file, 'utf8');
  const kinds = '(?:declare )?(?:abstract )?(?:class|function|const|interface|type|enum)';
  const found = new RegExp(`(?:/\\*\\*((?:[^*]|\\*(?!/))*)\\*/\\s*)?^export ${kinds} ${name}\\b`, 'm').exec(text);
  if (found !== null) return { name, file, docstring: (found[1] ?? '').replace(/^\s*\*/gm, '').trim() };
  const further = declarationsOf(file).find((declaration) => declaration.name === name);
  if (further === undefined) throw new Error(`${file} does not declare ${name}`);
  return further;
}
