/**
 * Two hosts on one link, in virtual time: what most TCP tests need. `client` (10.0.0.1) and `server` (10.0.0.2) are
 * whole stacks; a `Collector` is the program on either side.
 */
import { type LinkOptions, VirtualNetwork, VirtualTimeLimit } from '../../src/net/driver/virtual-network.js';
import type { InternetOptions } from '../../src/net/ip/context.js';
import type { ErrorCode } from '../../src/net/network-error.js';
import { createStack, type Stack } from '../../src/net/stack.js';
import type { CloseReason, Connection, ConnectionHandler } from '../../src/net/tcp/handler.js';
import type { TcpSettings } from '../../src/net/tcp/settings.js';
import { IpAddress, IpNetwork } from '../../src/net/wire/address.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';

export const CLIENT = IpAddress.parse('10.0.0.1');
export const SERVER = IpAddress.parse('10.0.0.2');
const CLIENT_V6 = IpAddress.parse('fd00::1');
const SERVER_V6 = IpAddress.parse('fd00::2');

export interface WorldOptions {
  seed?: number;
  link?: LinkOptions;
  tcp?: Partial<TcpSettings>;
  clientTcp?: Partial<TcpSettings>;
  /** Over IPv6: the client is fd00::1, the server fd00::2. */
  ipv6?: boolean;
  /** Of both stacks' internet layers. */
  internet?: InternetOptions;
  /** The server has its IPv6 address besides. */
  dualStack?: boolean;
}

/** A program that keeps what it receives and notes what happens. */
export class Collector implements ConnectionHandler {
  readonly chunks: Uint8Array[] = [];
  bytes = 0;
  hasEnded = false;
  reason: CloseReason | undefined;
  code: ErrorCode | undefined;
  /** How many bytes to take at most in all; the rest is left. */
  appetite = Number.POSITIVE_INFINITY;
  onReceived: (() => void) | undefined;
  onEnded: (() => void) | undefined;

  constructor(readonly connection: Connection) {}

  received(bytes: Uint8Array, from: number, to: number): number {
    const take = Math.min(to - from, this.appetite - this.bytes);
    this.chunks.push(bytes.slice(from, from + take));
    this.bytes += take;
    this.onReceived?.();
    return take;
  }

  acknowledged(): void {}

  ended(): void {
    this.hasEnded = true;
    this.onEnded?.();
  }

  timedOut(): void {}

  closed(reason: CloseReason, code?: ErrorCode): void {
    this.code = code;
    this.reason = reason;
  }

  get data(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

export class TcpWorld {
  readonly network: VirtualNetwork;
  readonly client: Stack;
  readonly server: Stack;
  /** Where the server is. */
  readonly address: IpAddress;

  constructor(options: WorldOptions = {}) {
    this.network = new VirtualNetwork({ seed: options.seed ?? 1 });
    const [a, b] = this.network.link(options.link);
    const { clock, random } = this.network;
    const internet: InternetOptions = { duplicateDetection: 'off', ...options.internet };
    const make = (device: typeof a, tcp: Partial<TcpSettings> | undefined, ...addresses: IpAddress[]) => {
      const stack = createStack({
        device,
        clock,
        random,
        addresses: addresses.map((address) => IpNetwork.parse(`${address}/${address.isV4 ? 24 : 64}`)),
        internet,
        tcp,
      });
      this.network.add(stack, device);
      stack.start();
      return stack;
    };
    this.address = options.ipv6 ? SERVER_V6 : SERVER;
    this.client = make(a, options.clientTcp ?? options.tcp, options.ipv6 ? CLIENT_V6 : CLIENT);
    this.server = make(b, options.tcp, this.address, ...(options.dualStack ? [SERVER_V6] : []));
  }

  /**
   * Opens a connection to port 80 and runs until both ends are established. Returns the client's and the server's
   * program. On a bad link every ACK that ends the handshake may be lost. Then the server gives up, and the client,
   * which has nothing to say, never learns it: it aborts and tries again, as people do.
   */
  open(): [Collector, Collector] {
    let accepted: Collector | undefined;
    this.server.listen(80, (connection) => {
      accepted = new Collector(connection);
      return accepted;
    });
    for (let tries = 1; ; tries++) {
      const opened = this.#connect();
      try {
        this.network.runUntil(() => accepted !== undefined);
        return [opened, accepted!];
      } catch (error) {
        if (!(error instanceof VirtualTimeLimit) || tries === 5) throw error;
        opened.connection.abort();
      }
    }
  }

  /** Runs until the client's end of a connection to port 80 is established. */
  #connect(): Collector {
    let opened: Collector | undefined;
    this.client.connect(
      { address: this.address, port: 80 },
      {
        connected: (connection) => {
          opened = new Collector(connection);
          return opened;
        },
        failed: (reason) => {
          throw new Error(`connection failed: ${reason}`);
        },
      },
    );
    this.network.runUntil(() => opened !== undefined);
    return opened!;
  }
}

/** Bytes that differ everywhere, the same for the same seed. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let x = seed | 1;
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

/** Sends all of `bytes` from `program`, summed as the cache would. */
export function sendAll(program: Collector, bytes: Uint8Array): void {
  const summed = SummedBytes.of(bytes);
  program.connection.send(summed, 0, summed.length);
  program.connection.flush();
}
