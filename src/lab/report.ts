/** What a person reads about a lab: in the terminal, with marks and words and not by colour alone. */
import { printableLines } from '../words/printable.js';
import type { CaseFailure, CaseResult, Judgement } from './lab.js';
import { passedOf } from './verdict.js';

/** How text is coloured; each function may do nothing. */
export interface Paint {
  red(text: string): string;
  green(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

/** How much is told. */
export interface Detail {
  /** The second hint, which is nearly the answer. */
  readonly hint: boolean;
}

const LABEL = 10;

/** The report of a check: a line for each case, and the first failure in full; with hints, every failure. */
export function describeJudgement(judgement: Judgement, paint: Paint, detail: Detail): string {
  const { cases, trouble } = judgement;
  const lines = [headline(judgement, paint), ...cases.map((each) => caseLine(each, paint))];
  if (trouble?.during) lines.push(`  ${paint.red('✗')} ${trouble.during}`);
  if (trouble !== undefined)
    lines.push('', `  ${paint.bold(titleOf(trouble.kind))}`, `    ${printableLines(trouble.message)}`);
  else {
    const failures = cases.flatMap(({ name, failure }) =>
      failure ? [failureLines(name, failure, paint, detail)] : [],
    );
    for (const failure of failures.slice(0, detail.hint ? undefined : 1)) lines.push('', ...failure);
  }
  return lines.join('\n');
}

function headline({ lab, isGreen, cases, total, milliseconds }: Judgement, paint: Paint): string {
  const state = isGreen ? paint.green('green') : paint.red('red');
  const count = total === 0 ? 'nothing was judged' : `${passedOf(cases)} of ${total} cases pass`;
  return `${paint.bold(lab)}: ${state}, ${count} (${(milliseconds / 1000).toFixed(1)} s)`;
}

function caseLine({ name, failure }: CaseResult, paint: Paint): string {
  return failure === undefined ? `  ${paint.green('✓')} ${name}` : `  ${paint.red('✗')} ${name}`;
}

function failureLines(name: string, failure: CaseFailure, paint: Paint, { hint }: Detail): string[] {
  const row = (label: string, text: string, colour = (plain: string) => plain) =>
    `    ${paint.dim(label.padEnd(LABEL))}${colour(printableLines(text))}`;
  const trace = failure.trace.map((line, i) => row(i === 0 ? 'before' : '', line));
  return [
    `  ${paint.red('✗')} ${paint.bold(name)}`,
    ...trace,
    row('looked at', failure.what),
    row('came', failure.came, paint.red),
    row('expected', failure.expected, paint.green),
    row('read', failure.section),
    row('think', failure.nudge),
    hint ? row('hint', failure.hint) : row('', '(--hint says more)', paint.dim),
  ];
}

function titleOf(kind: NonNullable<Judgement['trouble']>['kind']): string {
  switch (kind) {
    case 'no file':
      return 'There is nothing to judge';
    case 'syntax':
      return 'TypeScript does not understand the file';
    case 'load':
      return 'The file cannot be loaded';
    case 'endless':
      return 'Your code does not come back';
    case 'memory':
      return 'Your code fills the memory';
    case 'crash':
      return 'The judge ended early';
  }
}
