/**
 * Paths of FTP (RFC 959 section 5.3.2; RFC 2640). A path here has a character for each byte, as names have in the
 * cache. It begins with '/', and has no '/' at its end; the root is ''. A client can never leave the root: '..' of the
 * root is the root.
 */

/** What `argument` means in the folder `current`; undefined: it is no path (a NUL, a line end, or it is too long). */
export function resolvePath(current: string, argument: string): string | undefined {
  if (NO_PATH.test(argument) || argument.length > LONGEST_PATH) return undefined;
  const parts = argument.startsWith('/') ? [] : current.split('/').filter((part) => part !== '');
  for (const part of argument.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const path = parts.map((part) => `/${part}`).join('');
  return path.length > LONGEST_PATH ? undefined : path;
}

/** Replies repeat paths, and a line end would begin another reply. */
const NO_PATH = /[\0\r\n]/;
/** Linux has no longer ones. */
const LONGEST_PATH = 4_096;

/** A path in a reply: in quotes, with each quote doubled (RFC 959 Appendix II). */
export function quoted(path: string): string {
  return `"${(path === '' ? '/' : path).replaceAll('"', '""')}"`;
}
