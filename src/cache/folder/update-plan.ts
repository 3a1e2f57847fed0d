/**
 * From what a walk has found in parts of a folder to all names whose answer may have changed, and those answers. Used
 * by loader.ts.
 *
 * The rules of a site may let a name depend on files outside the parts: `/docs` may be a folder, or the clean URL of
 * `docs.html` beside it. Such files are looked for on disk, one by one, and are part of the plan.
 */
import type { FolderContents, FoundFile } from './folder.js';
import { type FolderRules, HIDDEN, type KindOf, type PathKind, planOf, type Resolved } from './folder-rules.js';
import { isInParts } from './parts.js';

/** What an update has to read and to make. */
export interface UpdatePlan {
  /** The files of the parts, and those outside on which its names depend, with what the rules make of them. */
  readonly files: readonly FoundFile[];
  /** Names under which the answer is no file. Pages come last, since they are made from files. */
  readonly made: readonly (readonly [name: string, answer: MadeAnswer])[];
}

export type MadeAnswer = Exclude<Resolved, { kind: 'file' }>;

export interface UpdateFacts {
  readonly rules: FolderRules;
  /** The parts: paths of which none lies in another; '' is the whole folder. */
  readonly parts: readonly string[];
  /** What the walk has found there, and whether it is all. */
  readonly contents: FolderContents;
  readonly isWhole: boolean;
  /** Looks for one path on disk. */
  readonly look: (path: string) => FolderContents;
  /** The names of the parts that are published now. */
  readonly before: readonly string[];
  /** Whether a name is to be published. In a lazy site, those are that somebody has asked for. */
  readonly isWanted: (name: string) => boolean;
}

/** All names whose answer may have changed, and those answers. */
export function planUpdate(facts: UpdateFacts): UpdatePlan {
  const { rules, isWanted } = facts;
  const { found, kindOf } = finderOf(facts);
  const paths = new Set<string>();
  const made: (readonly [string, MadeAnswer])[] = [];
  const pages: (readonly [string, MadeAnswer])[] = [];
  for (const name of namesOfParts(facts)) {
    const answer = isWanted(name) ? rules.resolve(name, kindOf) : null;
    if (answer === null) continue;
    if (answer.kind === 'file') {
      paths.add(answer.path);
      continue;
    }
    if (answer.kind === 'page') paths.add(answer.path);
    (answer.kind === 'page' ? pages : made).push([name, answer]);
  }
  const files: FoundFile[] = [];
  for (const path of paths) {
    const file = found.get(path);
    if (file === undefined || file === 'folder' || file === 'nothing') continue;
    const plan = planOf(rules, path, kindOf);
    files.push(plan === undefined ? file : { ...file, plan });
  }
  return { files, made: [...made, ...pages] };
}

type Finding = FoundFile | 'folder' | 'nothing';

/** What has a path: from the walk, or from a look at the disk, which is remembered in `found`. */
function finderOf({ parts, contents, isWhole, look }: UpdateFacts): {
  found: ReadonlyMap<string, Finding>;
  kindOf: KindOf;
} {
  const found = new Map<string, Finding>();
  const all = new Set(parts);
  for (const folder of contents.folders) found.set(folder.name, 'folder');
  for (const file of contents.files) found.set(file.name, file);
  const lookUp = (path: string): Finding => {
    if (isWhole && isInParts(path, all)) return 'nothing';
    const { files, folders } = look(path);
    return files[0] ?? (folders.length > 0 ? 'folder' : 'nothing');
  };
  const kindOf = (path: string): PathKind => {
    let finding = found.get(path);
    if (finding === undefined) {
      finding = lookUp(path);
      found.set(path, finding);
    }
    return typeof finding === 'string' ? finding : 'file';
  };
  return { found, kindOf };
}

/** All names whose answer may have changed. */
function namesOfParts({ rules, parts, contents, before }: UpdateFacts): ReadonlySet<string> {
  const names = new Set(before.filter((name) => !name.startsWith(HIDDEN)));
  const add = (path: string, kind: 'file' | 'folder') => {
    for (const name of rules.namesFor(path, kind)) names.add(name);
  };
  for (const { name } of contents.files) add(name, 'file');
  for (const { name } of contents.folders) add(name, 'folder');
  for (const part of parts) {
    if (part === '') for (const name of rules.fixedNames) names.add(name);
    add(part, 'file');
    add(part, 'folder');
    if (rules.hasLists) for (const folder of listsOf(part)) add(folder, 'folder');
  }
  return names;
}

/** The folders whose lists a changed path concerns: the one above it, and the one above that, which says its date. */
function listsOf(path: string): readonly string[] {
  if (path === '') return [];
  const above = path.slice(0, path.lastIndexOf('/'));
  return above === '' ? [above] : [above, above.slice(0, above.lastIndexOf('/'))];
}
