/**
 * The process in which a student's file is judged: `node judge-process.js LAB FILE`. It tells its parent of each case
 * as it goes, so that the parent knows where an endless loop began.
 *
 * The parent believes only what begins with its key. It sends that first, and the key stays in this module, where the
 * student's code cannot read it. It also wants to hear the names of all cases before that code is loaded.
 */
import { once } from 'node:events';
import { enclose } from './enclosure.js';
import { judge } from './judge.js';
import { uncaughtWords } from './judging/exceptions.js';
import { loadCases } from './judging/run.js';
import type { CaseResult, Trouble } from './lab.js';
import { findLab } from './labs.js';

/** What the process tells its parent: the key, and one of these as JSON. */
export type JudgeMessage =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'begins'; readonly name: string }
  | { readonly kind: 'ended'; readonly result: CaseResult }
  | { readonly kind: 'done'; readonly trouble?: Trouble | undefined };

const [, , name = '', file = ''] = process.argv;
const lab = findLab(name);
const send = process.send?.bind(process);
const exit = process.exit.bind(process);

if (lab !== undefined && send !== undefined) {
  const [key] = (await once(process, 'message')) as [string];
  const tell = (message: JudgeMessage, then?: () => void) => {
    send(key + JSON.stringify(message), undefined, undefined, then);
  };
  const cases = await loadCases(lab.name);
  tell({ kind: 'names', names: cases.map((each) => each.name) });
  // A timer of the student's would keep the process alive.
  const end = (trouble?: Trouble) => tell({ kind: 'done', trouble }, () => exit());
  let during = '';
  process.on('uncaughtException', (error) => end({ kind: 'crash', message: uncaughtWords(error), during }));
  enclose();
  const { trouble } = await judge(lab, file, {
    begins: (caseName) => {
      during = caseName;
      tell({ kind: 'begins', name: caseName });
    },
    ended: (result) => tell({ kind: 'ended', result }),
  });
  end(trouble);
}
