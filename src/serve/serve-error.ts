/**
 * Failures that the user can do something about. Every other error is a defect and keeps its stack trace.
 */

import type { Finding } from '../site/config/checks.js';

/** The kinds of trouble. `fastpath` gives each its exit code. @see {@link ServeError} */
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

/**
 * A failure with a name, a sentence that says what happened, and one that says what to do.
 *
 * @example
 * ```ts
 * import { FolderServer, ServeError, type ServeEvents, type ServeOptions } from 'fastpath';
 *
 * export async function start(options: ServeOptions, events: ServeEvents): Promise<FolderServer | undefined> {
 *   try {
 *     return await FolderServer.start(options, events);
 *   } catch (error) {
 *     if (!(error instanceof ServeError)) throw error; // a defect
 *     console.error(`${error.code}: ${error.message}\n${error.advice}`);
 *     return undefined;
 *   }
 * }
 * ```
 */
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
