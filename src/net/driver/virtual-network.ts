/**
 * A network in one object: any number of stacks, links between them, one virtual clock. Nothing sleeps: an hour of
 * retransmissions takes milliseconds, and the same seed gives the same packets every time. (The idea comes from
 * quinn-proto's tests.)
 *
 *     const network = new VirtualNetwork({ seed: 7 });
 *     const [a, b] = network.link({ impairment: { loss: 0.01, delay: 10_000 } });
 *     const server = createStack({ device: a, clock: network.clock, random: network.random, … });
 *     network.add(server, a);
 *     …
 *     network.runUntil(() => received === 1_000_000);
 *
 * Time stands still while there is work at the present moment: frames to take, timers due. Then it leaps to the next
 * deadline of any stack or link.
 */
import { Clock, MILLISECOND, SECOND } from '../clock.js';
import type { Device } from '../device/device.js';
import { IncomingFrame } from '../device/frame.js';
import { ImpairedDevice, type ImpairmentOptions } from '../device/impaired.js';
import { createPair, type PairOptions } from '../device/pair.js';
import { SeededRandom } from '../random.js';
import type { DrivenStack } from './driven.js';

/** The seed of a network. @see {@link VirtualNetwork} */
export interface VirtualNetworkOptions {
  /** The seed of all chance in this network; default 1. */
  seed?: number;
}

/**
 * A link between two stacks, with what goes wrong on it.
 *
 * @example
 * ```ts
 * import { type LinkOptions, MILLISECOND, VirtualNetwork } from 'fastpath';
 *
 * const link: LinkOptions = { mtu: 1_280, forth: { loss: 0.02 }, impairment: { delay: 5 * MILLISECOND } };
 * export const ends = new VirtualNetwork({ seed: 3 }).link(link);
 * ```
 */
export interface LinkOptions extends PairOptions {
  /** The impairment of the link, in both directions alike … */
  impairment?: ImpairmentOptions;
  /** … or from the first end to the second … */
  forth?: ImpairmentOptions;
  /** … and from the second to the first. */
  back?: ImpairmentOptions;
}

/**
 * A run did not come to its end within its limit of virtual time.
 *
 * @example
 * ```ts
 * import { SECOND, VirtualNetwork, VirtualTimeLimit } from 'fastpath';
 *
 * try {
 *   new VirtualNetwork().runUntil(() => false, 5 * SECOND);
 * } catch (error) {
 *   console.log(error instanceof VirtualTimeLimit); // true
 * }
 * ```
 */
export class VirtualTimeLimit extends Error {
  override readonly name = 'VirtualTimeLimit';
}

const DEFAULT_LIMIT = 3600 * SECOND;
/** Rounds without time passing: two stacks that answer each other for ever. */
const MAX_ROUNDS_AT_ONCE = 1_000_000;

interface Node {
  stack: DrivenStack;
  device: Device;
}

/**
 * Any number of stacks and links under one virtual clock. Nothing sleeps: time stands still while there are frames to
 * take and timers due, and then leaps to the next deadline. An hour of retransmissions takes milliseconds, and the same
 * seed gives the same packets each time.
 *
 * Make each stack with `clock` and `random` of the network, and `add` it with its end of a `link`.
 *
 * @example
 * ```ts
 * import { createStack, type Device, IpAddress, IpNetwork, VirtualNetwork } from 'fastpath';
 *
 * const network = new VirtualNetwork({ seed: 1 });
 * const [a, b] = network.link({ impairment: { delay: 10_000 } }); // 10 ms each way
 * const host = (device: Device, address: string) => {
 *   const addresses = [IpNetwork.parse(address)];
 *   const stack = createStack({ device, clock: network.clock, random: network.random, addresses });
 *   network.add(stack, device);
 *   stack.start();
 *   return stack;
 * };
 * const [client] = [host(a, '10.0.0.1/24'), host(b, '10.0.0.2/24')];
 * let outcome = '';
 * client.connect(
 *   { address: IpAddress.parse('10.0.0.2'), port: 80 },
 *   {
 *     connected: () => {
 *       throw new Error('nobody listens');
 *     },
 *     failed: (reason) => {
 *       outcome = reason;
 *     },
 *   },
 * );
 * network.runUntil(() => outcome !== '');
 * console.log(outcome); // refused
 * ```
 */
export class VirtualNetwork {
  readonly clock = new Clock();
  readonly random: SeededRandom;

  readonly #nodes: Node[] = [];
  /** Devices with time of their own: links, mostly. */
  readonly #timed: Device[] = [];
  readonly #frame = new IncomingFrame(new Uint8Array(0));

  constructor(options: VirtualNetworkOptions = {}) {
    this.random = new SeededRandom(options.seed ?? 1);
  }

