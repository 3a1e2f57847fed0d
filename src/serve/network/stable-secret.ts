/**
 * The secret behind our interface identifiers of IPv6 (RFC 7217 section 5): the same at each start on this machine, and
 * unknown to others. So the addresses are stable, and tell nothing of our Ethernet address. It is made of the machine's
 * id as machine-id(5) wants it: hashed with a name of our own, because the id itself is not to be shown.
 */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { NetworkPlan } from './network-plan.js';

const MACHINE_ID = '/etc/machine-id';
const SECRET_BYTES = 16;

/**
 * 16 bytes for this interface of this machine. Undefined: no address is made from a router's prefix by choice, or the
 * machine has no id; then identifiers are made of the Ethernet address.
 */
export function stableSecret({ dynamic, interfaceName }: NetworkPlan, path = MACHINE_ID): Uint8Array | undefined {
  if (dynamic?.auto !== true) return undefined;
  try {
    const id = readFileSync(path, 'utf8').trim();
    if (id === '') return undefined;
    const hash = createHmac('sha256', id).update(`fastpath RFC 7217 ${interfaceName}`).digest();
    return Uint8Array.from(hash.subarray(0, SECRET_BYTES));
  } catch {
    return undefined;
  }
}
