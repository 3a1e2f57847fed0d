/** The sequence ladder: an arrow a segment, with its numbers, and what is remarkable about it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { duration, ladderNumbers, many, seconds } from '../format.js';
import type { Rung, RungList } from '../protocol.js';
import { useAsk } from '../source.js';
import { Rows } from './rows.js';

const HEIGHT = 44;
/** Letters of the widest column of notes. A longer note takes two lines. */
const WIDEST_NOTE = 20;

interface Props {
  readonly connection: number;
  readonly version: number;
  readonly client: string;
  readonly server: string;
  readonly choose: (frame: number) => void;
  readonly frame: number;
}

export function Ladder({ connection, version, client, server, choose, frame }: Props) {
  const ask = useAsk();
  const [sight, setSight] = useState({ from: 0, count: 40 });
  const [onlyTroubles, setOnlyTroubles] = useState(false);
  const [list, setList] = useState<RungList & { from: number }>({ rungs: [], total: 0, from: 0 });
  const [chosen, setChosen] = useState(-1);
  useEffect(() => {
    let isWanted = true;
    ask('rungs', { connection, onlyTroubles, ...sight }).then(
      (answer) => isWanted && setList({ ...answer, from: sight.from }),
      () => isWanted && setList({ rungs: [], total: 0, from: 0 }),
    );
    return () => {
      isWanted = false;
    };
  }, [ask, connection, version, onlyTroubles, sight.from, sight.count]);
  useEffect(() => setChosen(-1), [connection, onlyTroubles]);
  const box = useNoteWidth(list.rungs, connection);
  const move = async (row: number) => {
    setChosen(row);
    const { rungs } = await ask('rungs', { connection, onlyTroubles, from: row, count: 1 });
    if (rungs[0] !== undefined) choose(rungs[0].frame);
  };
  return (
    <div class="ladder" ref={box}>
      <div class="bar">
        <label>
          <input
            type="checkbox"
            checked={onlyTroubles}
            onChange={(event) => setOnlyTroubles(event.currentTarget.checked)}
          />{' '}
          only losses, repetitions and closed windows
        </label>
        <span>{many(list.total, 'segment')}</span>
      </div>
      <div class="ends" aria-hidden="true">
        <span>{client}</span>
        <span>{server}</span>
      </div>
      <Rows
        total={list.total}
        height={HEIGHT}
        label="Segments. Arrows move, the frame on the right follows."
        chosen={chosen}
        move={move}
        inSight={(from, shown) =>
          setSight((now) => (now.from === from && now.count === shown ? now : { from, count: shown }))
        }
      >
        {(from) =>
          list.rungs.map((rung, index) => {
            const row = list.from + index;
            if (row < from) return null;
            const before = list.rungs[index - 1];
            return (
              <RungRow
                key={rung.frame}
                rung={rung}
                since={before === undefined ? undefined : rung.time - before.time}
                isChosen={rung.frame === frame}
                choose={() => {
                  setChosen(row);
                  choose(rung.frame);
                }}
              />
            );
          })
        }
      </Rows>
    </div>
  );
}

/**
 * Gives the column of notes the width of the longest note so far, and none while nothing is remarkable. It does not
 * become narrower again: the arrows would jump while the reader moves through the list.
 */
function useNoteWidth(rungs: readonly Rung[], connection: number) {
  const box = useRef<HTMLDivElement>(null);
  const widest = useRef({ connection, letters: 0 });
  useEffect(() => {
    if (widest.current.connection !== connection) widest.current = { connection, letters: 0 };
    const here = rungs.reduce((most, rung) => Math.max(most, worstOf(rung)?.label.length ?? 0), 0);
    widest.current.letters = Math.max(widest.current.letters, Math.min(here, WIDEST_NOTE));
    box.current?.style.setProperty('--notes', `${widest.current.letters}ch`);
  }, [rungs, connection]);
  return box;
}

function worstOf({ findings }: Rung) {
  return findings.find(({ weight }) => weight === 'bad') ?? findings[0];
}

function RungRow({
  rung,
  since,
  isChosen,
  choose,
}: {
  rung: Rung;
  since: number | undefined;
  isChosen: boolean;
  choose: () => void;
}) {
  const worst = worstOf(rung);
  const isLost = rung.arrival === Number.POSITIVE_INFINITY;
  const kind = isLost ? 'lost' : (worst?.weight ?? 'plain');
  const numbers = ladderNumbers(rung);
  const from = rung.isFromClient ? 'client' : 'server';
  return (
    <li class={`rung ${kind} ${from}${isChosen ? ' chosen' : ''}`}>
      <button type="button" tabIndex={-1} aria-current={isChosen} onClick={choose}>
        <time>
          {seconds(rung.time)}
          <small>{since === undefined ? '' : `+${duration(since)}`}</small>
        </time>
        <span class="unseen">
          , frame {rung.frame}, {from} sends
        </span>
        <span class="arrow">
          <span class="numbers" title={numbers.join('  ')}>
            {numbers.map((part) => (
              <span key={part}>{part} </span>
            ))}
          </span>
          <Arrow isFromClient={rung.isFromClient} isLost={isLost} isLate={rung.arrival > rung.time} />
        </span>
        <span class="finding" title={worst?.explanation ?? ''}>
          {worst?.label ?? ''}
        </span>
      </button>
    </li>
  );
}

/** The line of a segment: it slopes where the time on the way is known, and ends in a cross where it is lost. */
function Arrow({ isFromClient, isLost, isLate }: { isFromClient: boolean; isLost: boolean; isLate: boolean }) {
  const [begin, end] = isFromClient ? [2, isLost ? 60 : 96] : [98, isLost ? 40 : 4];
  const low = isLate || isLost ? 14 : 9;
  const middle = isLost ? 9 + (low - 9) * 0.6 : low;
  return (
    <svg viewBox="0 0 100 18" preserveAspectRatio="none" aria-hidden="true">
      <line x1={begin} y1={isLate || isLost ? 4 : 9} x2={end} y2={middle} vector-effect="non-scaling-stroke" />
      {isLost ? (
        <path d={`M${end - 1.5} ${middle - 5}l3 10m0 -10l-3 10`} vector-effect="non-scaling-stroke" />
      ) : (
        <path class="head" d={isFromClient ? `M98 ${low}l-3 -4v8z` : `M2 ${low}l3 -4v8z`} />
      )}
    </svg>
  );
}
