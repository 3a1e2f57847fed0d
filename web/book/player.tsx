/** Plays a world, by frames or events, forward and back. */
import { useState } from 'preact/hooks';
import { SpeedChoice } from '../figures/controls.js';
import { count, duration } from '../figures/format.js';
import type { Calls } from '../figures/protocol.js';
import type { WorldSource } from '../figures/session/world-source.js';

type What = Parameters<Calls['control']>[0]['what'];

interface Props {
  readonly source: WorldSource;
  readonly name: string;
  /** Changes when the world has moved. */
  readonly version: number;
}

export function Player({ source, name }: Props) {
  const [speed, setSpeed] = useState(source.speed);
  const { now, events, isPlaying, isOver } = source.state;
  const button = (what: What, title: string, disabled = false) => (
    <button type="button" disabled={disabled} onClick={() => source.control({ what, speed })}>
      {title}
    </button>
  );
  return (
    <fieldset class="bar">
      <legend class="unseen">Time</legend>
      {isPlaying ? button('stop', 'Stop') : button('play', 'Play', isOver)}
      <SpeedChoice speed={speed} choose={setSpeed} />
      {button('restart', 'Begin again', events === 0)}
      {button('backFrame', 'Frame back', events === 0)}
      {button('frame', 'Frame on', isOver)}
      {button('back', 'Event back', events === 0)}
      {button('step', 'Event on', isOver)}
      {button('end', 'To the end', isOver)}
      <button type="button" onClick={() => save(source.world.pcapng(), `${name}.pcapng`)}>
        Save as pcapng
      </button>
      <span role="status">
        {duration(now)}, event {count(events)}
      </span>
    </fieldset>
  );
}

/** Gives the reader a file. */
export function save(bytes: Uint8Array, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
