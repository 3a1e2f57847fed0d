/** A world in the browser: the product's own stacks, run here, their frames looked at like those of a capture. */
import { type FrameEvent, type InspectEvent, Player, World } from '../../../src/browser/index.js';
import { recordOf } from '../../../src/inspect/trace/analyzer.js';
import { DAMAGED, DOUBLED, LOST, QUEUE_FULL, TOO_LONG } from '../../../src/inspect/trace/findings.js';
import { presetOf } from '../presets.js';
import type { Calls, WorldState } from '../protocol.js';
import { MemoryStore } from './memory-store.js';
import { Session } from './session.js';

const FATES: Readonly<Record<FrameEvent['fate'], number>> = {
  delivered: 0,
  lost: LOST,
  'queue full': QUEUE_FULL,
  'too long': TOO_LONG,
};
const TURN_MS = 16;
/** A run to the end stops here: an hour of virtual time. */
const LONGEST = 3_600_000_000;

export class WorldSource {
  readonly session: Session;
  readonly world: World;
  readonly #store = new MemoryStore();
  readonly #player: Player;
  readonly #preset: string;
  /** By the world's number of a frame: the analyzer's. Frames that a switch passes on have none. */
  readonly #numbers = new Map<number, number>();

  constructor(preset: string, seed: number, changed: () => void) {
    this.#preset = preset;
    const { options, title } = presetOf(preset);
    this.session = new Session('world', title, this.#store, changed);
    this.world = new World({ ...options, seed });
    for (const event of this.world.history.events) this.#take(event);
    this.world.observe(
      (event) => this.#take(event),
      () => this.#reset(),
    );
    this.#player = new Player(this.world, {
      now: () => performance.now(),
      nextTurn: (turn) => setTimeout(turn, TURN_MS),
      turn: changed,
      speed: 0.1,
    });
  }

  get state(): WorldState {
    const { seed, now, events, nextTime } = this.world;
    const isOver = nextTime === Number.POSITIVE_INFINITY;
    return { seed, now, events, isPlaying: this.#player.isPlaying, isOver, preset: this.#preset };
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
  }

  #take(event: InspectEvent): void {
    const { analyzer, tcbs } = this.session;
    if (event.kind === 'frame') {
      if (!this.#isHost(event.from)) return;
      const extra = (event.duplicated ? DOUBLED : 0) | (event.corrupted ? DAMAGED : 0);
      this.#store.add(event.bytes, event.time);
      analyzer.add(recordOf(event.bytes, event.time), { findings: FATES[event.fate] | extra });
      this.#numbers.set(event.number, analyzer.frames);
    } else if (event.kind === 'arrival') {
      const number = this.#numbers.get(event.number);
      if (number !== undefined) analyzer.arrived(number, event.time);
    } else if (event.kind === 'tcb') tcbs.add(event.view, event.time);
    else if (event.kind === 'gone') tcbs.gone(event.name, event.state);
  }

  #isHost(name: string): boolean {
    return name in this.world.options.hosts;
  }
}
