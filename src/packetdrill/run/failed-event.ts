/**
 * An event of a script that did not go as the script says.
 */
import type { Position } from '../language/script-error.js';
import type { Difference } from '../wire/compare.js';

export class FailedEvent extends Error {
  override readonly name = 'FailedEvent';

  constructor(
    readonly at: Position,
    readonly problem: string,
    readonly expected: string | undefined = undefined,
    readonly actual: string | undefined = undefined,
    readonly differences: readonly Difference[] = [],
  ) {
    super(problem);
  }
}
