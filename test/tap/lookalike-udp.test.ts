/**
 * UDP asked side by side: the same frames go to Linux, over a TAP, and to a stack in memory, and the answers are
 * compared as docs/lookalike.md says. Both are 10.79.0.2 and fd79::2, with an echo at port 7 and nothing at port 9.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Clock } from '../../src/net/clock.js';
import { IncomingFrame, OutgoingFrame } from '../../src/net/device/frame.js';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { SeededRandom } from '../../src/net/random.js';
import { createStack } from '../../src/net/stack.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { FakeDevice } from '../support/fake-device.js';
import { describeInNamespace } from '../support/namespace.js';
import {
  addressBytes,
  arp,
  concat,
  ethernet,
  type Ipv4Fields,
  icmpv6,
  ipv4,
  ipv6,
  OTHER_MAC,
  pattern,
  plainChecksum,
  pseudoV6,
  readFrame,
  readIp,
  word16,
} from '../support/packets.js';
import { sendUntil } from '../support/until.js';

const US = '10.79.0.1';
const THEM = '10.79.0.2';
const US_6 = 'fd79::1';
const THEM_6 = 'fd79::2';
const OUR_PORT = 40_000;
const ECHO = 7;
const CLOSED = 9;
const DATA = pattern(12);

/** The fields of a datagram that a case sets otherwise. */
interface Fields {
  to?: string;
  from?: string;
  sourcePort?: number;
  length?: number;
  checksum?: number;
  data?: Uint8Array;
}

/** A UDP datagram, as the payload of IP. */
function udp(
  port: number,
  { to = THEM, from = US, sourcePort = OUR_PORT, length, checksum, data = DATA }: Fields = {},
) {
  const head = concat(word16(sourcePort), word16(port), word16(length ?? 8 + data.length), [0, 0]);
  const total = 8 + data.length;
  const pseudo = to.includes(':')
    ? pseudoV6(from, to, length ?? total, 17)
    : concat(addressBytes(from), addressBytes(to), [0, 17], word16(length ?? total));
  const whole = concat(head, data);
  const summed = whole.subarray(0, Math.min(length ?? total, total));
  whole.set(word16(checksum ?? plainChecksum(pseudo, summed)), 6);
  return whole;
}

/** A frame with such a datagram, to a station. */
type Frame = (mac: string) => Uint8Array;

function v4(payload: Uint8Array, fields: Partial<Ipv4Fields> = {}, to?: string): Frame {
  return (mac) =>
    ethernet(to ?? mac, OTHER_MAC, 0x0800, ipv4({ source: US, destination: THEM, protocol: 17, payload, ...fields }));
}

function v6(payload: Uint8Array, hopLimit = 64): Frame {
  const packet = ipv6({ source: US_6, destination: THEM_6, next: 17, hopLimit, payload });
  return (mac) => ethernet(mac, OTHER_MAC, 0x86dd, packet);
}

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const ALL_HOSTS = '01:00:5e:00:00:01';
const fragmented = (port: number): Frame[] => {
  const whole = udp(port, { data: pattern(64) });
  return [v4(whole.subarray(0, 40), { id: 77, more: true }), v4(whole.subarray(40), { id: 77, offset: 40 })];
};

