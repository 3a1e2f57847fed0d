/**
 * Reads on, after the start, what a large folder has beyond the names that were looked at in the beginning. Used by
 * loader.ts, on the main thread.
 *
 * A server with very many files should answer within seconds. So it starts with a part of them (loader.ts), and every
 * other file is read when somebody asks for it. That costs a hundred times as much as a hit. So the rest is read in the
 * background, folder by folder, while the cache has room to spare. Updates of the folder have their turn between two
 * parts.
 */
import { DEFAULT_MAX_NAMES, type FolderContents, type FolderWalk, type FoundFile } from '../folder/folder.js';
import type { FolderRules } from '../folder/folder-rules.js';
import { planUpdate, type UpdatePlan } from '../folder/update-plan.js';

/** Names of one part: its reading takes about half a second, and an update of the folder waits for it. */
const PART_NAMES = 8_192;

/** What warming needs of a loader. */
export interface WarmingSource {
  readonly rules: FolderRules;
  /** A new walk through the folder, of at most so many names. */
  walk(maxNames: number): FolderWalk;
  /** For a look at one name. */
  walkAlone(): FolderWalk;
  /** Whether the object of a file has all the names that it is to have. */
  isPublished(file: FoundFile): boolean;
  /** Reads and publishes these. False: there is no room for them, or the loader has ended. */
  read(plan: UpdatePlan): Promise<boolean>;
}

/** Fulfilled when the folder is in memory, or the cache has no room to spare, or the loader has ended. */
export async function warm(source: WarmingSource, maxNames = DEFAULT_MAX_NAMES): Promise<void> {
  for await (const part of source.walk(maxNames).inParts('', PART_NAMES)) {
    const plan = planOfPart(source, part);
    if (!(await source.read(plan))) return;
  }
}

/** The files that are not in memory, and the answers under the names of folders. */
function planOfPart({ rules, walkAlone, isPublished }: WarmingSource, contents: FolderContents): UpdatePlan {
  const plan = planUpdate({
    rules,
    parts: [],
    contents,
    isWhole: false,
    look: (path) => walkAlone().find(path),
    before: [],
    isWanted: () => true,
  });
  return { files: plan.files.filter((file) => !isPublished(file)), made: plan.made };
}
