/** The answers to the calls of protocol.ts that are alike wherever the frames come from. */
import type { Calls } from '../protocol.js';
import type { Session } from './session.js';
import { exchangeOf, objectsOf, sumIn } from './world-answers.js';
import type { WorldSource } from './world-source.js';

/** For each call a function that may answer later. */
export type Answers<Name extends keyof Calls = keyof Calls> = {
  [Each in Name]: (wish: Parameters<Calls[Each]>[0]) => ReturnType<Calls[Each]> | Promise<ReturnType<Calls[Each]>>;
};

/** The calls about frames and connections. */
export type SessionCall =
  | 'connections'
  | 'connection'
  | 'rungs'
  | 'timeSequence'
  | 'curves'
  | 'nearest'
  | 'place'
  | 'states'
  | 'frames'
  | 'frame'
  | 'filter'
  | 'rates';

/** Answers from the session that `here` gives. */
export function sessionAnswers(here: () => Session): Answers<SessionCall> {
  return {
    connections: (wish) => here().connections(wish),
    connection: (wish) => here().connection(wish),
    rungs: (wish) => here().rungs(wish),
    timeSequence: (wish) => here().timeSequence(wish),
    curves: (wish) => here().curves(wish),
    place: (wish) => here().place(wish),
    nearest: (wish) => here().nearest(wish),
    states: (wish) => here().states(wish),
    frames: (wish) => here().frames(wish),
    frame: (wish) => here().frame(wish),
    filter: (wish) => here().filter(wish),
    rates: (wish) => here().rates(wish),
  };
}

/** The calls that a world answers. */
export type WorldCall = SessionCall | 'control' | 'cache' | 'sum' | 'exchange' | 'pcapng';

/** Answers from a world alone, in the page itself. */
export function worldAnswers(source: WorldSource): Answers<WorldCall> {
  return {
    ...sessionAnswers(() => source.session),
    control: (wish) => source.control(wish),
    cache: () => objectsOf(source.world),
    sum: (wish) => sumIn(source.world, wish),
    exchange: (wish) => exchangeOf(source, wish),
    pcapng: () => source.world.pcapng(),
  };
}
