/**
 * Failures that the user can do something about. Every other error is a defect and keeps its stack trace.
 */

/** The kinds of trouble; `src/cli/exit-codes.ts` gives each its exit code. */
export type ServeErrorCode =
  | 'bad-option'
  | 'no-tun-device'
  | 'no-privilege'
  | 'interface-taken'
  | 'address-taken'
  | 'unreadable'
  | 'data-path-died'
  | 'probe-failed'
  | 'failure';

/** A fault of the options: where it would stand in a configuration file, and what is wrong there. */
export interface Finding {
  /** The way to the key: `['modules', 0, 'options', 'port']`. */
  readonly path: readonly PropertyKey[];
  /** What is wrong, and what would be right. */
  readonly message: string;
  /** The key itself is wrong, and not its value. */
  readonly isOfKey?: boolean;
}

/** A failure with a name, a sentence that says what happened, and one that says what to do. */
export class ServeError extends Error {
  override readonly name = 'ServeError';

  constructor(
    readonly code: ServeErrorCode,
    message: string,
    /** What the user can do about it, as an imperative sentence; may have several lines. */
    readonly advice = '',
    options?: ErrorOptions & { readonly findings?: readonly Finding[] },
  ) {
    super(message, options);
    this.findings = options?.findings ?? [];
  }

  /** What is wrong with the options, each with its place; none: it is not the options, or nobody can say which. */
  readonly findings: readonly Finding[];
}

/** A fault of one option. `advice`: what to do about it, as an imperative sentence; '': the message says all. */
export function faultOf(
  path: readonly PropertyKey[],
  message: string,
  advice = '',
  { code = 'bad-option', cause }: { readonly code?: ServeErrorCode; readonly cause?: unknown } = {},
): ServeError {
  const hint = advice === '' ? '' : `; ${advice.charAt(0).toLowerCase()}${advice.slice(1).replace(/\.$/, '')}`;
  return new ServeError(code, message, advice, { cause, findings: [{ path, message: message + hint }] });
}
