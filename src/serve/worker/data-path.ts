/**
 * One data path: puts together and drives everything between a queue of the TAP interface and the cache. It belongs
 * to a thread of its own, and `run` does not return until it is told to stop.
 *
 *     TAP queue ── poll loop ── [steering] ── stack ── modules (HTTP …) ── store
 *                      └── bell ── control port: cache messages, start, stop
 */
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Asks } from '../../cache/library/asks.js';
import { Store } from '../../cache/library/store.js';
import { ChannelSet, RequestPath, type WorkerEnd } from '../../channel/index.js';
import { AccessLog } from '../../log/access-log.js';
import { LogBell } from '../../log/bell.js';
import { RingWriter } from '../../log/ring.js';
import { Clock, MILLISECOND, SECOND } from '../../net/clock.js';
import type { Device } from '../../net/device/device.js';
import { errorName } from '../../net/device/libc.js';
import { RingError } from '../../net/device/ring/ring.js';
import { RingTap } from '../../net/device/ring/ring-tap.js';
import { TapDevice } from '../../net/device/tap.js';
import { PollWaiter } from '../../net/device/waiter.js';
import { PollLoop } from '../../net/driver/poll-loop.js';
import { SystemRandom } from '../../net/driver/system-random.js';
import { Wakeup } from '../../net/driver/wakeup.js';
import type { AddressConflict } from '../../net/ip/context.js';
import type { Random } from '../../net/random.js';
import { createStack, type Stack } from '../../net/stack.js';
import { DerivedWallClock } from '../../net/wall-clock.js';
import { formatMac, IpAddress, IpNetwork } from '../../net/wire/address.js';
import { PROTOCOL } from '../../net/wire/protocol.js';
import { type GivenByWorker, type LoadedPlan, ModuleRows } from '../modules/rows.js';
import { AutomaticWatch, leaseOf } from '../network/automatic-addresses.js';
import type { DynamicPlan } from '../network/dynamic-plan.js';
import { BlockTeller } from './block-news.js';
import type { HeapStatistics, WorkerCounters } from './counters.js';
import { captured, type FrameRecorder } from './frame-recorder.js';
import { TappedDevice } from './frame-tap.js';
import { WorkerLease } from './lease.js';
import type { MessageFromWorker, MessageToWorker, WorkerSetup } from './messages.js';
import { StatisticsWriter } from './statistics-block.js';
import { Steering } from './steering.js';
import { StrayGuard } from './stray-guard.js';

/**
 * After this many messages it is the frames' turn again. A message may carry 128 new names of the cache, which take 2
 * µs each, and a large cache comes in thousands of messages.
 */
const MESSAGES_PER_TURN = 8;
/** The longest sleep, and the time between two publications of the counters. */
const PUBLISH_EVERY_MS = 250;
/** The longest sleep while a connection waits for room in the log, which the log thread makes without a word, ms. */
const LOG_WAIT_MS = 1;
/** Records that go to the log thread together, unless the turn ends before. */
const LOG_BATCH = 32;
/** How long the message that gives the lease back may take to leave, ms. */
const RELEASE_TIME_MS = 50;
/** Heap figures and the time of day are looked at this often, microseconds. */
const LOOK_EVERY = SECOND;

/** What only modules of our own get, beside what every module does. */
interface OwnParts {
  readonly log: AccessLog | undefined;
  readonly slowPath: RequestPath;
  readonly channels: ReadonlyMap<string, WorkerEnd>;
}

