/**
 * The client: Linux's own TCP, reading from many connections at once and counting. Run as a program with `ReaderJob`
 * as JSON; prints `ReaderResult` as JSON.
 */
import { connect } from 'node:net';
import { goFirst } from './priority.js';

export interface ReaderJob {
  /** From the first `connect` to the end, ms; and how long an interval of the counts is. */
  readonly durationMs: number;
  readonly intervalMs: number;
  readonly flows: readonly FlowJob[];
}

export interface FlowJob {
  readonly address: string;
  readonly port: number;
  /** When it starts, ms after the others; default 0. */
  readonly startMs?: number;
}

/** For each flow, the bytes received in each interval. */
export type ReaderResult = number[][];

const job = JSON.parse(process.argv[2]!) as ReaderJob;
const counts: ReaderResult = job.flows.map(() => new Array(Math.ceil(job.durationMs / job.intervalMs)).fill(0));
const started = performance.now();

function open(flow: FlowJob, into: number[]): void {
  const buffer = Buffer.alloc(1 << 18);
  const callback = (bytes: number) => {
    const interval = Math.floor((performance.now() - started) / job.intervalMs);
    if (interval < into.length) into[interval]! += bytes;
    return true;
  };
  const socket = connect({ host: flow.address, port: flow.port, onread: { buffer, callback } });
  socket.on('error', (error) => {
    console.error(`${flow.address}:${flow.port}: ${error.message}`);
    process.exit(1);
  });
}

goFirst();
for (const [index, flow] of job.flows.entries()) setTimeout(open, flow.startMs ?? 0, flow, counts[index]!);
setTimeout(() => {
  process.stdout.write(JSON.stringify(counts), () => process.exit(0));
}, job.durationMs);
