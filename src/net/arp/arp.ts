/**
 * ARP: asks for Ethernet addresses, and answers requests for ours. `receive` follows "Packet Reception" of RFC 826; RFC
 * 1122 section 2.3.2 and RFC 5227 add the rest. States and timers of neighbours are in `ip/neighbor-cache.ts`.
 */
import { OutgoingFrame } from '../device/frame.js';
import type { InternetContext } from '../ip/context.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import { NEIGHBOR, type Neighbor } from '../ip/neighbor.js';
import type { NeighborCache } from '../ip/neighbor-cache.js';
import type { Output } from '../ip/output.js';
import type { Routing } from '../ip/routing.js';
import { IpAddress } from '../wire/address.js';
import * as Arp from '../wire/arp.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Ipv4 from '../wire/ipv4.js';
import type { AddressClaims } from './address-claim.js';

const NO_MAC = new Uint8Array(6);

export class ArpProtocol {
  readonly #context: InternetContext;
  readonly #addresses: HostAddresses;
  readonly #neighbors: NeighborCache;
  readonly #routing: Routing;
  readonly #output: Output;
  readonly #claims: AddressClaims;
  readonly #frame = new OutgoingFrame();
  readonly #senderMac = new Uint8Array(6);

  constructor(
    context: InternetContext,
    addresses: HostAddresses,
    neighbors: NeighborCache,
    routing: Routing,
    output: Output,
    claims: AddressClaims,
  ) {
    this.#context = context;
    this.#addresses = addresses;
    this.#neighbors = neighbors;
    this.#routing = routing;
    this.#output = output;
    this.#claims = claims;
  }

  /** Takes the ARP packet in `bytes[from, to)`. */
  receive(bytes: Uint8Array, from: number, to: number): void {
    const { statistics, device } = this.#context;
    const senderMacAt = from + Arp.SENDER_MAC;
    if (!Arp.check(bytes, from, to) || Ethernet.isGroup(bytes, senderMacAt)) {
      statistics.arp.malformed++;
      return;
    }
    if (Ethernet.isAddress(bytes, senderMacAt, device.mac)) return;
    const isRequest = Arp.operation(bytes, from) === Arp.REQUEST;
    if (isRequest) statistics.arp.requestsReceived++;
    else statistics.arp.repliesReceived++;
    if (this.#claims.heard(bytes, from)) return;
    this.#merge(bytes, from, isRequest);
    if (isRequest && this.#addresses.isOurV4(Arp.targetIp(bytes, from))) this.#reply(bytes, from);
  }

  /** Asks for the neighbour's Ethernet address: all stations, or, to verify it, the neighbour alone. */
  solicit(neighbor: Neighbor, toKnownMac: boolean): void {
    const local = this.#addresses.sourceFor(neighbor.address);
    if (local === undefined) return;
    this.#context.statistics.arp.requestsSent++;
    const destination = toKnownMac ? neighbor.mac : Ethernet.BROADCAST;
    this.send(Arp.REQUEST, local.word3, NO_MAC, neighbor.address.word3, destination);
  }

  /** Sends an ARP packet; addresses as int32. */
  send(operation: number, senderIp: number, targetMac: Uint8Array, targetIp: number, destination: Uint8Array): void {
    const frame = this.#frame;
    frame.reset();
    frame.end = frame.start + Arp.PACKET_BYTES;
    Arp.emit(frame.header, frame.start, operation, this.#context.device.mac, senderIp, targetMac, targetIp);
    this.#output.sendLink(frame, destination, Ethernet.TYPE_ARP);
  }

  /**
   * RFC 826: an entry that exists is updated by any packet of its owner; a new one is made only if we are the target,
   * because then we are about to talk. An answer to our question confirms the entry; any other packet does not.
   */
  #merge(bytes: Uint8Array, from: number, isRequest: boolean): void {
    const sender = Arp.senderIp(bytes, from);
    if (Ipv4.isBadSource(sender) || this.#addresses.isBroadcastV4(sender)) return;
    const macAt = from + Arp.SENDER_MAC;
    const isToUs = this.#addresses.isOurV4(Arp.targetIp(bytes, from));
    const known = this.#neighbors.findV4(sender);
    if (known !== undefined) {
      const asked = known.state === NEIGHBOR.INCOMPLETE || known.state === NEIGHBOR.PROBE;
      if (!isRequest && isToUs && asked) this.#neighbors.answered(known, bytes, macAt);
      else this.#neighbors.update(known, bytes, macAt);
      return;
    }
    if (!isToUs || !isRequest) return;
    const address = IpAddress.v4(sender);
    if (!this.#routing.isOnLink(address) && !this.#routing.isGateway(address)) return;
    this.#neighbors.update(this.#neighbors.obtain(address), bytes, macAt);
  }

  /** RFC 826: "swap hardware and protocol fields, put the local addresses in the sender fields, send to the asker". */
  #reply(bytes: Uint8Array, from: number): void {
    this.#context.statistics.arp.repliesSent++;
    Ethernet.copyAddress(bytes, from + Arp.SENDER_MAC, this.#senderMac, 0);
    const asker = Arp.senderIp(bytes, from);
    this.send(Arp.REPLY, Arp.targetIp(bytes, from), this.#senderMac, asker, this.#senderMac);
  }
}
