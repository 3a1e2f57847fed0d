/** Runs one case, and says how it failed. It takes nothing of Node: the page judges with it, too. */
import type { CaseFailure, CaseResult } from '../lab.js';
import { NOT_WRITTEN } from '../scratch.js';
import { type Case, Mismatch } from './case.js';

/** Runs one case. Whatever it throws is a failure of the case. */
export async function runCase(each: Case): Promise<CaseResult> {
  try {
    await each.run();
    return { name: each.name };
  } catch (error) {
    return { name: each.name, failure: failureOf(each, error) };
  }
}

function failureOf({ section, nudge, hint }: Case, error: unknown): CaseFailure {
  if (error instanceof Mismatch) {
    const { what, came, expected, trace } = error;
    return { what, came, expected, trace, section, nudge, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (message.endsWith(NOT_WRITTEN)) {
    const expected = 'the body that the comment in it describes';
    return { what: 'your file', came: message, expected, trace: [], section, nudge, hint };
  }
  const came = `${error instanceof Error ? error.name : 'an exception'}: ${message}`;
  return { what: 'your code', came, expected: 'no exception', trace: placesOf(error), section, nudge, hint };
}

/** What a student is told whose file has lost a name. */
export function missingWords(name: string): string {
  return `the stack imports ${name} from your file, and it is not there: has it lost its name or its \`export\`?`;
}

/** A frame of the stack in a module of ours, as Node writes it. */
const IN_NODE = /file:\/\/\S*\/dist\/src\/(\S+?)\.js(?:\?\S*?)?:(\d+):\d+/;
/** In the page the student's file is the body of a function: as Chromium and as Firefox write its lines. */
const IN_PAGE = /(?:at )?([\w.#]+)? ?(?:\(eval at .*<anonymous>|@\S.* > Function):(\d+):\d+/;
/** A function that is made of a text has a head of two lines. */
const HEAD_LINES = 2;

/** Where it happened: in Node the places in the stack, in the page those in the student's file. */
function placesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.split('\n').slice(0, 7).flatMap(placeIn);
}

/** The place of one line of a stack; none if it is in the judge or in Node. */
export function placeIn(frame: string): string[] {
  const [, file] = IN_NODE.exec(frame) ?? [];
  if (file !== undefined) return file.startsWith('lab/') ? [] : [frame.trim().replace(IN_NODE, '$1.ts:$2')];
  const [, name, line] = IN_PAGE.exec(frame) ?? [];
  return line === undefined ? [] : [`at ${name ?? 'the file'} (your file, line ${Number(line) - HEAD_LINES})`];
}
