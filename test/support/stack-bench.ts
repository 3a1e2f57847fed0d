/**
 * One whole stack on a cable whose other end is in the test's hands: frames are put in, and what comes out is kept as
 * TCP segments taken apart and checked (`readTcp`). Time is virtual. scripted-peer.ts makes conversations of it.
 */

import { Clock } from '../../src/net/clock.js';
import { IncomingFrame } from '../../src/net/device/frame.js';
import { createPair, type PairEnd } from '../../src/net/device/pair.js';
import type { ErrorCode } from '../../src/net/network-error.js';
import { SeededRandom } from '../../src/net/random.js';
import { createStack, type Stack } from '../../src/net/stack.js';
import type { CloseReason, Connection } from '../../src/net/tcp/handler.js';
import type { ListenOptions } from '../../src/net/tcp/listener.js';
import { distance, toSequence } from '../../src/net/tcp/sequence.js';
import type { TcpSettings } from '../../src/net/tcp/settings.js';
import { IpAddress, IpNetwork } from '../../src/net/wire/address.js';
import { addressBytes, arp, concat, ethernet, hexMac, icmpv6, ipv6, readIp, type SentIp } from './packets.js';
import { pseudoHeader, readTcp, type SentTcp } from './tcp-segment.js';
import { Collector } from './tcp-world.js';

export const PEER = '10.0.0.1';
export const STACK = '10.0.0.2';
export const PEER_V6 = 'fd00::1';
export const STACK_V6 = 'fd00::2';
export const PEER_MAC = '02:fa:57:00:00:01';
export const STACK_MAC = '02:fa:57:00:00:02';
const BROADCAST = '10.0.0.255';
const TCP = 6;
const ICMPV6 = 58;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;

export interface BenchOptions {
  tcp?: Partial<TcpSettings>;
  listen?: ListenOptions;
  mtu?: number;
  /** The port that the stack listens on; default 80. */
  port?: number;
  /** The stack's addresses; default 10.0.0.2, or fd00::2. */
  addresses?: readonly string[];
  ipv6?: boolean;
}

/** A segment that has left the stack. */
export interface Departed {
  segment: SentTcp;
  /** Of the IP header. */
  tos: number;
  ttl: number;
  dontFragment: boolean;
  source: string;
}

export class StackBench {
  readonly clock = new Clock();
  readonly stack: Stack;
  /** The programs of the connections that the stack has accepted or opened, and why opening one failed. */
  readonly programs: Collector[] = [];
  readonly failures: CloseReason[] = [];
  readonly failureCodes: (ErrorCode | undefined)[] = [];
  /** What the stack has sent and nobody has looked at. */
  readonly departed: Departed[] = [];
  /** How often the stack has asked for an Ethernet address. */
  arpRequests = 0;
  /** Called with each segment that the stack sends. */
  onDeparture: (segment: SentTcp) => void = () => {};
  /** What the program does as soon as it hears that a connection which the stack has opened is there. */
  onConnected: (connection: Connection) => void = () => {};

  /** The two ends, as text. */
  readonly peerAddress: string;
  readonly stackAddress: string;

  readonly #device: PairEnd;
  readonly #cable: PairEnd;
  readonly #frame = new IncomingFrame(new Uint8Array(0));

