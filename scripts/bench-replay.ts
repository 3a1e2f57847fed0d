/**
 * How fast a replay is: a made-up capture of a million frames (keep-alive requests of many clients) through the whole
 * of it, twice read, our stack answering, its answers written. `npm run bench:replay [-- frames]`
 *
 * The aim: at least 200,000 frames a second on one core, within 300 MB. Judged by CPU time (of all threads, garbage
 * collection included), which is what one core of a quiet machine would need. Exit status 1 if either is missed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CaptureOutput } from '../src/capture/file/output.js';
import { replayFile } from '../src/replay/run.js';
import { writeCapture } from './replay-workload.js';

const AIM_FRAMES_PER_SECOND = 200_000;
const AIM_MEMORY_MB = 300;
const DEFAULT_FRAMES = 1_000_000;
const ROUNDS = 3;

interface Measured {
  readonly frames: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly memoryMb: number;
  readonly answers: number;
  readonly closedInOrder: number;
  readonly connections: number;
}

/** One replay, in a process of its own so that its memory is its own. */
async function measure(capture: string, output: string): Promise<Measured> {
  const file = new CaptureOutput(output);
  const start = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const { summary } = await replayFile(capture, { output: file.write });
  file.close();
  const { user, system } = process.cpuUsage(cpu);
  return {
    frames: summary.frames,
    seconds: Number(process.hrtime.bigint() - start) / 1e9,
    cpuSeconds: (user + system) / 1e6,
    memoryMb: process.resourceUsage().maxRSS / 1024,
    answers: summary.answers,
    connections: summary.connections,
    closedInOrder: summary.ends['closed in order'] ?? 0,
  };
}

/** Runs `measure` in a child process, and reads what it prints. */
function measureApart(capture: string, output: string): Measured {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--measure', capture, output], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`the measured process ended with ${child.status ?? child.signal}`);
  return JSON.parse(child.stdout) as Measured;
}

function run(frames: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-bench-replay-'));
  try {
    const capture = join(folder, 'capture.pcapng');
    writeCapture(capture, frames);
    console.log(`capture: ${frames} frames, ${Math.round(statSync(capture).size / 1e6)} MB`);
    const rounds = Array.from({ length: ROUNDS }, () => measureApart(capture, join(folder, 'answer.pcapng')));
    for (const round of rounds) console.log(formatRound(round));
    const best = rounds.reduce((a, b) => (a.cpuSeconds < b.cpuSeconds ? a : b));
    const met = best.frames / best.cpuSeconds >= AIM_FRAMES_PER_SECOND && best.memoryMb <= AIM_MEMORY_MB;
    console.log(`aim: ${AIM_FRAMES_PER_SECOND} frames/s, ${AIM_MEMORY_MB} MB: ${met ? 'met' : 'missed'}`);
    if (!met) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function formatRound(round: Measured): string {
  const rate = Math.round(round.frames / round.cpuSeconds);
  const wall = Math.round(round.frames / round.seconds);
  const outcome = `${round.closedInOrder} of ${round.connections} connections closed in order, ${round.answers} answers`;
  return `${rate} frames/s of CPU time, ${wall} of wall time; ${Math.round(round.memoryMb)} MB; ${outcome}`;
}

if (process.argv[2] === '--measure') {
  console.log(JSON.stringify(await measure(process.argv[3]!, process.argv[4]!)));
} else {
  run(Number(process.argv[2] ?? DEFAULT_FRAMES));
}
