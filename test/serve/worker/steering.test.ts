import { MessageChannel } from 'node:worker_threads';
import { expect } from 'chai';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import { Wakeup } from '../../../src/net/driver/wakeup.js';
import { IpPacket } from '../../../src/net/ip/packet.js';
import { IpAddress } from '../../../src/net/wire/address.js';
import * as arp from '../../../src/net/wire/arp.js';
import * as ethernet from '../../../src/net/wire/ethernet.js';
import * as icmp from '../../../src/net/wire/icmp.js';
import * as icmpv6 from '../../../src/net/wire/icmpv6.js';
import * as ipv4 from '../../../src/net/wire/ipv4.js';
import * as ipv6 from '../../../src/net/wire/ipv6.js';
import type { SiblingSetup } from '../../../src/serve/worker/messages.js';
import { concernsAll, isForDhcpClient, Steering } from '../../../src/serve/worker/steering.js';
import { datagramFrame } from '../../../src/serve/worker/stray-frame.js';

const OUR_MAC = Uint8Array.of(2, 0, 0, 0, 0, 2);
const PEER_MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const OURS = IpAddress.parse('10.77.0.2').word3;
const PEER = IpAddress.parse('10.77.0.1').word3;
const isOurs = (word: number) => word === OURS;

function frameOf(etherType: number, payloadBytes: number): Uint8Array {
  const frame = new Uint8Array(ethernet.HEADER_BYTES + payloadBytes);
  ethernet.emit(frame, 0, OUR_MAC, PEER_MAC, etherType);
  return frame;
}

function arpFrame(operation: number, target: number): Uint8Array {
  const frame = frameOf(ethernet.TYPE_ARP, arp.PACKET_BYTES);
  arp.emit(frame, ethernet.HEADER_BYTES, operation, PEER_MAC, PEER, OUR_MAC, target);
  return frame;
}

function ipv4Frame(protocol: number, flagsOffset: number, payload: readonly number[]): Uint8Array {
  const frame = frameOf(ethernet.TYPE_IPV4, ipv4.HEADER_BYTES + payload.length);
  const length = ipv4.HEADER_BYTES + payload.length;
  ipv4.emit(frame, ethernet.HEADER_BYTES, 0, length, 1, flagsOffset, 64, protocol, PEER, OURS, 0);
  frame.set(payload, ethernet.HEADER_BYTES + ipv4.HEADER_BYTES);
  return frame;
}

function ipv6Frame(next: number, payload: readonly number[]): Uint8Array {
  const frame = frameOf(ethernet.TYPE_IPV6, ipv6.HEADER_BYTES + payload.length);
  ipv6.emit(frame, ethernet.HEADER_BYTES, 0, 0, payload.length, next, 255);
  frame.set(payload, ethernet.HEADER_BYTES + ipv6.HEADER_BYTES);
  return frame;
}

/** The frame with a tag for VLAN 5. */
function tagged(frame: Uint8Array): Uint8Array {
  return Uint8Array.from([...frame.subarray(0, 12), 0x81, 0, 0, 5, ...frame.subarray(12)]);
}

const concerns = (frame: Uint8Array) => concernsAll(frame, 0, frame.length, isOurs);
const UDP = 17;

describe('steering: what concerns the DHCP client', () => {
  const ports = (from: number, to: number) => [from >> 8, from & 255, to >> 8, to & 255, 0, 8, 0, 0];
  const isForClient = (frame: Uint8Array) => isForDhcpClient(frame, 0, frame.length);
  const cases: [string, Uint8Array, boolean][] = [
    ["from a server's port to a client's", ipv4Frame(UDP, 0, ports(67, 68)), true],
    ['the same in a VLAN', tagged(ipv4Frame(UDP, 0, ports(67, 68))), true],
    ['from another port', ipv4Frame(UDP, 0, ports(68, 68)), false],
    ['to another port', ipv4Frame(UDP, 0, ports(67, 67)), false],
    ['TCP', ipv4Frame(6, 0, ports(67, 68)), false],
    ['a later fragment', ipv4Frame(UDP, 1, ports(67, 68)), false],
    ['a cut header', ipv4Frame(UDP, 0, [0, 67, 0, 68]), false],
    ['ARP', arpFrame(arp.REPLY, OURS), false],
    ['nothing', new Uint8Array(5), false],
  ];
  for (const [what, frame, expected] of cases) {
    it(`${what}: ${expected ? 'each worker gets it' : 'not for it'}`, () => {
      expect(isForClient(frame)).to.equal(expected);
    });
  }
});

