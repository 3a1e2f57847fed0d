/**
 * What the HTTP layer costs a request, without a network: the scanner alone, and a whole hit from the bytes of the
 * request to the calls of `Connection.send`. Run: `node dist/scripts/micro/http.js`.
 */
import { Coding } from '../../src/cache/object/record.js';
import { createHttpAcceptor, DEFAULT_LIMITS, DerivedWallClock, RequestScanner } from '../../src/http/index.js';
import { Clock } from '../../src/net/clock.js';
import { makeSite } from '../../test/support/site.js';
import { REQUESTS, Sink } from './sink.js';

/** Rounds shorter than a time slice: on a busy machine some of them are undisturbed. */
const ROUNDS = 300;
const BATCH = 5000;

REQUESTS['Chromium, a file with variants'] = REQUESTS.Chromium?.replace('/100b', '/coded') ?? '';

/** Nanoseconds a call of `run`: the best of several rounds, since all noise only adds. */
function nanoseconds(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < BATCH; i++) run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / BATCH);
  }
  return best;
}

const scanner = new RequestScanner(DEFAULT_LIMITS);
const clock = new Clock();
const wallClock = new DerivedWallClock(clock, 784111777000);
const content = 'x'.repeat(100);
const { store } = await makeSite({
  files: { '/100b': { content }, '/coded': { content, variants: { [Coding.gzip]: 'gzip', [Coding.brotli]: 'br' } } },
});
const acceptor = createHttpAcceptor({
  store,
  clock,
  wallClock,
  limits: { requestsPerConnection: Number.MAX_SAFE_INTEGER },
});
const sink = new Sink();
const handler = acceptor(sink);

for (const [name, text] of Object.entries(REQUESTS)) {
  const bytes = new TextEncoder().encode(text);
  const scan = nanoseconds(() => {
    scanner.begin(bytes, 0);
    scanner.scan(bytes.length);
  });
  const heap = process.memoryUsage().heapUsed;
  const whole = nanoseconds(() => {
    handler.received(bytes, 0, bytes.length);
  });
  const grown = (process.memoryUsage().heapUsed - heap) / (ROUNDS * BATCH);
  console.log(
    `${name} (${bytes.length} B): scan ${scan.toFixed(0)} ns (${(scan / bytes.length).toFixed(2)} a byte), ` +
      `whole hit ${whole.toFixed(0)} ns, heap ${grown.toFixed(2)} B a request`,
  );
}
