/**
 * Makes sure that no other node has our IPv6 addresses: RFC 4862 section 5.4; RFC 4429 for 'optimistic'; RFC 7527 for
 * links that send our own questions back to us.
 *
 *     claim ──0..1 s──▶ solicitation from :: about ourselves ──1 s──▶ ASSIGNED, announced to all nodes
 *                          │  ▲
 *                  a claim ▼  │ 1 s: we ask again (`ip/address-rivals.ts` says why)
 *                       suspicion ──▶ the same node has answered two questions: DUPLICATE, no longer used
 *
 * Later a claim is answered by an announcement, as for IPv4: RFC 4862 leaves it open, and connections depend on the
 * address.
 */
import { SECOND } from '../clock.js';
import { AddressRivals, PROOF } from '../ip/address-rivals.js';
import { groupMac } from '../ip/group-mac.js';
import { ADDRESS, type HostAddress } from '../ip/host-addresses.js';
import type { IpPacket } from '../ip/packet.js';
import { sameBytes } from '../wire/bytes.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import { ALL_NODES, solicitedNode, UNSPECIFIED } from './addresses.js';
import type { NdpMessage } from './message.js';
import type { NdpParts } from './parts.js';

/** MAX_RTR_SOLICITATION_DELAY of RFC 4861 section 10: hosts that start together do not ask together. */
const FIRST_DELAY = 1 * SECOND;
/** RetransTimer: how long we wait for an objection. */
const ANSWER_TIME = 1 * SECOND;
/** DupAddrDetectTransmits, RFC 4862 section 5.1. */
const QUESTIONS = 1;
/** MAX_MULTICAST_SOLICIT: so many more questions follow one that came back to us (RFC 7527 section 4.2). */
const QUESTIONS_AFTER_LOOP = 3;
/** Questions about one address in all. Forged claims and replayed questions must not keep us waiting for ever. */
const MAX_QUESTIONS = 10;

class Check {
  readonly entry: HostAddress;
  readonly rivals: AddressRivals;
  /** The nonces of our questions, by which we know them again (RFC 7527). */
  readonly nonces: Uint8Array[] = [];
  questionsLeft = QUESTIONS;
  /** One of the last questions came back to us. */
  loopedBack = false;
  deadline: number;

  constructor(entry: HostAddress, rivals: AddressRivals, deadline: number) {
    this.entry = entry;
    this.rivals = rivals;
    this.deadline = deadline;
  }

  /** Plans `count` more questions, within the bound. */
  askAgain(count: number): void {
    this.questionsLeft = Math.max(this.questionsLeft, Math.min(count, MAX_QUESTIONS - this.rivals.probes));
  }
}

export class DuplicateDetection {
  readonly #parts: NdpParts;
  readonly #message: NdpMessage;
  /** Another node has an address that was made from a prefix. */
  onLost: (entry: HostAddress) => void = () => {};
  readonly #checks = new Map<HostAddress, Check>();
  /** Of addresses in use that others have claimed: when they were last defended. */
  readonly #defended = new WeakMap<HostAddress, AddressRivals>();

  constructor(parts: NdpParts, message: NdpMessage) {
    this.#parts = parts;
    this.#message = message;
  }

  /** Begins to use an address, after a check unless that is off. */
  claim(entry: HostAddress): void {
    const { clock, random, options } = this.#parts.context;
    if (options.duplicateDetection === 'off') {
      this.#assign(entry);
      return;
    }
    const delay = Math.round(((random.nextInt32() >>> 0) / 0x1_0000_0000) * FIRST_DELAY);
    this.#checks.set(entry, new Check(entry, new AddressRivals(clock), clock.now + delay));
    if (options.duplicateDetection !== 'optimistic') return;
    entry.isOptimistic = true;
    this.#parts.addresses.setState(entry, ADDRESS.ASSIGNED);
  }

  /** True if `packet` is a question of ours about `entry` that the link has sent back: its nonce tells. */
  isOwnQuestion(packet: IpPacket, entry: HostAddress): boolean {
    const check = this.#checks.get(entry);
    if (check === undefined) return false;
    const { bytes, payloadFrom, payloadTo } = packet;
    const from = payloadFrom + Icmpv6.NEIGHBOR_MESSAGE_BYTES;
    const at = Icmpv6.findOption(bytes, from, payloadTo, Icmpv6.OPTION_NONCE);
    if (at < 0 || bytes[at + 1] !== 1) return false;
    if (!check.nonces.some((nonce) => sameBytes(nonce, 0, bytes, at + 2, Icmpv6.NONCE_BYTES))) return false;
    this.#parts.context.statistics.ndp.loopedBack++;
    check.loopedBack = true;
    return true;
  }

