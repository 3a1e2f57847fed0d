/** Port numbers of both transports: what is one, and those that our own programs get (RFC 6056). */
import { NetworkError } from '../network-error.js';
import type { Random } from '../random.js';

/** The ports that are given to programs that name none (RFC 6056 section 3.2); Linux has the same. */
const FIRST_EPHEMERAL_PORT = 32_768;
const EPHEMERAL_PORTS = 28_232;

/** @throws {NetworkError} EINVAL for a number that is no port. */
export function checkPort(port: number): void {
  if (Number.isInteger(port) && port > 0 && port <= 0xffff) return;
  throw new NetworkError('EINVAL', `${port} is no port; one is from 1 to 65535`);
}

/** RFC 6056 section 3.3.1, algorithm 1: a random start, then the next that is free; undefined if none is. */
export function chooseEphemeralPort(random: Random, isFree: (port: number) => boolean): number | undefined {
  const start = (random.nextInt32() >>> 0) % EPHEMERAL_PORTS;
  for (let i = 0; i < EPHEMERAL_PORTS; i++) {
    const port = FIRST_EPHEMERAL_PORT + ((start + i) % EPHEMERAL_PORTS);
    if (isFree(port)) return port;
  }
  return undefined;
}
