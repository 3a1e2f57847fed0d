/**
 * Makes sure that no other host has our IPv4 addresses, and announces them: RFC 5227.
 *
 *     start ──0..1 s──▶ probe ──1..2 s──▶ probe ──1..2 s──▶ probe ──2 s──▶ announce ──2 s──▶ announce ──▶ held
 *                         │  ▲
 *                 a claim ▼  │ 1 s: we probe again (`ip/address-rivals.ts` says why)
 *                      suspicion ──▶ the same host has answered two probes: DUPLICATE, no longer used
 *
 *     held: a claim is answered by one announcement in ten seconds at most (section 2.4 c). The address is kept, since
 *     a server's connections depend on it.
 *
 * In 'optimistic' mode the address is used during the probes; in 'off' mode there are none. There is one claim for each
 * address. Their timers are looked at together, because there are few.
 */
import { SECOND } from '../clock.js';
import { AddressRivals, PROOF } from '../ip/address-rivals.js';
import type { InternetContext } from '../ip/context.js';
import { ADDRESS, type HostAddress, type HostAddresses } from '../ip/host-addresses.js';
import type { Routing } from '../ip/routing.js';
import * as Arp from '../wire/arp.js';
import * as Ethernet from '../wire/ethernet.js';

/** The constants of RFC 5227 section 1.1. */
const PROBE_WAIT = 1 * SECOND;
const PROBE_NUM = 3;
const PROBE_MIN = 1 * SECOND;
const PROBE_MAX = 2 * SECOND;
const ANNOUNCE_WAIT = 2 * SECOND;
const ANNOUNCE_NUM = 2;
const ANNOUNCE_INTERVAL = 2 * SECOND;
/** Probes for one address in all: suspicions must not keep a strict start waiting for ever. */
const MAX_PROBES = 2 * PROBE_NUM;

const NO_MAC = new Uint8Array(6);

/** Sends an ARP request from `senderIp` about `targetIp` to all stations. */
export type Broadcast = (senderIp: number, targetMac: Uint8Array, targetIp: number) => void;

class Claim {
  readonly entry: HostAddress;
  readonly rivals: AddressRivals;
  probesLeft: number;
  announcementsLeft = ANNOUNCE_NUM;
  /** When the next probe or announcement is due. */
  deadline: number;

  constructor(entry: HostAddress, rivals: AddressRivals, probes: number, deadline: number) {
    this.entry = entry;
    this.rivals = rivals;
    this.probesLeft = probes;
    this.deadline = deadline;
  }

  get isProbing(): boolean {
    return (
      this.entry.state === ADDRESS.TENTATIVE || (this.entry.isOptimistic && this.announcementsLeft === ANNOUNCE_NUM)
    );
  }

  /**
   * Plans the probes that can still prove a rival with this many answers the holder; the next comes as soon as it may.
   */
  suspect(answers: number, now: number): void {
    const { rivals } = this;
    const wanted = Math.min(PROOF - answers, MAX_PROBES - rivals.probes);
    this.probesLeft = Math.max(this.probesLeft, wanted);
    if (this.probesLeft === 0 || rivals.probes === 0) return;
    this.deadline = Math.min(this.deadline, Math.max(now, rivals.probedAt + PROBE_MIN));
  }
}

export class AddressClaims {
  readonly #context: InternetContext;
  readonly #addresses: HostAddresses;
  readonly #routing: Routing;
  readonly #broadcast: Broadcast;
  #claims: Claim[] = [];

  constructor(context: InternetContext, addresses: HostAddresses, routing: Routing, broadcast: Broadcast) {
    this.#context = context;
    this.#addresses = addresses;
    this.#routing = routing;
    this.#broadcast = broadcast;
  }

  /** Begins the claim of an address. */
  claim(entry: HostAddress): void {
    const { clock, options } = this.#context;
    const isChecked = options.duplicateDetection !== 'off';
    const wait = isChecked ? this.#between(0, PROBE_WAIT) : 0;
    const rivals = new AddressRivals(clock);
    this.#claims.push(new Claim(entry, rivals, isChecked ? PROBE_NUM : 0, clock.now + wait));
    if (options.duplicateDetection === 'optimistic') entry.isOptimistic = true;
    if (options.duplicateDetection !== 'strict') this.#addresses.setState(entry, ADDRESS.ASSIGNED);
    this.runTimers();
  }

