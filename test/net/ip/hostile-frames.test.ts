/**
 * Frames that no honest host sends, by mutation of ones that it does: bits flipped, pieces cut, doubled and exchanged,
 * checksums repaired or not. Whatever comes, nothing throws, nothing grows without bound, all that is sent is well
 * formed, and the host still answers afterwards.
 */
import { expect } from 'chai';
import { SeededRandom } from '../../../src/net/random.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { GATEWAY, InternetWorld, OURS, OURS_6, PEER, PEER_6 } from '../../support/internet-world.js';
import {
  addressBytes,
  arp,
  BROADCAST_MAC,
  concat,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  PEER_MAC,
  pattern,
  plainChecksum,
  readIcmp,
  readIp,
  udp,
  word16,
  word32,
} from '../../support/packets.js';

const FRAMES = 10_000;
const tcp = pattern(32);

function frames4(): Uint8Array[] {
  const packet = (protocol: number, payload: Uint8Array, extra = {}) =>
    ethernet(OUR_MAC, PEER_MAC, 0x0800, ipv4({ source: PEER, destination: OURS, protocol, payload, ...extra }));
  const quote = ipv4({ source: OURS, destination: PEER, protocol: 6, payload: tcp });
  return [
    ethernet(BROADCAST_MAC, PEER_MAC, 0x0806, arp({ operation: 1, senderMac: PEER_MAC, sender: PEER, target: OURS })),
    packet(6, tcp),
    packet(6, tcp, { options: [1, 7, 7, 4, 0, 0, 0, 0] }),
    packet(1, icmp(8, 0, 77, pattern(64))),
    packet(1, icmp(8, 0, 77, pattern(56)), { more: true }),
    packet(1, pattern(64), { offset: 64 }),
    packet(17, udp(PEER, OURS, pattern(20))),
    packet(99, pattern(20)),
    packet(1, icmp(3, 4, 1400, quote)),
    packet(1, icmp(5, 1, 0x0a4d0009, quote)),
  ];
}

function frames6(): Uint8Array[] {
  const packet = (next: number, payload: Uint8Array, extra = {}) =>
    ethernet(OUR_MAC, PEER_MAC, 0x86dd, ipv6({ source: PEER_6, destination: OURS_6, next, payload, ...extra }));
  const ndp = (type: number, rest: number, body: Uint8Array, source = PEER_6) =>
    packet(58, icmpv6(source, OURS_6, type, 0, rest, body), { hopLimit: 255, source });
  const quote = ipv6({ source: OURS_6, destination: PEER_6, next: 6, payload: tcp });
  const mac = [1, 1, 2, 0xfa, 0x57, 0, 0, 1];
  const prefix = concat([3, 4, 64, 0xc0], word32(9000), word32(5000), word32(0), addressBytes('2001:db8::'));
  return [
    packet(6, tcp),
    packet(58, icmpv6(PEER_6, OURS_6, 128, 0, 77, pattern(64))),
    packet(0, concat([60, 0, 5, 2, 0, 0, 1, 0], [43, 0, 1, 4, 0, 0, 0, 0], [6, 0, 0, 0, 0, 0, 0, 0], tcp)),
    packet(44, concat([58, 0, ...word16(1), ...word32(5)], icmpv6(PEER_6, OURS_6, 128, 0, 77, pattern(56)))),
    packet(44, concat([58, 0, ...word16(64), ...word32(5)], pattern(64))),
    packet(17, udp(PEER_6, OURS_6, pattern(20))),
    packet(99, pattern(20)),
    packet(58, icmpv6(PEER_6, OURS_6, 2, 0, 1400, quote)),
    ndp(135, 0, concat(addressBytes(OURS_6), mac)),
    ndp(136, 0x60000000, concat(addressBytes(PEER_6), mac)),
    ndp(134, 0x40000708, concat(word32(30000), word32(1000), mac, prefix), 'fe80::1'),
    ndp(137, 0, concat(addressBytes('fe80::5'), addressBytes('2001:db8:9::1'), mac), 'fe80::1'),
    ndp(130, 1000 << 16, concat(addressBytes('::'), word32(0)), 'fe80::1'),
  ];
}

