/** Congestion window, bytes in flight and round trips over time. */

import { bytes, duration } from '../format.js';
import { useAnswer, useAsk } from '../source.js';
import { Chart } from './chart.js';

const COLUMNS = 1_200;

interface Props {
  readonly connection: number;
  readonly version: number;
  readonly fromClient: boolean;
  /** The source is a running server. */
  readonly isLive?: boolean;
  readonly choose: (frame: number) => void;
}

export function CurvesView({ connection, version, fromClient, isLive = false, choose }: Props) {
  const ask = useAsk();
  const { answer } = useAnswer('curves', { connection, fromClient, columns: COLUMNS }, [version]);
  if (answer === undefined) return <p class="hint">Reading …</p>;
  const pick = async (time: number, timePerPixel: number) => {
    const frame = await ask('nearest', { connection, fromClient, time, timePerPixel });
    if (frame > 0) choose(frame);
  };
  const isKnown = answer.cwnd.times.length > 0;
  return (
    <div>
      <Chart
        title={
          isKnown
            ? 'Congestion window, and bytes sent that are not acknowledged'
            : 'Bytes sent that are not acknowledged, as the capture shows them'
        }
        show={bytes}
        onPick={pick}
        lines={[
          { label: 'cwnd', colour: 'ack', curve: answer.cwnd, isStepped: true },
          { label: 'ssthresh', colour: 'window', curve: answer.ssthresh, isStepped: true },
          { label: 'sent, not acknowledged', colour: 'data', curve: answer.flight, isStepped: true },
        ]}
      />
      <Chart
        title={isKnown ? 'Smoothed round-trip time and RTO' : 'Round-trip times, as seen where the capture was made'}
        show={duration}
        onPick={pick}
        lines={[
          { label: 'RTT', colour: 'data', curve: answer.rtt, isStepped: isKnown, isPoints: !isKnown },
          { label: 'RTO', colour: 'again', curve: answer.rto, isStepped: true },
        ]}
      />
      {isKnown && (
        <p class="hint">
          After a loss, more may be unacknowledged than cwnd allows: what SACK blocks report has left the network, but
          it is not acknowledged yet (RFC 6675).
        </p>
      )}
      {!isKnown && (
        <p class="hint">
          {isLive
            ? 'The congestion window is a number inside the sender. The server tells its own, of connections that last ' +
              'longer than a quarter of a second.'
            : 'A capture does not show the congestion window: it is a number inside the sender. A world and a running ' +
              'server tell it.'}
        </p>
      )}
    </div>
  );
}
