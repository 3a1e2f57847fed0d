/** The settings of a figure in the address of the page: `?question.seed=7&question.loss=2`. */
import { defaultsOf, type Figure, type Settings } from '../../docs/book/figures/lib/figure.js';

/** What a figure is set to. */
export interface Chosen {
  readonly seed: number;
  readonly settings: Settings;
}

/** What the address says of the figure `name`; its own values where it says nothing, or nothing that can be. */
export function chosenIn(search: string, name: string, figure: Figure): Chosen {
  const query = new URLSearchParams(search);
  const settings = Object.fromEntries(
    Object.entries(figure.controls).map(([key, { value, min, max }]) => {
      const wish = Number.parseFloat(query.get(`${name}.${key}`) ?? '');
      return [key, Number.isFinite(wish) ? Math.min(max, Math.max(min, wish)) : value];
    }),
  );
  const seed = Number.parseInt(query.get(`${name}.seed`) ?? '', 10);
  return { seed: Number.isFinite(seed) ? seed : figure.seed, settings };
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
