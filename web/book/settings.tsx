/** The numbers of a figure that the reader may change: the seed, and what the figure names. */
import type { Control, Figure } from '../../docs/book/figures/lib/figure.js';
import type { Chosen } from './address.js';

interface Props {
  readonly figure: Figure;
  readonly chosen: Chosen;
  readonly choose: (chosen: Chosen) => void;
}

export function Settings({ figure, chosen, choose }: Props) {
  const set = (key: string, value: number) => choose({ ...chosen, settings: { ...chosen.settings, [key]: value } });
  return (
    <fieldset class="bar">
      <legend class="unseen">Settings</legend>
      {Object.entries(figure.controls).map(([key, control]) => (
        <Setting
          key={key}
          control={control}
          value={chosen.settings[key] ?? control.value}
          set={(value) => set(key, value)}
        />
      ))}
      <label>
        Seed{' '}
        <input
          type="number"
          value={chosen.seed}
          onChange={(event) => choose({ ...chosen, seed: Number(event.currentTarget.value) | 0 })}
        />
      </label>
    </fieldset>
  );
}

function Setting({ control, value, set }: { control: Control; value: number; set: (value: number) => void }) {
  const { label, unit, min, max, step = 1, choices } = control;
  if (choices !== undefined) {
    return (
      <label>
        {label}{' '}
        <select value={String(value)} onChange={(event) => set(Number(event.currentTarget.value))}>
          {choices.map((choice) => (
            <option key={choice.value} value={String(choice.value)}>
              {choice.label}
            </option>
          ))}
        </select>
      </label>
    );
  }
  const take = (text: string) => set(Math.min(max, Math.max(min, Number.parseFloat(text) || 0)));
  return (
    <label>
      {label}{' '}
      <input type="number" {...{ min, max, step, value }} onChange={(event) => take(event.currentTarget.value)} />
      {unit === undefined ? '' : ` ${unit}`}
    </label>
  );
}
