/**
 * Says what is wrong with a script, and where: file, line, column, the line itself and a caret under the place.
 */

/** A place in a script; lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A script that cannot be read. `message` is the whole report, ready to print. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';

  constructor(
    readonly path: string,
    readonly at: Position,
    readonly problem: string,
    source: string,
    /** The script needs something that this stack does not have. It is not at fault itself. */
    readonly unsupported = false,
  ) {
    super(`${path}:${at.line}:${at.column}: ${problem}\n${excerpt(source, at)}`);
  }
}

/** The line of `source` that `at` is on, and a caret under the column. Tabs stay tabs, so that both lines agree. */
export function excerpt(source: string, at: Position): string {
  const line = (source.split('\n')[at.line - 1] ?? '').replace(/\r$/, '');
  const before = line.slice(0, at.column - 1).replace(/[^\t]/g, ' ');
  return `    ${line}\n    ${before}^`;
}
