/** A stack without an address, its DHCP session, and a link with a DHCP server on it; the time is virtual. */
import type { LossReason } from '../../src/dhcp/client.js';
import { DhcpSession } from '../../src/dhcp/session.js';
import { Clock, SECOND } from '../../src/net/clock.js';
import { IncomingFrame } from '../../src/net/device/frame.js';
import type { AddressConflict } from '../../src/net/ip/context.js';
import { SeededRandom } from '../../src/net/random.js';
import { createStack, type Stack } from '../../src/net/stack.js';
import { FakeDevice, OUR_MAC } from '../support/fake-device.js';
import {
  addressBytes,
  arp,
  BROADCAST_MAC,
  concat,
  ethernet,
  ipv4,
  OTHER_MAC,
  PEER_MAC,
  plainChecksum,
  readArp,
  readFrame,
  readIp,
  word16,
} from '../support/packets.js';
import { readAsked, TestServer } from './server.js';

export { OUR_MAC } from '../support/fake-device.js';

/** A source of which a test can name the next number: that of a transaction. */
class NameableRandom extends SeededRandom {
  next: number | undefined;

  override nextInt32(): number {
    const named = this.next;
    this.next = undefined;
    return named ?? super.nextInt32();
  }
}

export class DhcpWorld {
  readonly clock = new Clock();
  readonly device = new FakeDevice();
  readonly server = new TestServer();
  readonly stack: Stack;
  readonly session: DhcpSession;
  /** `bound 192.168.1.50/24`, `lost 192.168.1.50/24 expired` */
  readonly told: string[] = [];
  readonly conflicts: AddressConflict[] = [];
  readonly random: NameableRandom;
  /** All frames that were sent and are not for the server. */
  readonly others: Uint8Array[] = [];
  /** Addresses that another host on the link has. */
  readonly rivals = new Set<string>();

  constructor(options: { hostName?: string; seed?: number; start?: boolean } = {}) {
    const random = new NameableRandom(options.seed ?? 1);
    this.random = random;
    const onConflict = (conflict: AddressConflict) => {
      this.conflicts.push(conflict);
      if (conflict.phase === 'probing') this.session.conflict(conflict.address);
    };
    const { clock, device } = this;
    this.stack = createStack({ device, clock, random, addresses: [], internet: { onConflict } });
    this.stack.start();
    this.session = new DhcpSession({
      ...{ stack: this.stack, clock, random, hostName: options.hostName },
      events: {
        bound: ({ lease }, isNew) => this.told.push(`${isNew ? 'bound' : 'extended'} ${lease.network}`),
        lost: ({ network }, reason: LossReason) => this.told.push(`lost ${network} ${reason}`),
      },
    });
    if (options.start !== false) this.session.client.start();
    this.pass();
  }

  get client() {
    return this.session.client;
  }

  /** The types of the client's messages so far, with the second of each. */
  get asked(): string[] {
    return this.server.asked.map(({ type, at }) => `${type} ${Math.round(at)}`);
  }

  /** Lets time pass; each timer runs at its time, and the server answers at once. */
  advance(seconds: number): void {
    const end = this.clock.now + seconds * SECOND;
    this.pass();
    for (;;) {
      const next = Math.min(this.stack.nextDeadline(), this.client.nextDeadline());
      if (next > end) break;
      this.clock.now = next;
      this.stack.runTimers();
      this.client.runTimers();
      this.pass();
    }
    this.clock.now = end;
  }

  /** Delivers what the stack has sent. */
  pass(): void {
    for (let sent = this.device.takeSent(); sent.length > 0; sent = this.device.takeSent()) {
      for (const frame of sent) this.#deliver(frame);
    }
  }

  /** A datagram of the server to the client's port. */
  reply(message: Uint8Array, to = '255.255.255.255', mac = to === '255.255.255.255' ? BROADCAST_MAC : OUR_MAC): void {
    this.frame(ethernet(mac, PEER_MAC, 0x0800, datagram(this.server.address, to, 67, 68, message)));
    this.pass();
  }

  frame(bytes: Uint8Array): void {
    const frame = new IncomingFrame(bytes.slice());
    frame.from = 0;
    frame.to = bytes.length;
    this.stack.receive(frame);
  }

  #deliver(frame: Uint8Array): void {
    const { type } = readFrame(frame);
    if (type === 0x0806) {
      this.#answerArp(frame);
      return;
    }
    const packet = readIp(frame);
    const { payload } = packet;
    if (packet.protocol !== 17 || payload[2]! * 256 + payload[3]! !== 67) {
      this.others.push(frame);
      return;
    }
    const at = this.clock.now / SECOND;
    const answer = this.server.answerTo(readAsked(payload.slice(8), at, packet.source, packet.destination));
    if (answer === undefined) return;
    const to = this.server.broadcasts ? '255.255.255.255' : this.server.yourAddress;
    this.reply(answer, to);
  }

  /** The server answers for its address, and a rival for those that it has. */
  #answerArp(frame: Uint8Array): void {
    const { operation, target, sender } = readArp(frame);
    if (operation !== 1 || target === sender) return;
    const mac = target === this.server.address ? PEER_MAC : this.rivals.has(target) ? OTHER_MAC : undefined;
    if (mac === undefined) return;
    const reply = arp({ operation: 2, senderMac: mac, sender: target, targetMac: OUR_MAC, target: sender });
    this.frame(ethernet(OUR_MAC, mac, 0x0806, reply));
  }
}

/** An IPv4 packet with a UDP datagram. */
export function datagram(source: string, destination: string, from: number, to: number, data: Uint8Array): Uint8Array {
  const length = word16(8 + data.length);
  const head = concat(word16(from), word16(to), length, [0, 0]);
  const pseudo = concat(addressBytes(source), addressBytes(destination), [0, 17], length);
  const payload = concat(head, data);
  payload.set(word16(plainChecksum(pseudo, payload)), 6);
  return ipv4({ source, destination, protocol: 17, payload });
}
