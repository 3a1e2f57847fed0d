/** Puts a lease into effect on a stack, and takes it back: address, routes, MTU. Every worker has one. */
import type { Stack } from '../net/stack.js';
import { isSameForStack, type Lease } from './lease.js';

export class StackLease {
  readonly #stack: Stack;
  #lease: Lease | undefined;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** The lease that is in effect. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /**
   * This lease is ours from now on, and the one before no longer; undefined: none is. Connections of an address that
   * goes end. If only the routes change, the address and its connections stay.
   */
  use(lease: Lease | undefined): void {
    const before = this.#lease;
    this.#lease = lease;
    if (before !== undefined && lease !== undefined && isSameForStack(before, lease)) return;
    const keepsAddress = String(before?.network) === String(lease?.network);
    const stack = this.#stack;
    if (before !== undefined && !keepsAddress) stack.removeAddress(before.network.address);
    if (lease !== undefined && !keepsAddress) stack.addAddress(lease.network);
    stack.internet.setRoutesV4(lease?.routes ?? []);
    stack.internet.setLinkMtuV4(lease?.mtu || stack.device.mtu);
  }
}
