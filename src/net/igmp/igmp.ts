/**
 * Tells the link which IPv4 groups our programs listen to: IGMPv3 (RFC 3376), the host's side, for groups that are
 * wanted from any source. MLD (ndp/multicast-listener.ts) is the same for IPv6.
 *
 *     report: | type 0x22 | 0 | checksum | 0 | number of records |
 *     record: | kind | 0 | sources = 0 | group, 4 bytes |
 *             kind 4: "now from anybody", 2: "still from anybody", 3: "from nobody any more"
 *
 * A report is sent twice (section 5.1, Robustness 2) when a group is joined, and again when a router asks. All hosts
 * are in 224.0.0.1 without saying so (section 6). A router that knows only IGMPv1 or v2 does not hear us (section 7).
 */
import { SECOND } from '../clock.js';
import { OutgoingFrame } from '../device/frame.js';
import type { InternetContext } from '../ip/context.js';
import { groupMac } from '../ip/group-mac.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import type { Output } from '../ip/output.js';
import { addressSum, type IpPacket } from '../ip/packet.js';
import type { TransportProtocol } from '../ip/transport.js';
import { IpAddress } from '../wire/address.js';
import { writeUint16 } from '../wire/bytes.js';
import { finish, sum } from '../wire/checksum.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Ipv4 from '../wire/ipv4.js';
import { PROTOCOL } from '../wire/protocol.js';
import { SummedBytes } from '../wire/summed-bytes.js';

const ALL_HOSTS = IpAddress.parse('224.0.0.1');
/** Reports go to the routers that speak IGMPv3 (section 4.2.14). */
const ALL_IGMPV3_ROUTERS = IpAddress.parse('224.0.0.22');
const QUERY = 0x11;
const REPORT_V3 = 0x22;
const CHECKSUM_AT = 2;
const COUNT_AT = 6;
const HEADER_BYTES = 8;
const RECORD_BYTES = 8;
const STILL_FROM_ANYBODY = 2;
const FROM_NOBODY = 3;
const NOW_FROM_ANYBODY = 4;
/** Unsolicited Report Interval, section 8.11. */
const REPEAT_WITHIN = 1 * SECOND;
/** A query names its longest delay in tenths of a second up to here; above, in a floating form. */
const LONGEST_PLAIN_DELAY = 127;
/** RFC 2113: each router looks at the packet. */
const ROUTER_ALERT = [0x94, 4, 0, 0];
/** Internetwork control (section 4). */
const TOS = 0xc0;

export class Igmp implements TransportProtocol {
  readonly #context: InternetContext;
  readonly #addresses: HostAddresses;
  readonly #output: Output;
  readonly #frame = new OutgoingFrame();
  #kind = STILL_FROM_ANYBODY;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(context: InternetContext, addresses: HostAddresses, output: Output) {
    this.#context = context;
    this.#addresses = addresses;
    this.#output = output;
  }

  /** A program has joined a group first, or has left it last. */
  groupChanged(group: IpAddress, isJoined: boolean): void {
    if (group.equals(ALL_HOSTS)) return;
    this.#report(isJoined ? NOW_FROM_ANYBODY : FROM_NOBODY, [group]);
    if (!isJoined) return;
    this.#kind = NOW_FROM_ANYBODY;
    this.#schedule(REPEAT_WITHIN);
  }

  /** A router asks: the answer comes after a random part of the time that it gives (section 5.2). */
  receive(packet: IpPacket): void {
    const { bytes, payloadFrom, payloadTo, ttl } = packet;
    const isQuery = payloadTo - payloadFrom >= HEADER_BYTES && bytes[payloadFrom] === QUERY;
    if (!isQuery || ttl !== 1 || sum(bytes, payloadFrom, payloadTo) !== 0xffff) return;
    const tenths = Math.min(bytes[payloadFrom + 1]!, LONGEST_PLAIN_DELAY);
    if (this.#joined().length > 0) this.#schedule((tenths * SECOND) / 10);
  }

  icmpError(): void {}

  nextDeadline(): number {
    return this.#deadline;
  }

  runTimers(): void {
    if (this.#context.clock.now < this.#deadline) return;
    this.#deadline = Number.POSITIVE_INFINITY;
    const groups = this.#joined();
    if (groups.length > 0) this.#report(this.#kind, groups);
    this.#kind = STILL_FROM_ANYBODY;
  }

  #joined(): IpAddress[] {
    return this.#addresses.joinedGroups(true).filter((group) => !group.equals(ALL_HOSTS));
  }

  #schedule(within: number): void {
    const { clock, random } = this.#context;
    const delay = Math.round(((random.nextInt32() >>> 0) / 0x1_0000_0000) * within);
    this.#deadline = Math.min(this.#deadline, clock.now + delay);
  }

  #report(kind: number, groups: readonly IpAddress[]): void {
    const source = this.#addresses.sourceFor(ALL_IGMPV3_ROUTERS);
    if (source === undefined) return;
    const message = new Uint8Array(HEADER_BYTES + groups.length * RECORD_BYTES);
    message[0] = REPORT_V3;
    writeUint16(message, COUNT_AT, groups.length);
    for (const [i, group] of groups.entries()) {
      const at = HEADER_BYTES + i * RECORD_BYTES;
      message[at] = kind;
      group.writeV4(message, at + 4);
    }
    writeUint16(message, CHECKSUM_AT, finish(sum(message, 0, message.length)));
    this.#send(source, message);
  }

  #send(source: IpAddress, message: Uint8Array): void {
    const frame = this.#frame;
    frame.reset();
    const headerBytes = Ipv4.HEADER_BYTES + ROUTER_ALERT.length;
    frame.start -= headerBytes;
    const { header, start } = frame;
    const addresses = addressSum(source) + addressSum(ALL_IGMPV3_ROUTERS);
    const [from, to] = [source.word3, ALL_IGMPV3_ROUTERS.word3];
    Ipv4.emit(header, start, TOS, headerBytes + message.length, 0, 0, 1, PROTOCOL.IGMP, from, to, addresses);
    header[start] = 0x40 | (headerBytes / 4);
    header.set(ROUTER_ALERT, start + Ipv4.HEADER_BYTES);
    writeUint16(header, start + Ipv4.CHECKSUM, 0);
    writeUint16(header, start + Ipv4.CHECKSUM, finish(sum(header, start, start + headerBytes)));
    frame.addFragment(SummedBytes.plain(message), 0, message.length);
    this.#output.sendLink(frame, groupMac(ALL_IGMPV3_ROUTERS), Ethernet.TYPE_IPV4);
  }
}