export class DataPath {
  readonly #setup: WorkerSetup;
  readonly #control: MessagePort;
  readonly #bell: Wakeup;
  readonly #clock = new Clock();
  readonly #device: TapDevice;
  /** Moves the device's frames, if they go through an io_uring. */
  readonly #ring: RingTap | undefined;
  readonly #recorder: FrameRecorder | undefined;
  readonly #tapped: TappedDevice | undefined;
  readonly #teller = new BlockTeller();
  readonly #steering: Steering | undefined;
  readonly #stack: Stack;
  /** With `--address dhcp`. */
  readonly #lease: WorkerLease | undefined;
  /** In the first worker, with `--address auto`. */
  readonly #automatic: AutomaticWatch | undefined;
  readonly #store: Store;
  readonly #modules: ModuleRows;
  readonly #loop: PollLoop;
  readonly #wallClock: DerivedWallClock;
  readonly #log: AccessLog | undefined;
  /** To other threads, by name. */
  readonly #channels = new ChannelSet();
  readonly #statistics: StatisticsWriter;
  readonly #heap: HeapStatistics = { usedBytes: 0, totalBytes: 0, collections: 0, collectionMicroseconds: 0 };
  readonly #profiler = new GCProfiler();
  #released: number[] = [];
  #nextLook = 0;
  #nextPublication = 0;
  /** The clock's time at which the remaining connections are reset; Infinity while serving. */
  #stopAt = Number.POSITIVE_INFINITY;
  #stopping = false;
  /** Another process has the interface, so nothing waits for the end of our connections. */
  #isPatient = false;
  /** That process has ended. The main thread knows soon whether the interface is ours again. */
  #isCutOff = false;
  /** The remaining connections have been reset, since their time was over. */
  #isAborted = false;
  /** What the siblings do when this worker has no connection any more. */
  #others: 'unknown' | 'busy' | 'done' = 'unknown';
  /** Told to start: frames are read from here on. */
  #hears = false;
  /** Answers that were not taken whole when their connections were reset at the end. */
  #cut = 0;