  constructor(options: BenchOptions = {}) {
    const { tcp, listen, mtu = 1500, port = 80, ipv6: isV6 = false, addresses } = options;
    [this.peerAddress, this.stackAddress] = isV6 ? [PEER_V6, STACK_V6] : [PEER, STACK];
    [this.#cable, this.#device] = createPair({ mtu, macs: [PEER_MAC, STACK_MAC] });
    this.stack = createStack({
      device: this.#device,
      clock: this.clock,
      random: new SeededRandom(7),
      addresses: (addresses ?? [this.stackAddress]).map((address) => IpNetwork.parse(`${address}/${isV6 ? 64 : 24}`)),
      internet: { duplicateDetection: 'off' },
      tcp,
    });
    this.stack.start();
    this.stack.listen(port, (connection) => this.#keep(new Collector(connection)), listen);
    this.run();
  }

  /** The stack opens a connection from `localPort` to the peer's `port`. */
  connect(port: number, localPort: number, localAddress?: string): void {
    const address = IpAddress.parse(this.peerAddress);
    this.stack.connect(
      { address, port, localPort, ...(localAddress && { localAddress: IpAddress.parse(localAddress) }) },
      {
        connected: (connection) => {
          const program = this.#keep(new Collector(connection));
          this.onConnected(connection);
          return program;
        },
        failed: (why, code) => {
          this.failures.push(why);
          this.failureCodes.push(code);
        },
      },
    );
    this.run();
  }

  /** A frame arrives and is dealt with. */
  inject(frame: Uint8Array): void {
    this.#cable.sendBytes(frame);
    this.run();
  }

  /** The stack takes what has arrived and does what is due; what it sends is kept. */
  run(): void {
    for (let busy = true; busy; ) {
      busy = false;
      while (this.#device.receive(this.#frame)) {
        this.stack.receive(this.#frame);
        busy = true;
      }
      if (this.stack.nextDeadline() <= this.clock.now) {
        this.stack.runTimers();
        busy = true;
      }
      for (let frame = this.#cable.takeBytes(); frame !== undefined; frame = this.#cable.takeBytes()) {
        this.#takeIn(frame);
        busy = true;
      }
    }
  }

  /**
   * Time leaps to the stack's next deadline, but not beyond `limit` (µs of the clock). False if there is none before.
   */
  leap(limit: number): boolean {
    const next = this.stack.nextDeadline();
    this.clock.now = Math.min(next, limit);
    this.run();
    return next <= limit;
  }

  /** Lets time pass until `end`, µs of the clock. */
  runUntil(end: number): void {
    while (this.leap(end));
  }

  /** Waits until the ISN of this four-tuple will be `wanted` (RFC 6528: it rises by one each 4 µs). */
  waitForIsn(wanted: number, localPort: number, remotePort: number): void {
    const { sequenceNumbers } = this.stack.tcp.host;
    const [local, remote] = [IpAddress.parse(this.stackAddress), IpAddress.parse(this.peerAddress)];
    const now = sequenceNumbers.initial(local, localPort, remote, remotePort, this.clock.now).sequence;
    this.runUntil(this.clock.now + (distance(now, toSequence(wanted)) >>> 0) * 4);
  }

  #keep(program: Collector): Collector {
    this.programs.push(program);
    return program;
  }

  #takeIn(frame: Uint8Array): void {
    if (frame[12] === 0x08 && frame[13] === 0x06) {
      this.#answerArp(frame);
      return;
    }
    const ip = readIp(frame);
    if (ip.protocol === ICMPV6) this.#answerSolicitation(ip);
    if (ip.protocol !== TCP) return;
    const { source, destination, payload, trafficClass: tos, ttl, dontFragment } = ip;
    const segment = readTcp(payload, pseudoHeader(source, destination));
    this.departed.push({ segment, tos, ttl, dontFragment, source });
    this.onDeparture(segment);
  }

  /** RFC 4861 section 4.4: solicited, override, and our Ethernet address. */
  #answerSolicitation({ payload, source }: SentIp): void {
    if (payload[0] !== SOLICITATION || source === '::') return;
    this.arpRequests++;
    const target = payload.subarray(8, 24);
    if (!Buffer.from(target).equals(addressBytes(PEER_V6))) return;
    const option = [2, 1, ...Buffer.from(PEER_MAC.replaceAll(':', ''), 'hex')];
    const message = icmpv6(PEER_V6, source, ADVERTISEMENT, 0, 0x60000000, concat(target, option));
    const packet = ipv6({ source: PEER_V6, destination: source, next: ICMPV6, hopLimit: 255, payload: message });
    this.#cable.sendBytes(ethernet(STACK_MAC, PEER_MAC, 0x86dd, packet));
  }

  /** Every address of the network but our own and the broadcast is the peer's. */
  #answerArp(frame: Uint8Array): void {
    const target = frame.subarray(38, 42).join('.');
    this.arpRequests++;
    if (frame[21] !== 1 || target === STACK || target === BROADCAST) return;
    const senderMac = PEER_MAC;
    const reply = arp({ operation: 2, senderMac, sender: target, targetMac: hexMac(frame, 22), target: STACK });
    this.#cable.sendBytes(ethernet(STACK_MAC, senderMac, 0x0806, reply));
  }
}