  /** The address is no longer ours: nothing is sent about it any more. */
  forget(entry: HostAddress): void {
    this.#claims = this.#claims.filter((claim) => claim.entry !== entry);
  }

  /**
   * Looks at an ARP packet of another host for a claim to one of our addresses. True if it is one: then the packet is
   * of no other use. A rival's probe is not a claim: it is answered if we use the address, and its sender gives way.
   */
  heard(bytes: Uint8Array, from: number): boolean {
    const sender = Arp.senderIp(bytes, from);
    for (const claim of this.#claims) {
      if (claim.entry.address.word3 !== sender || claim.entry.state === ADDRESS.DUPLICATE) continue;
      this.#conflict(claim, bytes, from + Arp.SENDER_MAC);
      return true;
    }
    return false;
  }

  /** When the next probe or announcement is due, µs; Infinity if none. */
  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const claim of this.#claims) next = Math.min(next, claim.deadline);
    return next;
  }

  /** Sends the probes and announcements that are due. */
  runTimers(): void {
    for (const claim of this.#claims) {
      if (claim.deadline <= this.#context.clock.now) this.#step(claim);
    }
  }

  #step(claim: Claim): void {
    const { clock } = this.#context;
    const { entry } = claim;
    if (claim.probesLeft > 0) {
      this.#probe(claim);
      return;
    }
    entry.isOptimistic = false;
    if (entry.state === ADDRESS.TENTATIVE) this.#addresses.setState(entry, ADDRESS.ASSIGNED);
    claim.announcementsLeft--;
    this.#announce(entry);
    claim.deadline = claim.announcementsLeft > 0 ? clock.now + ANNOUNCE_INTERVAL : Number.POSITIVE_INFINITY;
  }

  #probe(claim: Claim): void {
    const { clock, statistics } = this.#context;
    claim.probesLeft--;
    claim.rivals.probed();
    statistics.arp.probesSent++;
    this.#broadcast(0, NO_MAC, claim.entry.address.word3);
    claim.deadline = clock.now + (claim.probesLeft > 0 ? this.#between(PROBE_MIN, PROBE_MAX) : ANNOUNCE_WAIT);
  }

  /** RFC 5227 section 2.3: a request with our address as sender and as target. */
  #announce({ address }: HostAddress): void {
    this.#context.statistics.arp.announcementsSent++;
    this.#broadcast(address.word3, NO_MAC, address.word3);
  }

  #conflict(claim: Claim, bytes: Uint8Array, macAt: number): void {
    const { statistics, clock } = this.#context;
    statistics.arp.conflicts++;
    if (claim.isProbing) {
      const answers = claim.rivals.claimed(bytes, macAt);
      if (answers >= PROOF) this.#giveUp(claim, bytes, macAt);
      else claim.suspect(answers, clock.now);
    } else if (claim.rivals.mayDefend()) {
      statistics.arp.defenses++;
      this.#announce(claim.entry);
      this.#report(claim, bytes, macAt, 'defended');
    }
  }

  #giveUp(claim: Claim, bytes: Uint8Array, macAt: number): void {
    claim.deadline = Number.POSITIVE_INFINITY;
    this.#addresses.setState(claim.entry, ADDRESS.DUPLICATE);
    this.#routing.changed();
    this.#report(claim, bytes, macAt, 'probing');
  }

  #report({ entry }: Claim, bytes: Uint8Array, macAt: number, phase: 'probing' | 'defended'): void {
    const mac = bytes.slice(macAt, macAt + Ethernet.ADDRESS_BYTES);
    this.#context.options.onConflict({ address: entry.address, mac, phase, isAutomatic: false });
  }

  #between(least: number, most: number): number {
    const fraction = (this.#context.random.nextInt32() >>> 0) / 0x1_0000_0000;
    return Math.round(least + fraction * (most - least));
  }
}
