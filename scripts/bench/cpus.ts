/** Which CPU the server gets and which the client. */
import { readFileSync } from 'node:fs';
import { allowedCpus } from './cpu.js';

export interface Cpus {
  readonly server: number;
  readonly client: number;
}

/** The first two CPUs we may use; on a machine with one, both share it (and no figure means much). */
export function chooseCpus(): Cpus {
  const [server = 0, client = server] = allowedCpus(readFileSync('/proc/self/status', 'latin1'));
  return { server, client };
}
