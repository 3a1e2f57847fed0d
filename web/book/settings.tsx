/** The numbers of a figure that the reader may change: the seed, and what the figure names. */
import type { Control, Figure } from '../../docs/book/figures/lib/figure.js';
import { type Chosen, type Range, SEEDS, type Taken, takenFor } from './address.js';

interface Props {
  readonly figure: Figure;
  readonly chosen: Chosen;
  readonly choose: (chosen: Chosen) => void;
}

export function Settings({ figure, chosen, choose }: Props) {
  const problems = (key: string, problem: string) => ({ ...chosen.problems, [key]: problem });
  const set = (key: string, { value, problem }: Taken) =>
    choose({ ...chosen, settings: { ...chosen.settings, [key]: value }, problems: problems(key, problem) });
  const setSeed = ({ value, problem }: Taken) =>
    choose({ ...chosen, seed: Math.trunc(value), problems: problems('seed', problem) });
  return (
    <fieldset class="bar">
      <legend class="unseen">Settings</legend>
      {Object.entries(figure.controls).map(([key, control]) => (
        <Setting
          key={key}
          control={control}
          value={chosen.settings[key] ?? control.value}
          problem={chosen.problems[key] ?? ''}
          set={(taken) => set(key, taken)}
        />
      ))}
      <label>
        Seed{' '}
        <input
          type="number"
          value={chosen.seed}
          onChange={({ currentTarget }) => setSeed(takenOf(currentTarget, SEEDS, chosen.seed))}
        />
        <Problem text={chosen.problems.seed ?? ''} />
      </label>
    </fieldset>
  );
}

interface SettingProps {
  readonly control: Control;
  readonly value: number;
  readonly problem: string;
  readonly set: (taken: Taken) => void;
}

function Setting({ control, value, problem, set }: SettingProps) {
  const { label, choices } = control;
  if (choices === undefined) return <NumberSetting {...{ control, value, problem, set }} />;
  return (
    <label>
      {label}{' '}
      <select
        value={String(value)}
        onChange={(event) => set({ value: Number(event.currentTarget.value), problem: '' })}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={String(choice.value)}>
            {choice.label}
          </option>
        ))}
      </select>
      <Problem text={problem} />
    </label>
  );
}

/** A number with its range. A number outside of it becomes the nearest one, and the figure says so. */
function NumberSetting({ control, value, problem, set }: SettingProps) {
  const { label, unit, min, max, step = 1 } = control;
  return (
    <label>
      {label}{' '}
      <input
        type="number"
        {...{ min, max, step, value }}
        onChange={({ currentTarget }) => set(takenOf(currentTarget, control, value))}
      />
      {unit === undefined ? '' : ` ${unit}`}{' '}
      <small class="hint">
        ({min} to {max})
      </small>
      <Problem text={problem} />
    </label>
  );
}

/** What a field's number becomes. The field shows it. */
function takenOf(input: HTMLInputElement, range: Range, before: number): Taken {
  const taken = takenFor(range, input.valueAsNumber, before);
  input.value = String(taken.value);
  return taken;
}

function Problem({ text }: { text: string }) {
  if (text === '') return null;
  return (
    <span class="finding bad" role="alert">
      {' '}
      {text}
    </span>
  );
}
