/** The server's end of the keeper (keeper.ts): starts it while this process is still root, and lets it do its work. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ownFile } from '../../own-files.js';
import { ServeError } from '../serve-error.js';
import type { CleanUp } from './clean-up.js';
import type { ProcessId } from './process-id.js';
import { processStart } from './process-id.js';

export class Keeper {
  readonly #child: ChildProcess;
  readonly #gone: Promise<boolean>;

  /** In a session of its own: a terminal's Ctrl-C does not reach it. @throws {ServeError} if it does not start */
  constructor(work: CleanUp) {
    const program = fileURLToPath(ownFile('./serve/process/keeper.js'));
    const child = spawn(process.execPath, [program, JSON.stringify(work)], {
      detached: true,
      env: {}, // its orders are all that it needs; NODE_EXTRA_CA_CERTS alone would double the CPU of its start
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child.on('error', () => {}); // seen by its missing number
    child.stdin.on('error', () => {});
    if (child.pid === undefined) throw new ServeError('failure', `cannot start the process that cleans up: ${program}`);
    this.#child = child;
    this.#gone = new Promise((resolve) => child.once('exit', (code) => resolve(code === 0)));
    child.unref();
  }

  /** The process number of the keeper. */
  get id(): ProcessId {
    const { pid = 0 } = this.#child;
    return { pid, processStart: processStart(pid) ?? '' };
  }

  /** Lets it clean up, and waits until it has. Gives false if it has not: somebody killed it. */
  end(): Promise<boolean> {
    this.#child.ref();
    this.#child.stdin?.end();
    return this.#gone;
  }
}
