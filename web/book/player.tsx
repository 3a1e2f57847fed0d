/** Plays a world, by frames or events, forward and back. */
import { useState } from 'preact/hooks';
import { type Figure, runToFirst, type View } from '../../docs/book/figures/lib/figure.js';
import { EVENT_TITLE, SpeedChoice } from '../figures/controls.js';
import { count, duration } from '../figures/format.js';
import type { Calls } from '../figures/protocol.js';
import type { WorldSource } from '../figures/session/world-source.js';

type What = Parameters<Calls['control']>[0]['what'];

interface Props {
  readonly source: WorldSource;
  readonly name: string;
  readonly figure: Figure;
  /** The view that the reader sees. */
  readonly view: View;
  /** Changes when the world has moved. */
  readonly version: number;
}

export function Player({ source, name, figure, view }: Props) {
  const [speed, setSpeed] = useState(source.speed);
  const { now, events, isPlaying, isOver } = source.state;
  const control = (what: What) => {
    const before = source.world.events;
    if (what === 'play' || what === 'frame') runToFirst(source.world, figure, view);
    const hasMoved = source.world.events > before;
    // The first frame is there: that is the one that was asked for.
    source.control({ what: what === 'frame' && hasMoved ? 'stop' : what, speed });
  };
  const button = (what: What, title: string, disabled = false) => (
    <button type="button" disabled={disabled} title={EVENT_TITLE[what]} onClick={() => control(what)}>
      {title}
    </button>
  );
  return (
    <div class="bar">
      <fieldset class="bar row-of-tools">
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
      </fieldset>
      <span role="status">
        {duration(now)}, event {count(events)}
      </span>
    </div>
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
