/**
 * The device under a script's stack: a link in memory with the scripted peer at its other end.
 *
 * It hands on a copy of each frame that the stack sends. It answers questions about addresses (ARP, neighbour
 * solicitation) at once in the peer's name, and the script never sees them.
 */
import { type Device, NO_OFFLOAD } from '../../net/device/device.js';
import type { IncomingFrame, OutgoingFrame } from '../../net/device/frame.js';
import { IpAddress, parseMac } from '../../net/wire/address.js';
import * as arp from '../../net/wire/arp.js';
import * as ethernet from '../../net/wire/ethernet.js';
import * as icmpv6 from '../../net/wire/icmpv6.js';
import { buildFrame, buildIcmp, type PeerLink } from './frame-builder.js';
import { ICMPV6, parseFrame } from './live-packet.js';

const ETHERNET_BYTES = 14;
const ARP_FRAME_BYTES = ETHERNET_BYTES + arp.PACKET_BYTES;
/** Solicited and override: RFC 4861 section 4.4. */
const ADVERTISEMENT_FLAGS = icmpv6.FLAG_SOLICITED | icmpv6.FLAG_OVERRIDE;

export class ScriptDevice implements Device, PeerLink {
  readonly mac = parseMac('02:fa:57:00:00:01');
  readonly stackMac = this.mac;
  readonly peerMac = parseMac('02:fa:57:00:00:02');
  readonly offload = NO_OFFLOAD;
  /** If false, nothing leaves, as behind a queue of length 0. */
  up = true;
  /** Answers that wait until the stack has finished what it is doing. */
  readonly answers: Uint8Array[] = [];

  /** @param sent is given each frame that is not about addresses. */
  constructor(
    readonly mtu: number,
    readonly sent: (frame: Uint8Array) => void,
  ) {}

  send(frame: OutgoingFrame): boolean {
    if (!this.up) return false;
    const bytes = new Uint8Array(frame.length);
    frame.copyTo(bytes);
    if (ethernet.type(bytes, 0) === ethernet.TYPE_ARP) this.#answerArp(bytes);
    else if (!this.#answerSolicitation(bytes)) this.sent(bytes);
    return true;
  }

  /** Frames are handed to the stack directly. */
  receive(_frame: IncomingFrame): boolean {
    return false;
  }

  close(): void {}

  #answerArp(bytes: Uint8Array): void {
    const at = ETHERNET_BYTES;
    if (!arp.check(bytes, at, bytes.length) || arp.operation(bytes, at) !== arp.REQUEST) return;
    const [sender, target] = [arp.senderIp(bytes, at), arp.targetIp(bytes, at)];
    if (sender === 0 || sender === target) return; // a probe or an announcement: the address is free
    const frame = new Uint8Array(ARP_FRAME_BYTES);
    ethernet.emit(frame, 0, this.mac, this.peerMac, ethernet.TYPE_ARP);
    arp.emit(frame, at, arp.REPLY, this.peerMac, target, this.mac, sender);
    this.answers.push(frame);
  }

  /** True if the frame manages neighbours, routers or groups; no script is about that. */
  #answerSolicitation(bytes: Uint8Array): boolean {
    const packet = parseFrame(bytes, 0);
    const icmp = packet?.icmp;
    if (packet === undefined || icmp === undefined || packet.ip.version !== 6) return false;
    if (icmp.type === icmpv6.NEIGHBOR_SOLICITATION && !packet.ip.source.isUnspecified) {
      const target = IpAddress.readV6(icmp.body, 0);
      const body = new Uint8Array(16 + icmpv6.MAC_OPTION_BYTES);
      target.writeV6(body, 0);
      icmpv6.emitMacOption(body, 16, icmpv6.OPTION_TARGET_MAC, this.peerMac);
      const message = buildIcmp(icmpv6.NEIGHBOR_ADVERTISEMENT, 0, ADVERTISEMENT_FLAGS, body);
      const ip = {
        source: target,
        destination: packet.ip.source,
        trafficClass: 0,
        timeToLive: 255,
        flowLabel: 0,
      };
      this.answers.push(buildFrame(this, ip, ICMPV6, message, icmpv6.CHECKSUM));
    }
    const isDiscovery = icmp.type >= icmpv6.ROUTER_SOLICITATION && icmp.type <= icmpv6.REDIRECT;
    return isDiscovery || icmp.type === icmpv6.LISTENER_REPORT_V2;
  }
}
