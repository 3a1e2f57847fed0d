/**
 * An internet layer on a fake device under a virtual clock, with a transport that records what reaches it. Tests speak
 * to it as peers on the link: 10.77.0.1 (PEER_MAC) and others.
 */
import { Clock, SECOND } from '../../src/net/clock.js';
import { IncomingFrame, OutgoingFrame } from '../../src/net/device/frame.js';
import { InternetLayer } from '../../src/net/internet.js';
import type { InternetOptions } from '../../src/net/ip/context.js';
import type { IcmpError } from '../../src/net/ip/icmp-error.js';
import type { IpPacket } from '../../src/net/ip/packet.js';
import type { Route } from '../../src/net/ip/route.js';
import { InternetStatistics } from '../../src/net/ip/statistics.js';
import { SeededRandom } from '../../src/net/random.js';
import { IpAddress, IpNetwork } from '../../src/net/wire/address.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { FakeDevice, OUR_MAC } from './fake-device.js';
import { arp, BROADCAST_MAC, ethernet, type Ipv4Fields, type Ipv6Fields, ipv4, ipv6, PEER_MAC } from './packets.js';

export const OURS = '10.77.0.2';
export const PEER = '10.77.0.1';
export const GATEWAY = '10.77.0.254';
export const GATEWAY_MAC = '02:fa:57:00:00:fe';
export const FAR = '192.0.2.7';
export const OURS_6 = 'fd77::2';
export const PEER_6 = 'fd77::1';

export interface Received {
  source: string;
  destination: string;
  protocol: number;
  ttl: number;
  trafficClass: number;
  payload: Uint8Array;
  isMulticast: boolean;
  segmentBytes: number;
  checksumGood: boolean;
}

export interface ReceivedError {
  kind: number;
  type: number;
  code: number;
  mtu: number;
  local: string;
  remote: string;
  localPort: number;
  remotePort: number;
  sequence: number;
}

export interface WorldOptions extends InternetOptions {
  addresses?: string[];
  gateway?: string;
  gateway6?: string;
  mtu?: number;
  seed?: number;
}

export class InternetWorld {
  readonly clock = new Clock();
  readonly device = new FakeDevice();
  readonly statistics = new InternetStatistics();
  readonly layer: InternetLayer;
  /** What reached the transport registered as TCP. */
  readonly received: Received[] = [];
  readonly errors: ReceivedError[] = [];
  /** Called inside the transport's `receive`, to answer as TCP would. */
  onReceive: (packet: IpPacket) => void = () => {};

  constructor(options: WorldOptions = {}) {
    const { addresses = [`${OURS}/24`], gateway, gateway6, mtu, seed = 1, ...rest } = options;
    if (mtu !== undefined) this.device.mtu = mtu;
    this.layer = new InternetLayer({
      device: this.device,
      clock: this.clock,
      random: new SeededRandom(seed),
      addresses: addresses.map((text) => IpNetwork.parse(text)),
      gateway: gateway === undefined ? undefined : IpAddress.parse(gateway),
      gateway6: gateway6 === undefined ? undefined : IpAddress.parse(gateway6),
      statistics: this.statistics,
      options: { duplicateDetection: 'off', ...rest },
    });
    this.layer.register(6, {
      receive: (packet) => this.#record(packet),
      icmpError: (error) => this.#recordError(error),
    });
  }

  /** Starts the layer and forgets the announcements. */
  started(): this {
    this.layer.start();
    this.advance(20);
    this.device.takeSent();
    return this;
  }

  /** Hands over a whole Ethernet frame; returns what was sent in answer. */
  frame(bytes: Uint8Array, extra: { checksumGood?: boolean; segmentBytes?: number } = {}): Uint8Array[] {
    // Somewhere inside a larger buffer with rubbish around it, as from a device.
    const room = new Uint8Array(bytes.length + 32).fill(0xa5);
    room.set(bytes, 16);
    const frame = new IncomingFrame(room);
    frame.from = 16;
    frame.to = 16 + bytes.length;
    frame.checksumGood = extra.checksumGood ?? false;
    frame.segmentBytes = extra.segmentBytes ?? 0;
    this.layer.receive(frame);
    return this.device.takeSent();
  }

