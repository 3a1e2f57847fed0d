/** Rates of all that was captured, and the counters of a running server. */
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
      {answer.requests !== undefined && (
        <Chart
          title="Requests a second, since this page was opened"
          show={perSecond}
          lines={[{ label: 'requests', colour: 'ack', curve: answer.requests }]}
        />
      )}
      {counters !== undefined && <Counters counters={counters} />}
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

function Counters({ counters }: { counters: Readonly<Record<string, number>> }) {
  return (
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
  );
}