  /** A cable between two stacks; the two devices are its ends. */
  link(options: LinkOptions = {}): [Device, Device] {
    const [a, b] = createPair(options);
    const forth = options.forth ?? options.impairment;
    const back = options.back ?? options.impairment;
    if (forth === undefined && back === undefined) return [a, b];
    const impaired = new ImpairedDevice(a, {
      clock: this.clock,
      random: this.random,
      ...(forth && { outgoing: forth }),
      ...(back && { incoming: back }),
    });
    this.#timed.push(impaired);
    return [impaired, b];
  }

  /** Puts a stack at its end of a link; it must have been made with this device and with `clock`. */
  add(stack: DrivenStack, device: Device): void {
    this.#nodes.push({ stack, device });
    if (device.nextDeadline !== undefined && !this.#timed.includes(device)) this.#timed.push(device);
  }

  /** Lets this much virtual time pass, microseconds. */
  runFor(microseconds: number): void {
    const end = this.clock.now + microseconds;
    this.#settle();
    for (let next = this.nextEvent(); next <= end; next = this.nextEvent()) this.#leap(next);
    this.clock.now = end;
  }

  /**
   * Runs until `done` is true, looked at after each moment in which something happened. @throws {VirtualTimeLimit}
   * after `limit` microseconds, or when nothing is left that could happen.
   */
  runUntil(done: () => boolean, limit = DEFAULT_LIMIT): void {
    const end = this.clock.now + limit;
    this.#settle();
    while (!done()) {
      const next = this.nextEvent();
      if (next === Infinity) throw new VirtualTimeLimit(`nothing left to happen at ${this.clock.now} µs`);
      if (next > end) throw new VirtualTimeLimit(`not done after ${limit} µs of virtual time`);
      this.#leap(next);
    }
  }

  /**
   * Runs until `done` is true, and lets the event loop have a turn after each `step` of virtual time (microseconds,
   * default 1 ms). So programs with streams, sockets and promises run in virtual time: what they do in one turn takes
   * no time. Work outside of the event loop (files, zlib, names that are looked up) takes as much virtual time as turns
   * go by. `turn` is fulfilled in the next turn: `setImmediate` of node:timers/promises.
   * @throws {VirtualTimeLimit} after `limit` microseconds (default an hour); {RangeError} if `step` is not above 0
   */
  async runWithEventLoop(
    done: () => boolean,
    turn: () => PromiseLike<unknown>,
    { step = MILLISECOND, limit = DEFAULT_LIMIT } = {},
  ): Promise<void> {
    if (!(step > 0)) throw new RangeError('a step is above 0 µs, else time stands still');
    const end = this.clock.now + limit;
    while (!done()) {
      if (this.clock.now >= end) throw new VirtualTimeLimit(`not done after ${limit} µs of virtual time`);
      this.runFor(Math.min(step, end - this.clock.now));
      await turn();
    }
  }

  /**
   * Runs until nothing more is due within the next `quiet` microseconds. The default of 5 s passes over idle timers
   * (TIME-WAIT, keep-alive) and waits for retransmissions and links.
   */
  runUntilIdle(quiet = 5 * SECOND): void {
    const end = this.clock.now + DEFAULT_LIMIT;
    this.#settle();
    for (let next = this.nextEvent(); next <= this.clock.now + quiet; next = this.nextEvent()) {
      if (next > end) throw new VirtualTimeLimit(`not idle after ${DEFAULT_LIMIT} µs of virtual time`);
      this.#leap(next);
    }
  }

  /** When anything is due next, microseconds of `clock`; Infinity if nothing ever is. */
  nextEvent(): number {
    let next = Infinity;
    for (const { stack } of this.#nodes) next = Math.min(next, stack.nextDeadline());
    for (const device of this.#timed) next = Math.min(next, device.nextDeadline!());
    return next;
  }

  #leap(to: number): void {
    this.clock.now = to;
    this.#settle();
  }

  /** Does all there is to do at the present moment. */
  #settle(): void {
    for (let round = 0; this.#round(); round++) {
      if (round === MAX_ROUNDS_AT_ONCE) throw new VirtualTimeLimit('frames go back and forth without time passing');
    }
  }

  /** One turn of each part; true if any of them had work. */
  #round(): boolean {
    let busy = false;
    for (const device of this.#timed) device.runTimers?.();
    for (const { stack, device } of this.#nodes) {
      while (device.receive(this.#frame)) {
        busy = true;
        stack.receive(this.#frame);
      }
      if (stack.nextDeadline() <= this.clock.now) {
        busy = true;
        stack.runTimers();
      }
    }
    return busy;
  }
}
