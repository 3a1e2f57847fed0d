/**
 * The DHCP client: RFC 2131 section 4.4, as a state machine without a network. Messages come by `received`, time by
 * `runTimers`, and what it wants done goes to its `DhcpOutput`.
 *
 *     start ─▶ SELECTING ─OFFER─▶ REQUESTING ─ACK─▶ BOUND ─T1─▶ RENEWING ─T2─▶ REBINDING ─end─▶ SELECTING
 *                                     │NAK            ▲ └───────── ACK ──────────┘ │NAK
 *                                     └──▶ INIT ◀─────┼── conflict ────────────────┘
 *     start with an old lease ─▶ REBOOTING ───ACK─────┘
 *
 * The first usable offer is taken, as all common clients do. There is no wait before the first DISCOVER, which section
 * 4.4.1 wants from hosts that start together after a power failure: a person waits for this one.
 */
import { type Clock, SECOND } from '../net/clock.js';
import type { Random } from '../net/random.js';
import type { IpAddress } from '../net/wire/address.js';
import { type Lease, leaseOf, secondsAfter } from './lease.js';
import { ETHERNET, MESSAGE } from './option-codes.js';
import { type Reply, readReply } from './reply.js';
import { type Request, writeRequest } from './request.js';
import { type DhcpState, hasLease, STATE } from './states.js';
import { DhcpStatistics } from './statistics.js';
import { answerWait, fuzzed, nextRenewal, refusedWait } from './timing.js';

/** A lease and the time from which it counts, µs of the clock: when we asked for it (section 4.4.1). */
export interface HeldLease {
  readonly lease: Lease;
  readonly since: number;
}

/** Why a lease is over. */
export type LossReason =
  /** Its time was over, and no server answered. */
  | 'expired'
  /** A server said NAK. */
  | 'refused'
  /** Another host has the address. */
  | 'conflict'
  /** We gave it back. */
  | 'released';

/** What the client wants done. */
export interface DhcpOutput {
  /**
   * Sends a message to a server, or to all (`to` undefined), from our address, or from 0.0.0.0 (`from` undefined).
   * False: it did not leave.
   */
  send(message: Uint8Array, from: IpAddress | undefined, to: IpAddress | undefined): boolean;
  /** The lease is ours, or the one that we have was extended. */
  bound(held: HeldLease): void;
  /** The lease is ours no more: its address must not be used from now on. */
  lost(lease: Lease, reason: LossReason): void;
}

/** What a client is made of. */
export interface DhcpClientOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Our Ethernet address, six bytes. */
  readonly mac: Uint8Array;
  readonly output: DhcpOutput;
  /** Our name, for the server's tables (option 12): ASCII. */
  readonly hostName?: string | undefined;
  /** The longest DHCP message that we take, bytes (option 57). */
  readonly largestMessage?: number | undefined;
  readonly statistics?: DhcpStatistics | undefined;
}

/** A REQUEST for an offer is sent so often, which takes a minute in all; then we begin anew (section 3.1.5). */
const MAX_REQUESTS = 4;
/** The same for the lease of an earlier run: after 12 s a new one is asked for. */
const MAX_REBOOT_REQUESTS = 2;
/** After so many questions without an answer, answers are to be broadcast: some servers' links cannot do otherwise. */
const UNICAST_TRIES = 2;
/** Section 3.1.5: "at least ten seconds" after a DECLINE. */
const CONFLICT_WAIT = 10 * SECOND;

export class DhcpClient {
  readonly statistics: DhcpStatistics;
  readonly #options: DhcpClientOptions;
  readonly #clientId: Uint8Array;
  #state: DhcpState = STATE.STOPPED;
  #held: HeldLease | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  /** T2 and the end of the lease, µs. */
  #rebindAt = 0;
  #expiresAt = 0;
  #transaction = 0;
  /** When this attempt began, and when the first request of the transaction left, µs. */
  #began = 0;
  #askedAt = 0;
  /** Messages of this kind sent so far. */
  #sent = 0;
  #wantsBroadcast = false;
  /** The address and the server of the offer that was taken; in REBOOTING the address alone. */
  #offered: { readonly address: IpAddress; readonly server: IpAddress | undefined } | undefined;
  /** An address that we had: we ask for it again. */
  #wish: IpAddress | undefined;
  #refusals = 0;

  constructor(options: DhcpClientOptions) {
    this.#options = options;
    this.statistics = options.statistics ?? new DhcpStatistics();
    // Type 1 and the Ethernet address (RFC 2132 section 9.14). docs/dhcp.md says why it is no DUID.
    this.#clientId = Uint8Array.of(ETHERNET, ...options.mac);
  }

  get state(): DhcpState {
    return this.#state;
  }

  /** The lease that is ours; undefined: there is none. */
  get held(): HeldLease | undefined {
    return this.#held;
  }

