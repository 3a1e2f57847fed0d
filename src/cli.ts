#!/usr/bin/env node
/**
 * `fastpath`: runs the command line, and turns what a subcommand throws into a message and an exit code.
 *
 * The subcommands are in src/cli/, one file each; src/cli/subcommand.ts says what they have in common.
 */
import { CommanderError } from 'commander';
import { EXIT_CODE_OF, ExitCode } from './cli/exit-codes.js';
import { createProgram } from './cli/program.js';
import { explain } from './serve/explain.js';
import { ServeError } from './serve/serve-error.js';

/** How long what a check has tried may keep the process, ms. */
const LEFT_MS = 500;

/** Prints an error for a person and returns the exit code that goes with it. */
function report(failure: unknown): number {
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

// The reader of a pipe may leave early (`fastpath dissect … | head`): that is no error of ours. A server ends in order.
let readerGone = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  const serves = process.listenerCount('SIGTERM') > 0;
  if (error.code !== 'EPIPE') {
    if (serves || error.code === 'EIO') return; // a log that is full ends no server; a terminal may be gone
    console.error(`fastpath: cannot write to standard output: ${error.message}`);
    process.exit(ExitCode.failure);
  }
  if (readerGone) return;
  readerGone = true;
  if (serves) process.emit('SIGTERM', 'SIGTERM');
  else process.exit(ExitCode.ok);
});

try {
  await createProgram().parseAsync();
  // A module that was tried may have left something that runs.
  if (process.argv[2] === 'check') setTimeout(() => process.exit(), LEFT_MS).unref();
} catch (error) {
  process.exitCode = report(error);
}
