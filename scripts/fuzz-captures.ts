/**
 * Mutated captures, a million unless told otherwise, through `dissect` and `replay`: none may crash, hang or blow up
 * memory. `node dist/scripts/fuzz-captures.js [count] [seed]`
 *
 * Two workers do the work; each keeps the number of its capture where the main thread can see it, which notices one
 * that does not get on. A failure is printed with what is needed to see it again: `--one INDEX SEED`.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { mutatedCapture, seedCaptures, tryDissect, tryReplay } from '../test/support/fuzz-captures.js';

const DEFAULT_COUNT = 1_000_000;
const WORKERS = 2;
const HANG_MS = 20_000;
const REPORT_MS = 10_000;
/** Every so many captures are replayed twice, to the same bytes. */
const TWICE_EVERY = 64;

interface Job {
  readonly from: number;
  readonly to: number;
  readonly seed: number;
  /** [0]: the capture in work. [1]: 1 when done. */
  readonly progress: Int32Array;
}

function tryOne(seeds: readonly Uint8Array[], seed: number, index: number): void {
  const file = mutatedCapture(seeds, seed, index);
  tryDissect(file);
  const once = tryReplay(file);
  if (index % TWICE_EVERY !== 0) return;
  if (Buffer.compare(once, tryReplay(file)) !== 0) throw new Error('replayed twice, to different bytes');
}

function work({ from, to, seed, progress }: Job): void {
  const seeds = seedCaptures();
  for (let index = from; index < to; index++) {
    Atomics.store(progress, 0, index);
    try {
      tryOne(seeds, seed, index);
    } catch (error) {
      throw new Error(`capture ${index} of seed ${seed}: ${(error as Error).stack}`);
    }
  }
  Atomics.store(progress, 1, 1);
}

/** Starts a worker; settles when it is done, failed, or stands still. */
function start(job: Job): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  return new Promise((resolve, reject) => {
    let seen = -1;
    const watch = setInterval(() => {
      const now = Atomics.load(job.progress, 0);
      if (now === seen && Atomics.load(job.progress, 1) === 0) {
        reject(new Error(`capture ${now} of seed ${job.seed} hangs`));
        void worker.terminate();
      }
      seen = now;
    }, HANG_MS);
    const settle = (action: () => void) => () => {
      clearInterval(watch);
      action();
    };
    worker.once('error', (error) => settle(() => reject(error))());
    worker.once('exit', settle(resolve));
  });
}

async function main(count: number, seed: number): Promise<void> {
  const began = Date.now();
  const share = Math.ceil(count / WORKERS);
  const jobs = Array.from({ length: WORKERS }, (_, i) => ({
    from: i * share,
    to: Math.min(count, (i + 1) * share),
    seed,
    progress: new Int32Array(new SharedArrayBuffer(8)),
  }));
  const done = () => jobs.reduce((sum, job) => sum + Math.max(0, Atomics.load(job.progress, 0) - job.from), 0);
  const rate = () => Math.round(done() / ((Date.now() - began) / 1000));
  const report = setInterval(() => console.log(`${done()} of ${count} captures, ${rate()} a second`), REPORT_MS);
  try {
    await Promise.all(jobs.map(start));
    console.log(`${count} mutated captures of seed ${seed}: no crash, no hang (${rate()} a second)`);
  } finally {
    clearInterval(report);
  }
}

if (!isMainThread) {
  work(workerData as Job);
} else if (process.argv[2] === '--one') {
  tryOne(seedCaptures(), Number(process.argv[4] ?? 1), Number(process.argv[3]));
} else {
  main(Number(process.argv[2] ?? DEFAULT_COUNT), Number(process.argv[3] ?? 1)).catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
}
