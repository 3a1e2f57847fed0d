/** Walks through all names of the library: for people, and for changes of whole folders and sites. */
import { HIDDEN } from '../folder/folder-rules.js';
import { isInParts } from '../folder/parts.js';
import { CODING, Coding, HITS, OBJECT_AT, PAYLOAD_LENGTH, SITE, type SlabView } from '../object/record.js';
import type { Contents } from './contents.js';
import { isPath, nameText } from './records.js';

/** An object as those who look at the cache see it. See `Library.mostAskedFor`. */
export interface FoundObject {
  readonly name: string;
  readonly site: number;
  /** Of its payload. */
  readonly bytes: number;
  /** Null: they are not counted. */
  readonly hits: number | null;
}

/** The names of a site, those of variants too: where their records lie. */
export function namesOfSite({ names }: Contents, site: number): [SlabView, number][] {
  const found: [SlabView, number][] = [];
  names.forEach((view, nameAt) => {
    if (view.word(nameAt + SITE) === site) found.push([view, nameAt]);
  });
  return found;
}

/** See `Library.namesUnder`. */
export function namesUnder({ names }: Contents, paths: readonly string[], site: number): string[] {
  const found: string[] = [];
  const folders = new Set(paths.map((path) => (path.endsWith('/') ? path.slice(0, -1) : path)));
  if (folders.size === 0) return found;
  names.forEach((view, nameAt) => {
    if (view.word(nameAt + SITE) !== site || view.word(nameAt + CODING) !== Coding.identity) return;
    const name = nameText(view, nameAt);
    const path = name.startsWith(HIDDEN) ? name.slice(HIDDEN.length) : name;
    if (path[0] === '/' && isInParts(path, folders)) found.push(name);
  });
  return found;
}

/** The objects that were found most often: at most `most`, each under its first name that can be asked for. */
export function mostAskedFor(contents: Contents, most: number, areHitsCounted: boolean): FoundObject[] {
  const top: { view: SlabView; nameAt: number; hits: number }[] = [];
  contents.names.forEach((view, nameAt) => {
    const hits = view.word(view.word(nameAt + OBJECT_AT) + HITS) >>> 0;
    if (top.length === most && hits <= (top.at(-1)?.hits ?? 0)) return;
    if (!isFirstName(contents, view, nameAt)) return;
    top.splice(top.findLastIndex((other) => other.hits >= hits) + 1, 0, { view, nameAt, hits });
    if (top.length > most) top.pop();
  });
  return top.map(({ view, nameAt, hits }) => ({
    name: nameText(view, nameAt),
    site: view.word(nameAt + SITE),
    bytes: view.double(view.word(nameAt + OBJECT_AT), PAYLOAD_LENGTH),
    hits: areHitsCounted ? hits : null,
  }));
}

/** Whether a name is a path, of the file itself, and its object has none before it. */
function isFirstName(contents: Contents, view: SlabView, nameAt: number): boolean {
  if (view.word(nameAt + CODING) !== Coding.identity) return false;
  return contents.liveNames(view, view.word(nameAt + OBJECT_AT)).find((at) => isPath(view, at)) === nameAt;
}