  /** Another node says in an advertisement that the address is its own. */
  claimed(entry: HostAddress, packet: IpPacket): void {
    if (entry.state === ADDRESS.DUPLICATE) return;
    const { statistics } = this.#parts.context;
    statistics.ndp.duplicateAddresses++;
    const check = this.#checks.get(entry);
    if (check === undefined) {
      this.#defend(entry, packet);
      return;
    }
    const answers = check.rivals.claimed(packet.linkBytes, packet.sourceMacFrom);
    if (answers >= PROOF) this.#giveUp(entry, packet);
    else check.askAgain(PROOF - answers);
  }

  nextDeadline(): number {
    // Asked after each batch of frames: no iterator while there is nothing to look at.
    if (this.#checks.size === 0) return Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const check of this.#checks.values()) next = Math.min(next, check.deadline);
    return next;
  }

  runTimers(): void {
    if (this.#checks.size === 0) return;
    const { now } = this.#parts.context.clock;
    for (const check of this.#checks.values()) if (check.deadline <= now) this.#step(check);
  }

  #step(check: Check): void {
    if (check.questionsLeft === 0 && check.loopedBack) {
      check.loopedBack = false;
      check.askAgain(QUESTIONS_AFTER_LOOP);
    }
    if (check.questionsLeft > 0) {
      this.#ask(check);
      return;
    }
    this.#checks.delete(check.entry);
    this.#assign(check.entry);
  }

  /** A solicitation about our own address, from the unspecified one, to its group (RFC 4862 section 5.4.2). */
  #ask(check: Check): void {
    const { statistics, clock, random } = this.#parts.context;
    const nonce = new Uint8Array(Icmpv6.NONCE_BYTES);
    new DataView(nonce.buffer).setInt32(0, random.nextInt32());
    new DataView(nonce.buffer).setInt16(4, random.nextInt32());
    check.nonces.push(nonce);
    check.questionsLeft--;
    check.deadline = clock.now + ANSWER_TIME;
    check.rivals.probed();
    statistics.ndp.solicitationsSent++;
    const { address } = check.entry;
    const group = solicitedNode(address);
    this.#message
      .begin(Icmpv6.NEIGHBOR_SOLICITATION, 0)
      .address(address)
      .nonce(nonce)
      .sendTo(UNSPECIFIED, group, groupMac(group));
  }

  #assign(entry: HostAddress): void {
    entry.isOptimistic = false;
    this.#parts.addresses.setState(entry, ADDRESS.ASSIGNED);
    this.#announce(entry);
  }

  #defend(entry: HostAddress, packet: IpPacket): void {
    const { statistics, clock } = this.#parts.context;
    if (entry.state !== ADDRESS.ASSIGNED) return;
    const rivals = this.#defended.get(entry) ?? new AddressRivals(clock);
    this.#defended.set(entry, rivals);
    if (!rivals.mayDefend()) return;
    statistics.ndp.defenses++;
    this.#announce(entry);
    this.#report(entry, packet, 'defended');
  }

  #giveUp(entry: HostAddress, packet: IpPacket): void {
    this.#checks.delete(entry);
    this.#parts.addresses.setState(entry, ADDRESS.DUPLICATE);
    this.#parts.routing.changed();
    this.#report(entry, packet, 'probing');
    if (entry.isAutomatic) this.onLost(entry);
  }

  #report({ address, isAutomatic }: HostAddress, packet: IpPacket, phase: 'probing' | 'defended'): void {
    const { linkBytes, sourceMacFrom } = packet;
    const mac = linkBytes.slice(sourceMacFrom, sourceMacFrom + Ethernet.ADDRESS_BYTES);
    this.#parts.context.options.onConflict({ address, mac, phase, isAutomatic });
  }

  /** An unsolicited advertisement: neighbours who knew another Ethernet address take ours (RFC 4861 section 7.2.6). */
  #announce(entry: HostAddress): void {
    this.#parts.context.statistics.ndp.advertisementsSent++;
    this.#message
      .begin(Icmpv6.NEIGHBOR_ADVERTISEMENT, Icmpv6.FLAG_OVERRIDE)
      .address(entry.address)
      .ownMac(Icmpv6.OPTION_TARGET_MAC)
      .sendTo(entry.address, ALL_NODES, groupMac(ALL_NODES));
  }
}
