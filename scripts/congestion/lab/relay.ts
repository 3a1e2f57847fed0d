/**
 * The relay: a process that carries frames between two TAP interfaces, through lanes (lane.ts). Run as a program with
 * the names of the interfaces and the lanes as JSON; it prints "ready", and what the lanes did when it is told to end.
 *
 *     client's kernel ── TAP ── read ──> [ lane by port: loss, rate, delay ] ──> write ── TAP ── server's kernel
 *
 * The loop is the poll loop's (src/net/driver/poll-loop.ts) with two descriptors. poll(2) counts in milliseconds, so a
 * frame comes up to one late: for both who are compared alike.
 */
import { Clock } from '../../../src/net/clock.js';
import { addressOf, monotonicMicroseconds, POLLIN, sys } from '../../../src/net/device/libc.js';
import { transportAt } from '../../../src/net/device/segmentation.js';
import { openTap } from '../../../src/net/device/tap-open.js';
import { readUint16 } from '../../../src/net/wire/bytes.js';
import { Lane, type LaneOptions } from './lane.js';
import { goFirst } from './priority.js';

/** Frames taken from one interface before the other, and the lanes, get their turn. */
const BUDGET = 64;
const FRAME_BYTES = 2048;

class Relay {
  readonly #clock = new Clock();
  readonly #started = monotonicMicroseconds();
  readonly #buffer = new Uint8Array(FRAME_BYTES);
  readonly #bufferAddress = addressOf(this.#buffer);
  /** Two `struct pollfd`, as in poll-loop.ts. */
  readonly #descriptors = new Int16Array(8);
  readonly #lanes = new Map<number, Lane>();

  constructor(
    private readonly clientFd: number,
    private readonly serverFd: number,
    lanes: readonly LaneOptions[],
  ) {
    for (const options of lanes) this.#lanes.set(options.port, new Lane(options, this.#clock));
    const words = new Int32Array(this.#descriptors.buffer);
    words[0] = clientFd;
    words[2] = serverFd;
    this.#descriptors[2] = POLLIN;
    this.#descriptors[6] = POLLIN;
  }

  /** One turn: sleeps until a frame comes or one is due, then carries what there is. */
  turn(longestSleepMs: number): void {
    sys.poll(addressOf(this.#descriptors), 2, Math.min(this.#sleepMs(), longestSleepMs));
    this.#clock.now = monotonicMicroseconds() - this.#started;
    this.#take(this.clientFd, false);
    this.#take(this.serverFd, true);
    for (const lane of this.#lanes.values()) {
      lane.deliver(true, (frame) => sys.write(this.clientFd, addressOf(frame.bytes), frame.length));
      lane.deliver(false, (frame) => sys.write(this.serverFd, addressOf(frame.bytes), frame.length));
    }
  }

  get counts(): Record<number, Lane['counts']> {
    return Object.fromEntries(Array.from(this.#lanes, ([port, lane]) => [port, lane.counts]));
  }

  #sleepMs(): number {
    let due = Infinity;
    for (const lane of this.#lanes.values()) due = Math.min(due, lane.nextDue);
    return Math.max(0, Math.ceil((due - this.#clock.now) / 1000));
  }

  #take(fd: number, fromServer: boolean): void {
    for (let taken = 0; taken < BUDGET; taken++) {
      const length = sys.read(fd, this.#bufferAddress, FRAME_BYTES);
      if (length < 0) return;
      const lane = this.#laneOf(length, fromServer);
      if (lane !== undefined) lane.offer(fromServer, this.#buffer, length);
      // ARP and the like: carried at once.
      else sys.write(fromServer ? this.clientFd : this.serverFd, this.#bufferAddress, length);
    }
  }

  #laneOf(length: number, fromServer: boolean): Lane | undefined {
    const at = transportAt(this.#buffer, 0, length);
    return at < 0 ? undefined : this.#lanes.get(readUint16(this.#buffer, fromServer ? at : at + 2));
  }
}

/** Lets Node's event loop look in every 20 ms, so that a signal is heard. */
function main(): void {
  const [client, server, lanes] = process.argv.slice(2) as [string, string, string];
  const open = (name: string) => openTap({ name, offload: false, mtu: 1500 }).fd;
  const relay = new Relay(open(client), open(server), JSON.parse(lanes) as LaneOptions[]);
  process.on('SIGTERM', () => {
    console.log(JSON.stringify(relay.counts));
    process.exit(0);
  });
  const turns = (): void => {
    const until = monotonicMicroseconds() + 20_000;
    while (monotonicMicroseconds() < until) relay.turn(20);
    setImmediate(turns);
  };
  goFirst();
  console.log('ready');
  turns();
}

main();
