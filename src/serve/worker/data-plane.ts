/**
 * All data-path workers of a server: makes them and the channels between them, and handles them as one.
 */
import { MessageChannel } from 'node:worker_threads';
import type { Library } from '../../cache/library/library.js';
import type { Subscriber } from '../../cache/library/subscribers.js';
import { type Before, createLink, type Link, type ThreadLink, type WorkerLink } from '../../channel/index.js';
import type { SlowFailure } from '../../http/index.js';
import type { LogMemory } from '../../log/log-handle.js';
import type { TapHandle } from '../../net/device/tap.js';
import { Wakeup } from '../../net/driver/wakeup.js';
import type { AutomaticView } from '../network/automatic-addresses.js';
import type { ServeError } from '../serve-error.js';
import { createTapMemory, TapReader } from './frame-tap.js';
import { type WorkerEvents, WorkerHandle } from './handle.js';
import type { LeaseNews } from './lease.js';
import type { BlockNews, MessageToWorker, SiblingSetup, WorkerSetup } from './messages.js';
import { createStatisticsMemory, sumCounters } from './statistics-block.js';

/** The part of a setup that all workers share. */
export type CommonSetup = Pick<
  WorkerSetup,
  'frames' | 'addresses' | 'dynamic' | 'stableSecret' | 'vlan' | 'gateway' | 'gateway6' | 'modules' | 'tcp' | 'trace'
> & {
  /** The inspector may look at the workers' frames. */
  readonly isInspected?: boolean;
  /** Names of the channels that each worker has to other threads. */
  readonly channels: readonly string[];
};

export interface DataPlaneEvents {
  /** Another host uses our address; `isLost`: it had it before us. */
  conflict(address: string, mac: string, isLost: boolean): void;
  warning(text: string): void;
  /** The DHCP client has news. */
  lease(news: LeaseNews): void;
  /** All workers close their connections; this many answers are still under way. */
  closing(unfinished: number): void;
  died(error: ServeError): void;
}

/** Takes a message of a module's worker. */
export type ModuleEar = (message: unknown, worker: number) => void;

