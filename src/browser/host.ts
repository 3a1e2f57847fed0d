/** A host of a world: a stack on its end of a link, the watch over its connections, and perhaps an HTTP server. */
import type { Library } from '../cache/library/library.js';
import type { Store } from '../cache/library/store.js';
import { HttpStatistics } from '../http/sending/statistics.js';
import { createHttpAcceptor } from '../http/server.js';
import type { Observer } from '../inspect/events.js';
import { StackWatch } from '../inspect/stack-watch.js';
import type { Clock } from '../net/clock.js';
import { type Device, NO_OFFLOAD } from '../net/device/device.js';
import { IncomingFrame, type OutgoingFrame } from '../net/device/frame.js';
import type { HeldFrame } from '../net/device/impairment.js';
import { ADDRESS } from '../net/ip/host-addresses.js';
import type { Random } from '../net/random.js';
import { createStack, type Stack } from '../net/stack.js';
import { DerivedWallClock } from '../net/wall-clock.js';
import { IpAddress, IpNetwork } from '../net/wire/address.js';
import { cacheOf } from './files.js';
import type { Direction } from './link.js';
import type { HostOptions } from './options.js';

/** What a host is made of. */
export interface HostParts {
  readonly name: string;
  readonly options: HostOptions;
  readonly addresses: readonly string[];
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly epochMs: number;
  readonly observer: Observer;
}

/**
 * The HTTP server of a host.
 *
 * @example
 * ```ts
 * import { World } from 'fastpath/browser';
 *
 * const world = new World({
 *   hosts: { a: {}, b: { files: { '/': 'hello' } } },
 *   start: (world) => world.get('a', 'b', '/'),
 * });
 * world.runUntilIdle();
 * console.log(world.host('b').http?.statistics.cacheHits); // 1
 * ```
 */
export interface HostHttp {
  readonly library: Library;
  readonly store: Store;
  readonly statistics: HttpStatistics;
}

/**
 * A host. `stack` is the product's own; programs use it as on a server.
 *
 * @example
 * ```ts
 * import { World } from 'fastpath/browser';
 *
 * const world = new World({
 *   hosts: { a: {}, b: {} },
 *   start: (world) => {
 *     const { stack } = world.host('b');
 *     stack.bind(7, { received: (datagram) => console.log(`${datagram.length} bytes`) });
 *   },
 * });
 * console.log(world.hosts.map(({ name, address }) => `${name} ${address}`).join(', ')); // a 10.0.0.1, b 10.0.0.2
 * ```
 */
export class Host {
  readonly name: string;
  /** Its Ethernet address. */
  readonly mac: Uint8Array;
  readonly stack: Stack;
  readonly watch: StackWatch;
  /** Null for a host without files. */
  readonly http: HostHttp | null;
  /** The first of the addresses that it was given; undefined: it has to make its own. */
  readonly #given: IpAddress | undefined;
  readonly #port: Port;
  readonly #frame = new IncomingFrame(new Uint8Array(0));

  /** @internal */
  constructor(parts: HostParts) {
    const { name, options, clock, random, mac, mtu } = parts;
    this.name = name;
    this.mac = mac;
    this.#port = new Port(mac, mtu);
    const networks = parts.addresses.map((text) => IpNetwork.parse(text));
    this.#given = networks[0]?.address;
    if (this.#given === undefined && options.internet?.ipv6 !== true)
      throw new RangeError(`host ${name} has no address`);
    this.stack = createStack({
      device: this.#port,
      clock,
      random,
      addresses: networks,
      gateway: options.gateway === undefined ? undefined : IpAddress.parse(options.gateway),
      internet: { duplicateDetection: 'off', ...options.internet },
      tcp: options.tcp,
    });
    this.watch = new StackWatch(name, this.stack, parts.observer);
    this.http = options.files === undefined ? null : this.#serve(options, clock, parts.epochMs);
  }

  /**
   * The first of its addresses. A host that was given none has one when it has followed a router's advertisement.
   * @throws {RangeError} as long as it has none
   */
  get address(): IpAddress {
    if (this.#given !== undefined) return this.#given;
    const { all } = this.stack.internet.parts.addresses;
    const made = all.find(({ isAutomatic, state }) => isAutomatic && state === ADDRESS.ASSIGNED);
    if (made === undefined) throw new RangeError(`host ${this.name} has no address yet`);
    return made.address;
  }

  /** Plugs its cable in, and starts the stack. */
  start(out: Direction): void {
    this.#port.out = out;
    this.stack.start();
  }

  /** Sends a whole frame as it is, from the Ethernet header on. */
  sendRaw(frame: Uint8Array): void {
    this.#port.out?.offer(frame, frame.length);
  }

  /** A frame arrives. @internal */
  receive(held: HeldFrame): void {
    held.show(this.#frame);
    this.stack.receive(this.#frame);
  }

  /** Runs the timers that are due. False if there were none: the stack only corrected its idea of its next deadline. */
  runTimers(): boolean {
    const { stack } = this;
    const now = stack.clock.now;
    const due = this.watch.lookAtTimers();
    const others = stack.internet.nextDeadline() <= now || stack.tcp.host.timeWaits.next() <= now;
    stack.runTimers();
    return due > 0 || others;
  }

  #serve(options: HostOptions, clock: Clock, epochMs: number): HostHttp {
    const { library, store } = cacheOf(options.files ?? {}, epochMs);
    const statistics = new HttpStatistics();
    const wallClock = new DerivedWallClock(clock, epochMs);
    const accept = createHttpAcceptor({ store, clock, wallClock, statistics, limits: options.http ?? {} });
    this.stack.listen(options.port ?? 80, accept, { noDelay: true });
    return { library, store, statistics };
  }
}

/** The device of a host: what it sends enters the link; what arrives is handed to the stack by the world. */
class Port implements Device {
  readonly offload = NO_OFFLOAD;
  out: Direction | null = null;
  #copy = new Uint8Array(2048);

  constructor(
    readonly mac: Uint8Array,
    readonly mtu: number,
  ) {}

  send(frame: OutgoingFrame): boolean {
    if (this.out === null) return false;
    if (this.#copy.length < frame.length) this.#copy = new Uint8Array(frame.length);
    this.out.offer(this.#copy, frame.copyTo(this.#copy));
    return true;
  }

  receive(): boolean {
    return false;
  }

  close(): void {
    this.out = null;
  }
}
