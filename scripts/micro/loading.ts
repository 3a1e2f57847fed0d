/**
 * What it costs to load a folder into the cache, beside a plain loop that reads and hashes the same files.
 *
 *     node dist/scripts/micro/loading.js [--files 100000] [--megabytes 1024] [--rounds 3]
 *
 * Two folders are made and removed again: many tiny files, and one large file. Each measurement runs in a process of
 * its own, the two sorts take turns, and the medians are printed. CPU is that of the whole process, threads included.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Library } from '../../src/cache/library/library.js';
import type { CacheMessage } from '../../src/cache/library/published.js';
import { Store } from '../../src/cache/library/store.js';
import { FolderLoader } from '../../src/cache/loading/loader.js';

/** What one process measured. */
interface Measurement {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Growth of the process, MiB. */
  readonly residentMiB: number;
  /** Longest time in which the main thread ran nothing else, ms. */
  readonly longestPauseMs: number;
  /** Time in which a worker takes all entries in, ms. */
  readonly intakeMs: number;
  /** What the cache says it uses, MiB. */
  readonly usedMiB: number;
}

type Way = 'plain' | 'loader';

const PIECE_BYTES = 1024 * 1024;
const CACHE_BYTES = 3 * 2 ** 30;
const FILES_PER_FOLDER = 1000;

/** Reads and hashes every file of a folder: the least that a loader can do. */
function plainLoop(folder: string): void {
  const buffer = Buffer.alloc(PIECE_BYTES);
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.isDirectory()) plainLoop(path);
    else if (statSync(path).size <= PIECE_BYTES) createHash('sha256').update(readFileSync(path)).digest();
    else hashLarge(path, buffer);
  }
}

function hashLarge(path: string, buffer: Buffer): void {
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'r');
  for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
    hash.update(buffer.subarray(0, length));
  }
  closeSync(descriptor);
  hash.digest();
}

async function load(folder: string): Promise<Library> {
  const library = new Library(CACHE_BYTES);
  await new FolderLoader(folder, library).load();
  return library;
}

/** A worker's part: all messages, as they come out of a message port. */
function intake(library: Library): number {
  const store = new Store(() => {});
  const messages: CacheMessage[] = [];
  library.attach((message) => messages.push(message));
  const copies = messages.map((message) => structuredClone(message));
  const begin = performance.now();
  for (const message of copies) store.apply(message);
  return performance.now() - begin;
}

async function measure(way: Way, folder: string): Promise<Measurement> {
  const resident = process.memoryUsage.rss();
  let longestPauseMs = 0;
  let last = performance.now();
  const pulse = setInterval(() => {
    const now = performance.now();
    longestPauseMs = Math.max(longestPauseMs, now - last);
    last = now;
  }, 1);
  const cpu = process.cpuUsage();
  const begin = performance.now();
  let library: Library | undefined;
  if (way === 'plain') plainLoop(folder);
  else library = await load(folder);
  const wallMs = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  await new Promise((resolve) => setTimeout(resolve, 5));
  clearInterval(pulse);
  return {
    cpuMs: (user + system) / 1000,
    wallMs,
    residentMiB: (process.memoryUsage.rss() - resident) / 2 ** 20,
    longestPauseMs,
    usedMiB: (library?.statistics.usedBytes ?? 0) / 2 ** 20,
    intakeMs: library === undefined ? 0 : intake(library),
  };
}

function measureApart(way: Way, folder: string): Measurement {
  const script = fileURLToPath(import.meta.url);
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, '--way', way, '--folder', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measurement;
}

function makeTinyFiles(folder: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const part = join(folder, `part-${Math.floor(i / FILES_PER_FOLDER)}`);
    if (i % FILES_PER_FOLDER === 0) mkdirSync(part, { recursive: true });
    writeFileSync(join(part, `page-${i}.html`), `<!doctype html><title>${i}</title>${'<p>words</p>'.repeat(i % 40)}\n`);
  }
}

function makeLargeFile(folder: string, megabytes: number): void {
  mkdirSync(folder);
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let i = 0; i < piece.length; i++) piece[i] = Math.imul(i, 2654435761) >>> 24;
  const descriptor = openSync(join(folder, 'large.bin'), 'w');
  for (let i = 0; i < megabytes; i++) writeSync(descriptor, piece);
  closeSync(descriptor);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function compare(title: string, folder: string, rounds: number, unit: (cpuMs: number) => string): void {
  const all: Record<Way, Measurement[]> = { plain: [], loader: [] };
  for (let round = 0; round < rounds; round++) {
    for (const way of ['plain', 'loader'] as const) all[way].push(measureApart(way, folder));
  }
  const of = (way: Way, key: keyof Measurement) => median(all[way].map((each) => each[key]));
  const ratios = all.loader.map(({ cpuMs }, i) => cpuMs / (all.plain[i]?.cpuMs ?? Number.NaN));
  console.log(`${title}`);
  for (const way of ['plain', 'loader'] as const) {
    const [cpu, wall] = [of(way, 'cpuMs'), of(way, 'wallMs')];
    console.log(`  ${way.padEnd(7)} CPU ${cpu.toFixed(0)} ms (${unit(cpu)}), wall ${wall.toFixed(0)} ms`);
  }
  const pause = of('loader', 'longestPauseMs').toFixed(0);
  console.log(`  ratio of CPU ${median(ratios).toFixed(2)}; main thread busy at most ${pause} ms`);
  const [resident, used] = [of('loader', 'residentMiB').toFixed(0), of('loader', 'usedMiB').toFixed(0)];
  const intakeMs = of('loader', 'intakeMs').toFixed(0);
  console.log(
    `  memory +${resident} MiB resident, ${used} MiB in its account; a worker takes it in within ${intakeMs} ms`,
  );
}

function compareAll(files: number, megabytes: number, rounds: number): void {
  const top = mkdtempSync(join(tmpdir(), 'fastpath-loading-'));
  try {
    const [tiny, large] = [join(top, 'tiny'), join(top, 'large')];
    makeTinyFiles(tiny, files);
    makeLargeFile(large, megabytes);
    compare(`${files} tiny files`, tiny, rounds, (cpu) => `${((1000 * cpu) / files).toFixed(1)} µs a file`);
    compare(
      `one file of ${megabytes} MiB`,
      large,
      rounds,
      (cpu) => `${((megabytes * 1048.576) / cpu).toFixed(0)} MB/s a core`,
    );
  } finally {
    rmSync(top, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '100000' },
    megabytes: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '3' },
    way: { type: 'string' },
    folder: { type: 'string' },
  },
});

if (values.way !== undefined && values.folder !== undefined) {
  console.log(JSON.stringify(await measure(values.way as Way, values.folder)));
  process.exit(0);
}
compareAll(Number(values.files), Number(values.megabytes), Number(values.rounds));
