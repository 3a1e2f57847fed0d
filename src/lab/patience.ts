/**
 * Tells a student's endless loop from a slow machine. What counts is the processor's time that the judge has taken in
 * the case that runs. In a full computer room a second of it may take ten.
 */
import { readFileSync } from 'node:fs';

/** What has been spent since any moment in the past, milliseconds. */
export interface Spent {
  /** Time of the processor; undefined where it cannot be read. */
  readonly computed: number | undefined;
  /** Time of the clock on the wall. */
  readonly passed: number;
}

/** How long a file may take, milliseconds. */
export interface Bounds {
  /** Time of the processor for one case. */
  readonly computing: number;
  /** Time of the clock for one case: it may wait for something that never comes. */
  readonly waiting: number;
}

/** A case takes milliseconds. */
export const CASE_BOUNDS: Bounds = { computing: 10_000, waiting: 60_000 };
/** To begin the process, before it has come to the student's file, is no case. It has this many times as long. */
const LOADING_FACTOR = 5;

/** Which bound was passed, and where. */
export type Overdue = { readonly isLoading: boolean; readonly bound: keyof Bounds };

/** Watches one run of the judge, from its start on. */
export class Patience {
  readonly #bounds: Bounds;
  readonly #spent: () => Spent;
  #begun: Spent;
  #isLoading = true;
  #factor = LOADING_FACTOR;

  constructor(bounds: Bounds, spent: () => Spent) {
    this.#bounds = bounds;
    this.#spent = spent;
    this.#begun = spent();
  }

  /** The student's file is loaded now, and the stack around it. The process itself is there. */
  fileBegins(): void {
    this.#factor = 1;
    this.#begun = this.#spent();
  }

  /** A case begins now: everything is loaded. */
  caseBegins(): void {
    this.#isLoading = false;
    this.fileBegins();
  }

  /** The bound that is passed by now; undefined: go on waiting. */
  overdue(): Overdue | undefined {
    const { computed, passed } = this.#spent();
    const isOver = (now = 0, before = 0, bound: number) => now - before > bound * this.#factor;
    if (isOver(computed, this.#begun.computed, this.#bounds.computing)) {
      return { isLoading: this.#isLoading, bound: 'computing' };
    }
    const isLate = isOver(passed, this.#begun.passed, this.#bounds.waiting);
    return isLate ? { isLoading: this.#isLoading, bound: 'waiting' } : undefined;
  }
}

/** Linux counts the processor's time of a process in hundredths of a second. */
const TICK_MS = 10;

/** The processor's time of a process, milliseconds (proc_pid_stat(5)). Undefined where there is no /proc. */
export function computedBy(pid: number | undefined): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program is in parentheses, and may hold anything. utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return undefined;
  }
}