/** How long a worker may take to end by itself after its grace, before its thread is terminated, ms. */
const TERMINATE_AFTER_MS = 1_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class DataPlane {
  /** How long open connections may take to close at the end, ms; Infinity: as long as they want. */
  graceMs = 0;
  readonly #workers: WorkerHandle[];
  readonly #bells: Wakeup[];
  /** The rings of the workers' frames for the inspector; none without `--inspect`. */
  readonly taps: TapReader[] = [];
  /** Is told of connections while somebody looks. */
  onBlocks: (worker: number, news: BlockNews) => void = () => {};
  /** What routers of IPv6 have given us; undefined: no `--address auto`, or the first worker has not looked yet. */
  automatic: AutomaticView | undefined;
  readonly #detach: (() => void)[] = [];
  /** By worker: its channels, by name. */
  readonly #links: Map<string, Link>[];
  readonly #queues: readonly TapHandle[];
  /** The main parts of the modules. */
  readonly #ears = new Map<string, ModuleEar>();
  /** While `stop` waits. */
  #patience: Patience | undefined;
  #closing = 0;
  /** Workers that wait for the others' end, and those that are gone. */
  readonly #idle = new Set<number>();
  #unfinished = 0;

  /** One worker for each queue. `captureOf` and `logOf`: what this worker writes, and where. */
  constructor(
    queues: readonly TapHandle[],
    common: CommonSetup,
    captureOf: (index: number) => Pick<WorkerSetup, 'capturePath' | 'earlyFrames'>,
    logOf: (index: number) => LogMemory | undefined,
    library: Library,
    events: DataPlaneEvents,
    predecessorFds: readonly number[] = [],
  ) {
    this.#queues = queues;
    this.#bells = queues.map(() => Wakeup.create());
    const siblings = connectAll(this.#bells);
    this.#links = queues.map((tap, index) => linksOf(common.channels, this.#bells[index]!, tap));
    const subscribers = new Map<number, Subscriber>();
    this.#workers = queues.map((tap, index) => {
      const plan = {
        ...common,
        index,
        workers: queues.length,
        tap,
        bellFd: this.#bells[index]!.fd,
        statistics: createStatisticsMemory(),
        ...captureOf(index),
        inspect: common.isInspected === true ? this.#tap() : undefined,
        log: logOf(index),
        siblings: siblings[index]!,
        channels: workerLinks(this.#links[index]!),
        predecessorFd: predecessorFds[index],
      };
      return new WorkerHandle(plan, this.#bells[index]!, this.#heard(events, subscribers));
    });
    this.#attach(library, subscribers);
  }

  /** What the workers say: some of it is for the server, the rest for us and for the library. */
  #heard(events: DataPlaneEvents, subscribers: ReadonlyMap<number, Subscriber>): WorkerEvents {
    return {
      ...events,
      closing: (unfinished) => this.#isClosing(unfinished, events),
      idle: (from) => this.#isIdle(from),
      blocks: (from, news) => this.onBlocks(from, news),
      automatic: (view) => {
        this.automatic = view;
      },
      fromModule: (from, module, message) => this.#ears.get(module)?.(message, from),
      wanted: (from, wants) => subscribers.get(from)?.want(wants),
      released: (from, ids) => {
        for (const id of ids) subscribers.get(from)?.released(id);
      },
    };
  }

  /** Each worker learns of the cache, and of its changes. */
  #attach(library: Library, subscribers: Map<number, Subscriber>): void {
    for (const worker of this.#workers) {
      const subscriber = library.attach((message) => worker.send({ kind: 'cache', message }));
      subscribers.set(worker.index, subscriber);
      this.#detach.push(() => subscriber.detach());
    }
  }

  /** A ring for one more worker. */
  #tap(): SharedArrayBuffer {
    const memory = createTapMemory();
    this.taps.push(new TapReader(memory));
    return memory;
  }

  get size(): number {
    return this.#workers.length;
  }

  /** The other thread's end of the channels of this name, one for each worker. */
  threadLinks(name: string): readonly ThreadLink[] {
    return this.#links.flatMap((links) => links.get(name)?.thread ?? []);
  }

  /** The thread at the other end of the channels of this generation has ended, or does not come. */
  channelFailed(name: string, generation: number, failure: SlowFailure): void {
    this.send({ kind: 'channel-failed', name, generation, failure });
  }

  /**
   * A new channel of this name to each worker, for a thread that begins now or soon.
   * @param generation a number for these channels that no others of this name have
   * @param before what has become of the thread before, if there was one
   */
  openChannels(name: string, generation: number, before: Before): readonly ThreadLink[] {
    for (const [index, links] of this.#links.entries()) {
      const bell = this.#bells[index];
      const tap = this.#queues[index];
      if (bell === undefined || tap === undefined) continue;
      const link = newLink(bell, tap);
      links.set(name, link); // the worker closes the descriptor of the one before
      this.sendTo(index, { kind: 'channel', name, generation, link: link.worker, before });
    }
    return this.threadLinks(name);
  }

  /** Sends all workers the same message, behind what they were sent before. */
  send(message: MessageToWorker): void {
    for (const worker of this.#workers) worker.send(message);
  }

  /** Sends one worker a message, behind what it was sent before. */
  sendTo(index: number, message: MessageToWorker): void {
    this.#workers[index]?.send(message);
  }

  /** Sends all workers but the first the same message, behind what they were sent before. */
  sendToOthers(message: MessageToWorker): void {
    for (const worker of this.#workers.slice(1)) worker.send(message);
  }

  /** From now on `ear` gets the messages of the module of that name, with the number of the worker. */
  hear(module: string, ear: ModuleEar): void {
    this.#ears.set(module, ear);
  }

  /** Fulfilled when every worker listens. @throws what killed one of them. */
  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.ready));
  }

  /** All is set up: read frames and announce our addresses. Fulfilled when every worker answers. */
  async start(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.start()));
  }

  /**
   * Lets each worker read frames from its descriptor of this list, as in `queues`, from now on. Fulfilled when all do.
   */
  async hearFrom(fds: readonly number[]): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.hearFrom(fds[worker.index] ?? -1)));
  }

  /** Answers that were cut at the end because their grace was over. */
  get cut(): number {
    return this.#workers.reduce((sum, { cut }) => sum + cut, 0);
  }

  /** Sets the grace anew, also of a `stop` that is under way; by default the remaining connections are reset now. */
  hurry(graceMs = 0): void {
    this.graceMs = graceMs;
    if (this.#patience === undefined) return;
    for (const worker of this.#workers) worker.stop(graceMs);
    this.#patience.end(graceMs + TERMINATE_AFTER_MS);
  }

  /** All counters, added up. */
  counters(): Map<string, number> {
    return sumCounters(this.#workers.map((worker) => worker.statistics?.read() ?? new Map()));
  }

  /** The counters of each worker; `worker.heartbeat` is how often it has published them. */
  workerCounters(): Map<string, number>[] {
    const heartbeats = this.heartbeats;
    return this.#workers.map(({ statistics }, i) =>
      new Map(statistics?.read()).set('worker.heartbeat', heartbeats[i] ?? 0),
    );
  }

  /** How often each worker has published its counters. */
  get heartbeats(): number[] {
    return this.#workers.map((worker) => worker.statistics?.heartbeat ?? 0);
  }

  /**
   * How often the slowest worker has published its counters. If this number stands still, a worker is stuck
   * (cli/run-server.ts watches it).
   */
  get heartbeat(): number {
    return Math.min(...this.heartbeats);
  }

  /**
   * Closes all connections within the grace (Infinity: however long it takes) and ends the threads.
   * Returns false if one had to be terminated.
   */
  async stop(graceMs: number): Promise<boolean> {
    const patience = new Patience(graceMs + TERMINATE_AFTER_MS);
    this.#patience = patience;
    for (const worker of this.#workers) {
      worker.stop(graceMs);
      void worker.gone.then(() => this.#isIdle(worker.index));
    }
    const allGone = Promise.all(this.#workers.map((worker) => worker.gone)).then(() => true);
    const clean = await Promise.race([allGone, patience.over.then(() => false)]);
    patience.cancel();
    this.#patience = undefined;
    if (!clean) await Promise.all(this.#workers.map((worker) => worker.terminate()));
    for (const detach of this.#detach) detach();
    return clean;
  }

  /** Each worker reports this once. When the last one has, the sum is reported. */
  #isClosing(unfinished: number, events: DataPlaneEvents): void {
    this.#unfinished += unfinished;
    this.#closing++;
    if (this.#closing === this.size) events.closing(this.#unfinished);
  }

  /** When all are, they end. The first one does so first: the others bring it what comes to their queues. */
  #isIdle(index: number): void {
    if (this.#idle.has(index)) return;
    this.#idle.add(index);
    if (this.#idle.size < this.size) return;
    const [first, ...others] = this.#workers;
    first?.send({ kind: 'end' });
    void first?.gone.then(() => {
      for (const worker of others) worker.send({ kind: 'end' });
    });
  }

  /** Closes what the workers had in common with others, once those have ended too: they ring the workers' bells. */
  close(): void {
    for (const links of this.#links) for (const link of links.values()) link.close();
    for (const bell of this.#bells) bell.close();
  }
}

/** A time limit that can be shortened while it runs. */
class Patience {
  /** Fulfilled when the time is over. */
  readonly over: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #resolve: () => void = () => {};

  constructor(milliseconds: number) {
    this.over = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.end(milliseconds);
  }

  /** Sets the time anew, from now. Node's timers end at 24 days, which stands for ever here. */
  end(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (milliseconds <= LONGEST_TIMER_MS) this.#timer = setTimeout(this.#resolve, milliseconds);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}

function linksOf(names: readonly string[], bell: Wakeup, tap: TapHandle): Map<string, Link> {
  return new Map(names.map((name) => [name, newLink(bell, tap)]));
}

/** With a virtio header the kernel computes the checksums, and nobody asks for the sums of an answer. */
function newLink(bell: Wakeup, tap: TapHandle): Link {
  return createLink(bell.fd, !tap.virtio);
}

function workerLinks(links: ReadonlyMap<string, Link>): Record<string, WorkerLink> {
  return Object.fromEntries([...links].map(([name, link]) => [name, link.worker]));
}

/** For each worker the channels to all others, the next one in the ring first. */
function connectAll(bells: readonly Wakeup[]): SiblingSetup[][] {
  const count = bells.length;
  const ways: SiblingSetup[][] = bells.map(() => []);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const { port1, port2 } = new MessageChannel();
      const [there, back] = [new SharedArrayBuffer(4), new SharedArrayBuffer(4)];
      const at = (from: number, to: number) => (to - from - 1 + count) % count;
      ways[a]![at(a, b)] = { port: port1, bellFd: bells[b]!.fd, waiting: there, waitingHere: back };
      ways[b]![at(b, a)] = { port: port2, bellFd: bells[a]!.fd, waiting: back, waitingHere: there };
    }
  }
  return ways;
}
