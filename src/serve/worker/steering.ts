/**
 * Several workers on one interface: makes sure that each worker can be a whole stack of its own.
 *
 * The kernel chooses the queue (and so the worker) of a frame by a symmetric hash of its addresses and ports, and
 * remembers the queue from which we last sent for that hash (tun_automq_select_queue in Linux's drivers/net/tun.c).
 * As long as each worker answers the frames that it gets, both lead to the same queue. So a connection stays with the
 * worker that got its SYN. Three kinds of frames do not follow their connection:
 *
 * 1. **Frames for every stack**: ARP replies and announcements, the same in IPv6, and ICMP errors. (An ICMP error is
 *    about a connection, but it has no ports where the hash looks for them.) The worker that gets such a frame uses it
 *    and gives each sibling a copy. These frames are not answered, so nothing is answered twice. Requests (ARP,
 *    neighbour solicitation, echo) are answered by the worker that gets them. With `--address dhcp` the server's
 *    answers too: only the first worker asks, and the hash of an answer is not that of the question.
 * 2. **Fragments**: only the addresses are hashed. All of one datagram come to one worker, which reassembles it.
 * 3. **IPv6 with a flow label**: the hash takes addresses and label but no ports, and a connection's label may change
 *    (Linux does that after a time-out) or be zero (in a RST for a socket that is gone).
 *
 * For 2 and 3, a segment whose connection is not here is not answered with RST but *strays*: it is handed to the next
 * worker of the ring, and so on. If no worker has the connection, the last one sends the RST. Connections themselves
 * never move.
 *
 * To pass a frame on, it is copied and posted. That is slow, and meant for one frame in a hundred thousand. The
 * number of frames that wait at a sibling is bounded. More are dropped, as in any full queue.
 *
 * After a hand-over (handover/) the process before us stands at the end of the ring: a segment that no worker of ours
 * knows goes to it, while it lives.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import { CLIENT_PORT, SERVER_PORT } from '../../dhcp/option-codes.js';
import { IncomingFrame } from '../../net/device/frame.js';
import type { DrivenStack } from '../../net/driver/driven.js';
import { Wakeup } from '../../net/driver/wakeup.js';
import type { IpPacket } from '../../net/ip/packet.js';
import { NO_VLAN } from '../../net/ip/vlan.js';
import * as arp from '../../net/wire/arp.js';
import * as ethernet from '../../net/wire/ethernet.js';
import * as icmp from '../../net/wire/icmp.js';
import * as icmpv6 from '../../net/wire/icmpv6.js';
import * as ipv4 from '../../net/wire/ipv4.js';
import * as ipv6 from '../../net/wire/ipv6.js';
import { PROTOCOL } from '../../net/wire/protocol.js';
import * as udp from '../../net/wire/udp.js';
import { Predecessor } from '../handover/predecessor.js';
import type { PassedFrame, SiblingSetup, WorkerSetup } from './messages.js';
import { datagramFrame } from './stray-frame.js';

/** Frames that may wait at one sibling, from one worker. */
const MAX_WAITING = 256;
const PROTOCOL_ICMP = 1;
/** Of a frame that every stack has been given already. */
const NO_MORE_HOPS = Number.POSITIVE_INFINITY;

export interface SteeringStatistics {
  /** Copies given to siblings because they concern every stack. */
  shared: number;
  /** Segments of unknown connections handed to the next worker. */
  strayed: number;
  /** Frames taken from siblings. */
  taken: number;
  /** Frames that were dropped because too many waited at the sibling. */
  dropped: number;
}

export class Steering implements DrivenStack {
  readonly statistics: SteeringStatistics = { shared: 0, strayed: 0, taken: 0, dropped: 0 };

  readonly #siblings: readonly Sibling[];
  /** The process before us, until it is gone. */
  #predecessor: Predecessor | undefined;
  readonly #ourMac: Uint8Array;
  readonly #isOurs: (addressWord: number) => boolean;
  readonly #vlan: number;
  /** The first worker has a DHCP client. */
  readonly #asksDhcp: boolean;
  readonly #frame = new IncomingFrame(new Uint8Array(0));
  #stack: DrivenStack | null = null;
  /** How many workers saw the frame in hand before. */
  #hops = 0;

