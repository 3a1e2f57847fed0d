/** What a command throws, as a message for a person and an exit code. */
import { CommanderError } from 'commander';
import { explain } from '../serve/explain.js';
import { ServeError } from '../serve/serve-error.js';
import { EXIT_CODE_OF, ExitCode } from './exit-codes.js';

/** Prints an error for a person and returns the exit code that goes with it. */
export function reportFailure(failure: unknown): number {
  const error = explain(failure);
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (error instanceof ServeError) {
    console.error(`fastpath: ${error.message}`);
    if (error.advice !== '') console.error(error.advice.replace(/^/gm, '  '));
    return EXIT_CODE_OF[error.code];
  }
  console.error('fastpath: this should not have happened; please report it with the lines below');
  console.error(error);
  return ExitCode.failure;
}
