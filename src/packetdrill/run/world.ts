/**
 * The world of a script: one stack, one link, and a clock that jumps. Time passes only in `advanceTo`, which runs every
 * timer of the stack at exactly its deadline. So a run takes no time, and is the same each time.
 */
import { Clock, SECOND } from '../../net/clock.js';
import { IncomingFrame } from '../../net/device/frame.js';
import { SeededRandom } from '../../net/random.js';
import { createStack, type Stack } from '../../net/stack.js';
import type { TcpSettings } from '../../net/tcp/settings.js';
import { IpAddress, IpNetwork } from '../../net/wire/address.js';
import { type LivePacket, parseFrame } from '../wire/live-packet.js';
import { ScriptDevice } from '../wire/script-device.js';

/** Scripts begin at this time. A stack that measures from the clock's zero would be noticed. */
const START = 1000 * SECOND;
/** Duplicate address detection and the like are over by then. */
const SETTLE = 5 * SECOND;
/** How many timers a script may run. An endless script ends here, after about a second. */
const MAX_TIMER_RUNS = 100_000;
/** How many packets a script may make the stack send. */
const MAX_PACKETS = 50_000;
/** Packets of the peer that an ICMP message may be the answer to. */
const MAX_RECENT = 32;
const PREFIX_V4 = 16;
const PREFIX_V6 = 48;

/** The script never ends, or the stack stands still in time. */
export class EndlessScript extends Error {
  override readonly name = 'EndlessScript';
}

/** A frame of the stack as the script sees it: its bytes, and how many microseconds late it seems to have left. */
export interface Tampered {
  readonly frame: Uint8Array;
  readonly delay: number;
}
/** Given each frame of the stack since the script began, its number (from 0) and time; returns what becomes of it. */
export type Tamper = (frame: Uint8Array, index: number, time: number) => readonly Tampered[];

export interface WorldOptions {
  readonly local: IpAddress;
  readonly gateway: IpAddress;
  readonly mtu: number;
  readonly seed: number;
  readonly tcp: Partial<TcpSettings>;
}

export class World {
  readonly clock = new Clock();
  readonly device: ScriptDevice;
  readonly stack: Stack;
  /** The last frames that the peer has sent, the newest at the end. */
  readonly recent: Uint8Array[] = [];
  /** Called for each packet that the stack sends. */
  sent: (packet: LivePacket) => void = () => {};
  /** Called for every frame on the link from the start of the script on, in either direction. */
  crossed: (frame: Uint8Array, outbound: boolean) => void = () => {};
  /** Changes what the stack sends before anything looks at it. */
  tamper: Tamper = (frame) => [{ frame, delay: 0 }];
  /** Called when the stack has done something, at the time of doing it. */
  changed: () => void = () => {};

  readonly #incoming = new IncomingFrame(new Uint8Array(0));
  #origin = 0;
  #timerRuns = 0;
  #packets = 0;

  constructor(options: WorldOptions) {
    this.device = new ScriptDevice(options.mtu, (frame) => this.#frameSent(frame));
    this.clock.now = START;
    const isV4 = options.local.isV4;
    const network = new IpNetwork(options.local, isV4 ? PREFIX_V4 : PREFIX_V6);
    const gateway = network.contains(options.gateway) ? options.gateway : neighborOf(options.local);
    this.stack = createStack({
      device: this.device,
      clock: this.clock,
      random: new SeededRandom(options.seed),
      addresses: [network],
      ...(isV4 ? { gateway } : { gateway6: gateway }),
      tcp: options.tcp,
    });
    this.stack.start();
    this.#settle();
    this.advanceTo(START + SETTLE);
    this.#origin = this.clock.now;
    this.#packets = 0;
  }

  /** Microseconds since the script began. */
  get now(): number {
    return this.clock.now - this.#origin;
  }

  /** The script's time of the stack's next deadline. */
  get nextDeadline(): number {
    return this.stack.nextDeadline() - this.#origin;
  }

  /** Lets time pass up to `time` of the script, and runs every timer on the way. Stops early if `until` holds. */
  advanceTo(time: number, until: () => boolean = () => false): void {
    const end = time + this.#origin;
    while (!until()) {
      const deadline = this.stack.nextDeadline();
      if (deadline > end) {
        this.clock.now = end;
        return;
      }
      if (++this.#timerRuns > MAX_TIMER_RUNS) {
        throw new EndlessScript(
          `gave up after ${MAX_TIMER_RUNS} timers, ${(this.now / SECOND).toFixed(3)} s into the script`,
        );
      }
      this.clock.now = deadline;
      this.stack.runTimers();
      this.#settle();
    }
  }

  /** Gives the stack a frame from the peer. */
  inject(frame: Uint8Array): void {
    this.crossed(frame, false);
    this.recent.push(frame);
    if (this.recent.length > MAX_RECENT) this.recent.shift();
    this.#receive(frame);
    this.#settle();
  }

  /** Calls something of the stack's API and then lets it finish. */
  act<T>(action: () => T): T {
    const result = action();
    this.#settle();
    return result;
  }

  #receive(frame: Uint8Array): void {
    const incoming = this.#incoming;
    incoming.bytes = frame;
    incoming.from = 0;
    incoming.to = frame.length;
    incoming.checksumGood = false;
    incoming.segmentBytes = 0;
    this.stack.receive(incoming);
  }

  #settle(): void {
    for (let frame = this.device.answers.shift(); frame !== undefined; frame = this.device.answers.shift()) {
      this.#receive(frame);
    }
    this.changed();
  }

  #frameSent(sent: Uint8Array): void {
    if (this.#packets >= MAX_PACKETS) throw new EndlessScript(`gave up after ${MAX_PACKETS} packets`);
    for (const { frame, delay } of this.tamper(sent, this.#packets++, this.now)) {
      this.crossed(frame, true);
      const packet = parseFrame(frame, this.now + delay);
      if (packet !== undefined) this.sent(packet);
    }
  }
}

/** Another address on the same link, for a script whose gateway is not on that link. */
function neighborOf({ word0, word1, word2, word3 }: IpAddress): IpAddress {
  return new IpAddress(word0, word1, word2, word3 ^ 0x80);
}
