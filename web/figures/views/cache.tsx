/** The objects of the cache, and the sum of any interval of one as a subtraction. */
import { useState } from 'preact/hooks';
import type { PrefixStep } from '../../../src/inspect/prefix-sums.js';
import { bytes, count, hex16, many } from '../format.js';
import type { CacheObject, SumView } from '../protocol.js';
import { useAnswer } from '../source.js';

export function Cache({ version, hasBytes }: { version: number; hasBytes: boolean }) {
  const { answer } = useAnswer('cache', {}, [version]);
  const [chosen, setChosen] = useState<CacheObject | undefined>(undefined);
  const objects = answer ?? [];
  const object = chosen ?? objects[0];
  if (objects.length === 0) {
    const words = hasBytes
      ? 'No object is in the cache yet.'
      : 'A capture knows no cache. A world and a running server show theirs here.';
    return <p class="hint">{words}</p>;
  }
  return (
    <div>
      <section class="scroll" tabIndex={0} aria-label="Objects of the cache">
        <table>
          <thead>
            <tr>
              <th scope="col">Object</th>
              <th scope="col">Host</th>
              <th scope="col" class="number">
                Size
              </th>
              <th scope="col" class="number">
                Hits
              </th>
            </tr>
          </thead>
          <tbody>
            {objects.map((row) => (
              <tr
                key={`${row.host} ${row.path}`}
                class={row.path === object?.path && row.host === object.host ? 'chosen' : ''}
              >
                <th scope="row">
                  <button type="button" onClick={() => setChosen(row)}>
                    {row.path}
                  </button>
                </th>
                <td>{row.host}</td>
                <td class="number">{bytes(row.bytes)}</td>
                <td class="number">{row.hits === null ? '–' : count(row.hits)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {hasBytes && object !== undefined && <Interval key={`${object.host} ${object.path}`} object={object} />}
    </div>
  );
}

/** A full segment from the middle of the file, on block edges: nothing has to be read for its sum. */
const SEGMENT = 1_440;

function Interval({ object }: { object: CacheObject }) {
  const isShort = object.bytes < 2 * SEGMENT;
  const [from, setFrom] = useState(isShort ? Math.floor(object.bytes / 3) : SEGMENT);
  const [to, setTo] = useState(isShort ? object.bytes : 2 * SEGMENT);
  const [begin, end] = [Math.min(from, to), Math.max(from, to)];
  const { answer, error } = useAnswer('sum', { host: object.host, path: object.path, from: begin, to: end }, []);
  const slider = (label: string, value: number, set: (value: number) => void) => (
    <label>
      <span class="name">{label}</span>
      <input
        type="range"
        min={0}
        max={object.bytes}
        value={value}
        onInput={(event) => set(Number(event.currentTarget.value))}
      />{' '}
      <input
        type="number"
        aria-label={`${label}, byte`}
        min={0}
        max={object.bytes}
        value={value}
        onInput={(event) => set(clamped(event.currentTarget.value, object.bytes))}
      />
    </label>
  );
  return (
    <section class="sums" aria-label={`Sum of an interval of ${object.path}`}>
      <h3>The checksum of any interval is a subtraction</h3>
      <p class="hint">
        The cache keeps the ones' complement sum of every prefix that ends at a multiple of 32 bytes. The sum of an
        interval is one prefix minus another, however long it is. Choose an interval of {object.path}.
      </p>
      {slider('From', from, setFrom)}
      {slider('To', to, setTo)}
      {error !== '' && <p class="hint">{error}</p>}
      {answer !== undefined && <Steps view={answer} begin={begin} end={end} />}
    </section>
  );
}

function clamped(text: string, most: number): number {
  return Math.max(0, Math.min(most, Math.floor(Number(text)) || 0));
}

function Steps({ view: { steps, table }, begin, end }: { view: SumView; begin: number; end: number }) {
  const { upper, lower, difference, swapped, sum, bytesRead } = steps;
  return (
    <div class="steps" aria-live="polite">
      <dl>
        <Prefix name={`prefix(${count(end)})`} step={upper} />
        <Prefix name={`prefix(${count(begin)})`} step={lower} />
        <dt>difference</dt>
        <dd>
          {hex16(upper.prefix)} − {hex16(lower.prefix)} = <strong>{hex16(difference)}</strong>
        </dd>
        <dt>
          sum of [{count(begin)}, {count(end)})
        </dt>
        <dd>
          <strong>{hex16(sum)}</strong>
          {swapped && ': the interval begins at an odd byte, so the two bytes of the sum change places'}
        </dd>
        <dt>bytes read for it</dt>
        <dd>
          {count(bytesRead)} of {count(end - begin)}
        </dd>
      </dl>
      <table>
        <caption>The table around both ends</caption>
        <thead>
          <tr>
            <th scope="col" class="number">
              Entry
            </th>
            <th scope="col" class="number">
              Prefix of
            </th>
            <th scope="col" class="number">
              Sum
            </th>
          </tr>
        </thead>
        <tbody>
          {table.map(({ entry, at, sum: known }) => (
            <tr key={entry} class={entry === upper.entry || entry === lower.entry ? 'chosen' : ''}>
              <td class="number">{count(entry)}</td>
              <td class="number">{many(at, 'byte')}</td>
              <td class="number">{hex16(known)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Prefix({ name, step }: { name: string; step: PrefixStep }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        entry {count(step.entry)} = {hex16(step.known)}
        {step.read > 0 && `, and ${many(step.read, 'byte')} read: + ${hex16(step.readSum)}`} ={' '}
        <strong>{hex16(step.prefix)}</strong>
      </dd>
    </>
  );
}