const CASES: readonly (readonly [name: string, frames: readonly Frame[]])[] = [
  ['an open port', [v4(udp(ECHO))]],
  ['an open port, no data', [v4(udp(ECHO, { data: new Uint8Array(0) }))]],
  ['a closed port', [v4(udp(CLOSED))]],
  ['a closed port, 1,000 bytes: how much is quoted', [v4(udp(CLOSED, { data: pattern(1000) }))]],
  ['a closed port, with a TOS', [v4(udp(CLOSED), { tos: 0x28 })]],
  ['an open port, with a TOS', [v4(udp(ECHO), { tos: 0x28 })]],
  ['no checksum, an open port', [v4(udp(ECHO, { checksum: 0 }))]],
  ['no checksum, a closed port', [v4(udp(CLOSED, { checksum: 0 }))]],
  ['a bad checksum, an open port', [v4(udp(ECHO, { checksum: 0x1234 }))]],
  ['a bad checksum, a closed port', [v4(udp(CLOSED, { checksum: 0x1234 }))]],
  ['a length that is less than the packet has', [v4(udp(ECHO, { length: 12 }))]],
  ['a length that is more than the packet has', [v4(udp(ECHO, { length: 30 }))]],
  ['a length below the header', [v4(udp(ECHO, { length: 7 }))]],
  ['seven bytes', [v4(udp(ECHO).subarray(0, 7))]],
  ['two fragments, an open port', fragmented(ECHO)],
  ['two fragments, a closed port', fragmented(CLOSED)],
  ['a TTL of 1', [v4(udp(ECHO), { ttl: 1 })]],
  ['a TTL of 1, a closed port', [v4(udp(CLOSED), { ttl: 1 })]],
  ['the source port 0, an open port', [v4(udp(ECHO, { sourcePort: 0 }))]],
  ['the source port 0, a closed port', [v4(udp(CLOSED, { sourcePort: 0 }))]],
  ['the port 0', [v4(udp(0))]],
  [
    'the broadcast address of the network, an open port',
    [v4(udp(ECHO, { to: '10.79.0.255' }), { destination: '10.79.0.255' }, BROADCAST)],
  ],
  [
    'the broadcast address of all, an open port',
    [v4(udp(ECHO, { to: '255.255.255.255' }), { destination: '255.255.255.255' }, BROADCAST)],
  ],
  [
    'the broadcast address of the network, a closed port',
    [v4(udp(CLOSED, { to: '10.79.0.255' }), { destination: '10.79.0.255' }, BROADCAST)],
  ],
  ['all hosts, an open port', [v4(udp(ECHO, { to: '224.0.0.1' }), { destination: '224.0.0.1' }, ALL_HOSTS)]],
  ['all hosts, a closed port', [v4(udp(CLOSED, { to: '224.0.0.1' }), { destination: '224.0.0.1' }, ALL_HOSTS)]],
  ['a closed port, in a broadcast frame', [v4(udp(CLOSED), {}, BROADCAST)]],
  ['an open port, in a broadcast frame', [v4(udp(ECHO), {}, BROADCAST)]],
  ['a closed port, ECN in the TOS', [v4(udp(CLOSED), { tos: 0x2b })]],
  ['from 127.0.0.1', [v4(udp(ECHO, { from: '127.0.0.1' }), { source: '127.0.0.1' })]],
  ['from 0.0.0.0', [v4(udp(ECHO, { from: '0.0.0.0' }), { source: '0.0.0.0' })]],
  ['from a group', [v4(udp(ECHO, { from: '224.0.0.5' }), { source: '224.0.0.5' })]],
  ['from its own address', [v4(udp(ECHO, { from: THEM }), { source: THEM })]],
  ['IPv6, an open port', [v6(udp(ECHO, { to: THEM_6, from: US_6 }))]],
  ['IPv6, a closed port', [v6(udp(CLOSED, { to: THEM_6, from: US_6 }))]],
  ['IPv6, a closed port, 1,400 bytes', [v6(udp(CLOSED, { to: THEM_6, from: US_6, data: pattern(1400) }))]],
  ['IPv6, no checksum', [v6(udp(ECHO, { to: THEM_6, from: US_6, checksum: 0 }))]],
  ['IPv6, a bad checksum', [v6(udp(ECHO, { to: THEM_6, from: US_6, checksum: 0x1234 }))]],
  ['IPv6, a length that is too long', [v6(udp(ECHO, { to: THEM_6, from: US_6, length: 30 }))]],
  ['IPv6, a hop limit of 1', [v6(udp(ECHO, { to: THEM_6, from: US_6 }), 1)]],
];

