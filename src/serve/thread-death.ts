/** What is said of a thread that the server cannot do without, when it ends and nobody has asked it to. */
import { ServeError } from './serve-error.js';

/**
 * @param what the thread, as a message names it: `TLS thread 0`
 * @param cause its error; anything else: none is known
 * @param otherwise what is known in place of an error
 */
export function threadDeath(what: string, cause: unknown, otherwise: string): ServeError {
  const reason = cause instanceof Error ? (cause.stack ?? cause.message) : otherwise;
  const advice = 'This is a defect of fastpath; please report it with the lines above.';
  return new ServeError('data-path-died', `${what} died: ${reason}`, advice, { cause });
}
