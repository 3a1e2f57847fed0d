/** Before other work on the machine: what is measured is the protocol, and not who gets a processor when. */
import { setPriority } from 'node:os';

/** Takes precedence if it may (root may). Without it the figures are rougher, for both sides alike. */
export function goFirst(): void {
  try {
    setPriority(-10);
  } catch {
    // An ordinary user in a namespace of its own may not.
  }
}
