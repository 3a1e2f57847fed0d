/** What both profilers deliver: how much of the CPU time each function had, and in whose code it is. */

/** Whose code a function is. */
export type Owner = 'kernel' | 'JavaScript' | 'V8 and Node' | 'koffi' | 'libc' | 'other';

export interface ProfiledFunction {
  /** Share of all samples, percent. */
  readonly percent: number;
  readonly owner: Owner;
  readonly name: string;
}

/** Sums of the shares by owner, largest first. */
export function sharesByOwner(functions: readonly ProfiledFunction[]): [Owner, number][] {
  const sums = new Map<Owner, number>();
  for (const { owner, percent } of functions) sums.set(owner, (sums.get(owner) ?? 0) + percent);
  return [...sums].sort((a, b) => b[1] - a[1]);
}

/** The first `count` of those that `belongs` lets through, as lines. */
export function topLines(
  functions: readonly ProfiledFunction[],
  count: number,
  belongs: (owner: Owner) => boolean,
): string[] {
  return functions
    .filter(({ owner }) => belongs(owner))
    .sort((a, b) => b.percent - a.percent)
    .slice(0, count)
    .map(({ percent, owner, name }) => `${percent.toFixed(2).padStart(6)} %  ${owner.padEnd(11)}  ${name}`);
}
