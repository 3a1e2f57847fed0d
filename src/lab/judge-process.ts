/**
 * The process in which a student's file is judged: `node judge-process.js LAB FILE`. It tells its parent of each case
 * as it goes, so that the parent knows where an endless loop began.
 */
import { judge } from './judge.js';
import type { CaseResult, Judgement } from './lab.js';
import { findLab } from './labs.js';

/** What the process tells its parent. */
export type JudgeMessage =
  | { readonly kind: 'begins'; readonly name: string; readonly total: number }
  | { readonly kind: 'ended'; readonly result: CaseResult }
  | { readonly kind: 'done'; readonly judgement: Judgement };

const [, , name = '', file = ''] = process.argv;
const lab = findLab(name);
const tell = (message: JudgeMessage) => process.send?.(message);

if (lab !== undefined) {
  const judgement = await judge(lab, file, {
    begins: (caseName, total) => tell({ kind: 'begins', name: caseName, total }),
    ended: (result) => tell({ kind: 'ended', result }),
  });
  // A timer of the student's would keep the process alive.
  process.send?.({ kind: 'done', judgement } satisfies JudgeMessage, undefined, undefined, () => process.exit());
}
