/**
 * A batch of files as it goes to a reading thread. Columns instead of objects: two strings and one array of numbers
 * are cloned in a quarter of the time that 256 objects take.
 */
import type { FilePlan } from '../folder/folder-rules.js';
import type { ReadingJob } from './reading.js';

export interface SharedSlab {
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
}

export interface ReadingBatch {
  /** Names and paths, each followed by NUL, which neither can contain. */
  readonly names: string;
  readonly paths: string;
  /** `COLUMNS` numbers for each file. */
  readonly numbers: Float64Array;
  /** What the rules of the site make of each file; null: nothing of any. */
  readonly plans: readonly (FilePlan | undefined)[] | null;
  /** Slabs of their places that the thread has not been told of. */
  readonly slabs: readonly SharedSlab[];
}

const COLUMNS = 8;
const END = '\0';

/** Packs jobs for a reading thread: numbers in one array and names in two strings cost less to post than objects. */
export function batchOf(jobs: readonly ReadingJob[], slabs: readonly SharedSlab[]): ReadingBatch {
  const numbers = new Float64Array(COLUMNS * jobs.length);
  let at = 0;
  for (const { size, mtimeMs, ctimeMs, ino, codings = 0, slab, blockFrom, blockLength } of jobs) {
    numbers[at++] = size;
    numbers[at++] = mtimeMs;
    numbers[at++] = ctimeMs;
    numbers[at++] = ino;
    numbers[at++] = codings;
    numbers[at++] = slab;
    numbers[at++] = blockFrom;
    numbers[at++] = blockLength;
  }
  const names = jobs.map(({ name }) => name + END).join('');
  const plans = jobs.some(({ plan }) => plan !== undefined) ? jobs.map(({ plan }) => plan) : null;
  return { names, paths: jobs.map(({ path }) => path + END).join(''), numbers, plans, slabs };
}

/** The jobs of a batch, in their order: the other end of `batchOf`. */
export function jobsOf({ names, paths, numbers, plans }: ReadingBatch): ReadingJob[] {
  const allPaths = paths.split(END);
  const jobs: ReadingJob[] = [];
  let at = 0;
  const next = () => numbers[at++] ?? Number.NaN;
  for (const [i, name] of names.split(END).entries()) {
    const path = allPaths[i];
    if (path === undefined || path === '') break; // behind the last NUL
    jobs.push({
      name,
      path,
      size: next(),
      mtimeMs: next(),
      ctimeMs: next(),
      ino: next(),
      codings: next(),
      slab: next(),
      blockFrom: next(),
      blockLength: next(),
      plan: plans?.[i],
    });
  }
  return jobs;
}