class Mutator {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random.nextFraction() * limit);
  }

  /** A frame changed in up to four places; in half of the cases its checksums are made right again. */
  mutate(frame: Uint8Array, other: Uint8Array): Uint8Array {
    let bytes: Uint8Array = frame.slice();
    for (let i = this.below(5); i > 0; i--) bytes = this.#change(bytes, other);
    if (this.below(2) === 0) repair(bytes);
    return bytes;
  }

  #change(bytes: Uint8Array, other: Uint8Array): Uint8Array {
    const at = this.below(Math.max(1, bytes.length));
    switch (this.below(6)) {
      case 0:
        bytes[at]! ^= 1 << this.below(8);
        return bytes;
      case 1:
        bytes[at] = [0, 1, 0x7f, 0x80, 0xff, this.below(256)][this.below(6)]!;
        return bytes;
      case 2:
        return bytes.slice(0, at);
      case 3:
        return concat(bytes, pattern(this.below(100), at));
      case 4:
        return concat(bytes.slice(0, at), other.slice(at));
      default:
        return concat(bytes.slice(0, at), bytes.slice(Math.max(0, at - this.below(24))));
    }
  }
}

/** Sets the checksums of an IPv4 header and of ICMP and ICMPv6 messages right, where they can be found. */
function repair(bytes: Uint8Array): void {
  const packet = bytes.subarray(14);
  if (packet.length < 48) return;
  if (bytes[12] === 8 && bytes[13] === 0) {
    const headerBytes = (packet[0]! & 15) * 4;
    packet.set([0, 0], 10);
    packet.set(word16(plainChecksum(packet.subarray(0, headerBytes))), 10);
    if (packet[9] === 1 && headerBytes === 20) setSum(packet.subarray(20), new Uint8Array(0));
  } else if (packet[6] === 58) {
    const message = packet.subarray(40);
    setSum(message, concat(packet.subarray(8, 40), word32(message.length), [0, 0, 0, 58]));
  }
}

function setSum(message: Uint8Array, pseudo: Uint8Array): void {
  message.set([0, 0], 2);
  message.set(word16(plainChecksum(pseudo, message)), 2);
}

/** Everything that goes out must be something that a strict receiver takes. */
function checkSent(bytes: Uint8Array): void {
  expect(bytes.length).to.be.within(42, 1514);
  if (bytes[12] === 8 && bytes[13] === 6) return;
  const packet = readIp(bytes);
  expect(packet.headerIsGood).to.equal(true);
  expect(packet.source).not.to.equal(packet.destination);
  const isWhole = packet.offset === 0 && !packet.more;
  if (isWhole && packet.protocol === (packet.isV6 ? 58 : 1)) expect(readIcmp(bytes).sumIsGood).to.equal(true);
}

describe('hostile frames', () => {
  for (const seed of [1, 2, 3]) {
    it(`${FRAMES} mutated frames do no harm (seed ${seed})`, () => {
      const world = new InternetWorld({ addresses: [`${OURS}/24`, `${OURS_6}/64`], gateway: GATEWAY, seed }).started();
      world.onReceive = (packet) => world.layer.routeBack(packet);
      const corpus = [...frames4(), ...frames6()];
      const mutator = new Mutator(seed);
      const any = () => corpus[mutator.below(corpus.length)]!;
      for (let i = 0; i < FRAMES; i++) {
        for (const bytes of world.frame(mutator.mutate(any(), any()))) checkSent(bytes);
        if (i % 50 === 0)
          for (const { bytes } of world.advance(mutator.below(30) / 10)) if (bytes[20] !== 0) checkSent(bytes);
        world.received.length = 0;
        world.errors.length = 0;
      }
      expect(world.statistics.ip.delivered).to.be.above(FRAMES / 20);
      expect(world.layer.addresses.length).to.be.at.most(20);
      const known = concat(addressBytes(OURS_6), [1, 1, 2, 0xfa, 0x57, 0, 0, 1]);
      world.ip6({ next: 58, hopLimit: 255, payload: icmpv6(PEER_6, OURS_6, 135, 0, 0, known) });
      world.introduce();
      expect(readIcmp(world.ip({ protocol: 1, payload: icmp(8, 0, 5) })[0]!)).to.include({ type: 0, rest: 5 });
      const echo = icmpv6(PEER_6, OURS_6, 128, 0, 5);
      expect(readIcmp(world.ip6({ next: 58, payload: echo })[0]!)).to.include({ type: 129, rest: 5 });
    });
  }
});
