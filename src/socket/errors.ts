/**
 * Errors in the form of Node's own (`read ECONNRESET`, `connect ECONNREFUSED 10.77.0.2:80`), so that programs which look
 * at `error.code` and `error.syscall` find what a kernel socket would have given them. The numbers and meanings are those
 * of errno(3) and tcp(7).
 */
import { constants } from 'node:os';
import type { CloseReason } from '../net/tcp/handler.js';

/** The errors of a connection, by their names in errno(3). */
export type SocketErrorCode =
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'ECANCELED'
  | 'ECONNABORTED'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'EPIPE'
  | 'ETIMEDOUT';

/** What was being done to what, as Node reports it. */
export interface ErrorPlace {
  readonly address: string;
  readonly port: number;
}

/** An error as Node's net module would give: message, `code`, `errno` (negative) and `syscall`, and where it has one a place. */
export function socketError(syscall: string, code: SocketErrorCode, place?: ErrorPlace): NodeJS.ErrnoException {
  const where = place === undefined ? '' : ` ${place.address}:${place.port}`;
  const errno = -constants.errno[code];
  return Object.assign(new Error(`${syscall} ${code}${where}`), { errno, code, syscall, ...place });
}

/** Why an attempt to connect came to nothing; undefined if we gave it up ourselves. */
export function connectErrorCode(reason: CloseReason): SocketErrorCode | undefined {
  switch (reason) {
    case 'refused':
      return 'ECONNREFUSED';
    case 'reset':
      return 'ECONNRESET';
    case 'timeout':
      return 'ETIMEDOUT';
    case 'unreachable':
      return 'EHOSTUNREACH';
    case 'stopped':
      return 'ECONNABORTED';
    default:
      return undefined;
  }
}

/**
 * What a program hears when an established connection is gone; undefined if it was closed in order or by us. After the
 * peer's FIN a reset can only concern what we send: EPIPE, as in Linux.
 */
export function closeError(reason: CloseReason, peerHasEnded: boolean): NodeJS.ErrnoException | undefined {
  if (reason === 'reset' && peerHasEnded) return socketError('write', 'EPIPE');
  const code = connectErrorCode(reason);
  return code === undefined ? undefined : socketError('read', code);
}
