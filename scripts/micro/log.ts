/**
 * What an access log costs a request: HTTP over a connection that acknowledges at once, without a log and with one, and
 * the formats by themselves. Interleaved, minima: `node dist/scripts/micro/log.js`.
 */
import { createHttpAcceptor, DerivedWallClock } from '../../src/http/index.js';
import { AccessLog } from '../../src/log/access-log.js';
import { createBellMemory, LogBell } from '../../src/log/bell.js';
import { createFormat, LOG_FORMATS } from '../../src/log/format/formats.js';
import { Line } from '../../src/log/format/line.js';
import { RecordView } from '../../src/log/format/record-view.js';
import { createRingMemory, RingReader, RingWriter } from '../../src/log/ring.js';
import { Clock } from '../../src/net/clock.js';
import type { ConnectionHandler } from '../../src/net/tcp/handler.js';
import { makeSite } from '../../test/support/site.js';
import { REQUESTS, Sink } from './sink.js';

const ROUNDS = 600;
const BATCH = 1_000;

/** The best of the rounds of each, in ns; the rounds are interleaved. */
function nanoseconds(runs: readonly (() => void)[]): number[] {
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of runs.entries()) {
      const start = process.hrtime.bigint();
      run();
      best[i] = Math.min(best[i] ?? 0, Number(process.hrtime.bigint() - start) / BATCH);
    }
  }
  return best;
}

const { store } = await makeSite({ files: { '/100b': { content: 'x'.repeat(100) } } });
const clock = new Clock();
const wallClock = new DerivedWallClock(clock, 784111777000);
const limits = { requestsPerConnection: Number.MAX_SAFE_INTEGER };
const memory = createRingMemory(32_768);
const reader = new RingReader(memory);
const log = new AccessLog({ ring: new RingWriter(memory), bell: new LogBell(createBellMemory()), clock, wallClock });
const view = new RecordView(reader, 0);
const line = new Line(65_536);

/** The reader takes what is there every 10 ms, which is about so many requests. */
const LAG = 1_000;

function loop(handler: ConnectionHandler, bytes: Uint8Array): () => void {
  return () => {
    for (let i = 0; i < BATCH; i++) {
      clock.now += 5;
      handler.received(bytes, 0, bytes.length);
      handler.acknowledged();
      if (i % LAG === 0) reader.release(reader.waiting);
    }
  };
}

for (const [name, text] of Object.entries(REQUESTS)) {
  const bytes = new TextEncoder().encode(text);
  const off = createHttpAcceptor({ store, clock, wallClock, limits })(new Sink());
  const on = createHttpAcceptor({ store, clock, wallClock, limits, log })(new Sink());
  const formats = LOG_FORMATS.map((format) => createFormat(format));
  const formatLoops = formats.map((format) => () => {
    for (let i = 0; i < BATCH; i++) {
      if (line.at > 32_768) line.at = 0;
      view.moveTo(reader.slotAt(i % LAG));
      format.write(line, view);
    }
  });

  const [without = 0, withLog = 0, ...rest] = nanoseconds([loop(off, bytes), loop(on, bytes), ...formatLoops]);
  const formatted = LOG_FORMATS.map((format, i) => `${format} ${rest[i]?.toFixed(0)}`).join(', ');
  console.log(
    `${name} (${bytes.length} B): off ${without.toFixed(0)} ns, on ${withLog.toFixed(0)} ns; ` +
      `formats: ${formatted} ns; waits ${log.statistics.waits}`,
  );
}
