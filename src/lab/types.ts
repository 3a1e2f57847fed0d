/**
 * Checks the types of a student's file with TypeScript, where it is installed. A check goes on without it: types help
 * the student, and the cases judge.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { ownFile } from '../own-files.js';

const MOST_LINES = 12;
const TIMEOUT_MS = 60_000;

/** The compiler's complaints about the folder, a line each; undefined if there is no TypeScript here. */
export function typeErrors(folder: string): Promise<string[] | undefined> {
  const compiler = findCompiler(folder);
  if (compiler === undefined || !existsSync(join(folder, 'tsconfig.json'))) return Promise.resolve(undefined);
  const options = { cwd: folder, timeout: TIMEOUT_MS, encoding: 'utf8' as const };
  return new Promise((done) => {
    execFile(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], options, (_, stdout) => {
      done(
        stdout
          .split('\n')
          .filter((line) => line.includes('error TS'))
          .slice(0, MOST_LINES),
      );
    });
  });
}

/** The `tsc` beside fastpath, or the one that the student's project has: that is a program of others. */
function findCompiler(folder: string): string | undefined {
  for (const from of [ownFile('../src/cli.js'), join(resolve(folder), 'x.js')]) {
    try {
      const manifest = createRequire(from).resolve('typescript/package.json');
      const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin?: Record<string, string> };
      if (bin?.tsc !== undefined) return join(dirname(manifest), bin.tsc);
    } catch {
      // not installed here; the next place may have it
    }
  }
  return undefined;
}
