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

/** Where in the student's file it happened: the lines of the stack that belong to a replaced module. */
function placesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').slice(1, 7);
  return frames.map((frame) => frame.trim().replace(/file:\/\/\S*\/dist\/src\/(\S+?)\.js\?\S*?:(\d+):\d+/, '$1.ts:$2'));
}
