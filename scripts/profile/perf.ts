/**
 * Profiling with Linux's perf: sees the kernel, native code and, through the map that `node --perf-basic-prof` writes,
 * JavaScript. Its clock event works in virtual machines that have no counters of the processor.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../bench/processes.js';
import { withoutStaleNames } from './perf-map.js';
import type { Owner, ProfiledFunction } from './sample.js';

/** What `node` needs, so that perf can name compiled JavaScript. */
export const NODE_OPTIONS_FOR_PERF = ['--perf-basic-prof', '--interpreted-frames-native-stack'];
const SAMPLES_PER_SECOND = 5000;

function ownerOf(object: string, symbol: string, inKernel: boolean): Owner {
  if (inKernel) return 'kernel';
  if (/^JS:/.test(symbol)) return 'JavaScript';
  if (/koffi/.test(object)) return 'koffi';
  if (/libc|ld-linux|vdso/.test(object)) return 'libc';
  if (object === 'node' || /perf-\d+\.map|\[JIT\]/.test(object)) return 'V8 and Node';
  return 'other';
}

/**
 * "JS:*segmentArrives file:///…/dist/src/net/tcp/arrives.js:10:5" without the way to the project. The mark before the
 * name is V8's: `*` optimized, `^` baseline, `~` interpreted.
 */
function shortName(symbol: string): string {
  return symbol.replace(/^JS:/, '').replace(/file:\/\/\S*\/dist\//, '');
}

/** Reads `perf report`'s lines of share, object and symbol, separated by bars. */
export function parsePerfReport(text: string): ProfiledFunction[] {
  const functions: ProfiledFunction[] = [];
  for (const line of text.split('\n')) {
    const [share, object, symbol] = line.split('|').map((field) => field.trim());
    const match = /^\[(.)\] (.*)$/.exec(symbol ?? '');
    if (!match || !share!.endsWith('%')) continue;
    const name = match[2]!;
    functions.push({
      percent: Number.parseFloat(share!),
      owner: ownerOf(object!, name, match[1] === 'k'),
      name: shortName(name),
    });
  }
  return functions;
}

/** Where node writes the names of its compiled functions, and perf looks for them. */
export function perfMapOf(pid: number): string {
  return `/tmp/perf-${pid}.map`;
}

/** Samples a process for some seconds. */
export async function profileWithPerf(pid: number, seconds: number, folder: string): Promise<ProfiledFunction[]> {
  const file = join(folder, 'perf.data');
  const record = ['perf', 'record', '-q', '-e', 'cpu-clock', '-F', `${SAMPLES_PER_SECOND}`, '-p', `${pid}`, '-o', file];
  await run([...record, '--', 'sleep', `${seconds}`], {}, (seconds + 30) * 1000);
  const map = perfMapOf(pid);
  writeFileSync(map, withoutStaleNames(readFileSync(map, 'latin1')), 'latin1');
  const show = ['perf', 'report', '-i', file, '--stdio', '--no-children', '-t', '|', '-F', 'overhead,dso,symbol'];
  return parsePerfReport(await run(show, {}, 120_000));
}
