/**
 * The control elements of a program (AFPA's word): a table of states beside the actions. A state says what it waits for
 * and which action runs then. The action returns the name of what happened, and never names a state. The table says
 * which state that leads to, so actions can be used again and rewired.
 *
 *     state      waits for   runs        what happened → next state
 *     reading    input       readLine    part → reading, line → looking, ended → close
 *     looking                lookUp      known → close, unknown → close
 *
 * The table is checked once, when the module is made, and becomes objects that point to each other. At run time a step
 * is one call and one look-up, and allocates nothing.
 */
import { refuseUnknownKeys } from '../keys.js';

/** What a state waits for; left out: nothing, its action runs at once. @see {@link Control} */
export type Awaited =
  /** Bytes that were not looked at yet. */
  | 'input'
  /** The slow path's answer to what an earlier action asked. */
  | 'answer'
  /** Room in what is queued to be sent (TCP). */
  | 'room';

/** A row of the table. @see {@link Control} */
export interface ControlRow {
  readonly on?: Awaited;
  /** The name of an action. */
  readonly run: string;
  /** What happened, and the state that it leads to: a row of this table, or one of `ENDS`. */
  readonly next: Readonly<Record<string, string>>;
}

/**
 * The table, by state. An exchange begins with the first row.
 *
 * @example
 * ```ts
 * import type { Control } from 'fastpath/module';
 *
 * // Which action runs in which state, and where its outcome leads.
 * export const control: Control = {
 *   reading: { on: 'input', run: 'read', next: { more: 'reading', question: 'asking', quit: 'close' } },
 *   asking: { on: 'answer', run: 'tell', next: { told: 'again', failed: 'abort' } },
 * };
 * ```
 */
export type Control = Readonly<Record<string, ControlRow>>;

/**
 * The ends of a request: `again` waits for the next request in the first state; `close` closes behind what is queued;
 * `abort` resets, and answers no datagram.
 */
export const ENDS = ['again', 'close', 'abort'] as const satisfies readonly End[];
/** One of the ends of a request. @see {@link Control} */
export type End = 'again' | 'close' | 'abort';

/** What happens without an action, and where it leads if the row does not say. */
export const HAPPENINGS: Readonly<Record<string, End>> = {
  /** It waits for input, and the client has sent its last byte. */
  ended: 'close',
  /** Nothing has happened for too long. */
  silent: 'close',
  /** The input that no action takes has reached its bound. */
  full: 'abort',
  /** The slow path failed, or took too long. */
  failed: 'abort',
};

/** A state, compiled: `Exchange` is what its action gets. */
export class Step<Exchange> {
  readonly arrows = new Map<string, Step<Exchange>>();

  constructor(
    readonly name: string,
    /** `end` for the three ends. */
    readonly waitsFor: Awaited | 'nothing' | 'end',
    readonly action: (exchange: Exchange) => string,
  ) {}

  /** The state that `happened` leads to. @throws {Error} if the table does not say */
  after(happened: string): Step<Exchange> {
    const next = this.arrows.get(happened);
    if (next !== undefined) return next;
    const known = [...this.arrows.keys()].join(', ');
    throw new Error(`"${happened}" in state "${this.name}", whose table knows: ${known}`);
  }
}

/** A compiled table. */
export interface ControlTable<Exchange> {
  readonly first: Step<Exchange>;
  readonly again: Step<Exchange>;
  readonly close: Step<Exchange>;
  readonly abort: Step<Exchange>;
}

const ROW_KEYS = ['on', 'run', 'next'];

type Actions<Exchange> = Readonly<Record<string, (exchange: Exchange) => string>>;

/** @throws {TypeError} that says which row is wrong, and how */
export function compileControl<Exchange>(control: Control, actions: Actions<Exchange>): ControlTable<Exchange> {
  const steps = new Map<string, Step<Exchange>>();
  const never = () => {
    throw new Error('an end has no action');
  };
  for (const end of ENDS) steps.set(end, new Step<Exchange>(end, 'end', never));
  for (const [state, row] of Object.entries(control)) {
    if (steps.has(state)) throw new TypeError(`a state cannot be called "${state}": that is an end`);
    steps.set(state, makeStep(state, row, actions));
  }
  for (const [state, { next }] of Object.entries(control)) {
    for (const [happened, target] of Object.entries({ ...HAPPENINGS, ...next })) {
      const to = steps.get(target);
      if (to === undefined)
        throw new TypeError(`state "${state}": "${happened}" leads to "${target}", which is no state`);
      steps.get(state)?.arrows.set(happened, to);
    }
  }
  const [first] = Object.keys(control);
  if (first === undefined) throw new TypeError('a control table has at least one state');
  refuseUnreachable(control, first);
  const step = (name: string) => steps.get(name) as Step<Exchange>; // put there above
  return { first: step(first), again: step('again'), close: step('close'), abort: step('abort') };
}

function makeStep<Exchange>(state: string, row: ControlRow, actions: Actions<Exchange>): Step<Exchange> {
  refuseUnknownKeys(`state "${state}"`, row, ROW_KEYS);
  if (typeof row.next !== 'object' || row.next === null) {
    throw new TypeError(`state "${state}" has no "next", which says where it leads`);
  }
  const action = Object.hasOwn(actions, row.run) ? actions[row.run] : undefined;
  if (typeof action !== 'function') throw new TypeError(`state "${state}" runs "${row.run}", which is no action`);
  const { on = 'nothing' } = row;
  if (!['input', 'answer', 'room', 'nothing'].includes(on)) {
    throw new TypeError(`state "${state}" waits for "${on}"; it can wait for input, answer or room`);
  }
  return new Step(state, on, action);
}

function refuseUnreachable(control: Control, first: string): void {
  const reached = new Set([first]);
  for (const state of reached) {
    for (const target of Object.values(control[state]?.next ?? {})) reached.add(target);
  }
  const lost = Object.keys(control).find((state) => !reached.has(state));
  if (lost !== undefined) throw new TypeError(`no state leads to "${lost}"`);
}
