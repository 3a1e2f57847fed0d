/** The numbers of a figure that the reader may change: the seed, and what the figure names. */
import { useState } from 'preact/hooks';
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

interface SettingProps {
  readonly control: Control;
  readonly value: number;
  readonly set: (value: number) => void;
}

function Setting({ control, value, set }: SettingProps) {
  const { label, choices } = control;
  if (choices === undefined) return <NumberSetting {...{ control, value, set }} />;
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

/** A number with its range. A number outside of it becomes the nearest one, and the figure says so. */
function NumberSetting({ control: { label, unit, min, max, step = 1 }, value, set }: SettingProps) {
  const [problem, setProblem] = useState('');
  const take = (input: HTMLInputElement) => {
    const wish = input.valueAsNumber;
    const taken = Number.isNaN(wish) ? value : Math.min(max, Math.max(min, wish));
    setProblem(
      taken === wish ? '' : `${Number.isNaN(wish) ? 'That' : wish} is not ${min} to ${max}: ${taken} is taken.`,
    );
    input.value = String(taken);
    set(taken);
  };
  return (
    <label>
      {label} <input type="number" {...{ min, max, step, value }} onChange={(event) => take(event.currentTarget)} />
      {unit === undefined ? '' : ` ${unit}`}{' '}
      <small class="hint">
        ({min} to {max})
      </small>
      {problem !== '' && (
        <span class="finding bad" role="alert">
          {' '}
          {problem}
        </span>
      )}
    </label>
  );
}
