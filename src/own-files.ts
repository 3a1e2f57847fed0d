/**
 * Files of fastpath itself: the programs of its threads, the page of the inspector, package.json.
 *
 * The code runs in two forms, and a path means the same in both. As the compiler has written it, this file is
 * dist/src/own-files.js. In the bundle (scripts/program.ts) it is a part of some file right in dist/program/. Nothing
 * else may ask for `import.meta.url`: for that, each form has folders of its own. test/rules/own-files.test.ts looks.
 */

import { createRequire } from 'node:module';

/**
 * The URL of a file, by its path from src/. The build makes a program of its own from each file that is named here
 * by a literal that begins with `./` and ends with `.js`. `../src/` leads to what the compiler has written, from the
 * bundle too.
 */
export function ownFile(path: string): URL {
  return new URL(path, import.meta.url);
}

/**
 * What a package of ours exports, loaded at once and without waiting. For one that takes time to load and that few
 * threads need: the thread calls this when it needs it first. The package must have a form for `require`.
 */
export function requirePackage(name: string): unknown {
  return createRequire(ownFile('../../package.json'))(name);
}
