/**
 * What the parent keeps of a judgement that goes on in another process. It believes a message only with its key, only
 * for the case that is next, and only with the names that came before the student's file was loaded. So a file that
 * finds a way to send something cannot say that it is green.
 */
import { randomUUID } from 'node:crypto';
import type { JudgeMessage } from './judge-process.js';
import type { CaseResult, Judgement, Trouble } from './lab.js';
import type { Patience } from './patience.js';
import { judgementOf } from './verdict.js';

export class Account {
  /** What each message begins with. */
  readonly key = randomUUID();
  /** The case that runs. */
  during = '';
  readonly #patience: Patience;
  readonly #cases: CaseResult[] = [];
  #names: readonly string[] = [];
  #trouble: Trouble | undefined;
  #isDone = false;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** Takes a message of the process, or leaves it. */
  hear(message: unknown): void {
    if (typeof message !== 'string' || !message.startsWith(this.key) || this.#isDone) return;
    this.#take(JSON.parse(message.slice(this.key.length)) as JudgeMessage);
  }

  #take(message: JudgeMessage): void {
    const next = this.#names[this.#cases.length];
    if (message.kind === 'names' && this.#names.length === 0) {
      this.#names = message.names;
      this.#patience.fileBegins();
    } else if (message.kind === 'begins' && message.name === next) {
      this.during = next;
      this.#patience.caseBegins();
    } else if (message.kind === 'ended' && message.result.name === next && this.during === next) {
      this.#cases.push(message.result);
    } else if (message.kind === 'done') {
      this.#isDone = true;
      this.#trouble = message.trouble;
    }
  }

  /** The judgement. @param early why it is over, if the process has not come to its end */
  close(lab: string, early: Trouble, milliseconds: number): Judgement {
    const trouble = this.#isDone ? this.#trouble : early;
    const total = this.during === '' ? 0 : this.#names.length;
    return judgementOf({ lab, cases: this.#cases, total, trouble, milliseconds });
  }
}
