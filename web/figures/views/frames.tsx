/** All frames, or those that pass the filter, a line each. */
import { useEffect, useState } from 'preact/hooks';
import { count, seconds } from '../format.js';
import type { FrameList } from '../protocol.js';
import { useAsk } from '../source.js';
import { Rows } from './rows.js';

const HEIGHT = 26;

interface Props {
  readonly version: number;
  readonly frame: number;
  readonly choose: (frame: number) => void;
}

export function Frames({ version, frame, choose }: Props) {
  const ask = useAsk();
  const [sight, setSight] = useState({ from: 0, count: 40 });
  const [list, setList] = useState<FrameList & { from: number }>({ lines: [], total: 0, from: 0 });
  const [chosen, setChosen] = useState(-1);
  useEffect(() => {
    let isWanted = true;
    ask('frames', sight).then(
      (answer) => isWanted && setList({ ...answer, from: sight.from }),
      () => isWanted && setList({ lines: [], total: 0, from: 0 }),
    );
    return () => {
      isWanted = false;
    };
  }, [ask, version, sight.from, sight.count]);
  const move = async (row: number) => {
    setChosen(row);
    const { lines } = await ask('frames', { from: row, count: 1 });
    if (lines[0] !== undefined) choose(lines[0].number);
  };
  return (
    <div class="ladder">
      <p class="bar">{count(list.total)} frames</p>
      <Rows
        total={list.total}
        height={HEIGHT}
        label="Frames. Arrows move, the frame on the right follows."
        chosen={chosen}
        move={move}
        inSight={(from, shown) =>
          setSight((now) => (now.from === from && now.count === shown ? now : { from, count: shown }))
        }
      >
        {(from) =>
          list.lines.map(({ number, time, line }, index) =>
            list.from + index < from ? null : (
              <li key={number} class={number === frame ? 'row chosen' : 'row'}>
                <button type="button" tabIndex={-1} aria-current={number === frame} onClick={() => choose(number)}>
                  <span class="offset">{number}</span> <time>{seconds(time)}</time> <code>{line}</code>
                </button>
              </li>
            ),
          )
        }
      </Rows>
    </div>
  );
}
