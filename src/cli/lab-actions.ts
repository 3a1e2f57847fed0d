/** What the actions of `fastpath lab` do. Each returns the exit status. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { checkFile } from '../lab/check.js';
import {
  DEFAULT_PLACE,
  defaultFolder,
  labsIn,
  noteJudgement,
  readState,
  startLab,
  studentFile,
} from '../lab/folder.js';
import type { Lab } from '../lab/lab.js';
import { LABS } from '../lab/labs.js';
import { csvRow, MARK_COLUMNS, type Mark, markFolders } from '../lab/mark.js';
import { PARTS_VARIABLE } from '../lab/parts.js';
import { describeJudgement } from '../lab/report.js';
import { typeErrors } from '../lab/types.js';
import { ownFile } from '../own-files.js';
import { writeReason } from '../words/file-reasons.js';
import { printable, printableLines } from '../words/printable.js';
import { ExitCode } from './exit-codes.js';
import type { LabFlags } from './lab.js';

const NAME_WIDTH = 17;
const STATE_WIDTH = 16;
/** What a beginner in TypeScript meets first. */
const MAY_BE_UNDEFINED =
  '       (an index may lie outside: bytes[i] ?? 0 is 0 there. Type errors do not make a lab red)';
const isAboutUndefined = (error: string): boolean => error.includes("possibly 'undefined'");

/** The labs with their states. `place` is the folder that holds the student's labs. */
export function list(place: string | undefined, { json }: LabFlags): number {
  const begun = new Map(labsIn(place ?? DEFAULT_PLACE).map(({ lab, folder }) => [lab.name, folder]));
  const stateOf = (lab: Lab) => {
    const folder = begun.get(lab.name);
    return folder === undefined ? undefined : readState(folder);
  };
  if (json) {
    for (const lab of LABS) {
      const { name, title, file, minutes, goal } = lab;
      console.log(JSON.stringify({ name, title, file, minutes, goal, state: stateOf(lab)?.state ?? 'not begun' }));
    }
    return ExitCode.ok;
  }
  for (const lab of LABS) {
    const state = stateOf(lab);
    const [mark, word, paint] = markOf(state?.state);
    const count = state === undefined || state.total === 0 ? '' : ` ${state.passed}/${state.total}`;
    const time = `${lab.minutes} min`.padStart(6);
    console.log(
      `${mark} ${lab.name.padEnd(NAME_WIDTH)}${paint(`${word}${count}`.padEnd(STATE_WIDTH))}${time}  ${lab.title}`,
    );
  }
  const next = LABS.find((lab) => stateOf(lab)?.state !== 'green');
  if (next !== undefined) console.log(`\n${adviceFor(next, begun.get(next.name))}`);
  return ExitCode.ok;
}

function adviceFor(lab: Lab, folder: string | undefined): string {
  if (folder === undefined) return `Begin with: fastpath lab start ${lab.name}`;
  return `Go on with: fastpath lab watch ${lab.name}${placeWord(lab, folder)}`;
}

/** The folder as a last word of a command, if it has to be named. */
const placeWord = (lab: Lab, folder: string): string => (folder === defaultFolder(lab) ? '' : ` ${folder}`);

function markOf(state: string | undefined): readonly [string, string, (text: string) => string] {
  if (state === 'green') return ['✓', 'green', pc.green];
  if (state === 'red') return ['✗', 'red', pc.red];
  return state === 'new' ? ['·', 'not checked yet', pc.yellow] : [' ', 'not begun', pc.dim];
}

/** Makes the student's folder. */
export function start(lab: Lab, folder = defaultFolder(lab)): number {
  try {
    startLab(lab, folder);
  } catch (error) {
    return unreadable(error);
  }
  const file = studentFile(lab, folder);
  console.log(`${pc.bold(lab.title)}, about ${lab.minutes} minutes\n`);
  console.log(`  task      ${folder}/README.md`);
  console.log(`  to write  ${file}: ${lab.holes.map(({ name }) => name).join(', ')}`);
  console.log(`  to read   ${lab.read.join('; ')}`);
  const place = placeWord(lab, folder);
  console.log(
    `\nThen: fastpath lab check ${lab.name}${place}    or, at every save: fastpath lab watch ${lab.name}${place}`,
  );
  return ExitCode.ok;
}

/** Judges the student's file once. */
export async function check(lab: Lab, folder = defaultFolder(lab), flags: LabFlags = {}): Promise<number> {
  const file = studentFile(lab, folder);
  if (!existsSync(file)) {
    console.error(`fastpath: there is no ${file}; begin with: fastpath lab start ${lab.name}`);
    return ExitCode.unreadable;
  }
  const [{ judgement, output }, types] = await Promise.all([checkFile(lab, file), typeErrors(folder)]);
  try {
    noteJudgement(folder, judgement);
  } catch (error) {
    return unreadable(error);
  }
  if (flags.json) console.log(JSON.stringify(judgement));
  else {
    if (output !== '') console.log(`${pc.dim('your code prints:')}\n${printableLines(output.trimEnd())}\n`);
    console.log(describeJudgement(judgement, pc, { hint: flags.hint === true }));
    for (const line of types ?? []) console.log(`  ${pc.yellow('type')} ${printable(line)}`);
    if (types?.some(isAboutUndefined)) console.log(pc.dim(MAY_BE_UNDEFINED));
  }
  return judgement.isGreen ? ExitCode.ok : ExitCode.failure;
}

