/**
 * A world: two or more hosts, each the whole stack of the product, on links that delay, lose and reorder, under a clock
 * of its own. It runs in a web page as in Node, and nothing in it sleeps.
 *
 *     const world = new World({
 *       seed: 7,
 *       hosts: { client: {}, server: { files: { '/': 'hello' } } },
 *       link: { both: { delay: 10_000, loss: 0.01 } },
 *       start: (world) => world.get('client', 'server', '/'),
 *     });
 *     world.stepFrame();      // one frame arrives
 *     world.runUntilIdle();
 *     world.back();           // one event back
 *     world.pcapng();         // for Wireshark
 *
 * Time goes back by living again: the world keeps its seed and what was done to it at which event, begins anew and
 * stops earlier. So whatever is done to it while it runs must go through `do` or `at`.
 */
import type { InspectEvent, Observer } from '../inspect/events.js';
import { SECOND } from '../net/clock.js';
import { Engine, type Happening } from './engine.js';
import { History } from './history.js';
import type { Host } from './host.js';
import type { Link } from './link.js';
import { type PcapngChoice, writePcapng } from './pcapng.js';
import { type FetchOptions, HttpFetch, Transfer, type TransferOptions } from './programs.js';
import { type Topology, topologyOf } from './topology.js';
import type { WorldOptions } from './world-options.js';

/**
 * Microseconds: the hosts' announcements of their addresses, at 0 and 2 s, are over by then. What is to be looked at
 * begins here (`World.at`).
 */
export const QUIET = 3 * SECOND;

/** Something that was done to the world, and after how many events. */
interface Deed {
  readonly after: number;
  readonly action: (world: World) => unknown;
}

/**
 * A run did not come to its end within its limit of virtual time.
 *
 * @example
 * ```ts
 * import { World, WorldTimeLimit } from 'fastpath/browser';
 *
 * try {
 *   new World({ hosts: { a: {}, b: {} } }).runUntil(() => false, 1_000_000);
 * } catch (error) {
 *   console.log(error instanceof WorldTimeLimit); // true
 * }
 * ```
 */
export class WorldTimeLimit extends Error {
  override readonly name = 'WorldTimeLimit';
}

const DEFAULT_LIMIT = 3600 * SECOND;

/**
 * Two or more hosts, each the whole stack of the product, on links that delay, lose and reorder, under one virtual
 * clock. It runs in a web page as in Node, and nothing in it sleeps.
 *
 * Time goes back by living again: the world keeps its seed and what was done to it at which event, begins anew and
 * stops earlier. So whatever is done to it while it runs must go through `do` or `at`.
 *
 * @example
 * ```ts
 * import { World } from 'fastpath/browser';
 *
 * const world = new World({
 *   seed: 7, // the same seed gives the same frames
 *   hosts: { client: {}, server: { files: { '/': 'hello' } } },
 *   link: { both: { delay: 10_000, loss: 0.1 } },
 *   start: (world) => world.get('client', 'server', '/'),
 * });
 * const first = world.stepFrame();
 * world.runUntilIdle();
 * world.goTo(0); // and all over again
 * world.runUntilIdle();
 * console.log(first?.kind, world.fetches[0]?.answers[0]?.status); // frame 200
 * ```
 */
export class World {
  readonly options: WorldOptions;
  readonly history: History;
  /** The programs that `get` and `transfer` have started in this life, in order. */
  fetches: HttpFetch[] = [];
  transfers: Transfer[] = [];

  readonly #topology: Topology;
  readonly #observers = new Map<Observer, (() => void) | undefined>();
  #seed: number;
  #engine: Engine;
  /** By `after`. Those beyond the present belong to a future that may still come. */
  #deeds: Deed[] = [];
  #events = 0;
  /** After which events frames arrived, in this life. */
  #arrivals: number[] = [];
  /** An action runs: what it does to the world is part of it. */
  #isActing = false;

