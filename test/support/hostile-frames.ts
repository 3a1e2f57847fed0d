/**
 * Frames that an enemy sends, from a seed: TCP that nearly fits a connection, TCP that does not, damaged captures,
 * noise. Written into one buffer, with right IP and (mostly) TCP checksums, so that they get as deep into the stack as
 * they can.
 */
import type { SeededRandom } from '../../src/net/random.js';
import { writeInt32, writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, sum } from '../../src/net/wire/checksum.js';

const ETHERNET = 14;
const IP_AT = ETHERNET;
const TCP_AT = IP_AT + 20;

/** Numbers to send near to, of a connection as the stack sees it. */
export interface Bearings {
  rcvNxt: number;
  rcvWnd: number;
  sndUna: number;
  sndNxt: number;
  timestamp: number;
}

/** The weights of flags: what an ordinary peer sends, and what none does. */
const FLAGS = [
  0x10, 0x10, 0x10, 0x10, 0x18, 0x18, 0x11, 0x11, 0x12, 0x02, 0x14, 0x04, 0x30, 0x00, 0x29, 0xff, 0x50, 0xd0,
];

/** Neighbour discovery: bytes of each type before its options. */
const NDP_BYTES: Readonly<Record<number, number>> = { 133: 8, 134: 16, 135: 24, 136: 24, 137: 40 };

export class HostileFrames {
  readonly bytes = new Uint8Array(2048);
  length = 0;

  constructor(readonly random: SeededRandom) {}

  below(limit: number): number {
    return (this.random.nextInt32() >>> 0) % limit;
  }

  chance(of: number): boolean {
    return this.random.nextFraction() < of;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** A SYN, mostly a sound one. */
  syn(source: number, destination: number, sourcePort: number, port: number): void {
    const sequence = this.random.nextInt32();
    const flags = this.chance(0.9) ? 0x02 : this.pick(FLAGS);
    this.#tcp(
      source,
      destination,
      sourcePort,
      port,
      sequence,
      0,
      flags,
      this.below(65_536),
      this.below(20) === 0 ? 100 : 0,
    );
  }

