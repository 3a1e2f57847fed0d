/**
 * Errors by their names in errno(3): what a call of a program cannot do, and what ended a connection. Programs look at
 * `code`; the message is for people.
 */

/** The names that this stack uses. */
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

/** Thrown by calls of a program (`connect`, `listen`); never on the way of a packet. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';

  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}