describe('steering: what concerns every stack', () => {
  const cases: [string, Uint8Array, boolean][] = [
    ['an ARP reply', arpFrame(arp.REPLY, OURS), true],
    ['an ARP announcement of another host', arpFrame(arp.REQUEST, PEER), true],
    ['an ARP request for us', arpFrame(arp.REQUEST, OURS), false],
    ['an ICMP error', ipv4Frame(1, 0, [icmp.DESTINATION_UNREACHABLE, 4, 0, 0, 0, 0, 0, 0]), true],
    ['an echo request', ipv4Frame(1, 0, [icmp.ECHO_REQUEST, 0, 0, 0, 0, 0, 0, 0]), false],
    ['a fragment of an echo request', ipv4Frame(1, 0x2010, [icmp.DESTINATION_UNREACHABLE, 0, 0, 0, 0, 0, 0, 0]), false],
    ['a UDP datagram', ipv4Frame(UDP, 0, [3, 0, 0, 0, 0, 0, 0, 0]), false],
    ['a neighbour advertisement', ipv6Frame(58, [icmpv6.NEIGHBOR_ADVERTISEMENT, 0, 0, 0]), true],
    ['a router advertisement', ipv6Frame(58, [icmpv6.ROUTER_ADVERTISEMENT, 0, 0, 0]), true],
    ['a redirect', ipv6Frame(58, [icmpv6.REDIRECT, 0, 0, 0]), true],
    ['"packet too big"', ipv6Frame(58, [icmpv6.PACKET_TOO_BIG, 0, 0, 0]), true],
    ['a neighbour solicitation', ipv6Frame(58, [icmpv6.NEIGHBOR_SOLICITATION, 0, 0, 0]), false],
    ['an IPv6 echo request', ipv6Frame(58, [icmpv6.ECHO_REQUEST, 0, 0, 0]), false],
    ['a frame of an unknown type', frameOf(0x88cc, 40), false],
  ];
  for (const [name, frame, expected] of cases) {
    it(`${name}: ${expected ? 'yes' : 'no'}`, () => expect(concerns(frame)).to.equal(expected));
  }

  it('looks behind the tag of a VLAN', () => {
    for (const [name, frame, expected] of cases) expect(concerns(tagged(frame)), name).to.equal(expected);
  });

  it('looks at no byte behind the end of a short frame', () => {
    for (const [name, frame] of cases) {
      for (let length = 0; length < frame.length + 4; length++) {
        const cut = tagged(frame).slice(0, length);
        expect(() => concerns(cut), `${name}, ${length} bytes`).not.to.throw();
      }
    }
  });
});

/** What a fake worker's stack was given, and whether it knows the connection of what strays. */
interface FakeWorker {
  readonly steering: Steering;
  readonly received: string[];
  readonly resets: number[];
  owns: boolean;
}

const STRAY = 'a segment of a connection that lives somewhere';

/** Workers whose stacks record; a frame with `STRAY` in it belongs to the connection that the owner has. */
function workersOf(count: number): { workers: FakeWorker[]; close: () => void } {
  const bells = Array.from({ length: count }, () => Wakeup.create());
  const setups: SiblingSetup[][] = bells.map(() => []);
  const closers: (() => void)[] = bells.map((bell) => () => bell.close());
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const { port1, port2 } = new MessageChannel();
      const [there, back] = [new SharedArrayBuffer(4), new SharedArrayBuffer(4)];
      setups[a]![b - a - 1] = { port: port1, bellFd: bells[b]!.fd, waiting: there, waitingHere: back };
      setups[b]![count + a - b - 1] = { port: port2, bellFd: bells[a]!.fd, waiting: back, waitingHere: there };
      closers.push(() => port1.close());
    }
  }
  const workers = setups.map((siblings) => fakeWorker(siblings));
  return {
    workers,
    close: () => {
      for (const close of closers) close();
    },
  };
}

function fakeWorker(siblings: SiblingSetup[]): FakeWorker {
  const steering = new Steering({ siblings, tap: { virtio: true } }, OUR_MAC, isOurs);
  const worker: FakeWorker = { steering, received: [], resets: [], owns: false };
  steering.attach({
    receive: (frame) => {
      const text = Buffer.from(frame.bytes.subarray(frame.from, frame.to)).toString('latin1');
      if (text.includes(STRAY) && !worker.owns) {
        if (!steering.strayed(packetOf(frame))) worker.resets.push(frame.to - frame.from);
      } else worker.received.push(text);
    },
    runTimers: () => {},
    nextDeadline: () => Number.POSITIVE_INFINITY,
  });
  return worker;
}

/** As the internet layer would describe an IPv4 frame without options. */
function packetOf(frame: IncomingFrame): IpPacket {
  const packet = new IpPacket();
  packet.bytes = frame.bytes;
  packet.linkBytes = frame.bytes;
  packet.sourceMacFrom = frame.from + ethernet.SOURCE;
  packet.headerFrom = frame.from + ethernet.HEADER_BYTES;
  packet.payloadFrom = packet.headerFrom + ipv4.HEADER_BYTES;
  packet.payloadTo = frame.to;
  packet.protocol = ipv4.protocol(frame.bytes, packet.headerFrom);
  packet.ttl = ipv4.ttl(frame.bytes, packet.headerFrom);
  packet.source3 = ipv4.source(frame.bytes, packet.headerFrom);
  packet.destination3 = ipv4.destination(frame.bytes, packet.headerFrom);
  return packet;
}

