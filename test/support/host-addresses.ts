/** The addresses of the host's side of a TAP interface. */
import { readFileSync } from 'node:fs';
import { until } from './until.js';

const TENTATIVE = 0x40;

/**
 * Fulfilled when Linux uses all IPv6 addresses of this interface, or of all interfaces. It looks at a new one in a
 * thread of the kernel, even if it is not to be probed, and not before the link is up. A socket that is connected
 * before that gets another source address, for good.
 */
export function hostAddressesReady(interfaceName?: string): Promise<void> {
  return until(() => {
    // address, index, length of the prefix, scope, flags: all in hex; name
    const lines = readFileSync('/proc/net/if_inet6', 'utf8').trim().split('\n');
    const rows = lines.map((line) => line.trim().split(/\s+/));
    const ours = rows.filter((fields) => interfaceName === undefined || fields[5] === interfaceName);
    const isUsed = ([, , , , flags = '']: string[]) => (Number.parseInt(flags, 16) & TENTATIVE) === 0;
    return ours.length > 0 && ours.every(isUsed);
  }, 'the IPv6 addresses of the host');
}
