/** Controls that the inspector and the figures of the book share. */

/** The speeds of a figure (docs/book/figures/lib/figure.ts) are among them. */
const SPEEDS = [0.001, 0.01, 0.1, 1, 10];

/** What stands over the buttons that speak of events. */
export const EVENT_TITLE: Readonly<Record<string, string>> = {
  step: 'An event is the least step of a world: a frame is sent or arrives, a timer ends, or a program acts.',
  back: 'Goes back by one event. An event is the least step of a world.',
};

/** Virtual seconds in a real one. */
export function SpeedChoice({ speed, choose }: { speed: number; choose: (speed: number) => void }) {
  return (
    <label>
      Speed{' '}
      <select value={String(speed)} onChange={(event) => choose(Number(event.currentTarget.value))}>
        {SPEEDS.map((value) => (
          <option key={value} value={String(value)}>
            {value} ×
          </option>
        ))}
      </select>
    </label>
  );
}

interface SideProps {
  /** The name of the group of buttons, one in a page. */
  readonly name: string;
  readonly fromClient: boolean;
  readonly choose: (fromClient: boolean) => void;
}

/** Whose bytes a graph shows. */
export function SideChoice({ name, fromClient, choose }: SideProps) {
  return (
    <fieldset class="bar">
      <legend class="unseen">Side</legend>
      {[false, true].map((isClient) => (
        <label key={String(isClient)}>
          <input type="radio" name={name} checked={fromClient === isClient} onChange={() => choose(isClient)} />{' '}
          {isClient ? 'client' : 'server'}
        </label>
      ))}
    </fieldset>
  );
}
