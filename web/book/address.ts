/** The settings of a figure in the address of the page: `?question.seed=7&question.loss=2`. */
import { type Control, defaultsOf, type Figure, type Settings } from '../../docs/book/figures/lib/figure.js';

/** What a number may be. */
export type Range = Pick<Control, 'min' | 'max' | 'choices'>;

/** Seeds are whole numbers of 32 bits. */
export const SEEDS: Range = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** A setting, and what is said if another one was wished. */
export interface Taken {
  readonly value: number;
  /** '': it is what was wished. */
  readonly problem: string;
}

/** The number that a control takes for a wish: the wish itself, or the nearest that it can be. NaN: `instead`. */
export function takenFor({ min, max, choices }: Range, wish: number, instead: number): Taken {
  const isChoice = choices?.some(({ value }) => value === wish) ?? true;
  const value = Number.isNaN(wish) || !isChoice ? instead : Math.min(max, Math.max(min, wish));
  if (value === wish) return { value, problem: '' };
  const range = choices === undefined ? `${min} to ${max}` : `one of ${choices.map((each) => each.value).join(', ')}`;
  return { value, problem: `${Number.isNaN(wish) ? 'That' : wish} is not ${range}: ${value} is taken.` };
}

/** What a figure is set to. */
export interface Chosen {
  readonly seed: number;
  readonly settings: Settings;
  /** By setting: what is said about the wish in the address. */
  readonly problems: Readonly<Record<string, string>>;
}

/** The number that a text is; NaN: it is none. */
function numberIn(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** What the address says of the figure `name`; its own values where it says nothing, or nothing that can be. */
export function chosenIn(search: string, name: string, figure: Figure): Chosen {
  const query = new URLSearchParams(search);
  const settings: Record<string, number> = {};
  const problems: Record<string, string> = {};
  const take = (key: string, range: Range, own: number) => {
    const text = query.get(`${name}.${key}`);
    const { value, problem } = text === null ? { value: own, problem: '' } : takenFor(range, numberIn(text), own);
    if (problem !== '') problems[key] = problem;
    return value;
  };
  for (const [key, control] of Object.entries(figure.controls)) settings[key] = take(key, control, control.value);
  const seed = Math.trunc(take('seed', SEEDS, figure.seed));
  return { seed, settings, problems };
}

/** The address with what the figure is set to; values that nobody has changed are left out. */
export function withChosen(search: string, name: string, figure: Figure, { seed, settings }: Chosen): string {
  const query = new URLSearchParams(search);
  const defaults: Settings = { ...defaultsOf(figure), seed: figure.seed };
  for (const [key, value] of Object.entries({ ...settings, seed })) {
    if (value === defaults[key]) query.delete(`${name}.${key}`);
    else query.set(`${name}.${key}`, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