/** Where the two differ, and docs/lookalike.md says why: what Linux says. */
const DIFFERS: Readonly<Record<string, string>> = {
  'an open port, in a broadcast frame':
    '10.79.0.2 > 10.79.0.1, ttl 64, class 0, DF, 7 > 40000: 01080f161d242b323940474e',
  'a closed port, ECN in the TOS': '10.79.0.2 > 10.79.0.1, ttl 64, class 202: ICMP 3/3, 40 bytes quoted',
};

/** What a client sees of an answer; undefined: it is no answer (ARP, groups, neighbours). */
function describeAnswer(frame: Uint8Array): string | undefined {
  const { type } = readFrame(frame);
  if (type !== 0x0800 && type !== 0x86dd) return undefined;
  const { source, destination, protocol, ttl, trafficClass, dontFragment, payload } = readIp(frame);
  const port = (at: number) => (payload[at] ?? 0) * 256 + (payload[at + 1] ?? 0);
  const ip = `${source} > ${destination}, ttl ${ttl}, class ${trafficClass}${dontFragment ? ', DF' : ''}`;
  if (protocol === 17) return `${ip}, ${port(0)} > ${port(2)}: ${Buffer.from(payload.subarray(8)).toString('hex')}`;
  const isError = protocol === 1 || (protocol === 58 && (payload[0] ?? 255) < 128);
  if (!isError) return undefined;
  return `${ip}: ICMP ${payload[0]}/${payload[1]}, ${payload.length - 8} bytes quoted`;
}

/** Answers of a host to ARP and neighbour solicitations about us; undefined: the frame is none. */
function introduce(frame: Uint8Array): Uint8Array | undefined {
  const { type, from, payload } = readFrame(frame);
  if (type === 0x0806 && payload[7] === 1 && Buffer.from(payload.subarray(24, 28)).equals(addressBytes(US))) {
    const reply = arp({ operation: 2, senderMac: OTHER_MAC, sender: US, targetMac: from, target: THEM });
    return ethernet(from, OTHER_MAC, 0x0806, reply);
  }
  if (type !== 0x86dd || payload[6] !== 58 || payload[40] !== 135) return undefined;
  const { source } = readIp(frame);
  if (source === '::' || !Buffer.from(payload.subarray(48, 64)).equals(addressBytes(US_6))) return undefined;
  const mac = [2, 1, ...OTHER_MAC.split(':').map((byte) => Number.parseInt(byte, 16))];
  const message = icmpv6(US_6, source, 136, 0, 0x60000000, concat(addressBytes(US_6), mac));
  return ethernet(
    from,
    OTHER_MAC,
    0x86dd,
    ipv6({ source: US_6, destination: source, next: 58, hopLimit: 255, payload: message }),
  );
}

/** A stack in memory. */
class OurSide {
  readonly #device = new FakeDevice();
  readonly #stack = createStack({
    device: this.#device,
    clock: new Clock(),
    random: new SeededRandom(3),
    addresses: [IpNetwork.parse(`${THEM}/24`), IpNetwork.parse(`${THEM_6}/64`)],
    internet: { duplicateDetection: 'off' },
  });

  constructor() {
    this.#stack.start();
    this.#stack.bind(ECHO, {
      received: (datagram, port) => void port.reply(SummedBytes.plain(datagram.copy()), datagram),
    });
    this.#device.takeSent();
  }

  ask(frames: readonly Frame[]): string[] {
    for (const frame of frames) this.#give(frame('02:fa:57:00:00:02'));
    const answers: string[] = [];
    for (let sent = this.#device.takeSent(); sent.length > 0; sent = this.#device.takeSent()) {
      for (const frame of sent) {
        const reply = introduce(frame);
        if (reply !== undefined) this.#give(reply);
        const answer = describeAnswer(frame);
        if (answer !== undefined) answers.push(answer);
      }
    }
    return answers;
  }

  #give(bytes: Uint8Array): void {
    const frame = new IncomingFrame(bytes);
    frame.from = 0;
    frame.to = bytes.length;
    this.#stack.receive(frame);
  }
}

