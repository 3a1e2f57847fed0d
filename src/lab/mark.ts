/**
 * Marks many students' folders: every lab that is found in them is judged anew. Nothing that a folder says about itself
 * is believed.
 */
import { relative, resolve, sep } from 'node:path';
import { checkFile } from './check.js';
import { labsIn, studentFile } from './folder.js';
import { passedOf } from './verdict.js';

/** One lab of one student. */
export interface Mark {
  readonly student: string;
  /** '' if there is none. */
  readonly lab: string;
  readonly state: 'green' | 'red' | 'none';
  readonly passed: number;
  readonly total: number;
  /** The first case that failed, or what kept the file from being judged; '' if green. */
  readonly reason: string;
}

const NO_LAB = 'there is no lab in this folder';

/** Judges every lab in these folders, one folder a student, one after the other. */
export async function* markFolders(folders: readonly string[]): AsyncGenerator<Mark> {
  for (const [folder, student] of studentsOf(folders)) {
    const labs = labsIn(folder);
    if (labs.length === 0) yield { student, lab: '', state: 'none', passed: 0, total: 0, reason: NO_LAB };
    for (const { lab, folder: place } of labs) {
      const { judgement } = await checkFile(lab, studentFile(lab, place), { within: folder });
      const { cases, total, trouble, isGreen } = judgement;
      const failed = cases.find(({ failure }) => failure !== undefined);
      yield {
        student,
        lab: lab.name,
        state: isGreen ? 'green' : 'red',
        passed: passedOf(cases),
        total,
        reason: trouble?.message ?? failed?.name ?? '',
      };
    }
  }
}

/**
 * The student of each folder: its last name, and as many names before it as tell it from the others. So the folders
 * `ann/lab` and `bob/lab` belong to `ann/lab` and `bob/lab`. A folder that is given twice counts once.
 */
export function studentsOf(folders: readonly string[]): ReadonlyMap<string, string> {
  const paths = [...new Set(folders.map((folder) => resolve(folder)))];
  const parts = paths.map((path) => path.split(sep).filter((part) => part !== ''));
  const last = (names: readonly string[], count: number) => names.slice(-count).join('/');
  return new Map(
    parts.map((names, i) => {
      let count = 1;
      const isTaken = () => parts.some((others, k) => k !== i && last(others, count) === last(names, count));
      while (count < names.length && isTaken()) count++;
      return [relative('', paths[i] ?? '') || '.', last(names, count)];
    }),
  );
}

/** The first line of the table. */
export const MARK_COLUMNS = ['student', 'lab', 'state', 'passed', 'total', 'reason'] as const;

/** A row of RFC 4180: every field that needs them is in quotes. */
export function csvRow(fields: readonly (string | number)[]): string {
  return fields.map((field) => csvField(String(field))).join(',');
}

/** A spreadsheet takes a text that begins with = + - or @ for a formula: it gets a quote mark in front. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
