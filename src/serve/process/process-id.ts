/** Identifies the process that wrote something, so that another process with the same number is not mistaken for it. */
import { readFileSync } from 'node:fs';

export interface ProcessId {
  readonly pid: number;
  /**
   * The process's start in clock ticks since boot. A process number is used again, so the number alone is not enough.
   */
  readonly processStart: string;
}

/** When a process was started, in clock ticks since boot (field 22 of /proc/PID/stat); undefined: there is none. */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in parentheses, may hold anything: count fields from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** The process is still there. */
export function isAlive(id: ProcessId): boolean {
  return processStart(id.pid) === id.processStart;
}
