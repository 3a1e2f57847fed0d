/** Runs one case, and says how it failed. It takes nothing of Node: the page judges with it, too. */
import type { CaseFailure, CaseResult } from '../lab.js';
import { NOT_WRITTEN } from '../scratch.js';
import { type Case, Mismatch } from './case.js';
import { exceptionWords, messageOf, placesOf } from './exceptions.js';

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
  if (isMismatch(error)) {
    const { what, came, expected, trace } = error;
    return { what, came, expected, trace, section, nudge, hint };
  }
  const message = messageOf(error);
  if (message.endsWith(NOT_WRITTEN)) {
    const expected = 'the body that the comment in it describes';
    return { what: 'your file', came: message, expected, trace: [], section, nudge, hint };
  }
  const came = exceptionWords(error);
  return { what: 'your code', came, expected: 'no exception', trace: placesOf(error), section, nudge, hint };
}

/** A proxy can throw when it is asked. */
function isMismatch(error: unknown): error is Mismatch {
  try {
    return error instanceof Mismatch;
  } catch {
    return false;
  }
}
