/** A compressing thread: takes one job after another. Started by variant-pool.ts. */
import { parentPort } from 'node:worker_threads';
import { lowerPriority } from '../reading/thread-priority.js';
import { makeVariants, readSidecar, type VariantJob } from './variant-job.js';

/** From the usual priority to the lowest: what the scheduler gives to those who wait for nothing. */
const LOWEST_PRIORITY = 19;

if (parentPort !== null) {
  const port = parentPort;
  lowerPriority(LOWEST_PRIORITY);
  port.on('message', (job: VariantJob) => {
    const outcome = job.kind === 'make' ? makeVariants(job) : readSidecar(job);
    port.postMessage(outcome, 'bytes' in outcome ? [outcome.bytes.buffer] : []);
  });
}
