/**
 * Errors by their names in errno(3): what a call of a program cannot do, and what ended a connection. Programs look at
 * `code`; the message is for people.
 */

/**
 * The names that this stack uses.
 *
 * @example
 * ```ts
 * import type { ErrorCode } from 'fastpath';
 *
 * export const isTransient = (code: ErrorCode | undefined) => code === 'EHOSTUNREACH' || code === 'ENETUNREACH';
 * ```
 */
export type ErrorCode =
  | 'EACCES'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EBADF'
  | 'ECONNABORTED'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EDESTADDRREQ'
  | 'EHOSTDOWN'
  | 'EHOSTUNREACH'
  | 'EINVAL'
  | 'EMSGSIZE'
  | 'ENETUNREACH'
  | 'ENOBUFS'
  | 'ENONET'
  | 'ENOPROTOOPT'
  | 'EOPNOTSUPP'
  | 'EPROTO'
  | 'ETIMEDOUT';

/**
 * Thrown by calls of a program (`connect`, `listen`); never on the way of a packet.
 *
 * @example
 * ```ts
 * import { NetworkError, type Stack } from 'fastpath';
 *
 * // Listens at the first free port of two.
 * export function listenAtEither(stack: Stack, ports: [number, number], ...rest: [Parameters<Stack['listen']>[1]]) {
 *   try {
 *     return stack.listen(ports[0], ...rest);
 *   } catch (error) {
 *     if (!(error instanceof NetworkError) || error.code !== 'EADDRINUSE') throw error;
 *     return stack.listen(ports[1], ...rest);
 *   }
 * }
 * ```
 */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';

  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}
