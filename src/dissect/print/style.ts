/** How frames are printed: which time, and in colour or not. */
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

export const TIME_FORMS = ['relative', 'absolute', 'delta', 'epoch'] as const;
export type TimeForm = (typeof TIME_FORMS)[number];

export interface Style {
  readonly time: TimeForm;
  readonly colors: Colors;
}

export const PLAIN: Style = { time: 'relative', colors: pc.createColors(false) };

/** @param wanted `auto`: in colour if the output is a terminal that can show it and NO_COLOR is not set */
export function styleOf(time: TimeForm, wanted: 'auto' | 'always' | 'never', isTerminal: boolean): Style {
  const isColored = wanted === 'always' || (wanted === 'auto' && isTerminal && pc.isColorSupported);
  return { time, colors: pc.createColors(isColored) };
}
