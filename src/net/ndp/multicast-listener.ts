/**
 * Tells the link which groups we listen to, so that a switch that snoops passes neighbour solicitations on to us:
 * MLDv2 (RFC 3810), the listener's side, for groups that are wanted from any source.
 *
 *     report: | type 143 | 0 | checksum | 0 | number of records |
 *     record: | kind | 0 | sources = 0 | group, 16 bytes |
 *             kind 4: "now from anybody", 2: "still from anybody", 3: "from nobody any more"
 *
 * A report is sent twice (section 6.1, Robustness 2) when a group is joined, and again when a router asks. It travels
 * behind a hop-by-hop router alert (section 5). The all-nodes group is not reported (section 6).
 */
import { SECOND } from '../clock.js';
import { OutgoingFrame } from '../device/frame.js';
import { groupMac } from '../ip/group-mac.js';
import { ADDRESS, type HostAddress } from '../ip/host-addresses.js';
import { addressSum, type IpPacket } from '../ip/packet.js';
import type { IpAddress } from '../wire/address.js';
import { readUint16, writeUint16 } from '../wire/bytes.js';
import { finish, sum } from '../wire/checksum.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import { SummedBytes } from '../wire/summed-bytes.js';
import { ALL_MLDV2_ROUTERS, ALL_NODES, solicitedNode, UNSPECIFIED } from './addresses.js';
import type { NdpParts } from './parts.js';

const RECORD_BYTES = 20;
const STILL_FROM_ANYBODY = 2;
const FROM_NOBODY = 3;
const NOW_FROM_ANYBODY = 4;
/** Unsolicited Report Interval, section 9.11. */
const REPEAT_WITHIN = 1 * SECOND;
/** A query names its longest delay in milliseconds up to here; above, in a floating form that means at least 32 s. */
const LONGEST_PLAIN_DELAY = 32768;
const QUERY_BYTES = 24;

/** Next header, length 0, router alert "MLD" (RFC 2711), PadN of two. */
const ROUTER_ALERT = Uint8Array.of(PROTOCOL.ICMPV6, 0, 5, 2, 0, 0, 1, 0);

export class MulticastListener {
  readonly #parts: NdpParts;
  readonly #frame = new OutgoingFrame();
  #kind = STILL_FROM_ANYBODY;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(parts: NdpParts) {
    this.#parts = parts;
  }

  /** We listen to the group of this address from now on. */
  joined(entry: HostAddress): void {
    this.joinedGroup(solicitedNode(entry.address));
  }

  /** A program listens to a group from now on. */
  joinedGroup(group: IpAddress): void {
    if (group.equals(ALL_NODES)) return;
    this.#report(NOW_FROM_ANYBODY, [group]);
    this.#kind = NOW_FROM_ANYBODY;
    this.#schedule(REPEAT_WITHIN);
  }

  /**
   * No program listens to a group any more. A lost report costs only traffic until the router asks: it is not repeated.
   */
  leftGroup(group: IpAddress): void {
    if (!group.equals(ALL_NODES)) this.#report(FROM_NOBODY, [group]);
  }

  /** A router asks: the answer comes after a random part of the time that it gives (section 6.2). */
  receiveQuery(packet: IpPacket): void {
    const { bytes, payloadFrom, payloadTo, ttl } = packet;
    if (ttl !== 1 || !Ipv6.isLinkLocal(packet.source0) || payloadTo - payloadFrom < QUERY_BYTES) return;
    const longestMs = Math.min(readUint16(bytes, payloadFrom + 4), LONGEST_PLAIN_DELAY);
    this.#schedule(longestMs * 1000);
  }

  nextDeadline(): number {
    return this.#deadline;
  }

  runTimers(): void {
    if (this.#parts.context.clock.now < this.#deadline) return;
    this.#deadline = Number.POSITIVE_INFINITY;
    const used = this.#parts.addresses.all.filter(({ address, state }) => !address.isV4 && state !== ADDRESS.DUPLICATE);
    const groups = new Map(used.map(({ address }) => [address.word3 & 0xffffff, solicitedNode(address)]));
    const joined = this.#parts.addresses.joinedGroups(false).filter((group) => !group.equals(ALL_NODES));
    const all = [...groups.values(), ...joined];
    if (all.length > 0) this.#report(this.#kind, all);
    this.#kind = STILL_FROM_ANYBODY;
  }

  #schedule(within: number): void {
    const { clock, random } = this.#parts.context;
    const delay = Math.round(((random.nextInt32() >>> 0) / 0x1_0000_0000) * within);
    this.#deadline = Math.min(this.#deadline, clock.now + delay);
  }

  #report(kind: number, groups: IpAddress[]): void {
    const message = new Uint8Array(Icmpv6.HEADER_BYTES + groups.length * RECORD_BYTES);
    Icmpv6.emit(message, 0, Icmpv6.LISTENER_REPORT_V2, 0, 0, groups.length);
    for (const [i, group] of groups.entries()) {
      const at = Icmpv6.HEADER_BYTES + i * RECORD_BYTES;
      message[at] = kind;
      group.writeV6(message, at + 4);
    }
    const source = this.#source();
    const pseudo = addressSum(source) + addressSum(ALL_MLDV2_ROUTERS) + PROTOCOL.ICMPV6 + message.length;
    writeUint16(message, Icmpv6.CHECKSUM, finish(pseudo + sum(message, 0, message.length)));
    this.#send(source, message);
  }

  #send(source: IpAddress, message: Uint8Array): void {
    const frame = this.#frame;
    frame.reset();
    frame.start -= ROUTER_ALERT.length;
    frame.header.set(ROUTER_ALERT, frame.start);
    frame.start -= Ipv6.HEADER_BYTES;
    const length = ROUTER_ALERT.length + message.length;
    Ipv6.emit(frame.header, frame.start, 0, 0, length, PROTOCOL.HOP_BY_HOP, 1);
    source.writeV6(frame.header, frame.start + Ipv6.SOURCE);
    ALL_MLDV2_ROUTERS.writeV6(frame.header, frame.start + Ipv6.DESTINATION);
    frame.addFragment(SummedBytes.plain(message), 0, message.length);
    this.#parts.output.sendLink(frame, groupMac(ALL_MLDV2_ROUTERS), Ethernet.TYPE_IPV6);
  }

  /** Our link-local address, or the unspecified one while that is being checked (section 5.2.13). */
  #source(): IpAddress {
    const own = this.#parts.addresses.all.find(
      ({ state, isOptimistic, address }) =>
        state === ADDRESS.ASSIGNED && !isOptimistic && Ipv6.isLinkLocal(address.word0),
    );
    return own?.address ?? UNSPECIFIED;
  }
}