/** Judges at once, and again whenever the file is saved, until Ctrl-C. */
export async function watch(lab: Lab, folder = defaultFolder(lab), flags: LabFlags = {}): Promise<number> {
  const status = await check(lab, folder, flags);
  if (status === ExitCode.unreadable) return status;
  const { watch: watchFiles } = await import('chokidar');
  const watcher = watchFiles(studentFile(lab, folder), {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: 100 },
  });
  let running = Promise.resolve(0);
  const again = () => {
    running = running.then(() => {
      console.log(pc.dim(`\n── ${new Date().toLocaleTimeString()} ──`));
      return check(lab, folder, flags);
    });
  };
  const gone = () => console.log(pc.yellow(`\n${studentFile(lab, folder)} is gone; it is judged when it is back`));
  watcher.on('change', again).on('add', again).on('unlink', gone);
  console.log(pc.dim('\nwaiting for the next save; Ctrl-C ends it'));
  await new Promise<void>((done) => process.once('SIGINT', done).once('SIGTERM', done));
  await watcher.close();
  return ExitCode.ok;
}

/** Shows the labs in a web page on loopback, until Ctrl-C. */
export async function page(): Promise<number> {
  const { PageServer } = await import('../inspector/page-server.js');
  const server = new PageServer({});
  await server.open(0);
  console.log(`\n  ${server.labUrl}\n\n  Open it in a browser. Ctrl-C ends it.\n`);
  await new Promise<void>((done) => process.once('SIGINT', done).once('SIGTERM', done));
  await server.close();
  return ExitCode.ok;
}

/** Judges the labs of many students. */
export async function mark(folders: readonly string[], { json, csv }: LabFlags): Promise<number> {
  const missing = folders.find((folder) => !existsSync(folder));
  if (missing !== undefined) return unreadable(new Error(`there is no folder ${missing}`));
  if (csv) console.log(csvRow(MARK_COLUMNS));
  for await (const each of markFolders(folders)) {
    if (each.state === 'none') console.error(`fastpath: ${each.student}: ${each.reason}`);
    if (json) console.log(JSON.stringify(each));
    else console.log(csv ? csvRow(MARK_COLUMNS.map((column) => each[column])) : markLine(each));
  }
  return ExitCode.ok;
}

function markLine({ student, lab, state, passed, total, reason }: Mark): string {
  const paint = state === 'green' ? pc.green : pc.red;
  const why = reason === '' ? '' : `  ${printable(reason)}`;
  return `${student.padEnd(NAME_WIDTH)}${lab.padEnd(NAME_WIDTH)}${paint(state.padEnd(6))} ${passed}/${total}${why}`;
}

/**
 * Serves a site over TAP with the student's green parts inside the stack: another process of ours, with a module loader
 * that knows the parts. `names`: the folder with the labs, or none; what begins with a dash goes to `fastpath serve`.
 */
export async function serve(names: readonly string[]): Promise<number> {
  const parts: Record<string, string> = {};
  for (const { lab, folder } of labsIn(names[0] ?? DEFAULT_PLACE)) {
    const isGreen = readState(folder)?.state === 'green';
    if (isGreen) parts[lab.file] = resolve(studentFile(lab, folder));
    console.log(`  ${isGreen ? pc.green('✓ yours  ') : pc.red('✗ ours   ')}  ${lab.name}`);
  }
  if (Object.keys(parts).length === 0) {
    console.error('fastpath: none of your labs is green yet, so there is nothing of yours to serve with');
    return ExitCode.failure;
  }
  const program = fileURLToPath(ownFile('../src/cli.js'));
  const loader = ownFile('../src/lab/serve-parts.js').href;
  const site = fileURLToPath(ownFile('../../examples/site'));
  // Without offload the device computes no checksum for us: all of them are the student's.
  const child = spawn(process.execPath, ['--import', loader, program, 'serve', site, '--no-offload'], {
    stdio: 'inherit',
    env: { ...process.env, [PARTS_VARIABLE]: JSON.stringify(parts) },
  });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', pass).on('SIGINT', () => {}); // Ctrl-C reaches both: the child ends, and then we do
  return new Promise((done) => child.once('close', (code) => done(code ?? ExitCode.failure)));
}

function unreadable(error: unknown): number {
  const { path, message } = error as NodeJS.ErrnoException;
  console.error(`fastpath: ${path === undefined ? message : `cannot write ${path}: ${writeReason(error as Error)}`}`);
  return ExitCode.unreadable;
}