  /** Begins to ask. @param last the address of an earlier run, whose lease may still be good */
  start(last?: IpAddress): void {
    this.#wish = last;
    this.#begin();
    if (last === undefined) this.#discover();
    else this.#reboot(last);
  }

  /** Goes on with a lease that another thread or process has got. */
  resume(held: HeldLease): void {
    this.#hold(held);
  }

  /** When `runTimers` has something to do, µs of the clock; Infinity: never. */
  nextDeadline(): number {
    return this.#deadline;
  }

  /** Does what is due. */
  runTimers(): void {
    const { now } = this.#options.clock;
    if (now < this.#deadline) return;
    if (hasLease(this.#state) && now >= this.#expiresAt) this.#expire();
    else if (this.#state === STATE.BOUND) this.#renew();
    else if (this.#state === STATE.RENEWING) this.#renewAgain(now);
    else if (this.#state === STATE.REBINDING) this.#extend(this.#expiresAt);
    else if (this.#state === STATE.REQUESTING) this.#retry(MAX_REQUESTS);
    else if (this.#state === STATE.REBOOTING) this.#retry(MAX_REBOOT_REQUESTS);
    else if (this.#state === STATE.SELECTING) this.#sendDiscover();
    else this.#restart();
  }

  /** Takes a datagram from a server's port: `bytes[from, to)`. */
  received(bytes: Uint8Array, from: number, to: number): void {
    const { statistics } = this;
    const { mac } = this.#options;
    const reply = readReply(bytes, from, to, { transaction: this.#transaction, mac, clientId: this.#clientId });
    if (reply === 'malformed') statistics.malformed++;
    else if (reply === 'not-ours') statistics.notOurs++;
    else if (!this.#take(reply)) statistics.unusable++;
  }

  /** Another host has the address of our lease: the server is told (DECLINE), and we ask for another one. */
  conflict(): void {
    const held = this.#held;
    if (held === undefined) return;
    const { network, server } = held.lease;
    this.statistics.conflicts++;
    this.#lose('conflict');
    this.#wish = undefined;
    this.#transaction = this.#options.random.nextInt32();
    this.statistics.declinesSent++;
    this.#send(MESSAGE.DECLINE, { requestedAddress: network.address, server });
    this.#wait(CONFLICT_WAIT);
  }

  /** Gives the lease back, and ends. */
  release(): void {
    const held = this.#held;
    if (held !== undefined) {
      const { network, server } = held.lease;
      this.#transaction = this.#options.random.nextInt32();
      this.statistics.releasesSent++;
      this.#send(MESSAGE.RELEASE, { clientAddress: network.address, server }, server);
      this.#lose('released');
    }
    this.stop();
  }

  /** Ends without a word to the server: another process goes on with the lease. */
  stop(): void {
    this.#state = STATE.STOPPED;
    this.#held = undefined;
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  /** True if the reply was of use. */
  #take(reply: Reply): boolean {
    const { statistics } = this;
    if (reply.type === MESSAGE.OFFER) {
      statistics.offersReceived++;
      return this.#state === STATE.SELECTING && this.#takeOffer(reply);
    }
    if (reply.type === MESSAGE.NAK) {
      statistics.naksReceived++;
      return this.#takeNak(reply);
    }
    statistics.acksReceived++;
    return this.#takeAck(reply);
  }

  #takeOffer({ options, yourAddress }: Reply): boolean {
    const lease = leaseOf(options, yourAddress);
    if (lease === undefined) return false;
    this.#offered = { address: yourAddress, server: lease.server };
    this.#state = STATE.REQUESTING;
    this.#sent = 0;
    this.#askedAt = this.#options.clock.now;
    this.#sendRequest();
    return true;
  }

  #takeAck({ options, yourAddress }: Reply): boolean {
    const asked = this.#asked();
    const lease = leaseOf(options, yourAddress);
    if (asked === undefined || lease === undefined || !yourAddress.equals(asked.address)) return false;
    if (asked.server !== undefined && !lease.server.equals(asked.server)) return false;
    if (this.#state === STATE.RENEWING) this.statistics.renewed++;
    else if (this.#state === STATE.REBINDING) this.statistics.rebound++;
    else this.statistics.bound++;
    this.#refusals = 0;
    const held = { lease, since: this.#askedAt };
    this.#hold(held);
    this.#options.output.bound(held);
    return true;
  }

  /** A NAK of the server that was asked; of any server, if any was asked. */
  #takeNak({ server }: Reply): boolean {
    const asked = this.#asked();
    if (asked === undefined || server === undefined) return false;
    if (asked.server !== undefined && !server.equals(asked.server)) return false;
    this.statistics.refused++;
    if (this.#held !== undefined) this.#lose('refused');
    this.#wish = undefined;
    this.#refusals++;
    this.#wait(refusedWait(this.#refusals));
    return true;
  }

  /** Which address we have asked for, and whom; undefined: no request is out. */
  #asked(): { readonly address: IpAddress; readonly server: IpAddress | undefined } | undefined {
    if (this.#state === STATE.REQUESTING || this.#state === STATE.REBOOTING) return this.#offered;
    if (this.#held === undefined || this.#state === STATE.BOUND) return undefined;
    const { network, server } = this.#held.lease;
    return { address: network.address, server: this.#state === STATE.RENEWING ? server : undefined };
  }

  #hold(held: HeldLease): void {
    const { lease, since } = held;
    const { random } = this.#options;
    this.#held = held;
    this.#state = STATE.BOUND;
    this.#expiresAt = secondsAfter(since, lease.leaseSeconds);
    this.#rebindAt = since + fuzzed(secondsAfter(0, lease.rebindSeconds), random);
    this.#deadline = Math.min(since + fuzzed(secondsAfter(0, lease.renewSeconds), random), this.#rebindAt);
  }

  #lose(reason: LossReason): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#wish = held.lease.network.address;
    this.#options.output.lost(held.lease, reason);
  }

  #expire(): void {
    this.statistics.expired++;
    this.#lose('expired');
    this.#restart();
  }

  #wait(microseconds: number): void {
    this.#state = STATE.INIT;
    this.#deadline = this.#options.clock.now + microseconds;
  }

  #restart(): void {
    this.#begin();
    this.#discover();
  }

  #begin(): void {
    this.#began = this.#options.clock.now;
    this.#transaction = this.#options.random.nextInt32();
    this.#sent = 0;
  }

  #discover(): void {
    this.#state = STATE.SELECTING;
    this.#offered = undefined;
    this.#sendDiscover();
  }

  #sendDiscover(): void {
    this.#wantsBroadcast = this.#sent >= UNICAST_TRIES;
    this.statistics.discoversSent++;
    this.#send(MESSAGE.DISCOVER, { requestedAddress: this.#wish });
    this.#waitForAnswer();
  }

  /** Asks whether the lease of an earlier run is still good (section 4.3.2, INIT-REBOOT). */
  #reboot(address: IpAddress): void {
    this.#state = STATE.REBOOTING;
    this.#offered = { address, server: undefined };
    this.#askedAt = this.#options.clock.now;
    this.#sendRequest();
  }

  /** For an offer, or for the address of an earlier run. */
  #sendRequest(): void {
    if (this.#state === STATE.REBOOTING) this.#wantsBroadcast = this.#sent > 0;
    this.statistics.requestsSent++;
    this.#send(MESSAGE.REQUEST, { requestedAddress: this.#offered?.address, server: this.#offered?.server });
    this.#waitForAnswer();
  }

  #waitForAnswer(): void {
    const { clock, random } = this.#options;
    this.#sent++;
    this.#deadline = clock.now + answerWait(this.#sent, random);
  }

  #retry(most: number): void {
    if (this.#sent < most) this.#sendRequest();
    else this.#restart();
  }

  #renew(): void {
    this.#begin();
    this.#state = STATE.RENEWING;
    this.#askedAt = this.#began;
    this.#extend(this.#rebindAt);
  }

  #renewAgain(now: number): void {
    if (now < this.#rebindAt) {
      this.#extend(this.#rebindAt);
      return;
    }
    this.#begin();
    this.#state = STATE.REBINDING;
    this.#askedAt = this.#began;
    this.#extend(this.#expiresAt);
  }

  /** A REQUEST for the lease that we have: to its server, or in REBINDING to all. The next one comes before `end`. */
  #extend(end: number): void {
    const held = this.#held;
    if (held === undefined) return;
    const { network, server } = held.lease;
    this.#wantsBroadcast = false;
    this.statistics.requestsSent++;
    const to = this.#state === STATE.RENEWING ? server : undefined;
    this.#send(MESSAGE.REQUEST, { clientAddress: network.address }, to);
    this.#deadline = nextRenewal(this.#options.clock.now, end);
  }

  #send(type: Request['type'], fields: Partial<Request>, to?: IpAddress): void {
    const { clock, mac, hostName, largestMessage, output } = this.#options;
    const isRequest = type === MESSAGE.DISCOVER || type === MESSAGE.REQUEST;
    const message = writeRequest({
      type,
      transaction: this.#transaction,
      seconds: isRequest ? this.#secondsFor(type, clock.now) : 0,
      mac,
      clientId: this.#clientId,
      wantsBroadcast: isRequest && this.#wantsBroadcast,
      hostName,
      largestMessage,
      ...fields,
    });
    if (!output.send(message, fields.clientAddress, to)) this.statistics.sendFailures++;
  }

  /** Section 3.1.3: a REQUEST for an offer has the seconds of its DISCOVER. */
  #secondsFor(type: Request['type'], now: number): number {
    const at = type === MESSAGE.REQUEST && this.#state === STATE.REQUESTING ? this.#discoveredAt : now;
    if (type === MESSAGE.DISCOVER) this.#discoveredAt = now;
    return Math.floor((at - this.#began) / SECOND);
  }

  #discoveredAt = 0;
}
