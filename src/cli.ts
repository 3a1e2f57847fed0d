#!/usr/bin/env node
/**
 * `fastpath`: runs the command line, and turns what a subcommand throws into a message and an exit code.
 *
 * The subcommands are in src/cli/, one file each; src/cli/subcommand.ts says what they have in common.
 */
import { ExitCode } from './cli/exit-codes.js';
import { createProgram } from './cli/program.js';
import { reportFailure } from './cli/report-failure.js';

/** How long what a check has tried may keep the process, ms. */
const LEFT_MS = 500;

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
  const program = await createProgram(process.argv[2]);
  await program.parseAsync();
  // A module that was tried may have left something that runs.
  if (process.argv[2] === 'check') setTimeout(() => process.exit(), LEFT_MS).unref();
} catch (error) {
  process.exitCode = reportFailure(error);
}
