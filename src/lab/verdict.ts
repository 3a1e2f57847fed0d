/** When a lab is green: the process of the judge and its parent go by the same rule. */
import type { CaseResult, Judgement, Trouble } from './lab.js';

/** What a judge has found. */
type Findings = Omit<Judgement, 'isGreen' | 'trouble'> & { readonly trouble: Trouble | undefined };

/** The judgement of what was found. It is green if nothing kept the cases from being judged, and all of them pass. */
export function judgementOf({ lab, cases, total, trouble, milliseconds }: Findings): Judgement {
  const isWhole = trouble === undefined && total > 0 && cases.length === total;
  const isGreen = isWhole && passedOf(cases) === total;
  return { lab, isGreen, cases, total, ...(trouble === undefined ? {} : { trouble }), milliseconds };
}

/** How many of these cases pass. */
export function passedOf(cases: readonly CaseResult[]): number {
  return cases.filter(({ failure }) => failure === undefined).length;
}
