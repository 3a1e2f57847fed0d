/** The terminal that a process was started from, and what to do when it has gone away. */
import { closeSync, constants, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Standard input, output and error. */
const STANDARD = [0, 1, 2];

/** Whether this process has a terminal. One that has gone away cannot be opened any more. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}

/**
 * Lets this process end in order when its terminal has gone away. At the end Node sets the modes of a terminal back,
 * and aborts the process if that fails (ResetStdio, src/node.cc). It leaves a descriptor alone that is another file by
 * then, so /dev/null takes the place. To be called while the terminal is there.
 */
export function outliveTerminal(): void {
  const terminals = STANDARD.filter((fd) => isatty(fd));
  process.once('exit', () => {
    for (const fd of terminals) {
      if (isatty(fd)) continue;
      closeSync(fd);
      openSync('/dev/null', 'r+'); // the lowest free descriptor: this one
    }
  });
}
