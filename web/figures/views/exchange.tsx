/** The frames between the hosts of a world: an arrow a frame, of every protocol. */
import { headOf, type PlacedArrow, place } from '../../../src/inspect/trace/exchange.js';
import { duration, many, seconds } from '../format.js';
import { useAnswer } from '../source.js';

const WIDTH = 760;
/** The last so many frames are drawn. */
const MOST_ARROWS = 60;

interface Props {
  readonly version: number;
  readonly frame: number;
  readonly choose: (frame: number) => void;
  /** Frames whose text begins with one of these words are left out. */
  readonly hides: readonly string[];
  /** Frames that were sent before are left out, microseconds. */
  readonly since: number;
}

export function ExchangeView({ version, frame, choose, hides, since }: Props) {
  const { answer, error } = useAnswer('exchange', { hides, since }, [version]);
  if (error !== '') return <p class="hint">{error}</p>;
  if (answer === undefined) return <p class="hint">Reading …</p>;
  if (answer.arrows.length === 0) return <p class="hint">No frame has been sent yet. Press “Frame on”.</p>;
  const shown = answer.arrows.slice(-MOST_ARROWS);
  const frames = new Map(shown.map(({ number, frame: known }) => [number, known]));
  const { width, height, lanes, arrows } = place(shown, answer.lanes, WIDTH);
  const left = answer.arrows.length - shown.length;
  return (
    <section class="exchange scroll" tabIndex={0} aria-label="Frames between the hosts">
      {left > 0 && <p class="hint">The first {many(left, 'frame')} are left out.</p>}
      {/* biome-ignore lint/a11y/useSemanticElements: SVG has no group of controls */}
      <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label={`${many(shown.length, 'frame')} as arrows`}>
        {lanes.map(({ name, x }) => (
          <g key={name} class="lane">
            <line x1={x} y1={34} x2={x} y2={height} />
            <text x={x} y={22} text-anchor="middle">
              {name}
            </text>
          </g>
        ))}
        {arrows.map((arrow) => {
          const number = frames.get(arrow.number) ?? 0;
          return (
            <Arrow
              key={arrow.number}
              arrow={arrow}
              isChosen={number > 0 && number === frame}
              choose={() => choose(number)}
            />
          );
        })}
      </svg>
    </section>
  );
}

function Arrow({ arrow, isChosen, choose }: { arrow: PlacedArrow; isChosen: boolean; choose: () => void }) {
  const { x1, y1, x2, y2, textX, textAnchor, time, arrival, from, to, text, fate } = arrow;
  const isLost = fate !== 'delivered';
  const late = Number.isFinite(arrival)
    ? `, ${duration(arrival - time)} on the way`
    : `, ${isLost ? fate : 'under way'}`;
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      class={`arrow${isLost ? ' lost' : ''}${isChosen ? ' chosen' : ''}`}
      role="button"
      tabIndex={0}
      aria-pressed={isChosen}
      onClick={choose}
      onKeyDown={press}
    >
      <desc>{`${from} to ${to}${late}`}</desc>
      <rect x={0} y={y1 - 16} width={WIDTH} height={24} />
      <text class="time" x={6} y={y1 - 2}>
        {seconds(time)}
      </text>
      <line x1={x1} y1={y1} x2={x2} y2={y2} />
      {isLost ? (
        <path class="cross" d={`M${x2 - 5} ${y2 - 5}l10 10m0 -10l-10 10`} />
      ) : (
        <path class="head" d={headOf(arrow)} />
      )}
      <text x={textX} y={y1 - 4} text-anchor={textAnchor}>
        {text}
        {isLost ? ` (${fate})` : ''}
      </text>
    </g>
  );
}
