/** Cases that are packet scripts: they lie in labs/NAME, and the student has a copy of them. */
import type { TimelineEntry } from '../../packetdrill/run/result.js';
import { type Case, Mismatch } from './case.js';
import { readScript } from './material.js';

const MOST_TRACE_LINES = 8;
const ARROWS: Readonly<Record<TimelineEntry['kind'], string>> = { in: '<', out: '>', call: '·', check: '?' };

/** A case that runs `labs/<path>` in memory, under virtual time. */
export function scriptCase(path: string, about: Omit<Case, 'run'>): Case {
  return { ...about, run: () => runScriptCase(path) };
}

async function runScriptCase(path: string): Promise<void> {
  const { runText } = await import('../../packetdrill/run/script-text.js');
  const { failure, timeline } = runText(path, readScript(path), 'ipv4', {
    profile: 'linux',
    definitions: new Map(),
    overrides: {},
    seed: 1,
  });
  if (failure === undefined) return;
  rethrow(failure.problem);
  const { at, problem, expected = 'that the line holds', actual = problem } = failure;
  const last = timeline.findLastIndex(({ line }) => line !== 0 && line <= at.line);
  const before = timeline.slice(Math.max(0, last + 1 - MOST_TRACE_LINES), last + 1).map(traceLine);
  throw new Mismatch(`labs/${path} line ${at.line}: ${problem}`, actual, expected, before);
}

/** An exception in the stack is most likely the student's: it is thrown again, so that all cases tell it alike. */
function rethrow(problem: string): void {
  const [, stack] = /^the stack threw an exception: (.*)$/s.exec(problem) ?? [];
  if (stack === undefined) return;
  const [, name = 'Error', message = stack] = /^(\w+): (.*)$/m.exec(stack) ?? [];
  throw Object.assign(new Error(message), { name, stack });
}

function traceLine({ time, kind, text }: TimelineEntry): string {
  return `${(time / 1_000_000).toFixed(3).padStart(8)} ${ARROWS[kind]} ${text}`;
}
