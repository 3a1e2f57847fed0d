/** The table of connections. */
import { useState } from 'preact/hooks';
import { bytes, count, duration } from '../../figures/format.js';
import type { ConnectionView, Order } from '../../figures/protocol.js';
import { useAnswer } from '../../figures/source.js';

const PAGE = 100;
const NAMES: Readonly<Record<Order, string>> = {
  number: 'as they begin',
  bytes: 'most bytes first',
  troubles: 'most trouble first',
  end: 'newest first',
};

interface Props {
  readonly version: number;
  readonly chosen: number;
  readonly choose: (connection: number) => void;
}

export function Connections({ version, chosen, choose }: Props) {
  const [order, setOrder] = useState<Order>('number');
  const [from, setFrom] = useState(0);
  const { answer } = useAnswer('connections', { from, count: PAGE, order }, [version]);
  const total = answer?.total ?? 0;
  return (
    <section class="connections" aria-labelledby="connections-title">
      <div class="bar">
        <h2 id="connections-title">Connections ({count(total)})</h2>
        {total > 1 && (
          <label>
            Order{' '}
            <select value={order} onChange={(event) => setOrder(event.currentTarget.value as Order)}>
              {Object.entries(NAMES).map(([key, name]) => (
                <option key={key} value={key}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        {total > PAGE && <Pages from={from} total={total} go={setFrom} />}
      </div>
      <section class="scroll" tabIndex={0} aria-label="Table of connections">
        <table>
          <thead>
            <tr>
              <th scope="col">Client</th>
              <th scope="col">Server</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                RTT
              </th>
              <th scope="col" class="number">
                cwnd
              </th>
              <th scope="col" class="number">
                Sent again
              </th>
              <th scope="col" class="number">
                From client
              </th>
              <th scope="col" class="number">
                From server
              </th>
              <th scope="col" class="number">
                Began
              </th>
            </tr>
          </thead>
          <tbody>
            {answer?.rows.map((row) => (
              <Row key={row.number} row={row} isChosen={row.number === chosen} choose={choose} />
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function Row({ row, isChosen, choose }: { row: ConnectionView; isChosen: boolean; choose: Props['choose'] }) {
  const place = row.place === '' ? '' : ` on ${row.place}`;
  const name = `Connection ${row.number}: ${row.client} to ${row.server}${place}`;
  return (
    <tr class={isChosen ? 'chosen' : ''} onClick={() => choose(row.number)}>
      <th scope="row">
        <button type="button" aria-pressed={isChosen} aria-label={name} onClick={() => choose(row.number)}>
          {row.client}
        </button>
      </th>
      <td>
        {row.server}
        <small>
          {' '}
          {row.server.startsWith(row.title) ? '' : row.title}
          {place}
        </small>
      </td>
      <td>{row.state}</td>
      <td class="number">{duration(row.rtt)}</td>
      <td class="number">{row.cwnd === undefined ? '–' : bytes(row.cwnd)}</td>
      <td class={row.retransmissions > 0 ? 'number bad' : 'number'}>{count(row.retransmissions)}</td>
      <td class="number">{bytes(row.clientBytes)}</td>
      <td class="number">{bytes(row.serverBytes)}</td>
      <td class="number">{duration(row.begin)}</td>
    </tr>
  );
}

function Pages({ from, total, go }: { from: number; total: number; go: (from: number) => void }) {
  return (
    <nav aria-label="Pages of the table">
      <button type="button" disabled={from === 0} onClick={() => go(Math.max(0, from - PAGE))}>
        Earlier
      </button>{' '}
      {count(from + 1)} to {count(Math.min(total, from + PAGE))}{' '}
      <button type="button" disabled={from + PAGE >= total} onClick={() => go(from + PAGE)}>
        Later
      </button>
    </nav>
  );
}