  /** @throws {RangeError} for a map that makes no sense (an end that is nobody, a ring), or a bad address. */
  constructor(options: WorldOptions) {
    this.options = options;
    this.history = new History(options.historyEvents, options.historyBytes);
    this.#topology = topologyOf(options);
    this.#seed = options.seed ?? 1;
    this.#engine = this.#begin();
  }

  get seed(): number {
    return this.#seed;
  }

  /** Microseconds since the world began. */
  get now(): number {
    return this.#engine.clock.now;
  }

  /** Events so far in this life: frames that arrived, timers that went off, plans that were carried out. */
  get events(): number {
    return this.#events;
  }

  /** Frames that have entered a link. */
  get frames(): number {
    return this.#engine.frames;
  }

  /** When something may happen next, microseconds; Infinity: never. */
  get nextTime(): number {
    return this.#engine.nextTime();
  }

  /** All hosts, in the order of the options. After a step back they are new objects. */
  get hosts(): Host[] {
    return [...this.#engine.hosts.values()];
  }

  get links(): Link[] {
    return [...this.#engine.links.values()];
  }

  /** The host of this name, as it is in this life. @throws {RangeError} if there is none. */
  host(name: string): Host {
    const host = this.#engine.hosts.get(name);
    if (host === undefined) throw new RangeError(`no host is named ${name}`);
    return host;
  }

  /** The link of this name. @throws {RangeError} if there is none. */
  link(name: string): Link {
    const link = this.#engine.links.get(name);
    if (link === undefined) throw new RangeError(`no link is named ${name}`);
    return link;
  }

  // ── What is done to it ──

  /**
   * Does something now, and again at this event whenever the world lives again. `action` takes what it needs from its
   * argument: objects of an earlier life are dead. What was to come after this moment is forgotten.
   */
  do<T>(action: (world: World) => T): T {
    if (this.#isActing) throw new Error('World.do was called within an action: call the world directly there');
    this.#deeds = this.#deeds.filter(({ after }) => after <= this.#events);
    this.#deeds.push({ after: this.#events, action });
    return this.#carryOut(action);
  }

  /** Does something at a time to come, microseconds of the world's clock. For `start` and within `do`. */
  at(time: number, action: (world: World) => void): void {
    this.#engine.plan(time, () => this.#carryOut(action));
  }

  /** A host asks another for paths over HTTP, one after the other on one connection. For `start`, `do` and `at`. */
  get(client: string, server: string, paths: string | readonly string[], options: FetchOptions = {}): HttpFetch {
    const list = typeof paths === 'string' ? [paths] : paths;
    const fetch = new HttpFetch(this.host(client), this.#serverOf(server), list, options);
    this.fetches.push(fetch);
    return fetch;
  }

  /** A host sends bytes to another over TCP. For `start`, `do` and `at`. */
  transfer(from: string, to: string, options: TransferOptions = {}): Transfer {
    const transfer = new Transfer(this.host(from), this.host(to), options);
    this.transfers.push(transfer);
    return transfer;
  }

  // ── Forward ──

  /** Lets one thing happen. Undefined if nothing is left that could. */
  step(): Happening | undefined {
    return this.#step(Number.POSITIVE_INFINITY);
  }

  /** Steps until one more frame has arrived somewhere. Undefined if nothing is left that could happen. */
  stepFrame(): Happening | undefined {
    for (let happening = this.step(); happening !== undefined; happening = this.step()) {
      if (happening.kind === 'frame') return happening;
    }
    return undefined;
  }

  /** Lets this much time pass, microseconds. */
  runFor(microseconds: number): void {
    this.runTo(this.now + microseconds);
  }

  /** Runs until the clock says `time`. */
  runTo(time: number): void {
    while (this.#step(time) !== undefined);
    this.#engine.clock.now = time;
  }

  /**
   * Runs until `done` is true, looked at after each event. @throws {WorldTimeLimit} after `limit` microseconds, or when
   * nothing is left that could happen.
   */
  runUntil(done: (world: World) => boolean, limit = DEFAULT_LIMIT): void {
    const end = this.now + limit;
    while (!done(this)) {
      if (this.#step(end) === undefined) throw new WorldTimeLimit(`not done after ${limit} µs, or nothing happens`);
    }
  }

  /**
   * Runs until nothing is due within `quiet` microseconds, or for an hour. The default of 5 s waits for retransmissions
   * and passes over TIME-WAIT and keep-alive.
   */
  runUntilIdle(quiet = 5 * SECOND, limit = DEFAULT_LIMIT): void {
    const end = this.now + limit;
    while (this.nextTime <= Math.min(this.now + quiet, end)) {
      if (this.#step(Math.min(this.now + quiet, end)) === undefined) return;
    }
  }

  // ── Back ──

  /** Goes back by so many events; 0 events is the beginning. */
  back(events = 1): void {
    this.goTo(this.#events - events);
  }

  /** Goes back to before the last arrival of a frame. */
  backFrame(): void {
    const arrival = this.#arrivals.at(-1);
    this.goTo(arrival === undefined ? 0 : arrival - 1);
  }

  /** Goes to the moment after so many events, forward or back. Stops early if nothing is left that could happen. */
  goTo(events: number): void {
    const target = Math.max(0, events);
    if (target < this.#events) this.#liveAgain();
    while (this.#events < target && this.step() !== undefined);
  }

  /** Goes to a time, forward or back, microseconds. */
  goToTime(time: number): void {
    if (time < this.now) this.#liveAgain();
    this.runTo(Math.max(0, time));
  }

  /** Begins anew, with the same seed or another one. What was done to the world is forgotten. */
  restart(seed = this.#seed): void {
    this.#seed = seed;
    this.#deeds = [];
    this.#liveAgain();
  }

  // ── Look ──

  /**
   * Tells `observer` of every frame, control block and timer from now on. A world that has just begun has sent frames
   * already, at 0: the announcements of its hosts, and what `start` sends. The observer is told of those first.
   * When the world goes back, `rewound` is called; then all that leads to the new present is told again. Returns what
   * ends it.
   */
  observe(observer: Observer, rewound?: () => void): () => void {
    if (this.#events === 0) for (const event of this.history.events) observer(event);
    this.#observers.set(observer, rewound);
    return () => this.#observers.delete(observer);
  }

  /** The frames of the history as a capture file, to be opened in Wireshark or by `fastpath dissect`. */
  pcapng(choice: PcapngChoice = {}): Uint8Array {
    return writePcapng(this.history.events, this.options.epochMs, choice);
  }

  #begin(): Engine {
    this.#events = 0;
    this.#arrivals = [];
    this.fetches = [];
    this.transfers = [];
    this.history.clear();
    this.#engine = new Engine(this.#seed, this.options, this.#topology, (event) => this.#observed(event));
    const { start } = this.options;
    if (start !== undefined) this.#carryOut(start);
    return this.#engine;
  }

  #liveAgain(): void {
    for (const rewound of this.#observers.values()) rewound?.();
    this.#begin();
    this.#carryOutDeeds();
  }

  #step(limit: number): Happening | undefined {
    const happening = this.#engine.step(limit);
    if (happening === undefined) return undefined;
    this.#events++;
    if (happening.kind === 'frame') this.#arrivals.push(this.#events);
    this.#carryOutDeeds();
    return happening;
  }

  #carryOutDeeds(): void {
    for (const { after, action } of this.#deeds) if (after === this.#events) this.#carryOut(action);
  }

  #carryOut<T>(action: (world: World) => T): T {
    this.#isActing = true;
    try {
      return action(this);
    } finally {
      this.#isActing = false;
      this.#engine.look();
    }
  }

  #observed(event: InspectEvent): void {
    this.history.add(event);
    for (const observer of this.#observers.keys()) observer(event);
  }

  #serverOf(name: string) {
    const host = this.host(name);
    return { host, port: this.options.hosts[name]?.port ?? 80 };
  }
}
