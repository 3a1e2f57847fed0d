import type { Clock } from './clock.js';
import type { Device } from './device/device.js';
import type { IncomingFrame } from './device/frame.js';
import { ExpectedPath } from './expected/receive.js';
import { InternetLayer } from './internet.js';
import type { InternetOptions } from './ip/context.js';
import { InternetStatistics } from './ip/statistics.js';
import type { Random } from './random.js';
import type { Acceptor, Connection, Opener } from './tcp/handler.js';
import type { Listener, ListenOptions } from './tcp/listener.js';
import type { PacedTraffic, PacingPlan } from './tcp/pacing-plan.js';
import { DEFAULT_TCP_SETTINGS, type TcpSettings } from './tcp/settings.js';
import { TcpStatistics } from './tcp/statistics.js';
import { type ConnectOptions, Tcp } from './tcp/tcp.js';
import type { BindOptions, DatagramHandler } from './udp/handler.js';
import { UdpStatistics } from './udp/statistics.js';
import { Udp } from './udp/udp.js';
import type { UdpPort } from './udp/udp-port.js';
import type { IpAddress, IpNetwork } from './wire/address.js';
import { PROTOCOL } from './wire/protocol.js';

/** What a host is made of: its device, its time and randomness, its addresses. @see {@link createStack} */
export interface StackOptions {
  readonly device: Device;
  readonly clock: Clock;
  readonly random: Random;
  /** Our addresses, each with its network: `IpNetwork.parse('10.77.0.2/24')`. */
  readonly addresses: readonly IpNetwork[];
  /** Default routers, one a family at most. */
  readonly gateway?: IpAddress | undefined;
  readonly gateway6?: IpAddress | undefined;
  readonly internet?: InternetOptions | undefined;
  /** What differs from `DEFAULT_TCP_SETTINGS`. */
  readonly tcp?: Partial<TcpSettings> | undefined;
  /** Rates of connections, and of groups of them; default: none. */
  readonly pacing?: PacingPlan | undefined;
}

/**
 * All counters, by layer.
 *
 * @example
 * ```ts
 * import type { Stack } from 'fastpath';
 *
 * declare const stack: Stack;
 * const { internet, tcp, udp } = stack.statistics;
 * console.log(internet.ip.received, tcp.segmentsReceived, udp.delivered);
 * ```
 */
export interface StackStatistics {
  readonly internet: InternetStatistics;
  readonly tcp: TcpStatistics;
  readonly udp: UdpStatistics;
}

/**
 * One host: the internet layer, TCP and UDP on a device, and their counters.
 *
 * The stack is passive: it never waits, and it starts nothing by itself. A driver sets the clock, hands it frames
 * (`receive`), and calls `runTimers` when `nextDeadline` has come. `EventLoopDriver`, `PollLoop` and `VirtualNetwork`
 * are such drivers.
 *
 * @example
 * ```ts
 * import { type Stack, SummedBytes } from 'fastpath';
 *
 * // Greets whoever connects, and closes.
 * export function greet(stack: Stack): void {
 *   const greeting = SummedBytes.of(new TextEncoder().encode('hello\r\n'));
 *   stack.listen(7, (connection) => {
 *     connection.send(greeting, 0, greeting.length);
 *     connection.close();
 *     return { received: (_bytes, from, to) => to - from, acknowledged() {}, ended() {}, timedOut() {}, closed() {} };
 *   });
 * }
 * ```
 */
export class Stack {
  readonly device: Device;
  readonly clock: Clock;
  /** @internal */
  readonly internet: InternetLayer;
  /** @internal */
  readonly tcp: Tcp;
  /** @internal */
  readonly udp: Udp;
  readonly statistics: StackStatistics;
  readonly #expected: ExpectedPath | null;

  constructor(options: StackOptions) {
    const { device, clock, random, addresses, gateway, gateway6 } = options;
    this.device = device;
    this.clock = clock;
    this.statistics = { internet: new InternetStatistics(), tcp: new TcpStatistics(), udp: new UdpStatistics() };
    this.internet = new InternetLayer({
      device,
      clock,
      random,
      addresses,
      gateway,
      gateway6,
      statistics: this.statistics.internet,
      options: options.internet,
    });
    this.tcp = new Tcp({
      device,
      internet: this.internet,
      clock,
      random,
      settings: { ...DEFAULT_TCP_SETTINGS, ...options.tcp },
      statistics: this.statistics.tcp,
      pacing: options.pacing,
    });
    this.udp = new Udp({ device, internet: this.internet, random, statistics: this.statistics.udp });
    this.internet.register(PROTOCOL.TCP, this.tcp);
    this.internet.register(PROTOCOL.UDP, this.udp);
    this.#expected = ExpectedPath.of(this.internet.parts, this.tcp.host);
  }