  /**
   * @param isOurs whether an IPv4 address (as int32) is one of this host's
   */
  constructor(
    { siblings, predecessorFd, tap, vlan = NO_VLAN, dynamic }: SteeringSetup,
    ourMac: Uint8Array,
    isOurs: (addressWord: number) => boolean,
  ) {
    this.#siblings = siblings.map((setup) => new Sibling(setup));
    if (predecessorFd !== undefined) this.#predecessor = new Predecessor(predecessorFd, tap.virtio);
    this.#ourMac = ourMac;
    this.#isOurs = isOurs;
    this.#vlan = vlan;
    this.#asksDhcp = dynamic?.dhcp ?? false;
  }

  /** The stack that frames are for. */
  attach(stack: DrivenStack): void {
    this.#stack = stack;
  }

  /** A frame from this worker's own queue. */
  receive(frame: IncomingFrame): void {
    const { bytes, from, to } = frame;
    if (concernsAll(bytes, from, to, this.#isOurs) || (this.#asksDhcp && isForDhcpClient(bytes, from, to))) {
      this.#share(frame);
    }
    this.#hops = 0;
    this.#stack!.receive(frame);
  }

  /**
   * For the guard in front of TCP: a segment of no connection here. True: a sibling takes it, so do not answer.
   */
  readonly strayed = (packet: IpPacket): boolean => {
    const next = this.#hops < this.#siblings.length ? this.#siblings[0] : this.#livingPredecessor();
    if (next === undefined) return false;
    this.statistics.strayed++;
    const { checksumGood, segmentBytes } = packet;
    const bytes = datagramFrame(packet, this.#ourMac, this.#vlan);
    this.#post(next, { bytes, checksumGood, segmentBytes, hops: this.#hops + 1 });
    return true;
  };

  /** Gives the stack the frames that siblings have handed over. Called when the bell was rung. */
  takePassed(): void {
    for (const sibling of this.#siblings) {
      for (let taken = sibling.take(); taken !== undefined; taken = sibling.take()) this.#receivePassed(taken);
    }
  }

  runTimers(): void {
    this.#stack!.runTimers();
  }

  nextDeadline(): number {
    return this.#stack!.nextDeadline();
  }

  #receivePassed(passed: PassedFrame): void {
    this.statistics.taken++;
    const frame = this.#frame;
    frame.bytes = passed.bytes;
    frame.from = 0;
    frame.to = passed.bytes.length;
    frame.checksumGood = passed.checksumGood;
    frame.segmentBytes = passed.segmentBytes;
    this.#hops = passed.hops;
    this.#stack!.receive(frame);
  }

  #share(frame: IncomingFrame): void {
    for (const sibling of this.#siblings) this.#shareWith(sibling, frame);
    const predecessor = this.#livingPredecessor();
    if (predecessor !== undefined) this.#shareWith(predecessor, frame);
  }

  #shareWith(other: Sibling | Predecessor, { bytes, from, to, checksumGood, segmentBytes }: IncomingFrame): void {
    this.statistics.shared++;
    this.#post(other, { bytes: bytes.slice(from, to), checksumGood, segmentBytes, hops: NO_MORE_HOPS });
  }

  /** Once it is gone, strays are nobody's: TCP answers them. */
  #livingPredecessor(): Predecessor | undefined {
    if (this.#predecessor?.isGone === true) this.#predecessor = undefined;
    return this.#predecessor;
  }

  #post(sibling: Sibling | Predecessor, passed: PassedFrame): void {
    if (!sibling.give(passed)) this.statistics.dropped++;
  }
}

/** What a worker's steering needs of its setup. */
export type SteeringSetup = Pick<WorkerSetup, 'siblings' | 'predecessorFd'> & {
  readonly tap: Pick<WorkerSetup['tap'], 'virtio'>;
  /** The virtual LAN that the stacks are in. */
  readonly vlan?: number;
  readonly dynamic?: WorkerSetup['dynamic'];
};

