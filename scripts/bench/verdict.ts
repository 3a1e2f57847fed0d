/** When a comparison is worth a verdict. Shared by the aims of the benchmark and by growth. */

/**
 * Half the distance between the best and the worst round of a figure, in percent of the median: beyond this, the
 * machine was too restless for a verdict.
 */
export const MOST_SPREAD = 15;

export type Verdict = 'met' | 'MISSED' | 'no verdict';

/** `spreads`: of all figures that the comparison rests on, ± percent. */
export function judge(isMet: boolean, spreads: readonly number[]): Verdict {
  if (spreads.some((spread) => spread > MOST_SPREAD)) return 'no verdict';
  return isMet ? 'met' : 'MISSED';
}

/** A sentence if some comparisons got no verdict; undefined if all did. */
export function describeRefusals(verdicts: readonly Verdict[]): string | undefined {
  const refused = verdicts.filter((verdict) => verdict === 'no verdict').length;
  if (refused === 0) return undefined;
  return (
    `No verdict on ${refused} of ${verdicts.length} aims: their rounds lie more than ±${MOST_SPREAD} % apart. ` +
    'Repeat the run on a quiet machine.'
  );
}
