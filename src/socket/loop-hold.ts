/**
 * Keeps the process alive. After `unref` a stack's driver lets the process end although the stack runs on. Open sockets
 * and listening servers then keep it alive, unless they are `unref`ed too. Node's own do the same.
 *
 * Node ends when no referenced handle is left, and sockets of ours have no handle. So there is one timer that never
 * does anything. It is referenced as long as there is a holder.
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

  /** It is gone. It no longer holds the loop, whatever is called afterwards. */
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
