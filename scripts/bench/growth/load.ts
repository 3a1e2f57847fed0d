/** The benchmark's end of the load generator. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { placed } from '../processes.js';
import type { RunningServer } from '../servers/server.js';

const PROGRAM = fileURLToPath(new URL('./generator.js', import.meta.url));

export class Load {
  readonly #child: ChildProcess;

  constructor(server: RunningServer, objects: number, cpu: number) {
    const argv = [process.execPath, PROGRAM, server.address, `${server.port}`, `${objects}`];
    const [command, ...rest] = placed(argv, { cpu });
    this.#child = spawn(command!, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  /** Resolves when that many connections are open. */
  open(count: number): Promise<number> {
    return this.#ask({ open: count });
  }

  /** Loads for that long; resolves with the number of answers. */
  run(seconds: number): Promise<number> {
    return this.#ask({ seconds });
  }

  /** Ends all connections; more may be opened afterwards. */
  async close(): Promise<void> {
    await this.#ask({ close: true });
  }

  stop(): void {
    this.#child.kill();
  }

  #ask(message: object): Promise<number> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (answer: { done: number } | { error: string }) => {
        child.off('exit', ended);
        if ('error' in answer) reject(new Error(`load generator: ${answer.error}`));
        else resolve(answer.done);
      };
      const ended = () => settle({ error: 'ended' });
      child.once('message', settle).once('exit', ended);
      child.send(message);
    });
  }
}
