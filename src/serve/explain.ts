/** Failures of the system that a user can correct, in words. Used by server.ts, and by cli.ts for all commands. */
import { ServeError } from './serve-error.js';

const TOO_MANY_FILES = new Set(['EMFILE', 'ENFILE']);

/** The error itself, or a ServeError that says what to do about it. */
export function explain(error: unknown): unknown {
  const code = codeOf(error);
  if (code !== undefined && TOO_MANY_FILES.has(code)) {
    return new ServeError(
      'failure',
      `this process may not open another file (${code})`,
      'Allow more: ulimit -n 4096; in a systemd unit: LimitNOFILE=4096',
      { cause: error },
    );
  }
  if (code === 'ENOMEM' || (error instanceof RangeError && /allocation failed/i.test(error.message))) {
    return new ServeError('failure', 'there is not enough memory', 'Give the cache less: --cache-size 64M', {
      cause: error,
    });
  }
  if (error instanceof Error && /\bkoffi\b/i.test(error.message)) {
    return new ServeError(
      'failure',
      `koffi, which calls the C library, does not load: ${error.message.split('\n')[0]}`,
      'Run "npm ci" again on this machine: an optional package has the binary part for its processor and C library.',
      { cause: error },
    );
  }
  return error;
}

/** The code of an error, or of one that caused it. */
function codeOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as NodeJS.ErrnoException;
    if (code !== undefined && (TOO_MANY_FILES.has(code) || code === 'ENOMEM')) return code;
  }
  return undefined;
}
