/** The entry of a data-path worker thread: makes the data path and runs it. Started by worker/handle.ts. */
import { setFlagsFromString } from 'node:v8';
import { workerData } from 'node:worker_threads';
import { loadModules } from '../modules/load.js';
import { ModuleFailure } from '../modules/rows.js';
import { DataPath } from './data-path.js';
import type { MessageFromWorker, WorkerSetup } from './messages.js';

// A segment goes through a hundred small functions, each with one idea. By default V8 inlines functions of at most 27
// bytes of bytecode without counting them, and stops at 920 bytes for all others together. Our smallest (reading a word
// of a header, asking for a timer) have up to 130. With both limits the stack and HTTP need 0.82 of the time that they
// need by default, and with the first alone 0.96. More of either costs time again (Node 20).
setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');
setFlagsFromString('--max-inlined-bytecode-size-small=130');

const setup = workerData as WorkerSetup;
const dataPath = await create();
dataPath?.run();

/** Undefined: a module of somebody else cannot begin, which the main thread is told. */
async function create(): Promise<DataPath | undefined> {
  try {
    return new DataPath(setup, await loadModules(setup.modules));
  } catch (error) {
    if (!(error instanceof ModuleFailure)) throw error;
    setup.control.postMessage({
      kind: 'module-failed',
      text: error.message,
      path: error.path,
    } satisfies MessageFromWorker);
    return undefined;
  }
}
