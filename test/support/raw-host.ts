/**
 * A host made of nothing but frames: it has addresses, answers ARP, and sends and receives TCP segments as a test tells
 * it. What faces it may be fastpath or Linux; it cannot tell.
 */
import { arp, ethernet, hexMac, ipv4 } from './packets.js';
import { type OptionFields, parseTcp, pseudoHeader, type SentTcp, tcpOptions, tcpSegment } from './tcp-segment.js';

/** Where frames go and come from: a FramePort, or anything like it. */
export interface FrameLink {
  send(frame: Uint8Array): void;
  receive(milliseconds: number): Uint8Array | undefined;
}

/** What the host sends. Numbers are those of the wire. */
export interface RawSegment extends OptionFields {
  sourcePort: number;
  destinationPort: number;
  flags: string;
  sequence: number;
  acknowledgment?: number;
  window?: number;
  urgent?: number;
  data?: Uint8Array;
}

/** A segment that came for us, and what its IP header said. */
export interface ArrivedSegment extends SentTcp {
  readonly ttl: number;
  readonly tos: number;
  readonly id: number;
  readonly dontFragment: boolean;
}

const ARP_TYPE = 0x0806;
const IPV4_TYPE = 0x0800;

export class RawHost {
  #peerMac: string | undefined;

  constructor(
    readonly link: FrameLink,
    readonly mac: string,
    readonly address: string,
    readonly peer: string,
  ) {}

  /** Asks for the peer's Ethernet address. @throws {Error} if nobody answers. */
  findPeer(patienceMs = 60_000): void {
    const end = performance.now() + patienceMs;
    while (this.#peerMac === undefined && performance.now() < end) {
      const request = arp({ operation: 1, senderMac: this.mac, sender: this.address, target: this.peer });
      this.link.send(ethernet('ff:ff:ff:ff:ff:ff', this.mac, ARP_TYPE, request));
      this.receive(200);
    }
    if (this.#peerMac === undefined) throw new Error(`${this.peer} does not answer ARP`);
  }

  /** The peer's Ethernet address, once it is known. */
  get peerMac(): string {
    if (this.#peerMac === undefined) throw new Error('findPeer comes first');
    return this.#peerMac;
  }

  send(segment: RawSegment): void {
    const bytes = tcpSegment({ ...segment, options: tcpOptions(segment) }, pseudoHeader(this.address, this.peer));
    this.sendPacket(
      ipv4({ source: this.address, destination: this.peer, protocol: 6, payload: bytes, dontFragment: true }),
    );
  }

  /** Sends a whole IPv4 packet to the peer. */
  sendPacket(packet: Uint8Array): void {
    this.link.send(ethernet(this.peerMac, this.mac, IPV4_TYPE, packet));
  }

  /**
   * The next TCP segment for us within `milliseconds`, all else (ARP) dealt with on the way; undefined if none comes.
   */
  receive(milliseconds: number): ArrivedSegment | undefined {
    const end = performance.now() + milliseconds;
    for (;;) {
      const frame = this.link.receive(Math.max(0, end - performance.now()));
      if (frame === undefined) {
        if (performance.now() >= end) return undefined;
        continue;
      }
      const segment = this.#take(frame);
      if (segment !== undefined) return segment;
      if (performance.now() >= end) return undefined;
    }
  }

  #take(frame: Uint8Array): ArrivedSegment | undefined {
    const type = frame[12]! * 256 + frame[13]!;
    if (type === ARP_TYPE) this.#takeArp(frame);
    if (type !== IPV4_TYPE || frame.length < 54) return undefined;
    if (hexMac(frame, 0) !== this.mac || frame[14 + 9] !== 6) return undefined;
    const total = frame[16]! * 256 + frame[17]! || frame.length - 14;
    const packet = frame.subarray(14, 14 + total);
    return {
      ...parseTcp(packet.slice((packet[0]! & 15) * 4)),
      tos: packet[1]!,
      id: packet[4]! * 256 + packet[5]!,
      dontFragment: (packet[6]! & 0x40) !== 0,
      ttl: packet[8]!,
    };
  }

  #takeArp(frame: Uint8Array): void {
    const [sender, target] = [frame.subarray(28, 32).join('.'), frame.subarray(38, 42).join('.')];
    if (sender !== this.peer || target !== this.address) return;
    const mac = hexMac(frame, 22);
    this.#peerMac = mac;
    if (frame[21] !== 1) return;
    const reply = arp({ operation: 2, senderMac: this.mac, sender: this.address, targetMac: mac, target: sender });
    this.link.send(ethernet(mac, this.mac, ARP_TYPE, reply));
  }
}