function incoming(bytes: Uint8Array): IncomingFrame {
  const frame = new IncomingFrame(bytes);
  frame.to = bytes.length;
  return frame;
}

const strayFrame = () => ipv4Frame(6, ipv4.DONT_FRAGMENT, [...Buffer.from(STRAY)]);

describe('steering: between workers', () => {
  let close = () => {};
  afterEach(() => close());

  function start(count: number): FakeWorker[] {
    const made = workersOf(count);
    close = made.close;
    return made.workers;
  }

  /** Lets every worker take what was passed to it, until nothing moves. */
  function settle(workers: readonly FakeWorker[]): void {
    for (let round = 0; round < 2 * workers.length; round++) for (const { steering } of workers) steering.takePassed();
  }

  it('gives an ARP reply to every stack, once', () => {
    const workers = start(3);
    workers[1]!.steering.receive(incoming(arpFrame(arp.REPLY, OURS)));
    settle(workers);
    expect(workers.map(({ received }) => received.length)).to.deep.equal([1, 1, 1]);
    expect(new Set(workers.map(({ received }) => received[0])).size).to.equal(1);
  });

  it('keeps an ordinary frame where it arrived', () => {
    const workers = start(2);
    workers[0]!.steering.receive(incoming(arpFrame(arp.REQUEST, OURS)));
    settle(workers);
    expect(workers.map(({ received }) => received.length)).to.deep.equal([1, 0]);
  });

  for (const owner of [0, 1, 2]) {
    it(`brings a stray segment to its owner, worker ${owner} of 3`, () => {
      const workers = start(3);
      workers[owner]!.owns = true;
      workers[0]!.steering.receive(incoming(strayFrame()));
      settle(workers);
      expect(workers.map(({ received }) => received.length)).to.deep.equal([0, 1, 2].map((i) => Number(i === owner)));
      expect(workers.flatMap(({ resets }) => resets)).to.deep.equal([]);
    });
  }

  it('answers a segment that nobody knows with one RST', () => {
    const workers = start(3);
    workers[2]!.steering.receive(incoming(strayFrame()));
    settle(workers);
    expect(workers.map(({ resets }) => resets.length)).to.deep.equal([0, 1, 0]);
  });

  it('does not pass anything on when there is nobody else', () => {
    const workers = start(1);
    workers[0]!.steering.receive(incoming(strayFrame()));
    expect(workers[0]!.resets).to.have.lengthOf(1);
  });

  it('drops what a sibling that never looks is given too much of', () => {
    const workers = start(2);
    for (let i = 0; i < 300; i++) workers[0]!.steering.receive(incoming(arpFrame(arp.REPLY, OURS)));
    expect(workers[0]!.steering.statistics).to.deep.include({ shared: 300, dropped: 44 });
    settle(workers);
    expect(workers[1]!.received).to.have.lengthOf(256);
    workers[0]!.steering.receive(incoming(arpFrame(arp.REPLY, OURS)));
    expect(workers[0]!.steering.statistics.dropped).to.equal(44);
  });
});

describe('steering: a datagram as a frame again', () => {
  it('is the frame that it came in, when that had neither options nor fragments', () => {
    const frame = strayFrame();
    const again = datagramFrame(packetOf(incoming(frame)), OUR_MAC);
    ipv4.emit(frame, 14, 0, again.length - 14, 0, ipv4.DONT_FRAGMENT, 64, 6, PEER, OURS, addressSum());
    expect(Buffer.from(again).equals(frame)).to.equal(true);
    expect(ipv4.check(again, 14, again.length)).to.equal(ipv4.OK);
  });

  it('has the tag of our VLAN', () => {
    const packet = packetOf(incoming(strayFrame()));
    const plain = datagramFrame(packet, OUR_MAC);
    expect(Buffer.from(datagramFrame(packet, OUR_MAC, 5)).equals(tagged(plain))).to.equal(true);
  });

  it('has an IPv6 header for an IPv6 datagram', () => {
    const packet = new IpPacket();
    packet.isV6 = true;
    packet.bytes = Uint8Array.from([1, 2, 3, 4]);
    packet.payloadTo = 4;
    packet.protocol = 6;
    packet.ttl = 64;
    packet.linkBytes = PEER_MAC;
    packet.source3 = 1;
    packet.destination3 = 2;
    const frame = datagramFrame(packet, OUR_MAC);
    expect(ipv6.check(frame, 14, frame.length)).to.equal(ipv6.OK);
    expect(String(IpAddress.readV6(frame, 14 + ipv6.SOURCE))).to.equal('::1');
    expect(String(IpAddress.readV6(frame, 14 + ipv6.DESTINATION))).to.equal('::2');
    expect([...frame.subarray(54)]).to.deep.equal([1, 2, 3, 4]);
  });

  const addressSum = () => (PEER >>> 16) + (PEER & 0xffff) + (OURS >>> 16) + (OURS & 0xffff);
});