  /** @param plans `setup.modules`, loaded */
  constructor(setup: WorkerSetup, plans: readonly LoadedPlan[]) {
    this.#setup = setup;
    this.#control = setup.control;
    this.#bell = Wakeup.adopt(setup.bellFd);
    this.#device = TapDevice.adopt(setup.tap);
    this.#ring = setup.frames === 'ring' ? this.#makeRing() : undefined;
    this.#wallClock = new DerivedWallClock(this.#clock, Date.now());
    const { device, recorder } = captured(this.#ring ?? this.#device, this.#clock, setup, (text) =>
      this.#post({ kind: 'warning', text }),
    );
    this.#recorder = recorder;
    if (setup.inspect !== undefined) {
      const clockStart = Date.now() * MILLISECOND - this.#clock.now;
      this.#tapped = new TappedDevice(device, setup.inspect, this.#clock, clockStart);
    }
    const addresses = setup.addresses.map((text) => IpNetwork.parse(text));
    this.#steering =
      setup.siblings.length === 0 && setup.predecessorFd === undefined
        ? undefined
        : new Steering(setup, this.#device.mac, (word) => this.#stack.internet.isLocalV4(word));
    const random = new SystemRandom();
    this.#stack = this.#createStack(this.#tapped ?? device, random, addresses);
    this.#lease = setup.dynamic?.dhcp === true ? this.#createLease(setup.dynamic, random) : undefined;
    this.#automatic = this.#createAutomaticWatch();
    this.#store = new Store((id) => this.#released.push(id), new Asks(() => this.#clock.now / MILLISECOND));
    this.#log = this.#createLog();
    for (const [name, link] of Object.entries(setup.channels)) this.#channels.add(name, link);
    this.#modules = new ModuleRows(plans, this.#stack, (name) => this.#workerFor(name, random));
    this.#loop = this.#createLoop(this.#tapped ?? device);
    this.#statistics = new StatisticsWriter(setup.statistics, [...this.#modules.counters(), this.#counters()]);
    this.#profiler.start();
  }

  /** Serves until told to stop, or until the interface is removed. */
  run(): void {
    this.#post({ kind: 'ready', counters: this.#statistics.names });
    this.#waitForStart();
    let here = true;
    while (here && !this.#isOver()) {
      here = this.#turn();
      this.#afterTurn();
    }
    if (here && !this.#isPatient) this.#releaseLease();
    this.#ring?.close();
    this.#recorder?.close();
    this.#publish();
    this.#post({ kind: 'ended', reason: here ? 'stopped' : 'device-gone', cut: this.#cut });
    this.#control.close();
    for (const { port } of this.#setup.siblings) port.close();
    this.#channels.close(false);
  }

  /** False: the interface is gone. The end of the process that passed frames on to us is not the interface's. */
  #turn(): boolean {
    if (this.#isCutOff) this.#loop.turnDeaf(PUBLISH_EVERY_MS);
    else if (!this.#loop.turn(this.#log?.isWaitedFor ? LOG_WAIT_MS : PUBLISH_EVERY_MS)) {
      if (!this.#isPatient || this.#device.gone) return false;
      this.#isCutOff = true;
    }
    return true;
  }

  /**
   * Takes in the cache. Frames have to wait, because the process may still have privileges and the cache is not
   * complete.
   */
  #waitForStart(): void {
    while (!this.#hears && !this.#stopping) {
      this.#loop.turnDeaf(PUBLISH_EVERY_MS);
      this.#afterTurn();
    }
    if (!this.#hears) return;
    this.#stack.start();
    this.#lease?.start();
    const present = { now: this.#clock.now, epochMs: Date.now() };
    for (const each of this.#setup.dynamic?.automatic ?? [])
      this.#stack.internet.adoptAutomatic(leaseOf(each, present));
    this.#post({ kind: 'started' });
  }

  /** The server may give the address to somebody else. Its Ethernet address may have to be asked for first. */
  #releaseLease(): void {
    if (this.#lease?.release() !== true) return;
    const until = this.#clock.now + RELEASE_TIME_MS * MILLISECOND;
    while (this.#clock.now < until) if (!this.#loop.turn(RELEASE_TIME_MS)) return;
  }

  /** A ring of this thread. It is made before the process gives its privileges away, and needs none later. */
  #makeRing(): RingTap | undefined {
    try {
      const failed = (errno: number) =>
        this.#post({ kind: 'warning', text: `io_uring failed (${errorName(errno)}); frames move by plain calls now` });
      return new RingTap({ tap: this.#device, bellFd: this.#bell.fd, failed });
    } catch (error) {
      if (!(error instanceof RingError)) throw error;
      this.#post({ kind: 'warning', text: `frames move by plain calls, because of ${error.message}` });
      return undefined;
    }
  }

  #createStack(device: Device, random: Random, addresses: IpNetwork[]): Stack {
    const onConflict = (conflict: AddressConflict) => this.#hearConflict(conflict);
    const stack = createStack({
      device,
      clock: this.#clock,
      random,
      addresses,
      gateway: parseAddress(this.#setup.gateway),
      gateway6: parseAddress(this.#setup.gateway6),
      internet: {
        onConflict,
        vlan: this.#setup.vlan,
        ipv6: this.#setup.dynamic?.auto === true ? true : undefined,
        stableSecret: this.#setup.stableSecret,
      },
      tcp: this.#setup.tcp,
    });
    const steering = this.#steering;
    if (steering !== undefined) {
      stack.internet.register(PROTOCOL.TCP, new StrayGuard(stack.tcp, steering.strayed));
      steering.attach(stack);
    }
    return stack;
  }

  #createLease(plan: DynamicPlan, random: Random): WorkerLease {
    return new WorkerLease({
      isFirst: this.#setup.index === 0,
      ...{ plan, stack: this.#stack, clock: this.#clock, random },
      tell: (news) => this.#post({ kind: 'lease', news }),
    });
  }

  #createAutomaticWatch(): AutomaticWatch | undefined {
    const { index, dynamic } = this.#setup;
    if (index > 0 || dynamic?.auto !== true) return undefined;
    return new AutomaticWatch(this.#stack.internet, (view) => this.#post({ kind: 'automatic', view }));
  }

  #hearConflict({ address, mac, phase }: AddressConflict): void {
    const isLost = phase === 'probing';
    if (isLost && this.#lease?.conflict(address) === true) return;
    this.#post({ kind: 'conflict', address: String(address), mac: formatMac(mac), isLost });
  }

  #createLog(): AccessLog | undefined {
    const { log } = this.#setup;
    if (log === undefined) return undefined;
    const bell = new LogBell(log.bell);
    const ring = new RingWriter(log.ring);
    return new AccessLog({ ring, bell, clock: this.#clock, wallClock: this.#wallClock, batch: LOG_BATCH });
  }

  /** What the module of that name gets from this worker. */
  #workerFor(module: string, random: Random): GivenByWorker & OwnParts {
    return {
      index: this.#setup.index,
      workers: this.#setup.workers,
      stack: this.#stack,
      clock: this.#clock,
      wallClock: this.#wallClock,
      random,
      store: this.#store,
      log: this.#log,
      slowPath: new RequestPath(this.#channels.ends),
      channels: this.#channels.ends,
      post: (message) => this.#post({ kind: 'module', module, message }),
      warn: (text) => this.#post({ kind: 'warning', text: `${module}: ${text}` }),
    };
  }

  #createLoop(device: Device): PollLoop {
    return new PollLoop({
      stack: this.#steering ?? this.#stack,
      device,
      clock: this.#clock,
      fd: this.#device.fd,
      bell: this.#bell,
      waiter: this.#ring,
      woken: () => this.#woken(),
    });
  }

  #counters(): WorkerCounters {
    const stack = this.#stack;
    return {
      stack: stack.statistics,
      asks: this.#store.asks.counters(),
      store: this.#store,
      device: this.#device.statistics,
      loop: this.#loop.statistics,
      ring: this.#ring?.ringStatistics ?? { failed: this.#setup.frames === 'ring' ? 1 : 0 },
      log: this.#log?.statistics ?? {},
      channel: this.#channels.statistics,
      steering: this.#steering?.statistics ?? {},
      dhcp: this.#setup.index === 0 ? (this.#lease?.statistics ?? {}) : {},
      heap: this.#heap,
      connections: {
        get open() {
          return stack.connectionCount;
        },
      },
    };
  }

  /** The bell was rung: by the main thread, or by a sibling that has a frame for us. */
  #woken(): void {
    this.#steering?.takePassed();
    this.#modules.woken();
    if (this.#channels.drain()) this.#bell.ring();
    for (let taken = 0; taken < MESSAGES_PER_TURN; taken++) {
      const received = receiveMessageOnPort(this.#control) as { message: MessageToWorker } | undefined;
      if (received === undefined) return;
      this.#obey(received.message);
    }
    this.#bell.ring(); // there may be more
  }

  #obey(message: MessageToWorker): void {
    switch (message.kind) {
      case 'cache':
        this.#store.apply(message.message);
        break;
      case 'module':
        this.#modules.received(message.module, message.message);
        break;
      case 'channel':
      case 'channel-failed':
        this.#channels.obey(message);
        break;
      case 'lease':
        this.#lease?.take(message.lease);
        break;
      case 'start':
        this.#hears = true;
        break;
      case 'hear-from':
        this.#hearFrom(message.fd);
        break;
      case 'ends-soon':
        this.#modules.endsSoon();
        break;
      case 'stop':
        this.#stopAt = this.#clock.now + message.graceMs * MILLISECOND;
        if (!this.#stopping) this.#close();
        this.#stopping = true;
        break;
      case 'end':
        this.#others = 'done';
        break;
    }
  }

  /** The frames that the interface still holds are the other process's. Those that a ring has read are ours. */
  #hearFrom(fd: number): void {
    this.#device.hearFrom(fd);
    this.#isCutOff = false;
    this.#isPatient = fd !== this.#device.fd;
    if (this.#isPatient) this.#lease?.standDown();
    else this.#lease?.standUp();
    this.#ring?.close();
    this.#loop.waitWith(this.#ring ?? new PollWaiter(fd, this.#bell.fd));
    this.#post({ kind: 'hears-from', fd });
    if (this.#stopping) this.#shutDown(); // the interface is ours again, but no new connection is taken
  }

  #close(): void {
    this.#post({ kind: 'closing', unfinished: this.#unfinished });
    this.#shutDown();
  }

  #shutDown(): void {
    this.#modules.stopping(this.#isPatient);
    this.#stack.shutdown(this.#isPatient);
  }

  /** Answers under way. */
  get #unfinished(): number {
    return this.#stack.unfinishedCount + this.#modules.unfinished;
  }

  #isOver(): boolean {
    if (!this.#stopping) return false;
    const isIdle = this.#stack.connectionCount === 0 && this.#modules.unfinished === 0;
    if (!isIdle && !this.#isAborted) {
      if (this.#clock.now < this.#stopAt) return false;
      this.#cut = this.#unfinished;
      this.#stack.abort();
      this.#isAborted = true;
    }
    return !this.#waitsForOthers();
  }

  /**
   * A worker without connections goes on until all are without, if they need it. After a hand-over a segment may come
   * here that belongs to a sibling, since the new process knows no better. With a leased address the first worker keeps
   * the lease until the last connection is over; and when it gives the lease back, the ARP reply that it needs for that
   * may come to any queue.
   */
  #waitsForOthers(): boolean {
    const isNeeded = this.#setup.siblings.length > 0 && (this.#isPatient || this.#lease !== undefined);
    if (!isNeeded || this.#others === 'done') return false;
    if (this.#others === 'unknown') this.#post({ kind: 'idle' });
    this.#others = 'busy';
    return true;
  }

  #afterTurn(): void {
    this.#log?.afterTurn();
    if (this.#store.asks.hasNews) this.#post({ kind: 'want', wants: this.#store.asks.take() });
    if (this.#released.length > 0) {
      this.#post({ kind: 'released', ids: this.#released });
      this.#released = [];
    }
    if (this.#clock.now < this.#nextPublication) return;
    this.#nextPublication = this.#clock.now + PUBLISH_EVERY_MS * MILLISECOND;
    if (this.#stopping && this.#isPatient) this.#shutDown(); // handshakes may have ended since
    this.#modules.tick();
    this.#lease?.runTimers();
    this.#automatic?.look(this.#clock.now, Date.now());
    if (this.#tapped?.isWatched) this.#tellBlocks(this.#tapped);
    if (this.#clock.now >= this.#nextLook) this.#look();
    this.#publish();
  }

  #publish(): void {
    this.#statistics.publish();
  }

  /** Once a second: reads V8's heap and its collections, and the time of day, which an administrator may have set. */
  #look(): void {
    this.#nextLook = this.#clock.now + LOOK_EVERY;
    this.#wallClock.set(Date.now());
    for (const { cost } of this.#profiler.stop()?.statistics ?? []) {
      this.#heap.collections++;
      this.#heap.collectionMicroseconds += cost;
    }
    this.#profiler.start();
    const { used_heap_size, total_heap_size } = getHeapStatistics();
    this.#heap.usedBytes = used_heap_size;
    this.#heap.totalBytes = total_heap_size;
    this.#recorder?.flush();
  }

  /** For the inspector. */
  #tellBlocks(tapped: TappedDevice): void {
    const news = this.#teller.news(this.#stack.tcp.host.connections.values(), tapped.now);
    if (news.blocks.length > 0 || news.list !== undefined) this.#post({ kind: 'blocks', news });
  }

  #post(message: MessageFromWorker): void {
    this.#control.postMessage(message);
  }
}

function parseAddress(text: string | undefined): IpAddress | undefined {
  return text === undefined ? undefined : IpAddress.parse(text);
}
