/**
 * Errors in the form of Node's own (`read ECONNRESET`, `connect ECONNREFUSED 10.77.0.2:80`), so that programs which
 * look at `error.code` and `error.syscall` find what a kernel socket would have given them. The numbers and meanings
 * are those of errno(3) and tcp(7).
 */
import { constants } from 'node:os';
import type { ErrorCode } from '../net/network-error.js';
import { type CloseReason, errorCodeOf } from '../net/tcp/handler.js';

/** The errors of a connection, by their names in errno(3): the stack's, and what only a socket can run into. */
export type SocketErrorCode = ErrorCode | 'ECANCELED' | 'EPIPE';

/** Linux's numbers for names that Node's table lacks. */
const ERRNO = { ...constants.errno, EHOSTDOWN: 112, ENONET: 64 };

/** The address and port of the operation that failed, as Node reports them. */
export interface ErrorPlace {
  readonly address: string;
  readonly port: number;
}

/**
 * An error as Node's net module would give it: message, `code`, `errno` (negative), `syscall`, and `address` and
 * `port` if they are known.
 */
export function socketError(syscall: string, code: SocketErrorCode, place?: ErrorPlace): NodeJS.ErrnoException {
  const where = place === undefined ? '' : ` ${place.address}:${place.port}`;
  const errno = -ERRNO[code];
  return Object.assign(new Error(`${syscall} ${code}${where}`), { errno, code, syscall, ...place });
}

/** Why an attempt to connect failed; undefined if we gave it up ourselves. */
export function connectErrorCode(reason: CloseReason, code = errorCodeOf(reason)): SocketErrorCode | undefined {
  return reason === 'aborted' ? undefined : code;
}

/**
 * The error that a program gets when an established connection is gone; undefined if it was closed in order or by us.
 * After the peer's FIN a reset can only concern what we send: EPIPE, as in Linux.
 */
export function closeError(
  reason: CloseReason,
  code: ErrorCode | undefined,
  peerHasEnded: boolean,
): NodeJS.ErrnoException | undefined {
  if (reason === 'reset' && peerHasEnded) return socketError('write', 'EPIPE');
  const error = connectErrorCode(reason, code);
  return error === undefined ? undefined : socketError('read', error);
}
