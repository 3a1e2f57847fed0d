/**
 * Notices when the kernel may have dropped events. Its queue holds `max_queued_events` for a process, and what does not
 * fit is lost; Node does not tell. But Node empties the whole queue in one turn of the event loop. So events can only
 * be lost if one turn brings as many as the queue holds. Then the whole folder has to be looked at.
 */
import { readFileSync } from 'node:fs';

const LIMIT_FILE = '/proc/sys/fs/inotify/max_queued_events';
/** The kernel's default. */
const USUAL_LIMIT = 16_384;

export class EventFlood {
  readonly #limit: number;
  readonly #afterTurn: (action: () => void) => void;
  #count = 0;
  #turn = 0;

  /** `limit`: of the kernel's queue. `afterTurn` calls back when the event loop is through with what there is. */
  constructor(
    limit: number = queueLimit(),
    afterTurn: (action: () => void) => void = (action) => setImmediate(action),
  ) {
    this.#limit = limit / 2; // some events reach nobody: those of folders that are gone
    this.#afterTurn = afterTurn;
  }

  /** One more event. Returns the number of the turn if its events may not be all; else 0. */
  count(): number {
    if (this.#count++ === 0) {
      this.#turn++;
      this.#afterTurn(() => {
        this.#count = 0;
      });
    }
    return this.#count > this.#limit ? this.#turn : 0;
  }
}

function queueLimit(): number {
  try {
    return Number(readFileSync(LIMIT_FILE, 'utf8')) || USUAL_LIMIT;
  } catch {
    return USUAL_LIMIT;
  }
}
