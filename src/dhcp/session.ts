/**
 * The DHCP client on a stack: it binds port 68, and puts the leases that the client gets into effect. One thread has a
 * session; what it gets is told to the others (`SessionEvents`).
 */
import type { Clock } from '../net/clock.js';
import type { Random } from '../net/random.js';
import type { Stack } from '../net/stack.js';
import type { Datagram } from '../net/udp/datagram.js';
import type { DatagramHandler } from '../net/udp/handler.js';
import type { UdpPort } from '../net/udp/udp-port.js';
import { IpAddress } from '../net/wire/address.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { DhcpClient, type DhcpOutput, type HeldLease, type LossReason } from './client.js';
import type { Lease } from './lease.js';
import { CLIENT_PORT, SERVER_PORT } from './option-codes.js';
import { StackLease } from './stack-lease.js';
import type { DhcpStatistics } from './statistics.js';

const NO_ADDRESS = IpAddress.v4(0);
const BROADCAST = IpAddress.v4(-1);
/** A message larger than an Ethernet packet would come in fragments, and routers' firewalls do not like those. */
const LARGEST_PACKET = 1500;
/** IP and UDP headers. */
const HEADER_BYTES = 28;

/** What a session tells. */
export interface SessionEvents {
  /** `isNew`: another address than before, or the first one. */
  bound(held: HeldLease, isNew: boolean): void;
  lost(lease: Lease, reason: LossReason): void;
}

/** What a session is made of. */
export interface SessionOptions {
  readonly stack: Stack;
  readonly clock: Clock;
  readonly random: Random;
  readonly hostName?: string | undefined;
  readonly statistics?: DhcpStatistics | undefined;
  readonly events: SessionEvents;
}

export class DhcpSession implements DatagramHandler, DhcpOutput {
  readonly client: DhcpClient;
  readonly #options: SessionOptions;
  #port: UdpPort;
  readonly #lease: StackLease;

  /** @throws {NetworkError} EADDRINUSE if a program has bound port 68 */
  constructor(options: SessionOptions) {
    const { stack, clock, random, hostName, statistics } = options;
    this.#options = options;
    this.#port = bindClientPort(stack, this);
    this.#lease = new StackLease(stack);
    this.client = new DhcpClient({
      clock,
      random,
      mac: stack.device.mac,
      hostName,
      largestMessage: Math.min(stack.device.mtu, LARGEST_PACKET) - HEADER_BYTES,
      statistics,
      output: this,
    });
  }

  /** Goes on with a lease that another thread or process has got, and puts it into effect. */
  resume(held: HeldLease): void {
    this.#lease.use(held.lease);
    this.client.resume(held);
  }

  /** Another host has this address of ours. True if it was the lease's, which the client has declined then. */
  conflict(address: IpAddress): boolean {
    const isOurs = this.#lease.lease?.network.address.equals(address) ?? false;
    if (isOurs) this.client.conflict();
    return isOurs;
  }

  /**
   * The host shuts down, and has closed its ports. Its connections may go on for a while, and need their address until
   * the end: the port is bound again.
   */
  closed(): void {
    this.#port = bindClientPort(this.#options.stack, this);
  }

  /** Frees the port. The client must have ended before. */
  close(): void {
    this.#port.close();
  }

  received(datagram: Datagram): void {
    if (datagram.sourcePort === SERVER_PORT) this.client.received(datagram.bytes, datagram.from, datagram.to);
  }

  send(message: Uint8Array, from: IpAddress | undefined, to: IpAddress | undefined): boolean {
    const bytes = SummedBytes.plain(message);
    return this.#port.send(bytes, to ?? BROADCAST, SERVER_PORT, from ?? NO_ADDRESS) === undefined;
  }

  bound(held: HeldLease): void {
    const before = this.#lease.lease;
    this.#lease.use(held.lease);
    this.#options.events.bound(held, String(before?.network) !== String(held.lease.network));
  }

  lost(lease: Lease, reason: LossReason): void {
    this.#lease.use(undefined);
    this.#options.events.lost(lease, reason);
  }
}

/**
 * Binds the client's port. A worker without a session binds it too, with a handler that does nothing: an answer of the
 * server that comes to its queue is passed on, and must not be refused there.
 */
export function bindClientPort(stack: Stack, handler: DatagramHandler): UdpPort {
  return stack.bind(CLIENT_PORT, handler, { family: 4, allowsBroadcast: true, isUnconfigured: true });
}
