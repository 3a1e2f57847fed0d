/**
 * Which functions allocate: V8's sampling heap profiler in every thread, counting what garbage collections took away
 * too. Loaded by `node --import` before the program, in its worker threads as well; writes a profile for each thread
 * into FASTPATH_PROFILE_FOLDER when the thread ends.
 */
import { writeFileSync } from 'node:fs';
import { type HeapProfiler, Session } from 'node:inspector';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

/** One sample for so many bytes, on average. */
const SAMPLING_INTERVAL = 8192;

const folder = process.env.FASTPATH_PROFILE_FOLDER!;
const session = new Session();
session.connect();
const options = {
  samplingInterval: SAMPLING_INTERVAL,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
};
session.post('HeapProfiler.startSampling', options as HeapProfiler.StartSamplingParameterType);

process.on('exit', () => {
  session.post('HeapProfiler.stopSampling', (error, result) => {
    if (error) return;
    writeFileSync(join(folder, `${threadId}.heapprofile`), JSON.stringify(result.profile));
  });
});
