/** Words for a self-probe that fails: for a person, and for the error of a server that needs to be reached. */
import type { ProbeStep } from '../serve/network/self-probe.js';

/** A failed probe in two lines: which layer, what was seen, what to do. */
export function describeFailure({ layer, address, detail, advice = '' }: ProbeStep): string {
  return `${address} is not reachable from this host. The ${layer} step failed: ${detail}.\n  ${advice}`;
}
