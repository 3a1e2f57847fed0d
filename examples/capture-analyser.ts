/**
 * An analyser of captures: who sent how much to whom, in any pcap or pcapng file, in bounded memory.
 *
 *     npm run build && node dist/examples/capture-analyser.js test/captures/replay/curl.pcapng
 *
 * `fastpath dissect` knows far more; this shows how little it takes to read a capture.
 */
import { createReadStream } from 'node:fs';
import { CaptureReader, CaptureRecord, describeFrame } from 'fastpath';
import { refuse, refuseFile } from './support/refuse.js';

/** The most pairs of hosts that are counted by name. */
const MOST_PAIRS = 10_000;

interface Pair {
  frames: number;
  bytes: number;
}

const [path] = process.argv.slice(2);
if (path === undefined) refuse('which capture? node dist/examples/capture-analyser.js FILE');

const pairs = new Map<string, Pair>();
const reader = new CaptureReader();
const record = new CaptureRecord(); // one object for all frames
let [frames, first, last] = [0, 0, 0];

/** Counts the frame that `record` points at. */
function count(): void {
  frames++;
  first ||= record.microseconds;
  last = record.microseconds;
  // As tcpdump says it: `IP 10.77.0.1.40000 > 10.77.0.2.80: Flags [S] …`
  const [, name = 'other'] = /^(\S+ \S+ > \S+):/.exec(describeFrame(record.bytes, record.from, record.to)) ?? [];
  const known = pairs.has(name) || pairs.size < MOST_PAIRS ? name : 'other';
  const pair = pairs.get(known) ?? { frames: 0, bytes: 0 };
  pair.frames++;
  pair.bytes += record.originalLength;
  pairs.set(known, pair);
}

try {
  for await (const chunk of createReadStream(path)) {
    reader.push(chunk);
    while (reader.next(record)) count();
  }
} catch (error) {
  refuseFile(path, error as NodeJS.ErrnoException);
}
reader.end();
while (reader.next(record)) count();

const busiest = [...pairs].sort(([, a], [, b]) => b.bytes - a.bytes).slice(0, 10);
console.log(`${frames} frames in ${((last - first) / 1e6).toFixed(3)} s`);
for (const [name, { frames, bytes }] of busiest) console.log(`${bytes} bytes in ${frames} frames  ${name}`);
for (const { offset, message } of reader.problems) console.warn(`byte ${offset}: ${message}`);