  /** Hands over an IPv4 packet from the peer's Ethernet address. */
  ip(fields: Partial<Ipv4Fields>, link: { to?: string; from?: string } = {}): Uint8Array[] {
    const packet = ipv4({ source: PEER, destination: OURS, protocol: 6, payload: new Uint8Array(20), ...fields });
    return this.frame(ethernet(link.to ?? OUR_MAC, link.from ?? PEER_MAC, 0x0800, packet));
  }

  /** Hands over an IPv6 packet from the peer's Ethernet address. */
  ip6(fields: Partial<Ipv6Fields>, link: { to?: string; from?: string } = {}): Uint8Array[] {
    const packet = ipv6({ source: PEER_6, destination: OURS_6, next: 6, payload: new Uint8Array(20), ...fields });
    return this.frame(ethernet(link.to ?? OUR_MAC, link.from ?? PEER_MAC, 0x86dd, packet));
  }

  /** The peer asks for our Ethernet address, after which we know its own. */
  introduce(ip = PEER, mac = PEER_MAC): void {
    const request = arp({ operation: 1, senderMac: mac, sender: ip, target: OURS });
    this.frame(ethernet(BROADCAST_MAC, mac, 0x0806, request));
  }

  /** The answer to an ARP request of ours. */
  answerArp(ip: string, mac: string): Uint8Array[] {
    const reply = arp({ operation: 2, senderMac: mac, sender: ip, targetMac: OUR_MAC, target: OURS });
    return this.frame(ethernet(OUR_MAC, mac, 0x0806, reply));
  }

  route(remote: string, local?: string): Route {
    const route = this.layer.routeTo(IpAddress.parse(remote), local === undefined ? undefined : IpAddress.parse(local));
    if (route === undefined) throw new Error(`no route to ${remote}`);
    return route;
  }

  /** Sends `payload` over a route as TCP would: 20 bytes of header in the frame, the rest by reference. */
  send(route: Route, payload: Uint8Array, protocol = 6, trafficClass = 0): Uint8Array[] {
    const frame = new OutgoingFrame();
    frame.header.fill(0xa5);
    frame.end = frame.start + 20;
    frame.header.set(payload.subarray(0, 20), frame.start);
    if (payload.length > 20) frame.addFragment(SummedBytes.plain(payload), 20, payload.length - 20);
    this.layer.send(frame, route, protocol, trafficClass);
    return this.device.takeSent();
  }

  /** Lets time pass, running each timer at its exact time; returns the frames sent with their times in seconds. */
  advance(seconds: number): { at: number; bytes: Uint8Array }[] {
    const end = this.clock.now + Math.round(seconds * SECOND);
    const sent: { at: number; bytes: Uint8Array }[] = [];
    for (;;) {
      const next = this.layer.nextDeadline();
      if (next > end) break;
      this.clock.now = next;
      this.layer.runTimers();
      if (this.layer.nextDeadline() <= next && this.device.sent.length === 0)
        throw new Error('a timer does not advance');
      for (const bytes of this.device.takeSent()) sent.push({ at: this.clock.now / SECOND, bytes });
    }
    this.clock.now = end;
    return sent;
  }

  #record(packet: IpPacket): void {
    const text = (w0: number, w1: number, w2: number, w3: number) => String(new IpAddress(w0, w1, w2, w3));
    this.received.push({
      source: text(packet.source0, packet.source1, packet.source2, packet.source3),
      destination: text(packet.destination0, packet.destination1, packet.destination2, packet.destination3),
      protocol: packet.protocol,
      ttl: packet.ttl,
      trafficClass: packet.trafficClass,
      payload: packet.bytes.slice(packet.payloadFrom, packet.payloadTo),
      isMulticast: packet.isMulticast,
      segmentBytes: packet.segmentBytes,
      checksumGood: packet.checksumGood,
    });
    this.onReceive(packet);
  }

  #recordError(error: IcmpError): void {
    this.errors.push({
      kind: error.kind,
      type: error.type,
      code: error.code,
      mtu: error.mtu,
      local: String(new IpAddress(error.local0, error.local1, error.local2, error.local3)),
      remote: String(new IpAddress(error.remote0, error.remote1, error.remote2, error.remote3)),
      localPort: error.localPort,
      remotePort: error.remotePort,
      sequence: error.sequence,
    });
  }
}
