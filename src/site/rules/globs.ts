/** Globs over paths: `/assets/**`, `*.html`, `/{a,b}/*`. A glob without a slash is compared with the last segment. */
import picomatch from 'picomatch';

/** Globs that fit every path. */
const EVERYTHING: ReadonlySet<string> = new Set(['*', '**', '/**', '**/*', '/**/*']);

/** Whether a glob fits every path there can be. */
export function fitsEverything(glob: string): boolean {
  return EVERYTHING.has(glob);
}

/** Whether one of these paths fits, which have a character for each byte. */
export type PathTest = (paths: readonly string[]) => boolean;

/** Compiles a glob. A path in it is UTF-8, so `?` is a character of a name that is UTF-8 too. */
export function compileGlob(glob: string): PathTest {
  if (fitsEverything(glob)) return () => true;
  const test = picomatch(glob, { dot: true, nonegate: true, noextglob: true, basename: !glob.includes('/') });
  return (paths) => paths.some((path) => test(Buffer.from(path, 'latin1').toString('utf8')));
}
