/** An option of a module that names something wrong: a file that is not there, a site that does not exist. */

/**
 * Thrown by `main`, `create` and the others. The server says where the option stands in its configuration.
 *
 * @example
 * ```ts
 * import { OptionError } from 'fastpath/module';
 *
 * export function listeners({ port, tlsPort }: { port: number; tlsPort: number }) {
 *   if (port === tlsPort) throw new OptionError(['tlsPort'], 'must differ from port');
 *   return [port, tlsPort].map((each) => ({ transport: 'tcp' as const, port: each }));
 * }
 * ```
 */
export class OptionError extends Error {
  override readonly name = 'OptionError';

  constructor(
    /** The way to the option: `['zones', 0, 'file']`. */
    readonly path: readonly PropertyKey[],
    /** What is wrong with it, and what would be right. */
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
