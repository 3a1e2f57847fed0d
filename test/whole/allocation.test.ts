/**
 * Acceptance 5 of the serving issue: the hot path allocates nothing. In a process of its own, so that nothing else's
 * garbage is counted: 100,000 requests over one connection, frame in, answer out, and how much the heap has grown.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

interface Measurement {
  requests: number;
  answers: number;
  /** Those from a variant, the warm-up included. */
  coded: number;
  /** Hits of answers that are kept of an upstream, the warm-up included. */
  storedHits: number;
  records: number;
  /** Payload of an answer, on average. */
  bytesPerAnswer: number;
  /** By how much the heap has grown a request, while nothing was collected. */
  bytesPerRequest: number;
  collections: number;
  payloadBytesRead: number;
}

/** Requests before the measurement. */
const WARM_UP = 60_000;

function measure(mode: string): Measurement {
  const script = fileURLToPath(new URL('../support/hot-path.js', import.meta.url));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64', script, mode],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measurement;
}

/**
 * The smallest object with a field in it has 32 bytes, a boxed number 16. V8 of Node 24 boxes the deadline that a call
 * returns (`nextDeadline`), as it inlines fewer of them: one for each look at the timers.
 */
const MOST_BYTES = Number(process.versions.node.split('.')[0]) < 22 ? 4 : 16;

describe('whole: allocation on the hot path', () => {
  for (const [mode, what] of [
    ['plain', 'in segments with checksums'],
    ['offload', 'with offload'],
    ['timestamps', 'with timestamps'],
    ['hosts', 'to two hosts in turn, each a site of its own'],
    ['coded', 'for a variant that a browser’s Accept-Encoding chooses'],
    ['rules', 'for a clean URL, with fields that a rule has added'],
    ['routes', 'to a site with routes, which are looked at first'],
    ['kept', 'for a kept answer of an upstream, with its Age'],
    ['log', 'with an access log, in two buffers in turn'],
    ['module', 'to a module with a control table, from its prebuilt answers, through its guard'],
  ] as const) {
    it(`100,000 requests ${what}: not one object for each`, () => {
      const { requests, answers, coded, storedHits, records, bytesPerAnswer, bytesPerRequest, ...rest } = measure(mode);
      const { collections, payloadBytesRead } = rest;
      expect(answers).to.equal(requests);
      expect(coded > requests).to.equal(mode === 'coded');
      expect(storedHits > requests).to.equal(mode === 'kept');
      // All but the last, which is not acknowledged yet.
      if (mode === 'log') expect(records).to.equal(WARM_UP + requests - 1);
      if (mode === 'hosts') expect(bytesPerAnswer).to.equal(750); // 1000 of one site, 500 of the other
      if (mode === 'rules') expect(bytesPerAnswer).to.equal(600);
      expect(payloadBytesRead).to.equal(0);
      expect(bytesPerRequest).to.be.lessThan(MOST_BYTES);
      expect(collections).to.be.at.most(1);
    });
  }
});