  /** Probes and announces our addresses. Call it once the device is up. */
  start(): void {
    this.internet.start();
  }

  /**
   * Takes one frame through the stack to its answer. The segment that a connection waits for has an early path;
   * every other frame begins at the internet layer.
   */
  receive(frame: IncomingFrame): void {
    if (this.#expected?.receive(frame) !== true) this.internet.receive(frame);
  }

  /** Runs the timers that are due at the clock's time. */
  runTimers(): void {
    this.internet.runTimers();
    this.tcp.runTimers();
  }

  /**
   * Takes one more IPv4 address, as from a DHCP server. Listeners for all addresses have it at once. Call it after
   * `start`. @throws {RangeError} for an IPv6 address: those come from the start or from routers
   */
  addAddress(network: IpNetwork): void {
    this.internet.addAddress(network);
  }

  /** Gives an IPv4 address up: its connections end, and nothing is sent from it any more. */
  removeAddress(address: IpAddress): void {
    this.tcp.forgetAddress(address);
    this.internet.removeAddress(address);
  }

  /** Paces all connections from now on. @throws {RangeError} for a plan that makes no sense; see `Tcp.pace`. */
  pace(plan: PacingPlan): void {
    this.tcp.pace(plan);
  }

  /** The groups of the plan and what they have sent. */
  get pacedGroups(): readonly PacedTraffic[] {
    return this.tcp.pacedGroups;
  }

  /** When `runTimers` next has something to do, in microseconds of the clock; Infinity: never. */
  nextDeadline(): number {
    return Math.min(this.internet.nextDeadline(), this.tcp.nextDeadline());
  }

  /** Accepts connections to `port`. @throws {NetworkError} EADDRINUSE, EADDRNOTAVAIL, EINVAL; see `Tcp.listen`. */
  listen(port: number, accept: Acceptor, options?: ListenOptions): Listener {
    return this.tcp.listen(port, accept, options);
  }

  /** Accepts no more connections there; those that are open stay. */
  unlisten(listener: Listener): void {
    this.tcp.unlisten(listener);
  }

  /** Opens a connection. @throws {NetworkError} ENETUNREACH, EADDRNOTAVAIL, EADDRINUSE, EINVAL; see `Tcp.connect`. */
  connect(options: ConnectOptions, opener: Opener): Connection {
    return this.tcp.connect(options, opener);
  }

  /**
   * Gives datagrams to a UDP port to `handler`, inside the receive path; 0: a free port.
   * @throws {NetworkError} EADDRINUSE, EADDRNOTAVAIL, EINVAL; see `Udp.bind`.
   */
  bind(port: number, handler: DatagramHandler, options?: BindOptions): UdpPort {
    return this.udp.bind(port, handler, options);
  }

  /** Frames that took the early path. */
  get expectedSegments(): number {
    return this.#expected?.taken ?? 0;
  }

  /** Connections, those in TIME-WAIT left out. */
  get connectionCount(): number {
    return this.tcp.host.connections.size;
  }

  /** Connections whose peer has still to acknowledge something that was queued for it: answers under way. */
  get unfinishedCount(): number {
    return this.tcp.unfinishedCount;
  }

  /**
   * Listens no more, closes the UDP ports, and asks every connection to close; go on driving the stack until
   * `connectionCount` is 0 or patience ends.
   * @param isPatient another process takes new connections, so handshakes under way are completed, and a connection
   *   without a request gets a moment for one. Call it again until `connectionCount` is 0.
   */
  shutdown(isPatient = false): void {
    if (!isPatient) {
      this.tcp.host.listeners.clear();
      this.udp.closeAll();
    }
    this.tcp.closeAll(isPatient);
  }

  /** Resets every connection that is left, and closes the UDP ports. */
  abort(): void {
    this.udp.closeAll();
    this.tcp.abortAll();
  }
}

/**
 * Makes a host. See `Stack` for how to drive it.
 *
 * @example
 * ```ts
 * import { createStack, IpNetwork, VirtualNetwork } from 'fastpath';
 *
 * const network = new VirtualNetwork();
 * const [device] = network.link();
 * const stack = createStack({
 *   device,
 *   clock: network.clock,
 *   random: network.random,
 *   addresses: [IpNetwork.parse('10.77.0.2/24'), IpNetwork.parse('2001:db8::2/64')],
 * });
 * network.add(stack, device);
 * stack.start();
 * network.runFor(10_000_000); // it probes its addresses, and then announces them
 * console.log(stack.statistics.internet.arp.announcementsSent > 0); // true
 * ```
 */
export function createStack(options: StackOptions): Stack {
  return new Stack(options);
}