describeInNamespace(import.meta.url, 'UDP beside Linux', () => {
  const sockets: Socket[] = [];
  let device: TapDevice;
  let mac = '';
  const ours = new OurSide();

  before(async () => {
    device = TapDevice.open({ name: 'tapk', offload: false });
    const host = new HostInterface('tapk');
    for (const setting of ['accept_dad', 'disable_ipv6', 'router_solicitations']) {
      writeFileSync(`/proc/sys/net/ipv6/conf/tapk/${setting}`, '0');
    }
    // Each answer counts here: an error a second would hide most of them.
    writeFileSync('/proc/sys/net/ipv4/icmp_ratelimit', '0');
    writeFileSync('/proc/sys/net/ipv6/icmp/ratelimit', '0');
    host.addAddress(IpNetwork.parse(`${THEM}/24`));
    host.up();
    host.addAddress(IpNetwork.parse(`${THEM_6}/64`));
    for (const type of ['udp4', 'udp6'] as const) {
      const socket = createSocket({ type, ipv6Only: type === 'udp6' });
      sockets.push(socket);
      socket.on('message', (message, { port, address }) => {
        if (port !== 0) socket.send(message, port, address);
      });
      socket.bind(ECHO);
      await once(socket, 'listening');
    }
    const question = arp({ operation: 1, senderMac: OTHER_MAC, sender: US, target: THEM });
    const isAnswered = () => {
      for (const frame of received()) if (readFrame(frame).type === 0x0806) mac = readFrame(frame).from;
      return mac !== '';
    };
    const ask = () => send(ethernet(BROADCAST, OTHER_MAC, 0x0806, question));
    await sendUntil(ask, isAnswered, { what: 'the Ethernet address of Linux' });
    await linux(CASES.slice(0, 1).flatMap(([, frames]) => frames)); // both families know us afterwards
    await linux([v6(udp(ECHO, { to: THEM_6, from: US_6 }))]);
  });

  after(() => {
    for (const socket of sockets) socket.close();
    device?.close();
  });

  function send(bytes: Uint8Array): void {
    const frame = new OutgoingFrame();
    frame.header.set(bytes.subarray(0, 14), frame.start);
    frame.end = frame.start + 14;
    frame.addFragment(SummedBytes.plain(bytes.slice(14)), 0, bytes.length - 14);
    expect(device.send(frame)).to.equal(true);
  }

  function received(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    const frame = new IncomingFrame(new Uint8Array(0));
    while (device.receive(frame)) frames.push(frame.bytes.slice(frame.from, frame.to));
    return frames;
  }

  /** Linux's answers: what comes within some ten milliseconds. */
  async function linux(frames: readonly Frame[]): Promise<string[]> {
    for (const frame of frames) send(frame(mac));
    const answers: string[] = [];
    for (let quiet = 0; quiet < 4; quiet++) {
      await sleep(10);
      for (const frame of received()) {
        const reply = introduce(frame);
        if (reply !== undefined) send(reply);
        const answer = describeAnswer(frame);
        if (answer === undefined) continue;
        answers.push(answer);
        quiet = 0;
      }
    }
    return answers;
  }

  for (const [name, frames] of CASES) {
    it(`${name}: the same answer, or the same silence${name in DIFFERS ? ', but for what the docs tell' : ''}`, async () => {
      const theirs = await linux(frames);
      const own = ours.ask(frames);
      const told = DIFFERS[name];
      if (told === undefined) expect(own).to.deep.equal(theirs);
      else {
        expect(theirs.join('; ')).to.equal(told);
        expect(own).not.to.deep.equal(theirs);
      }
    });
  }
});
