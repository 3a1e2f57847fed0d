/**
 * Judges a student's file in this process: loads the product with the file in it, and runs the cases of the lab. A
 * file that never ends would hold the process up, so `check.ts` does this in another one.
 */
import { isUnread, messageOf, missingWords } from './judging/exceptions.js';
import type { CaseResult, Judgement, Lab, Trouble } from './lab.js';
import { importWith } from './load.js';
import { judgementOf } from './verdict.js';

/** Told of each case: before it runs, and when it has run. */
export interface Progress {
  /** The first failure is enough: the cases behind it are not run. */
  readonly stopsAtFailure?: boolean;
  begins(name: string, total: number): void;
  ended(result: CaseResult): void;
}

/** Tells nobody. */
export const UNTIL_FAILURE: Progress = { stopsAtFailure: true, begins: () => {}, ended: () => {} };

/** Runs the cases of `lab` against the file at `path`. Never throws: what goes wrong is in the result. */
export async function judge(lab: Lab, path: string, progress: Progress): Promise<Judgement> {
  const begun = performance.now();
  const cases: CaseResult[] = [];
  const done = (total: number, trouble?: Trouble) =>
    judgementOf({ lab: lab.name, cases, total, trouble, milliseconds: performance.now() - begun });
  try {
    const { loadCases, runCase } = await importWith<typeof import('./judging/run.js')>('./judging/run.js', {
      [lab.file]: path,
    });
    const all = await loadCases(lab.name);
    for (const each of all) {
      progress.begins(each.name, all.length);
      const result = await runCase(each);
      cases.push(result);
      progress.ended(result);
      if (result.failure !== undefined && progress.stopsAtFailure) break;
    }
    return done(all.length);
  } catch (error) {
    return done(0, { kind: 'load', message: loadProblem(error) });
  }
}

/** What Sucrase lets pass, and V8 does not know. */
const NEWER = 'the file may use ES2023, and so no decorators, no `accessor` and no `using`';

/** Why the file cannot be loaded. Node's words about a missing name speak of our module, and not of the student's. */
function loadProblem(error: unknown): string {
  const message = messageOf(error);
  const missing = /does not provide an export named '([^']+)'/.exec(message)?.[1];
  if (missing !== undefined) return missingWords(missing);
  const ofCommonJs = /^(\w+) is not defined in ES module scope/.exec(message)?.[1];
  if (ofCommonJs !== undefined) return `there is no ${ofCommonJs} here: the file is a module, with import and export`;
  return isUnread(error) ? `${message}; ${NEWER}` : message;
}