  /** A segment for a connection, with numbers at, near or far from where they should be. */
  near(source: number, destination: number, sourcePort: number, port: number, at: Bearings): void {
    const sequence = (at.rcvNxt + this.#offset(at.rcvWnd)) | 0;
    const inFlight = (at.sndNxt - at.sndUna) | 0;
    const acknowledgment = (at.sndUna + (this.chance(0.5) ? inFlight : this.#offset(inFlight))) | 0;
    const dataBytes = this.chance(0.5) ? 0 : this.below(this.chance(0.8) ? 1461 : 40);
    const window = this.chance(0.2) ? this.below(3) : this.below(65_536);
    const flags = this.chance(0.7) ? this.pick([0x10, 0x18]) : this.pick(FLAGS);
    this.#tcp(source, destination, sourcePort, port, sequence, acknowledgment, flags, window, dataBytes, at);
  }

  /** A segment that nobody can take for one of a connection: its number is at least a quarter of the space away. */
  far(source: number, destination: number, sourcePort: number, port: number, at: Bearings): void {
    const away = 0x40000000 + this.below(0x40000000);
    const sequence = (at.rcvNxt + (this.chance(0.5) ? away : -away)) | 0;
    const flags = this.pick(FLAGS);
    this.#tcp(
      source,
      destination,
      sourcePort,
      port,
      sequence,
      this.random.nextInt32(),
      flags,
      this.below(65_536),
      this.below(100),
      at,
    );
  }

  /** An ICMP error about a segment that was sent from `sequence` on. */
  icmpError(
    router: number,
    local: number,
    localPort: number,
    remote: number,
    remotePort: number,
    sequence: number,
  ): void {
    const { bytes } = this;
    const at = IP_AT + 20;
    bytes[at] = this.pick([3, 3, 3, 4, 5, 11, 12, this.below(256)]);
    bytes[at + 1] = this.below(17);
    writeUint16(bytes, at + 2, 0);
    writeInt32(bytes, at + 4, this.chance(0.5) ? this.below(1600) : this.random.nextInt32());
    bytes.fill(0, at + 8, at + 36);
    bytes[at + 8] = 0x45;
    writeUint16(bytes, at + 10, this.chance(0.8) ? 1500 : this.below(65_536));
    bytes[at + 17] = this.chance(0.9) ? 6 : this.below(256);
    writeInt32(bytes, at + 20, local);
    writeInt32(bytes, at + 24, remote);
    writeUint16(bytes, at + 28, localPort);
    writeUint16(bytes, at + 30, remotePort);
    writeInt32(bytes, at + 32, sequence);
    const end = at + 36;
    writeUint16(bytes, at + 2, finish(sum(bytes, at, end)));
    this.#ip(router, local, 1, end);
  }

  /** Anything: an Ethernet frame of noise, with an EtherType and protocol that lead somewhere. */
  noise(source: number, destination: number): void {
    const { bytes } = this;
    this.length = ETHERNET + this.below(200);
    for (let i = 0; i < this.length; i += 4) writeInt32(bytes, i, this.random.nextInt32());
    writeUint16(bytes, 12, this.pick([0x0800, 0x0800, 0x0806, 0x86dd, 0x8100, this.below(65_536)]));
    if (this.chance(0.3) || this.length < TCP_AT) return;
    const more = this.below(4) === 0 ? this.random.nextInt32() & 0x3fff : 0;
    this.#ip(source, destination, this.pick([1, 6, 17, this.below(256)]), this.length, more);
  }

  /**
   * IPv6: from `fe80::66` or `fd00::66` to `fd00::2` or a group, some extension headers, then anything; ICMPv6 with a
   * right checksum and, for neighbour discovery, its hop limit.
   */
  noiseV6(): void {
    const { bytes } = this;
    writeUint16(bytes, 12, 0x86dd);
    writeInt32(bytes, IP_AT, 0x60000000);
    this.#addressV6(IP_AT + 8, this.pick([0xfe800000, 0xfd000000]), 0x66);
    const group = this.chance(0.2);
    this.#addressV6(IP_AT + 24, group ? 0xff020000 : 0xfd000000, group ? 1 : 2);
    if (this.chance(0.2)) this.#addressV6(IP_AT + 24, 0xff020000, 0xff000002 | 0, 1);
    bytes[IP_AT + 7] = this.chance(0.8) ? 255 : this.below(256);
    const from = this.#extensions(IP_AT + 40);
    const to = from + this.below(160);
    for (let at = from; at < to; at += 4)
      writeInt32(bytes, at, this.chance(0.3) ? 0x01010000 : this.random.nextInt32());
    const end = this.#protocolV6 === 58 ? this.#icmpV6(from, Math.max(to, from + 8)) : to;
    writeUint16(bytes, IP_AT + 4, this.chance(0.95) ? end - IP_AT - 40 : this.below(65_536));
    this.length = end;
  }

  /** The last next header of the packet being made. */
  #protocolV6 = 59;

  /** None to three extension headers, nearly right; returns where they end. */
  #extensions(at: number): number {
    const { bytes } = this;
    let field = IP_AT + 6;
    let end = at;
    for (let count = this.chance(0.6) ? 0 : this.below(4); count > 0; count--) {
      bytes[field] = this.pick([0, 43, 44, 60, 60]);
      field = end;
      for (let i = 0; i < 8; i += 4) writeInt32(bytes, end + i, this.chance(0.5) ? 0 : this.random.nextInt32());
      bytes[end + 1] = this.chance(0.9) ? 0 : this.below(256);
      end += 8;
    }
    this.#protocolV6 = this.pick([6, 17, 58, 58, 58, 59, this.below(256)]);
    bytes[field] = this.#protocolV6;
    return end;
  }

  /** A message that ends at or behind `to`; returns where. */
  #icmpV6(from: number, to: number): number {
    const { bytes } = this;
    const type = this.pick([1, 2, 3, 4, 128, 133, 134, 134, 135, 136, 137, this.below(256)]);
    const fixed = NDP_BYTES[type];
    const end = fixed === undefined || this.chance(0.1) ? to : this.#ndpOptions(from + fixed);
    bytes[from] = type;
    bytes[from + 1] = this.chance(0.9) ? 0 : this.below(256);
    if (fixed !== undefined && fixed >= 24) this.#addressV6(from + 8, 0xfd000000, this.pick([1, 2, 0x66]));
    writeUint16(bytes, from + 2, 0);
    const pseudo = sum(bytes, IP_AT + 8, IP_AT + 40) + 58 + (end - from);
    writeUint16(bytes, from + 2, finish(pseudo + sum(bytes, from, end)));
    return end;
  }

