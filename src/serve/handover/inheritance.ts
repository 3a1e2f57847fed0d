/**
 * The new process's side of a hand-over: the interface, its plan and its name come from the process that started us.
 * Nothing is set up, so no privileges are needed. See message.ts for the conversation.
 */
import { once } from 'node:events';
import { ServeError } from '../serve-error.js';
import { type Bequest, bequestFromJson, type HandoverMessage, VARIABLE } from './message.js';

export class Inheritance {
  readonly #bequest: Bequest;

  private constructor(bequest: Bequest) {
    this.#bequest = bequest;
  }

  /** What our parent hands us; undefined: no process has started us to take over. The variable is removed. */
  static fromEnvironment(env: NodeJS.ProcessEnv = process.env): Inheritance | undefined {
    const text = env[VARIABLE];
    if (text === undefined) return undefined;
    delete env[VARIABLE];
    return new Inheritance(bequestFromJson(text));
  }

  get bequest(): Bequest {
    return this.#bequest;
  }

  /** @throws {ServeError} if the options ask for something that the interface is not */
  check(interfaceName: string | undefined, workers: number): void {
    const { plan, queues } = this.#bequest;
    if (interfaceName !== undefined && interfaceName !== plan.interfaceName) {
      throw differs('interface', plan.interfaceName, interfaceName);
    }
    if (workers !== queues.length) throw differs('number of workers', `${queues.length}`, `${workers}`);
  }

  /** Takes the interface over. From here on its frames are ours, and the old process only has what we pass on. */
  async take(): Promise<void> {
    const alone = once(process, 'disconnect').then(() => {
      throw new ServeError('failure', 'the process that was to hand over has ended', 'Start fastpath again.');
    });
    alone.catch(() => {}); // afterwards its end is its own affair
    say('take');
    for (;;) {
      const [message] = (await Promise.race([once(process, 'message'), alone])) as [HandoverMessage];
      if (message.fastpath === 'taken') return;
    }
  }

  /** We answer requests: the old process may end. */
  serves(): void {
    say('serves');
    process.disconnect?.();
  }
}

function say(fastpath: HandoverMessage['fastpath']): void {
  process.send?.({ fastpath } satisfies HandoverMessage);
}

function differs(what: string, old: string, wanted: string): ServeError {
  return new ServeError(
    'bad-option',
    `the ${what} cannot change in a hand-over: it is ${old}, and ${wanted} was asked for`,
    'Stop the server, and start it again.',
  );
}
