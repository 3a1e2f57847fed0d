/** A world in the browser: the product's own stacks, run here, their frames looked at like those of a capture. */
import { type FrameEvent, type InspectEvent, Player, World } from '../../../src/browser/index.js';
import type { WorldOptions } from '../../../src/browser/world-options.js';
import { recordOf } from '../../../src/inspect/trace/analyzer.js';
import { DAMAGED, DOUBLED, LOST, MARKED, QUEUE_FULL, TOO_LONG } from '../../../src/inspect/trace/findings.js';
import type { Calls, WorldState } from '../protocol.js';
import { MemoryStore } from './memory-store.js';
import { Session } from './session.js';

const FATES: Readonly<Record<FrameEvent['fate'], number>> = {
  delivered: 0,
  lost: LOST,
  'queue full': QUEUE_FULL,
  'too long': TOO_LONG,
};
/** A world that can be opened: its name in addresses, and what it is. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly tells: string;
  readonly options: Omit<WorldOptions, 'seed'>;
}

const TURN_MS = 16;
const DEFAULT_SPEED = 0.1;
/** A frame that a switch passes on is looked for among so many frames before it. */
const RECENT = 64;
/** A run to the end stops here: an hour of virtual time. */
const LONGEST = 3_600_000_000;

export class WorldSource {
  readonly session: Session;
  readonly world: World;
  readonly #store = new MemoryStore();
  readonly #player: Player;
  readonly #preset: string;
  /** By the world's number of a frame: the analyzer's. A frame that a switch passes on has that of the host's. */
  readonly #numbers = new Map<number, number>();

  readonly #recent: FrameEvent[] = [];

  /** @param speed virtual seconds in a real one when it plays */
  constructor(preset: Preset, seed: number, changed: () => void, speed = DEFAULT_SPEED) {
    const { name, options, title } = preset;
    this.#preset = name;
    this.session = new Session('world', title, this.#store, changed);
    this.world = new World({ ...options, seed });
    this.world.observe(
      (event) => this.#take(event),
      () => this.#reset(),
    );
    this.#player = new Player(this.world, {
      now: () => performance.now(),
      nextTurn: (turn) => setTimeout(turn, TURN_MS),
      turn: changed,
      speed,
    });
  }

  get state(): WorldState {
    const { seed, now, events, nextTime } = this.world;
    const isOver = nextTime === Number.POSITIVE_INFINITY;
    return { seed, now, events, isPlaying: this.#player.isPlaying, isOver, preset: this.#preset };
  }

  get speed(): number {
    return this.#player.speed;
  }

  /** The session's number of a frame of the world; 0: it has none. */
  numberOf(frame: number): number {
    return this.#numbers.get(frame) ?? 0;
  }

  control({ what, speed }: Parameters<Calls['control']>[0]): void {
    if (speed !== undefined) this.#player.speed = speed;
    if (what === 'play') {
      this.#player.play();
      return;
    }
    this.#player.stop();
    if (what === 'step') this.world.step();
    else if (what === 'frame') this.world.stepFrame();
    else if (what === 'back') this.world.back();
    else if (what === 'backFrame') this.world.backFrame();
    else if (what === 'restart') this.world.restart();
    else if (what === 'end') this.world.runUntilIdle(undefined, LONGEST);
    this.session.changed();
  }

  close(): void {
    this.#player.stop();
  }

  #reset(): void {
    this.session.reset();
    this.#store.clear();
    this.#numbers.clear();
    this.#recent.length = 0;
  }

  #take(event: InspectEvent): void {
    const { analyzer, tcbs } = this.session;
    if (event.kind === 'frame') {
      if (!this.#isHost(event.from) && this.#isPassedOn(event)) return;
      const { duplicated, corrupted, marked } = event;
      const extra = (duplicated ? DOUBLED : 0) | (corrupted ? DAMAGED : 0) | (marked ? MARKED : 0);
      this.#store.add(event.bytes, event.time);
      analyzer.add(recordOf(event.bytes, event.time), { findings: FATES[event.fate] | extra });
      this.#numbers.set(event.number, analyzer.frames);
      this.#recent.push(event);
      if (this.#recent.length > RECENT) this.#recent.shift();
    } else if (event.kind === 'arrival') {
      const number = this.#numbers.get(event.number);
      if (number !== undefined) analyzer.arrived(number, event.time);
    } else if (event.kind === 'tcb') tcbs.add(event.view, event.time);
    else if (event.kind === 'gone') tcbs.gone(event.name, event.state);
  }

  /** True for a frame that a switch passes on. What a router says or cuts is a frame of its own. */
  #isPassedOn({ number, bytes }: FrameEvent): boolean {
    const first = this.#recent.findLast((frame) => sameBytes(frame.bytes, bytes));
    if (first !== undefined) this.#numbers.set(number, this.numberOf(first.number));
    return first !== undefined;
  }

  #isHost(name: string): boolean {
    return name in this.world.options.hosts;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
