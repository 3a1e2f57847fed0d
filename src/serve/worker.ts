/** The entry of a data-path worker thread: makes the data path and runs it. Started by worker-handle.ts. */
import { setFlagsFromString } from 'node:v8';
import { workerData } from 'node:worker_threads';
import { DataPath } from './data-path.js';
import type { WorkerSetup } from './messages.js';

// A segment goes through some sixty small functions, each with one idea. By default V8 stops inlining at 920 bytes of
// bytecode in all. With a limit of 3,000, the stack and HTTP need 0.85 of the time for a request (630 ns instead of
// 740, Node 20).
setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');

new DataPath(workerData as WorkerSetup).run();
