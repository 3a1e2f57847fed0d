/** Rates of all that was captured, and the counters of a running server. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Curve } from '../../../src/inspect/trace/plot.js';
import { count, duration, perSecond, rate } from '../../figures/format.js';
import { useAnswer } from '../../figures/source.js';
import { Chart } from '../../figures/views/chart.js';

const COLUMNS = 240;

/** The points of a curve that are there. */
function present(times: Float64Array, values: Float64Array): Curve {
  const isThere = (_: number, index: number) => !Number.isNaN(values[index] ?? Number.NaN);
  return { times: times.filter(isThere), values: values.filter(isThere) };
}
/** Seconds of a server's rates that are kept. */
const SECONDS_KEPT = 600;

export function RatesView({
  version,
  counters,
}: {
  version: number;
  counters: Readonly<Record<string, number>> | undefined;
}) {
  const { answer } = useAnswer('rates', { columns: COLUMNS }, [version]);
  if (answer === undefined) return <p class="hint">Reading …</p>;
  const times = answer.times.map((time) => time * 1e6);
  return (
    <div>
      {counters !== undefined && <Live counters={counters} />}
      <Chart
        title="Bits a second"
        show={rate}
        lines={[{ label: 'bits a second', colour: 'data', curve: { times, values: answer.bits } }]}
      />
      <Chart
        title="Frames a second"
        show={perSecond}
        lines={[
          { label: 'frames', colour: 'data', curve: { times, values: answer.frames } },
          { label: 'sent again', colour: 'again', curve: { times, values: answer.again } },
        ]}
      />
      <Chart
        title="Time to the first byte of an answer, the longest of each stretch"
        show={duration}
        lines={[{ label: 'answer', colour: 'ack', curve: present(times, answer.answer) }]}
      />
    </div>
  );
}

interface Live {
  readonly time: number;
  readonly requests: number;
}

/** Requests a second, from the differences of the counter. */
function Live({ counters }: { counters: Readonly<Record<string, number>> }) {
  const begun = useRef(performance.now());
  const last = useRef<Live | undefined>(undefined);
  const [points, setPoints] = useState<readonly Live[]>([]);
  useEffect(() => {
    const now = { time: performance.now() - begun.current, requests: counters['http.requests'] ?? 0 };
    const before = last.current;
    if (before === undefined || now.time - before.time > 900) last.current = now;
    if (before === undefined || now.time - before.time <= 900) return;
    const requests = ((now.requests - before.requests) * 1000) / (now.time - before.time);
    setPoints((known) => [...known.slice(1 - SECONDS_KEPT), { time: now.time, requests }]);
  }, [counters]);
  const curve = {
    times: Float64Array.from(points, ({ time }) => time * 1000),
    values: Float64Array.from(points, ({ requests }) => requests),
  };
  return (
    <div>
      <Chart title="Requests a second, live" show={perSecond} lines={[{ label: 'requests', colour: 'ack', curve }]} />
      <details>
        <summary>All counters</summary>
        <dl class="counters">
          {Object.entries(counters).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{count(value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}
