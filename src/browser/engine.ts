/**
 * One life of a world, from its first moment on: hosts, switches, links and the clock. It does one thing at a time, and
 * always the same thing next: what is due first; of several at the same time plans, then frames, then timers, each in a
 * fixed order. So the same seed gives the same life. world.ts begins a new life to go back in time.
 */
import type { Observer } from '../inspect/events.js';
import { Clock } from '../net/clock.js';
import { SeededRandom } from '../net/random.js';
import { parseMac } from '../net/wire/address.js';
import { Host } from './host.js';
import { Direction, type Link } from './link.js';
import { Router } from './router.js';
import { Switch } from './switch.js';
import type { PlannedLink, Topology } from './topology.js';
import type { WorldOptions } from './world-options.js';

/** One thing that happened. @see {@link World} */
export interface Happening {
  readonly kind: 'frame' | 'timer' | 'plan';
  /** Microseconds. */
  readonly time: number;
  /** The host or switch that it happened at; '' for a plan. */
  readonly at: string;
}

interface Plan {
  readonly time: number;
  readonly action: () => void;
}

const DEFAULT_MTU = 1500;
/** Sun, 06 Nov 1994 08:49:37 GMT. */
const DEFAULT_EPOCH_MS = 784_111_777_000;
/** Each host and each direction of a link has its own chance, so that a change of one leaves the others as they are. */
const HOST_SEEDS = 1;
const LINK_SEEDS = 10_001;

export class Engine {
  readonly clock = new Clock();
  readonly hosts = new Map<string, Host>();
  readonly switches = new Map<string, Switch>();
  readonly links = new Map<string, Link>();
  readonly #directions: Direction[] = [];
  readonly #plans: Plan[] = [];
  #frames = 0;

  constructor(
    readonly seed: number,
    options: WorldOptions,
    topology: Topology,
    readonly observer: Observer,
  ) {
    for (const [index, name] of topology.switches.entries()) {
      const router = options.routers?.[name];
      const mac = parseMac(`02:fa:57:00:ff:${hex((index & 255) + 1)}`);
      this.switches.set(name, new Switch(name, router === undefined ? undefined : new Router(router, mac)));
    }
    for (const [index, link] of topology.links.entries()) this.#addLink(link, index);
    for (const [index, name] of topology.hosts.entries()) this.#addHost(name, index, options, topology);
    for (const direction of this.#directions) this.switches.get(direction.from)?.plug(direction);
    for (const host of this.hosts.values()) {
      const out = this.#directions.find(({ from }) => from === host.name);
      if (out !== undefined) host.start(out);
    }
  }

  /** Frames that have entered a link. */
  get frames(): number {
    return this.#frames;
  }

  /** Does `action` when the clock says `time`. */
  plan(time: number, action: () => void): void {
    let at = this.#plans.length;
    while (at > 0 && this.#plans[at - 1]!.time > time) at--;
    this.#plans.splice(at, 0, { time: Math.max(time, this.clock.now), action });
  }

  /** When something may happen next, microseconds; Infinity: never. */
  nextTime(): number {
    let next = this.#plans[0]?.time ?? Number.POSITIVE_INFINITY;
    for (const direction of this.#directions) next = Math.min(next, direction.nextDue);
    for (const host of this.hosts.values()) next = Math.min(next, host.stack.nextDeadline());
    return next;
  }

  /** Lets the next thing happen that is due until `limit`. Undefined if there is none. */
  step(limit: number): Happening | undefined {
    for (let next = this.nextTime(); next <= limit && next < Number.POSITIVE_INFINITY; next = this.nextTime()) {
      this.clock.now = next;
      const happening = this.#plan() ?? this.#frame() ?? this.#timer();
      if (happening !== undefined) return happening;
    }
    return undefined;
  }

  /** Tells the observer of all control blocks that have changed. */
  look(): void {
    for (const host of this.hosts.values()) host.watch.look();
  }

  #plan(): Happening | undefined {
    const { now } = this.clock;
    const plan = this.#plans[0];
    if (plan === undefined || plan.time > now) return undefined;
    this.#plans.shift();
    plan.action();
    this.look();
    return { kind: 'plan', time: now, at: '' };
  }

  #frame(): Happening | undefined {
    const { now } = this.clock;
    const direction = this.#dueFirst(now);
    const held = direction?.take() ?? null;
    if (direction === undefined || held === null) return undefined;
    const host = this.hosts.get(direction.to);
    if (host !== undefined) {
      host.receive(held);
      host.watch.look();
    } else this.switches.get(direction.to)?.receive(held, direction.from);
    direction.release(held);
    return { kind: 'frame', time: now, at: direction.to };
  }

  /** Of several directions with a frame that is due, the one whose frame was sent first. */
  #dueFirst(now: number): Direction | undefined {
    let first: Direction | undefined;
    for (const direction of this.#directions) {
      if (direction.nextDue > now) continue;
      if (first === undefined || direction.nextNumber < first.nextNumber) first = direction;
    }
    return first;
  }

  #timer(): Happening | undefined {
    const { now } = this.clock;
    for (const host of this.hosts.values()) {
      if (host.stack.nextDeadline() > now) continue;
      const happened = host.runTimers();
      host.watch.look();
      return happened ? { kind: 'timer', time: now, at: host.name } : undefined;
    }
    return undefined;
  }

  #addLink({ name, ends, forth, back, mtu }: PlannedLink, index: number): void {
    const make = (from: string, to: string, impairment: PlannedLink['forth'], place: number) => {
      const direction = new Direction({
        link: name,
        from,
        to,
        clock: this.clock,
        random: this.#random(LINK_SEEDS + place),
        impairment,
        mtu,
        observer: this.observer,
        nextNumber: () => ++this.#frames,
      });
      this.#directions.push(direction);
      return direction;
    };
    const [one, other] = ends;
    const link = { name, ends, forth: make(one, other, forth, 2 * index), back: make(other, one, back, 2 * index + 1) };
    this.links.set(name, link);
  }

  #addHost(name: string, index: number, world: WorldOptions, topology: Topology): void {
    const options = world.hosts[name] ?? {};
    const link = topology.links.find(({ ends }) => ends.includes(name));
    const host = new Host({
      name,
      options,
      addresses: options.addresses ?? [`10.0.${index >> 8}.${(index & 255) + 1}/16`],
      mac: parseMac(`02:fa:57:00:${hex(index >> 8)}:${hex((index & 255) + 1)}`),
      mtu: options.mtu ?? link?.mtu ?? DEFAULT_MTU,
      clock: this.clock,
      random: this.#random(HOST_SEEDS + index),
      epochMs: world.epochMs ?? DEFAULT_EPOCH_MS,
      observer: this.observer,
    });
    this.hosts.set(name, host);
  }

  #random(place: number): SeededRandom {
    return new SeededRandom(Math.imul(this.seed, 0x9e3779b1) + place);
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
