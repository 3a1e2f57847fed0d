/**
 * The student's folder of one lab:
 *
 *     lab/checksum/checksum.ts      the scratch copy, to be written
 *     lab/checksum/README.md        the task
 *     lab/checksum/*.pkt            the packet scripts that judge it
 *     lab/checksum/tsconfig.json    so that an editor knows fastpath's types
 *     lab/checksum/.lab.json        what the last check said
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownFile } from '../own-files.js';
import { readReason } from '../words/file-reasons.js';
import type { Judgement, Lab } from './lab.js';
import { findLab, LABS } from './labs.js';
import { PRODUCT_PREFIX, scratchCopy } from './scratch.js';
import { readStudentFile } from './student-file.js';
import { passedOf } from './verdict.js';

const PACKAGE = fileURLToPath(ownFile('../../'));
/** Where labs are kept unless a folder is named. */
export const DEFAULT_PLACE = 'lab';
const STATE_FILE = '.lab.json';

/** What is remembered of a lab between two commands. */
export interface LabState {
  readonly lab: string;
  readonly started: string;
  readonly state: 'new' | 'red' | 'green';
  readonly passed: number;
  readonly total: number;
  readonly checked?: string;
}

/** The product's file of a lab, as it stands in the package. @throws if the package has been installed without it */
export function productSource(lab: Lab): string {
  const file = join(PACKAGE, 'src', lab.file);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${file}: ${readReason(error as Error)}`);
  }
}

/** The folder of a lab where none is named. */
export function defaultFolder(lab: Lab): string {
  return join(DEFAULT_PLACE, lab.name);
}

/** The student's file of a lab in this folder. */
export function studentFile(lab: Lab, folder: string): string {
  return join(folder, basename(lab.file));
}

/** Makes the folder of a lab. Returns the files made. @throws if the student's file is there already */
export function startLab(lab: Lab, folder: string): string[] {
  const target = studentFile(lab, folder);
  if (existsSync(target)) throw new Error(`${target} is there already; remove it to begin again`);
  const source = productSource(lab);
  makeFolder(folder);
  writeFileSync(target, scratchCopy(lab, source));
  const material = join(PACKAGE, 'labs', lab.name);
  for (const name of readdirSync(material)) copyFileSync(join(material, name), join(folder, name));
  writeFileSync(join(folder, 'tsconfig.json'), `${JSON.stringify(editorSettings(), null, 2)}\n`);
  const started = new Date().toISOString();
  writeState(folder, { lab: lab.name, started, state: 'new', passed: 0, total: 0 });
  return readdirSync(folder).filter((name) => name !== STATE_FILE);
}

/** With the folders above it. Node's own `recursive` never comes back where nothing can be made, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** What an editor has to know: where the types of fastpath are, and that there is a console. */
function editorSettings() {
  return {
    compilerOptions: {
      target: 'ES2023',
      lib: ['ES2023'],
      types: [],
      module: 'ESNext',
      moduleResolution: 'Bundler',
      strict: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
      noEmit: true,
      paths: { [`${PRODUCT_PREFIX}*`]: [`${join(PACKAGE, 'dist', 'src')}/*`] },
    },
    include: ['*.ts', join(PACKAGE, 'labs', 'console.d.ts')],
  };
}

/** What is known of the lab in this folder; undefined if there is none. */
export function readState(folder: string): LabState | undefined {
  const read = readStudentFile(join(folder, STATE_FILE));
  if ('problem' in read) return undefined;
  try {
    return JSON.parse(read.text) as LabState;
  } catch {
    return undefined; // written by something else, or cut short: as good as none
  }
}

/** Remembers what a check has said. */
export function noteJudgement(folder: string, { lab, isGreen, cases, total }: Judgement): void {
  const passed = passedOf(cases);
  const now = new Date().toISOString();
  const started = readState(folder)?.started ?? now;
  writeState(folder, { lab, started, state: isGreen ? 'green' : 'red', passed, total, checked: now });
}

function writeState(folder: string, state: LabState): void {
  writeFileSync(join(folder, STATE_FILE), `${JSON.stringify(state)}\n`);
}

/** The labs that were begun in this folder: it may be that of one lab, or hold such folders. */
export function labsIn(folder: string): { lab: Lab; folder: string }[] {
  const below = [folder, join(folder, DEFAULT_PLACE)];
  const places = [folder, ...below.flatMap((place) => LABS.map(({ name }) => join(place, name)))];
  const found = new Map<string, { lab: Lab; folder: string }>();
  for (const place of places) {
    const lab = findLab(readState(place)?.lab ?? basename(place));
    if (lab === undefined || found.has(lab.name) || !existsSync(studentFile(lab, place))) continue;
    found.set(lab.name, { lab, folder: place });
  }
  return [...found.values()];
}
