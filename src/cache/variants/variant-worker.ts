/** A compressing thread: takes one job after another. Started by variant-pool.ts. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { runJob, type VariantJob } from './variant-job.js';

/** What the scheduler gives to those who wait for nothing. */
const LOWEST_PRIORITY = 19;

if (parentPort !== null) {
  const port = parentPort;
  try {
    setPriority(0, LOWEST_PRIORITY); // in Linux, of this thread alone: setpriority(2) takes a thread for a process
  } catch {
    // A system that forbids it lets the thread run as the others do.
  }
  port.on('message', (job: VariantJob) => {
    const outcome = runJob(job);
    port.postMessage(outcome, outcome.kind === 'done' ? [outcome.bytes.buffer as ArrayBuffer] : []);
  });
}
