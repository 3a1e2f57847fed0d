/**
 * How TCP lives with a bad link: 2 MB cross links that lose more and more, in memory and virtual time.
 *
 *     npm run build && node dist/examples/lossy-link.js [seed]
 *
 *      loss     time        goodput   resent
 *     0.0 %    1.8 s     8.7 Mbit/s        0
 *
 * The link has 10 Mbit/s, 20 ms each way, and a queue that never overflows. The same seed gives the same table.
 */
import { SECOND, VirtualNetwork } from 'fastpath';
import { pour } from './support/in-memory.js';
import { refuse } from './support/refuse.js';

const LOSSES = [0, 0.001, 0.01, 0.03, 0.1];
const BYTES = 2_000_000;
const seed = Number(process.argv[2] ?? 1);
if (!Number.isInteger(seed)) refuse(`the seed is a whole number, not ${process.argv[2]}`);

console.log('  loss     time        goodput   resent');
for (const loss of LOSSES) {
  const network = new VirtualNetwork({ seed });
  const ends = network.link({ impairment: { delay: 20_000, rate: 10_000_000, queueBytes: 4_000_000, loss } });
  const { microseconds, resent } = pour(network, ends, BYTES);
  const seconds = microseconds / SECOND;
  const goodput = (8 * BYTES) / seconds / 1e6;
  console.log(
    `${(100 * loss).toFixed(1).padStart(5)} % ${seconds.toFixed(1).padStart(6)} s ${goodput.toFixed(1).padStart(7)} ` +
      `Mbit/s ${String(resent).padStart(8)}`,
  );
}
