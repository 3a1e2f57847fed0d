/**
 * Makes sure that nobody else has our IPv4 addresses, and tells everybody that they are ours: RFC 5227.
 *
 *     start ──0..1 s──▶ probe ──1..2 s──▶ probe ──1..2 s──▶ probe ──2 s──▶ announce ──2 s──▶ announce ──▶ held
 *                         └──────────────── somebody has it: DUPLICATE, never used ◀──┘
 *     held: a conflict is answered by one announcement each 10 s at most (section 2.4, "b"): the address is kept,
 *     since a server's connections hang on it.
 *
 * In 'optimistic' mode the address is used during the probes, in 'off' mode there are none. One claim for each address;
 * the timers of all are looked at together because there are few.
 */
import { SECOND } from '../clock.js';
import type { InternetContext } from '../ip/context.js';
import { ADDRESS, type HostAddress, type HostAddresses } from '../ip/host-addresses.js';
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
const DEFEND_INTERVAL = 10 * SECOND;

const NO_MAC = new Uint8Array(6);

/** Sends an ARP request from `senderIp` about `targetIp` to everybody. */
export type Broadcast = (senderIp: number, targetMac: Uint8Array, targetIp: number) => void;

class Claim {
  readonly entry: HostAddress;
  probesLeft: number;
  announcementsLeft = ANNOUNCE_NUM;
  /** When the next probe or announcement is due. */
  deadline: number;
  /** When it was last defended. */
  defendedAt = Number.NEGATIVE_INFINITY;

  constructor(entry: HostAddress, probes: number, deadline: number) {
    this.entry = entry;
    this.probesLeft = probes;
    this.deadline = deadline;
  }

  get isProbing(): boolean {
    return (
      this.entry.state === ADDRESS.TENTATIVE || (this.entry.isOptimistic && this.announcementsLeft === ANNOUNCE_NUM)
    );
  }
}

export class AddressClaims {
  readonly #context: InternetContext;
  readonly #addresses: HostAddresses;
  readonly #broadcast: Broadcast;
  readonly #claims: Claim[] = [];

  constructor(context: InternetContext, addresses: HostAddresses, broadcast: Broadcast) {
    this.#context = context;
    this.#addresses = addresses;
    this.#broadcast = broadcast;
  }

  /** Begins the claim of an address. */
  claim(entry: HostAddress): void {
    const { clock, options } = this.#context;
    const isChecked = options.duplicateDetection !== 'off';
    const wait = isChecked ? this.#between(0, PROBE_WAIT) : 0;
    this.#claims.push(new Claim(entry, isChecked ? PROBE_NUM : 0, clock.now + wait));
    if (options.duplicateDetection === 'optimistic') entry.isOptimistic = true;
    if (options.duplicateDetection !== 'strict') this.#addresses.setState(entry, ADDRESS.ASSIGNED);
    this.runTimers();
  }

  /** Looks at an ARP packet of somebody else for a conflict; true if it shows one, and is of no other use. */
  heard(bytes: Uint8Array, from: number): boolean {
    const sender = Arp.senderIp(bytes, from);
    const target = Arp.targetIp(bytes, from);
    for (const claim of this.#claims) {
      const ours = claim.entry.address.word3;
      if (claim.entry.state === ADDRESS.DUPLICATE) continue;
      const isRivalProbe =
        sender === 0 && target === ours && claim.isProbing && Arp.operation(bytes, from) === Arp.REQUEST;
      if (sender !== ours && !isRivalProbe) continue;
      this.#conflict(claim, bytes, from);
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
    const { clock, statistics } = this.#context;
    const word = claim.entry.address.word3;
    if (claim.probesLeft > 0) {
      claim.probesLeft--;
      statistics.arp.probesSent++;
      this.#broadcast(0, NO_MAC, word);
      const wait = claim.probesLeft > 0 ? this.#between(PROBE_MIN, PROBE_MAX) : ANNOUNCE_WAIT;
      claim.deadline = clock.now + wait;
      return;
    }
    claim.entry.isOptimistic = false;
    if (claim.entry.state === ADDRESS.TENTATIVE) this.#addresses.setState(claim.entry, ADDRESS.ASSIGNED);
    claim.announcementsLeft--;
    this.#announce(word);
    claim.deadline = claim.announcementsLeft > 0 ? clock.now + ANNOUNCE_INTERVAL : Number.POSITIVE_INFINITY;
  }

  /** RFC 5227 section 2.3: a request with our address as sender and as target. */
  #announce(word: number): void {
    this.#context.statistics.arp.announcementsSent++;
    this.#broadcast(word, NO_MAC, word);
  }

  #conflict(claim: Claim, bytes: Uint8Array, from: number): void {
    const { statistics, options, clock } = this.#context;
    const macAt = from + Arp.SENDER_MAC;
    statistics.arp.conflicts++;
    if (claim.isProbing) {
      claim.deadline = Number.POSITIVE_INFINITY;
      this.#addresses.setState(claim.entry, ADDRESS.DUPLICATE);
    } else if (clock.now - claim.defendedAt >= DEFEND_INTERVAL) {
      claim.defendedAt = clock.now;
      this.#announce(claim.entry.address.word3);
    }
    options.onConflict(claim.entry.address, bytes.slice(macAt, macAt + Ethernet.ADDRESS_BYTES));
  }

  #between(least: number, most: number): number {
    const fraction = (this.#context.random.nextInt32() >>> 0) / 0x1_0000_0000;
    return Math.round(least + fraction * (most - least));
  }
}
