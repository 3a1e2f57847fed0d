/**
 * UDP on an internet layer under a virtual clock, with peers that are made of frames: 10.77.0.1 and fd77::1 on the
 * link. A port records what it gets, and answers if a test says how.
 */
import { SeededRandom } from '../../src/net/random.js';
import type { Datagram } from '../../src/net/udp/datagram.js';
import type { BindOptions } from '../../src/net/udp/handler.js';
import { UdpStatistics } from '../../src/net/udp/statistics.js';
import { Udp } from '../../src/net/udp/udp.js';
import type { UdpPort } from '../../src/net/udp/udp-port.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { GATEWAY, InternetWorld, OURS, OURS_6, PEER, PEER_6, type WorldOptions } from './internet-world.js';
import {
  addressBytes,
  concat,
  type Ipv4Fields,
  type Ipv6Fields,
  icmpv6,
  plainChecksum,
  pseudoV6,
  readIp,
  type SentIp,
  word16,
} from './packets.js';

/** What a test looks at of a datagram that a port got. */
export interface Got {
  port: number;
  data: number[];
  from: string;
  to: string;
  sourcePort: number;
  timeToLive: number;
  trafficClass: number;
  isToGroup: boolean;
  options: number[];
}

/** A datagram that left, taken apart; its checksum was verified the plain way. */
export interface SentDatagram extends SentIp {
  sourcePort: number;
  destinationPort: number;
  length: number;
  checksum: number;
  sumIsGood: boolean;
  data: Uint8Array;
}

/** Builds a UDP datagram with the ports of a test, and a right checksum unless another is given. */
export function datagram(
  source: string,
  destination: string,
  ports: readonly [number, number],
  data: Uint8Array | number[],
  other: { checksum?: number; length?: number } = {},
): Uint8Array {
  const length = other.length ?? 8 + data.length;
  const bytes = concat(word16(ports[0]), word16(ports[1]), word16(length), [0, 0], data);
  bytes.set(word16(other.checksum ?? (plainChecksum(pseudo(source, destination, bytes.length), bytes) || 0xffff)), 6);
  return bytes;
}

function pseudo(source: string, destination: string, length: number): Uint8Array {
  if (source.includes(':')) return pseudoV6(source, destination, length, 17);
  return concat(addressBytes(source), addressBytes(destination), [0, 17], word16(length));
}

/** Reads a whole datagram out of a frame that was sent, or out of the payload of its fragments. */
export function readDatagram(frame: Uint8Array, whole?: Uint8Array): SentDatagram {
  const ip = readIp(frame);
  const bytes = whole ?? ip.payload;
  const at = (i: number) => bytes[i]! * 256 + bytes[i + 1]!;
  const sum = plainChecksum(pseudo(ip.source, ip.destination, bytes.length), bytes);
  return {
    ...ip,
    sourcePort: at(0),
    destinationPort: at(2),
    length: at(4),
    checksum: at(6),
    sumIsGood: sum === 0,
    data: bytes.slice(8),
  };
}

/** Joins the payloads of fragments. */
export function joinFragments(frames: readonly Uint8Array[]): Uint8Array {
  const parts = frames.map(readIp);
  const whole = new Uint8Array(Math.max(...parts.map((part) => part.offset + part.payload.length)));
  for (const part of parts) whole.set(part.payload, part.offset);
  return whole;
}

export class UdpWorld {
  readonly world: InternetWorld;
  readonly statistics = new UdpStatistics();
  readonly udp: Udp;
  readonly got: Got[] = [];
  readonly errors: { code: string | undefined; type: number; port: number; remote: string }[] = [];
  readonly closed: number[] = [];
  /** Called inside the receive path. */
  onReceived: (got: Datagram, port: UdpPort) => void = () => {};

  constructor(options: WorldOptions = {}) {
    const addresses = [`${OURS}/24`, '10.77.0.3/24', `${OURS_6}/64`];
    this.world = new InternetWorld({ addresses, gateway: GATEWAY, ...options }).started();
    this.world.device.sent.length = 0;
    this.udp = new Udp({
      device: this.world.device,
      internet: this.world.layer,
      random: new SeededRandom(options.seed ?? 1),
      statistics: this.statistics,
    });
    this.world.layer.register(17, this.udp);
    this.world.introduce();
    this.world.ip6({ next: 58, hopLimit: 255, payload: icmpv6(PEER_6, OURS_6, 135, 0, 0, solicitation()) });
  }

  /** Binds a port that records. */
  bind(port: number, options: BindOptions = {}): UdpPort {
    const handler = {
      received: (received: Datagram, bound: UdpPort) => {
        this.got.push(noted(received));
        this.onReceived(received, bound);
      },
      icmpError: (error: { type: number; remoteAddress: IpAddress }, code: string | undefined, bound: UdpPort) =>
        void this.errors.push({ code, type: error.type, port: bound.localPort, remote: String(error.remoteAddress) }),
      closed: (bound: UdpPort) => void this.closed.push(bound.localPort),
    };
    return this.udp.bind(port, handler, options);
  }

  /** A datagram from the peer's port 5353 to a port of ours; returns what is sent in answer. */
  arrives(port: number, data: Uint8Array | number[], fields: Partial<Ipv4Fields> = {}, link = {}): Uint8Array[] {
    const { source = PEER, destination = OURS } = fields;
    const payload = datagram(source, destination, [5353, port], data);
    return this.world.ip({ protocol: 17, payload, ...fields }, link);
  }

  /** The same over IPv6. */
  arrives6(port: number, data: Uint8Array | number[], fields: Partial<Ipv6Fields> = {}, link = {}): Uint8Array[] {
    const { source = PEER_6, destination = OURS_6 } = fields;
    const payload = datagram(source, destination, [5353, port], data);
    return this.world.ip6({ next: 17, payload, ...fields }, link);
  }

  /** What was sent since the last look. */
  sent(): Uint8Array[] {
    return this.world.device.takeSent();
  }
}

export const address = (text: string) => IpAddress.parse(text);

function solicitation(): Uint8Array {
  return concat(addressBytes(OURS_6), [1, 1, 2, 0xfa, 0x57, 0, 0, 1]);
}

function noted(received: Datagram): Got {
  return {
    port: received.destinationPort,
    data: Array.from(received.copy()),
    from: String(received.sourceAddress),
    to: String(received.destinationAddress),
    sourcePort: received.sourcePort,
    timeToLive: received.timeToLive,
    trafficClass: received.trafficClass,
    isToGroup: received.isToGroup,
    options: Array.from(received.ipOptions),
  };
}
