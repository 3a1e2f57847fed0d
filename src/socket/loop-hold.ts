/**
 * What keeps the process alive. A stack's driver, once it is `unref`ed, lets the process end although the stack runs on;
 * open sockets and listening servers then hold it, unless they are `unref`ed too, just as Node's own do.
 *
 * Node ends when no referenced handle is left, and sockets of ours have no handle. So there is one timer that never does
 * anything, which counts while somebody holds on.
 */

/** setTimeout takes no more than 2^31 - 1 ms. */
const LONGEST_MS = 0x7fff_ffff;

let holders = 0;
let timer: NodeJS.Timeout | undefined;

function change(by: number): void {
  holders += by;
  timer ??= setInterval(() => {}, LONGEST_MS);
  if (holders > 0) timer.ref();
  else timer.unref();
}

/** One holder of the event loop. */
export class LoopHold {
  #open = false;
  #referenced = true;

  /** It exists from now on: holds, unless `unref` was called. */
  open(): void {
    this.#set(true, this.#referenced);
  }

  /** It is gone: holds no more, whatever is called afterwards. */
  close(): void {
    this.#set(false, this.#referenced);
  }

  ref(): void {
    this.#set(this.#open, true);
  }

  unref(): void {
    this.#set(this.#open, false);
  }

  #set(open: boolean, referenced: boolean): void {
    const before = this.#open && this.#referenced;
    const after = open && referenced;
    this.#open = open;
    this.#referenced = referenced;
    if (before !== after) change(after ? 1 : -1);
  }
}
