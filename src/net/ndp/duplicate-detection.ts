/**
 * Makes sure that nobody else has our IPv6 addresses: RFC 4862 section 5.4; RFC 4429 for 'optimistic'.
 *
 *     claim ──0..1 s──▶ solicitation from :: about ourselves ──1 s──▶ ASSIGNED, announced to all nodes
 *                           └── somebody answers, or asks the same ──▶ DUPLICATE, never used
 */
import { SECOND } from '../clock.js';
import { ADDRESS, type HostAddress } from '../ip/host-addresses.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import { ALL_NODES, groupMac, solicitedNode, UNSPECIFIED } from './addresses.js';
import type { NdpMessage } from './message.js';
import type { NdpParts } from './parts.js';

/** MAX_RTR_SOLICITATION_DELAY of RFC 4861 section 10: hosts that start together do not ask together. */
const FIRST_DELAY = 1 * SECOND;
/** RetransTimer: how long we wait for an objection. DupAddrDetectTransmits is 1. */
const ANSWER_TIME = 1 * SECOND;

interface Check {
  readonly entry: HostAddress;
  asked: boolean;
  deadline: number;
}

export class DuplicateDetection {
  readonly #parts: NdpParts;
  readonly #message: NdpMessage;
  readonly #checks = new Set<Check>();

  constructor(parts: NdpParts, message: NdpMessage) {
    this.#parts = parts;
    this.#message = message;
  }

  /** Begins to use an address, by way of a check unless that is off. */
  claim(entry: HostAddress): void {
    const { clock, random, options } = this.#parts.context;
    if (options.duplicateDetection === 'off') {
      this.#assign(entry);
      return;
    }
    const delay = Math.round(((random.nextInt32() >>> 0) / 0x1_0000_0000) * FIRST_DELAY);
    this.#checks.add({ entry, asked: false, deadline: clock.now + delay });
    if (options.duplicateDetection !== 'optimistic') return;
    entry.isOptimistic = true;
    this.#parts.addresses.setState(entry, ADDRESS.ASSIGNED);
  }

  /** True while the address is being checked: questions about it get no ordinary answer. */
  isChecking(entry: HostAddress): boolean {
    for (const check of this.#checks) if (check.entry === entry) return true;
    return false;
  }

  /** Another node has the address, or is about to take it. */
  conflict(entry: HostAddress, mac: Uint8Array): void {
    const { context, addresses, routing } = this.#parts;
    context.statistics.ndp.duplicateAddresses++;
    for (const check of this.#checks) if (check.entry === entry) this.#checks.delete(check);
    addresses.setState(entry, ADDRESS.DUPLICATE);
    routing.changed();
    context.options.onConflict(entry.address, mac);
  }

  nextDeadline(): number {
    // Asked after each batch of frames: no iterator while there is nothing to look at.
    if (this.#checks.size === 0) return Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const check of this.#checks) next = Math.min(next, check.deadline);
    return next;
  }

  runTimers(): void {
    if (this.#checks.size === 0) return;
    const { now } = this.#parts.context.clock;
    for (const check of this.#checks) {
      if (check.deadline > now) continue;
      if (check.asked) {
        this.#checks.delete(check);
        this.#assign(check.entry);
      } else {
        check.asked = true;
        check.deadline = now + ANSWER_TIME;
        this.#ask(check.entry);
      }
    }
  }

  /** A solicitation about ourselves, from nobody, to whoever would share the address (RFC 4862 section 5.4.2). */
  #ask(entry: HostAddress): void {
    this.#parts.context.statistics.ndp.solicitationsSent++;
    const group = solicitedNode(entry.address);
    this.#message
      .begin(Icmpv6.NEIGHBOR_SOLICITATION, 0)
      .address(entry.address)
      .sendTo(UNSPECIFIED, group, groupMac(group));
  }

  #assign(entry: HostAddress): void {
    entry.isOptimistic = false;
    this.#parts.addresses.setState(entry, ADDRESS.ASSIGNED);
    this.#announce(entry);
  }

  /** An unsolicited advertisement, so that neighbours who knew another Ethernet address take ours (RFC 4861 section 7.2.6). */
  #announce(entry: HostAddress): void {
    this.#parts.context.statistics.ndp.advertisementsSent++;
    this.#message
      .begin(Icmpv6.NEIGHBOR_ADVERTISEMENT, Icmpv6.FLAG_OVERRIDE)
      .address(entry.address)
      .ownMac(Icmpv6.OPTION_TARGET_MAC)
      .sendTo(entry.address, ALL_NODES, groupMac(ALL_NODES));
  }
}
