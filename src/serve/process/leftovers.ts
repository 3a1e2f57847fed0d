/**
 * The trace that a server leaves on the machine while it runs: its name in the runtime folder, and what it changed on
 * an interface that outlives it. Each change is written down before it is made. At the end this process undoes them,
 * or its keeper does if this process has no privileges any more.
 */

import { ServeError } from '../serve-error.js';
import { cleanUp, takeBack } from './clean-up.js';
import { Keeper } from './keeper-handle.js';
import { describeProcess, type RuntimeState, RuntimeStates } from './runtime-state.js';

/** Called with a text for each thing that could not be done. */
export interface LeftoverEvents {
  note(text: string): void;
  warn(text: string): void;
}

export class Leftovers {
  readonly #states: RuntimeStates;
  readonly #events: LeftoverEvents;
  #state: RuntimeState;
  #keeper: Keeper | undefined;
  /** False: another process takes it back. */
  #isOurs = true;

  private constructor(states: RuntimeStates, state: RuntimeState, events: LeftoverEvents) {
    this.#states = states;
    this.#state = state;
    this.#events = events;
  }

  /**
   * Claims the interface's name for this process, and undoes what a dead server of that name has left.
   * @throws {ServeError} `interface-taken` if a living server has it
   */
  static claim(what: Pick<RuntimeState, 'interfaceName' | 'url' | 'folder'>, events: LeftoverEvents): Leftovers {
    const states = new RuntimeStates();
    const state: RuntimeState = { ...describeProcess(), ...what, since: new Date().toISOString() };
    states.claim(state, (left) => {
      events.note(`cleaned up after a fastpath (process ${left.pid}) that did not end in order`);
      if (left.undo !== undefined) takeBack(left.interfaceName, left.undo, events.warn);
    });
    return new Leftovers(states, state, events);
  }

  /** Where the socket for watchers of the access log lies. */
  get logSocketPath(): string {
    return this.#states.pathOf(this.#state, 'log');
  }

  /** What the process before us leaves to us: its name, and what it changed. All that is still its own. */
  static inherit(state: RuntimeState, events: LeftoverEvents): Leftovers {
    const leftovers = new Leftovers(
      new RuntimeStates(),
      { ...state, ...describeProcess(), since: new Date().toISOString() },
      events,
    );
    leftovers.#isOurs = false;
    return leftovers;
  }

  /** Writes this process down as the one that has the name. */
  sign(): void {
    this.update({});
  }

  /** Everything is ours: at the end we take it back. */
  own(): void {
    this.#isOurs = true;
  }

  /**
   * What a successor gets. @throws {ServeError} `failure` if this process has given up the privileges that it would
   * need: then the name lies in a folder of root's, and the keeper cleans up when this process ends.
   */
  get bequest(): RuntimeState {
    if (this.#keeper === undefined) return this.#state;
    throw new ServeError(
      'failure',
      'a server that root has started cannot hand over: what it set up is taken back when its process ends',
      'Let an ordinary user serve on an interface that stays, as the systemd units do (docs/service.md).',
    );
  }

  /** Everything is a successor's now. */
  handedOn(): void {
    this.#isOurs = false;
  }

  /** Whether this process, a successor that has ended, still has the name: it has not taken back what is ours. */
  isLeftBy(pid: number): boolean {
    return this.#states.holder(this.#state) === pid;
  }

  /** Where the lease of `--address dhcp` lies. */
  get leasePath(): string {
    return this.#states.pathOf(this.#state, 'lease');
  }

  /** Where the control socket lies: beside the state. */
  get socketPath(): string {
    return this.#states.pathOf(this.#state, 'sock');
  }

  /** Writes down more of the state. */
  update(change: Partial<RuntimeState>): void {
    this.#state = { ...this.#state, ...change };
    this.#states.update(this.#state);
  }

  /**
   * Leaves the clean-up to the keeper, which keeps the privileges for it. After that nothing more can be written
   * down.
   */
  handOver(): void {
    const keeper = new Keeper({ folder: this.#states.folder, state: this.#state });
    this.#keeper = keeper;
    this.update({ keeper: keeper.id });
  }

  /** Takes everything back. @throws {ServeError} `failure` if the keeper was killed, who alone could */
  async takeBack(): Promise<void> {
    if (!this.#isOurs) return;
    const [keeper, state] = [this.#keeper, this.#state];
    if (keeper === undefined) return cleanUp({ folder: this.#states.folder, state }, this.#events.warn);
    const { pid } = keeper.id;
    if (await keeper.end()) return;
    throw new ServeError(
      'failure',
      `the process that cleans up (${pid}) was killed: what this server changed is not taken back`,
      `The next start on ${state.interfaceName} does it.`,
    );
  }
}
