/** The entry of a data-path worker thread: makes the data path and runs it. Started by worker-handle.ts. */
import { workerData } from 'node:worker_threads';
import { DataPath } from './data-path.js';
import type { WorkerSetup } from './messages.js';

new DataPath(workerData as WorkerSetup).run();
