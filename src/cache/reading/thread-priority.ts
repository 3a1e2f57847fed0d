/** The priority of threads that work beside the data path. */
import { getPriority, setPriority } from 'node:os';

/** The nice value of those who get only what is left over. */
const LOWEST = 19;

/**
 * Raises the nice value of this thread by so much, at most to 19. It is that of this thread alone: to setpriority(2),
 * in Linux, a thread is a process.
 */
export function lowerPriority(by: number): void {
  try {
    setPriority(0, Math.min(LOWEST, getPriority(0) + by));
  } catch {
    // A system that forbids it lets the thread run as the others do.
  }
}
