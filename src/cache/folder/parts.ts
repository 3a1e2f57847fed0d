/**
 * Parts of a folder: sets of paths that stand for all that lies in them. A path begins with '/' and ends without one;
 * '' is the whole folder.
 */

/** Whether a path is one of these parts, or lies in one. */
export function isInParts(path: string, parts: ReadonlySet<string>): boolean {
  for (let part = path; part !== ''; part = parentOf(part)) if (parts.has(part)) return true;
  return parts.has('');
}

/** The parts without those that lie in another one. */
export function outermost(parts: ReadonlySet<string>): string[] {
  return [...parts].filter((part) => part === '' || !isInParts(parentOf(part), parts));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
