/** Which test files a change may concern, for `npm run test:watch`. */

/**
 * The test files to run after the compiler has written `emitted` (paths in dist/, as built): a test file that changed
 * itself, and for a source file the tests in the folder of test/ that mirrors the source's, or the nearest folder above
 * that has any.
 */
export function concerned(emitted: readonly string[], tests: readonly string[]): string[] {
  const found = new Set<string>();
  for (const file of emitted) {
    if (tests.includes(file)) found.add(file);
    else if (file.startsWith('dist/src/')) for (const test of nearest(file, tests)) found.add(test);
  }
  return [...found].sort();
}

function nearest(source: string, tests: readonly string[]): readonly string[] {
  const folders = source.split('/').slice(2, -1);
  for (; folders.length > 0; folders.pop()) {
    const prefix = `dist/test/${folders.join('/')}/`;
    const inFolder = tests.filter((test) => test.startsWith(prefix));
    if (inFolder.length > 0) return inFolder;
  }
  return [];
}
