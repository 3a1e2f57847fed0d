/** A reading thread: takes batches of files, and says what became of them. Started by reading-pool.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { FileReading, type ReadingOutcome, type ReadingSetup } from './reading.js';
import { jobsOf, type ReadingBatch } from './reading-batch.js';
import { lowerPriority } from './thread-priority.js';

/** What a thread is started with. */
export interface ReadingStart {
  readonly setup: ReadingSetup;
  /** It works beside serving, and leaves the processor to the data path. */
  readonly isBeside: boolean;
}

/** Where a core has more to do than it can, such a thread gets a tenth of it: changes are slow then, not stopped. */
const LOW_PRIORITY = 10;

export type ReadingReport =
  /** More bytes of a large file have been read. */
  | { readonly kind: 'read'; readonly bytes: number }
  /** The batch has been read. Most files are done; for the others their place in the batch, and what became of them. */
  | { readonly kind: 'batch'; readonly exceptions: readonly (readonly [number, ReadingOutcome])[] };

if (parentPort !== null) {
  const port = parentPort;
  const { setup, isBeside } = workerData as ReadingStart;
  if (isBeside) lowerPriority(LOW_PRIORITY);
  const report = (message: ReadingReport): void => port.postMessage(message);
  const reading = new FileReading(setup, (bytes) => report({ kind: 'read', bytes }));
  port.on('message', (batch: ReadingBatch) => {
    for (const { id, buffer } of batch.slabs) reading.addSlab(id, buffer);
    const exceptions: [number, ReadingOutcome][] = [];
    for (const [i, job] of jobsOf(batch).entries()) {
      const outcome = reading.read(job);
      if (outcome.kind !== 'done') exceptions.push([i, outcome]);
    }
    reading.leave();
    report({ kind: 'batch', exceptions });
  });
}