  /** Link-layer addresses, prefixes, MTUs and unknown ones, of the right length mostly. */
  #ndpOptions(from: number): number {
    let at = from;
    for (let count = this.below(4); count > 0; count--) {
      const [kind, units] = this.pick([
        [1, 1],
        [2, 1],
        [3, 4],
        [4, 2],
        [5, 1],
        [this.below(256), this.below(5)],
      ] as const);
      for (let i = 0; i < 8 * units; i += 4) writeInt32(this.bytes, at + i, this.random.nextInt32());
      this.bytes[at] = kind;
      this.bytes[at + 1] = this.chance(0.97) ? units : this.below(256);
      if (kind === 3) this.bytes[at + 2] = 64;
      at += 8 * units;
    }
    return at;
  }

  #addressV6(at: number, first: number, last: number, third = 0): void {
    writeInt32(this.bytes, at, first);
    writeInt32(this.bytes, at + 4, 0);
    writeInt32(this.bytes, at + 8, third);
    writeInt32(this.bytes, at + 12, last);
  }

  /** A frame of a capture, sent to us: its addresses are `source` and `destination` now. */
  replayed(frame: Uint8Array, source: number, destination: number): void {
    const { bytes } = this;
    this.length = Math.min(frame.length, 1514);
    bytes.set(frame.subarray(0, this.length));
    if (this.length < TCP_AT || bytes[12] !== 0x08 || bytes[13] !== 0x00 || this.chance(0.1)) return;
    writeInt32(bytes, IP_AT + 12, source);
    writeInt32(bytes, IP_AT + 16, destination);
    if (this.chance(0.8)) writeUint16(bytes, TCP_AT + 2, 80);
    writeUint16(bytes, IP_AT + 10, 0);
    const header = Math.min((bytes[IP_AT]! & 15) * 4, this.length - IP_AT);
    writeUint16(bytes, IP_AT + 10, finish(sum(bytes, IP_AT, IP_AT + header)));
  }

  /** At, just beside, at either edge, or anywhere. */
  #offset(size: number): number {
    const choice = this.below(10);
    if (choice < 5) return 0;
    if (choice < 7) return this.below(3000) - 1500;
    if (choice === 7) return size + this.below(5) - 2;
    if (choice === 8) return this.below(Math.max(1, size));
    return this.random.nextInt32();
  }

  #tcp(
    source: number,
    destination: number,
    sourcePort: number,
    port: number,
    sequence: number,
    acknowledgment: number,
    flags: number,
    window: number,
    dataBytes: number,
    at?: Bearings,
  ): void {
    const { bytes } = this;
    const optionsEnd = this.#options(TCP_AT + 20, at);
    writeUint16(bytes, TCP_AT, sourcePort);
    writeUint16(bytes, TCP_AT + 2, port);
    writeInt32(bytes, TCP_AT + 4, sequence);
    writeInt32(bytes, TCP_AT + 8, acknowledgment);
    bytes[TCP_AT + 12] = this.chance(0.98) ? (optionsEnd - TCP_AT) << 2 : this.below(256);
    bytes[TCP_AT + 13] = flags;
    writeUint16(bytes, TCP_AT + 14, window);
    writeUint16(bytes, TCP_AT + 18, this.chance(0.9) ? 0 : this.below(65_536));
    this.#ip(source, destination, 6, optionsEnd + dataBytes);
  }

  /** Options that nearly make sense; what data follows is whatever is in the buffer. */
  #options(from: number, at: Bearings | undefined): number {
    const { bytes } = this;
    let end = from;
    const choice = this.below(8);
    if (choice < 4) {
      writeInt32(bytes, end, 0x0101080a);
      const timestamp = at?.timestamp ?? 1000;
      writeInt32(bytes, end + 4, this.chance(0.8) ? timestamp : timestamp + this.below(100) - 20);
      writeInt32(bytes, end + 8, this.chance(0.5) ? 0 : this.random.nextInt32());
      end += 12;
    }
    if (choice === 3 || choice === 4) end = this.#sack(end, at);
    if (choice === 5) {
      writeInt32(bytes, end, (0x0204 << 16) | this.below(65_536));
      writeInt32(bytes, end + 4, 0x04020303);
      writeInt32(bytes, end + 8, (this.below(16) << 24) | 0x010101);
      end += 12;
    }
    if (choice === 6)
      for (const stop = end + 4 * this.below(10); end < stop; end += 4) writeInt32(bytes, end, this.random.nextInt32());
    return end;
  }

  #sack(from: number, at: Bearings | undefined): number {
    const { bytes } = this;
    const una = at?.sndUna ?? 0;
    const size = at === undefined ? 1000 : Math.max(1, (at.sndNxt - at.sndUna) | 0);
    const blocks = 1 + this.below(3);
    writeInt32(bytes, from, 0x0101_0500 | (2 + 8 * blocks) | 0);
    let end = from + 4;
    for (let i = 0; i < 2 * blocks; i++, end += 4) {
      writeInt32(bytes, end, this.chance(0.9) ? una + this.below(size + 1) : this.random.nextInt32());
    }
    return end - from > 28 ? from : end;
  }

  #ip(source: number, destination: number, protocol: number, end: number, fragment = 0x4000): void {
    const { bytes } = this;
    this.length = end;
    writeUint16(bytes, 12, 0x0800);
    writeInt32(bytes, IP_AT, 0x45000000 | (end - IP_AT));
    writeInt32(bytes, IP_AT + 4, (this.below(64) << 16) | fragment);
    writeInt32(bytes, IP_AT + 8, 0x40000000 | (protocol << 16));
    writeInt32(bytes, IP_AT + 12, source);
    writeInt32(bytes, IP_AT + 16, destination);
    writeUint16(bytes, IP_AT + 10, finish(sum(bytes, IP_AT, TCP_AT)));
  }
}