/** The channel to one other worker and back. */
class Sibling {
  readonly #setup: SiblingSetup;
  readonly #bell: Wakeup;
  readonly #sent: Int32Array;
  readonly #received: Int32Array;

  constructor(setup: SiblingSetup) {
    this.#setup = setup;
    this.#bell = Wakeup.adopt(setup.bellFd);
    this.#sent = new Int32Array(setup.waiting);
    this.#received = new Int32Array(setup.waitingHere);
  }

  /** False: too many wait there already. */
  give(passed: PassedFrame): boolean {
    if (Atomics.load(this.#sent, 0) >= MAX_WAITING) return false;
    Atomics.add(this.#sent, 0, 1);
    this.#setup.port.postMessage(passed);
    this.#bell.ring();
    return true;
  }

  take(): PassedFrame | undefined {
    const received = receiveMessageOnPort(this.#setup.port) as { message: PassedFrame } | undefined;
    if (received !== undefined) Atomics.sub(this.#received, 0, 1);
    return received?.message;
  }
}

/** Whether the frame has news for every stack on this interface. */
export function concernsAll(
  bytes: Uint8Array,
  from: number,
  to: number,
  isOurs: (addressWord: number) => boolean,
): boolean {
  if (!ethernet.check(from, to)) return false;
  const at = from + ethernet.headerLength(bytes, from);
  if (at > to) return false;
  switch (ethernet.contentType(bytes, from)) {
    case ethernet.TYPE_IPV4:
      return isSharedIcmp(bytes, at, to);
    case ethernet.TYPE_ARP:
      if (!arp.check(bytes, at, to)) return false;
      return arp.operation(bytes, at) === arp.REPLY || !isOurs(arp.targetIp(bytes, at));
    case ethernet.TYPE_IPV6:
      return isSharedIcmpv6(bytes, at, to);
    default:
      return false;
  }
}

/** A datagram from a DHCP server's port to the client's. */
export function isForDhcpClient(bytes: Uint8Array, from: number, to: number): boolean {
  if (!ethernet.check(from, to) || ethernet.contentType(bytes, from) !== ethernet.TYPE_IPV4) return false;
  const at = from + ethernet.headerLength(bytes, from);
  if (to - at < ipv4.HEADER_BYTES || ipv4.protocol(bytes, at) !== PROTOCOL.UDP || ipv4.isFragment(bytes, at)) {
    return false;
  }
  const datagram = at + ipv4.headerLength(bytes, at);
  if (to - datagram < udp.UDP_HEADER_BYTES) return false;
  return udp.sourcePort(bytes, datagram) === SERVER_PORT && udp.destinationPort(bytes, datagram) === CLIENT_PORT;
}

/** ICMP errors, unfragmented as errors are (RFC 1812 section 4.3.2.3 keeps them under 576 bytes). */
function isSharedIcmp(bytes: Uint8Array, at: number, to: number): boolean {
  if (to - at < ipv4.HEADER_BYTES || ipv4.protocol(bytes, at) !== PROTOCOL_ICMP) return false;
  const message = at + ipv4.headerLength(bytes, at);
  return message < to && !ipv4.isFragment(bytes, at) && icmp.isError(icmp.type(bytes, message));
}

/** ICMPv6 errors, advertisements of routers and neighbours, redirects (RFC 4443, RFC 4861). */
function isSharedIcmpv6(bytes: Uint8Array, at: number, to: number): boolean {
  if (to - at <= ipv6.HEADER_BYTES || ipv6.nextHeader(bytes, at) !== PROTOCOL.ICMPV6) return false;
  const type = icmpv6.type(bytes, at + ipv6.HEADER_BYTES);
  return (
    icmpv6.isError(type) ||
    type === icmpv6.ROUTER_ADVERTISEMENT ||
    type === icmpv6.NEIGHBOR_ADVERTISEMENT ||
    type === icmpv6.REDIRECT
  );
}
