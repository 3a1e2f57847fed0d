/** The state diagram of RFC 9293, figure 5, with the way that one end has taken. */
import { useState } from 'preact/hooks';
import type { StateStep } from '../../../src/inspect/trace/states.js';
import { EVENT_NAMES, type Event, IMPOSSIBLE, nextState, STATE_NAMES, type State } from '../../../src/net/tcp/state.js';
import { seconds } from '../format.js';
import { useAnswer } from '../source.js';

/** Where each state stands: columns and rows of the figure. */
const PLACES: Readonly<Record<string, readonly [number, number]>> = {
  CLOSED: [1, 0],
  LISTEN: [0, 1],
  'SYN-SENT': [2, 1],
  'SYN-RECEIVED': [0, 2],
  ESTABLISHED: [1, 2.4],
  'FIN-WAIT-1': [0, 3.4],
  'CLOSE-WAIT': [2, 3.4],
  'FIN-WAIT-2': [0, 4.4],
  CLOSING: [1, 4.4],
  'LAST-ACK': [2, 4.4],
  'TIME-WAIT': [1, 5.4],
};
const [WIDTH, HEIGHT, BOX_WIDTH, BOX_HEIGHT] = [660, 520, 124, 34];
/** Between a line and its label; the size of a letter; and the slope from which a line is steep. */
const [ASIDE, LETTER_WIDTH, LETTER_HEIGHT, FLAT] = [6, 6.5, 10, 0.6];

type Point = readonly [x: number, y: number];

/** The ways that are drawn when they are not taken: those of the figure, without what only ends a connection early. */
const COMMON = arrows().filter(({ to, event }) => to !== 'CLOSED' || event === 'wait over' || event === 'ACK of FIN');

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly event: string;
}

function arrows(): Arrow[] {
  return STATE_NAMES.flatMap((from, state) =>
    EVENT_NAMES.flatMap((name, event) => {
      const next = nextState(state as State, event as Event);
      if (next === IMPOSSIBLE || next === state) return [];
      return [{ from, to: STATE_NAMES[next] ?? '', event: name }];
    }),
  );
}

interface Props {
  readonly connection: number;
  readonly version: number;
  readonly fromClient: boolean;
  readonly choose: (frame: number) => void;
}

export function States({ connection, version, fromClient, choose }: Props) {
  const { answer } = useAnswer('states', { connection }, [version]);
  const [marked, setMarked] = useState(-1);
  if (answer === undefined) return <p class="hint">Reading …</p>;
  const steps = fromClient ? answer.client : answer.server;
  const side = fromClient ? 'client' : 'server';
  const last = steps.at(-1)?.to ?? 'ESTABLISHED';
  return (
    <div class="states">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`State diagram. The ${side} is in ${last}.`}>
        <defs>
          {['idle', 'taken'].map((kind) => (
            <marker
              key={kind}
              id={`head-${kind}`}
              viewBox="0 0 10 10"
              refX="9"
              refY="5"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M0 0L10 5L0 10z" class={`head ${kind}`} />
            </marker>
          ))}
        </defs>
        {COMMON.map(({ from, to, event }) => (
          <Way key={`${from} ${to} ${event}`} from={from} to={to} kind="idle" text="" />
        ))}
        {steps.map(({ from, to, event }, index) => (
          <Way
            key={`${index} ${from}`}
            from={from}
            to={to}
            kind={index === marked ? 'taken marked' : 'taken'}
            text={`${index + 1} ${event}`}
          />
        ))}
        {Object.keys(PLACES).map((name) => (
          <Box
            key={name}
            name={name}
            kind={name === last ? 'now' : steps.some(({ to, from }) => name === to || name === from) ? 'been' : ''}
          />
        ))}
      </svg>
      <ol>
        {steps.map((step, index) => (
          <Step key={`${index} ${step.frame}`} step={step} choose={choose} mark={(on) => setMarked(on ? index : -1)} />
        ))}
      </ol>
      {steps.length === 0 && <p class="hint">The capture begins after the handshake, and shows no change of state.</p>}
    </div>
  );
}

function Step({ step, choose, mark }: { step: StateStep; choose: Props['choose']; mark: (on: boolean) => void }) {
  return (
    <li>
      <button
        type="button"
        onClick={() => choose(step.frame)}
        onFocus={() => mark(true)}
        onBlur={() => mark(false)}
        onMouseEnter={() => mark(true)}
        onMouseLeave={() => mark(false)}
      >
        {seconds(step.time)} s: {step.from} → <strong>{step.to}</strong> by {step.event} (frame {step.frame})
      </button>
    </li>
  );
}

function centre(name: string): readonly [number, number] {
  const [column, row] = PLACES[name] ?? [0, 0];
  return [85 + column * 245, 34 + row * 84];
}

function Box({ name, kind }: { name: string; kind: string }) {
  const [x, y] = centre(name);
  return (
    <g class={`state ${kind}`}>
      <rect x={x - BOX_WIDTH / 2} y={y - BOX_HEIGHT / 2} width={BOX_WIDTH} height={BOX_HEIGHT} rx="6" />
      <text x={x} y={y + 4.5} text-anchor="middle">
        {name}
      </text>
    </g>
  );
}

/** A line from the edge of one box to the edge of another. */
function Way({ from, to, kind, text }: { from: string; to: string; kind: string; text: string }) {
  const [[x1, y1], [x2, y2]] = [centre(from), centre(to)];
  const [begin, end] = [edge(x1, y1, x2, y2), edge(x2, y2, x1, y1)];
  const label = labelPlace(begin, end, text);
  return (
    <g class={`way ${kind}`}>
      <line x1={begin[0]} y1={begin[1]} x2={end[0]} y2={end[1]} marker-end={`url(#head-${kind.split(' ')[0]})`} />
      {text !== '' && <text {...label}>{text}</text>}
    </g>
  );
}

/**
 * Where the label of a line stands, so that the line does not cross its words: above the middle of a flat line, and
 * right of a steep one.
 */
function labelPlace([x1, y1]: Point, [x2, y2]: Point, text: string) {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const slope = (y2 - y1) / (x2 - x1);
  if (Math.abs(slope) < FLAT) {
    const rise = Math.abs(slope) * ((text.length * LETTER_WIDTH) / 2);
    return { x, y: y - rise - ASIDE, 'text-anchor': 'middle' } as const;
  }
  return { x: x + ASIDE, y: slope > 0 ? y : y + LETTER_HEIGHT, 'text-anchor': 'start' } as const;
}

/** Where the line from the middle of a box to another point leaves the box. */
function edge(x: number, y: number, toX: number, toY: number): readonly [number, number] {
  const [dx, dy] = [toX - x, toY - y];
  const share = Math.min(dx === 0 ? 1 : BOX_WIDTH / 2 / Math.abs(dx), dy === 0 ? 1 : BOX_HEIGHT / 2 / Math.abs(dy));
  return [x + dx * share, y + dy * share];
}
