/**
 * Checks a student's file: looks at its syntax, and has it judged in a process of its own, which is ended when it does
 * not come back.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownFile } from '../own-files.js';
import { Account } from './account.js';
import { compile } from './compile.js';
import type { Judgement, Lab, Trouble } from './lab.js';
import { type Bounds, CASE_BOUNDS, computedBy, type Overdue, Patience } from './patience.js';
import { MOST_OUTPUT, readablePrints } from './printed.js';
import { readStudentFile } from './student-file.js';
import { judgementOf } from './verdict.js';

/** It swaps modules, so it runs from dist/src and never from the bundle. */
const PROCESS = fileURLToPath(ownFile('../src/lab/judge-process.js'));
/** The student's code may not make code of a text; enclosure.ts does the rest. */
const ENCLOSED = '--disallow-code-generation-from-strings';
/** How often we look whether the file has taken too long. */
const LOOK_MS = 250;
/** A student's file needs no more; one that fills the memory ends here and not with the machine. */
const HEAP_MB = 512;
/** V8 says this, with its own stack behind it, when the heap is full. */
const HEAP_IS_FULL = '\n<--- Last few GCs --->';
/** Node ends with this status where nothing can ever settle the promise that is awaited. */
const NOTHING_TO_WAIT_FOR = 13;
const LOADING_IS_ENDLESS =
  'the file did not come to an end while it was loaded: an endless loop or await outside of its functions?';

export interface CheckOptions {
  /** How long a case may take. */
  readonly bounds?: Bounds;
  /** What it may keep in memory, MiB. */
  readonly heapMb?: number;
  /** The links of the file may not lead out of this folder. */
  readonly within?: string;
}

/** What a check finds, and what the student's code has printed meanwhile. */
export interface Checked {
  readonly judgement: Judgement;
  readonly output: string;
}

/** Checks the file at `path` for this lab. */
export async function checkFile(lab: Lab, path: string, options: CheckOptions = {}): Promise<Checked> {
  const file = resolve(path);
  const refused = (trouble: Trouble): Checked => ({
    judgement: judgementOf({ lab: lab.name, cases: [], total: 0, trouble, milliseconds: 0 }),
    output: '',
  });
  if (!existsSync(file)) return refused({ kind: 'no file', message: `there is no file ${path}` });
  const read = readStudentFile(file, options.within);
  if ('problem' in read) return refused({ kind: 'no file', message: `cannot read ${path}: ${read.problem}` });
  const compiled = compile(read.text);
  if ('problem' in compiled) return refused({ kind: 'syntax', message: compiled.problem });
  return judgeApart(lab, file, options);
}

function startJudge(lab: Lab, file: string, heapMb: number): ChildProcess {
  return fork(PROCESS, [lab.name, file], {
    execArgv: [`--max-old-space-size=${heapMb}`, ENCLOSED, '--no-warnings'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

/** Judges in another process, and ends it when a case takes too long. */
function judgeApart(
  lab: Lab,
  file: string,
  { bounds = CASE_BOUNDS, heapMb = HEAP_MB }: CheckOptions,
): Promise<Checked> {
  const child = startJudge(lab, file, heapMb);
  const begun = performance.now();
  const patience = new Patience(bounds, () => ({ computed: computedBy(child.pid), passed: performance.now() }));
  const account = new Account(patience);
  let [output, isFull] = ['', false];
  let overdue: Overdue | undefined;
  const look = () => {
    overdue ??= patience.overdue();
    if (overdue !== undefined) child.kill('SIGKILL');
  };
  const timer = setInterval(look, LOOK_MS);
  const keep = (chunk: string) => {
    isFull ||= chunk.includes(HEAP_IS_FULL);
    if (output.length < MOST_OUTPUT) output = (output + chunk).slice(0, MOST_OUTPUT);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  child.on('message', (message) => account.hear(message));
  child.send(account.key);
  return new Promise((done) => {
    child.once('close', (code, signal) => {
      clearInterval(timer);
      const { during } = account;
      const early = overdue === undefined ? endedBy(code, signal, during) : troubleOf(overdue, bounds, during);
      const trouble = isFull ? tooLarge(heapMb, during) : early;
      const judgement = account.close(lab.name, trouble, performance.now() - begun);
      const [printed = ''] = output.split(HEAP_IS_FULL); // the rest is about V8
      done({ judgement, output: readablePrints(printed) });
    });
  });
}

function tooLarge(heapMb: number, during: string): Trouble {
  return { kind: 'memory', message: `it needs more than ${heapMb} MB: does something grow without end?`, during };
}

/** Why the process has ended by itself, and too early. */
function endedBy(code: number | null, signal: NodeJS.Signals | null, during: string): Trouble {
  if (code !== NOTHING_TO_WAIT_FOR) {
    return { kind: 'crash', message: `the process of the judge ended (${signal ?? `exit status ${code}`})`, during };
  }
  return { kind: 'endless', message: during === '' ? LOADING_IS_ENDLESS : 'this case awaits what never comes', during };
}

function troubleOf(overdue: Overdue, bounds: Bounds, during: string): Trouble {
  const seconds = bounds[overdue.bound] / 1000;
  const message = overdue.isLoading
    ? LOADING_IS_ENDLESS
    : overdue.bound === 'computing'
      ? `this case computed for ${seconds} s: an endless loop?`
      : `this case did not come to an end within ${seconds} s: does it wait for something that never comes?`;
  return { kind: 'endless', message, during };
}
