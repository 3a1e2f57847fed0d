/**
 * One of the oracle's two worlds: a stack, its programs, and a device that writes down what is sent. Both worlds get
 * the same frames at the same times.
 */
import { Clock } from '../../src/net/clock.js';
import type { Device, Offload } from '../../src/net/device/device.js';
import { IncomingFrame, type OutgoingFrame } from '../../src/net/device/frame.js';
import { SeededRandom } from '../../src/net/random.js';
import { createStack, type Stack } from '../../src/net/stack.js';
import type { Connection } from '../../src/net/tcp/handler.js';
import { parseMac } from '../../src/net/wire/address.js';
import { Bodies, OracleProgram } from './program.js';
import type { Setup } from './setup.js';

/** A frame that left the stack: its bytes, and what the device was asked to do with them. */
export interface SentFrame {
  readonly bytes: Uint8Array;
  readonly checksumFrom: number;
  readonly segmentBytes: number;
}

export const STACK_MAC = parseMac('02:fa:57:00:00:02');
/** Where received frames lie: not at the start, as behind a virtio header. */
const RECEIVED_AT = 12;

export class World {
  readonly stack: Stack;
  readonly clock = new Clock();
  readonly programs: OracleProgram[] = [];
  /** What happened in this step: calls to programs, and frames. */
  readonly log: string[] = [];
  readonly sent: SentFrame[] = [];
  readonly device: RecordingDevice;
  readonly #frame = new IncomingFrame(new Uint8Array(RECEIVED_AT + 70_000));
  readonly #bodies = new Bodies();
  readonly #seed: number;

  constructor(setup: Setup, expectedSegments: boolean) {
    this.#seed = setup.seed;
    this.device = new RecordingDevice(setup, this.sent);
    this.stack = createStack({
      device: this.device,
      clock: this.clock,
      random: new SeededRandom(setup.seed),
      addresses: setup.addresses,
      gateway: setup.gateway,
      internet: { duplicateDetection: 'off', ...setup.internet },
      tcp: { ...setup.tcp, expectedSegments },
    });
    this.stack.start();
    for (const [i, options] of setup.listeners.entries()) {
      this.stack.listen(80 + i, (connection) => this.#accept(connection), options);
    }
  }

  /** A frame arrives. @param segmentBytes not 0: it is a super-segment */
  receive(bytes: Uint8Array, checksumGood: boolean, segmentBytes: number): void {
    const frame = this.#frame;
    frame.bytes.set(bytes, RECEIVED_AT);
    frame.from = RECEIVED_AT;
    frame.to = RECEIVED_AT + bytes.length;
    frame.checksumGood = checksumGood;
    frame.segmentBytes = segmentBytes;
    this.stack.receive(frame);
  }

  /** Time passes, and the timers run that are due. */
  passTime(microseconds: number): void {
    this.clock.now += microseconds;
    if (this.stack.nextDeadline() <= this.clock.now) this.stack.runTimers();
  }

  connect(options: Parameters<Stack['connect']>[0]): void {
    try {
      this.stack.connect(options, {
        connected: (connection) => this.#accept(connection),
        failed: (reason, code) => this.log.push(`failed ${reason} ${code}`),
      });
    } catch (error) {
      this.log.push(String(error));
    }
  }

  #accept(connection: Connection): OracleProgram {
    const number = this.programs.length;
    const seed = this.#seed * 65_537 + number;
    const program = new OracleProgram(connection, this.#bodies, seed, (text) => this.log.push(`${number} ${text}`));
    this.programs.push(program);
    this.log.push(`${number} accepted`);
    return program;
  }
}

class RecordingDevice implements Device {
  readonly mac = STACK_MAC;
  readonly mtu: number;
  #offload: Offload;
  readonly #failEvery: number;
  readonly #sent: SentFrame[];
  #count = 0;

  constructor(setup: Setup, sent: SentFrame[]) {
    this.mtu = setup.mtu;
    this.#offload = setup.offload;
    this.#failEvery = setup.failEvery;
    this.#sent = sent;
  }

  get offload(): Offload {
    return this.#offload;
  }

  send(frame: OutgoingFrame): boolean {
    const bytes = new Uint8Array(frame.length);
    frame.copyTo(bytes);
    // The segment's place in the frame's own buffer is no business of anybody.
    const { checksumFrom, segmentBytes, start } = frame;
    this.#sent.push({ bytes, checksumFrom: checksumFrom === 0 ? 0 : checksumFrom - start, segmentBytes });
    return ++this.#count % this.#failEvery !== 0;
  }

  superSegmentLost(): void {
    this.#offload = { ...this.#offload, superSegmentBytes: Math.min(this.#offload.superSegmentBytes, 65_535) };
  }

  receive(): boolean {
    return false;
  }

  close(): void {}
}
