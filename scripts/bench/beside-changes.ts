/**
 * What changed files cost the hits beside them: the rate of hits while a writer writes all files of the served folder
 * anew, half of them by a rename, by the rate while the same writer writes into a folder that nobody serves. Both are
 * measured in turn in one run, so a busy machine weighs on both. All threads of the server have one core.
 *
 * A client compares changed files meanwhile: each answer is one version, whole. At last the files are written once more
 * without any load, which says how much CPU a changed file takes.
 *
 *     sudo node dist/scripts/bench/beside-changes.js [rounds] [seconds] [files] [--compress off …]
 *
 * It runs in a network namespace of its own. The issue asks for 0.8 with 10,000 files.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ProcessUsage } from './cpu.js';
import { chooseCpus } from './cpus.js';
import { raisePriority } from './priority.js';
import { run, Service, waitUntil } from './processes.js';
import { median } from './statistics.js';
import { runWrk } from './wrk.js';

const INSIDE = 'FASTPATH_BESIDE_CHANGES';
const ADDRESS = '10.77.0.2';
const CONNECTIONS = 16;
const FILES_PER_FOLDER = 100;
const BODY_BYTES = 2_000;
/** The writer is through by then, so that the reload is a part of the measured time as well. */
const WRITING_SHARE = 0.6;
/** Files that were changed just now are looked at again after five seconds: see src/cache/loading/unsettled.ts. */
const SETTLED_MS = 8_000;
/** By then all files are read anew, and all variants are made. */
const DONE_MS = 30_000;

/** Writes each file anew, in slices: every other one beside its place, and then renamed. */
const WRITER = `
const { renameSync, writeFileSync } = require('node:fs');
const [folder, files, body, ms] = process.argv.slice(1);
const slice = Math.ceil(files / (ms / 20));
let i = 0;
const timer = setInterval(() => {
  for (const end = Math.min(i + slice, files); i < end; i++) {
    const path = folder + '/' + Math.floor(i / ${FILES_PER_FOLDER}) + '/' + i + '.txt';
    if (i % 2 === 0) writeFileSync(path, body);
    else {
      writeFileSync(path + '.tmp', body);
      renameSync(path + '.tmp', path);
    }
  }
  if (i >= files) clearInterval(timer);
}, 20);
`;

const cpus = chooseCpus();
const words = process.argv.slice(2);
const firstOption = words.findIndex((word) => word.startsWith('--'));
const numbers = firstOption < 0 ? words : words.slice(0, firstOption);
/** Of the server. */
const options = firstOption < 0 ? [] : words.slice(firstOption);
const [rounds = 5, seconds = 6, files = 10_000] = numbers.map(Number);
let version = 0;

/** A text of one character: whoever gets two of them got two versions. */
const bodyOf = (number: number) => String.fromCharCode(97 + (number % 26)).repeat(BODY_BYTES);

function makeFiles(folder: string): void {
  for (let i = 0; i < files; i++) {
    const within = join(folder, String(Math.floor(i / FILES_PER_FOLDER)));
    if (i % FILES_PER_FOLDER === 0) mkdirSync(within, { recursive: true });
    writeFileSync(join(within, `${i}.txt`), bodyOf(0));
  }
}

async function writeAll(folder: string): Promise<void> {
  version++;
  const ms = WRITING_SHARE * seconds * 1000;
  const argv = [process.execPath, '-e', WRITER, folder, `${files}`, bodyOf(version), `${ms}`];
  await run(argv, { cpu: cpus.client }, 120_000);
}

/** Asks for changed files until `isOver`; how many answers were compared. */
async function compare(isOver: () => boolean): Promise<number> {
  let compared = 0;
  for (let i = 0; !isOver(); i = (i * 31 + 17) % files) {
    const path = `/served/${Math.floor(i / FILES_PER_FOLDER)}/${i}.txt`;
    const answer = await fetch(`http://${ADDRESS}${path}`, { headers: { 'Accept-Encoding': 'identity' } });
    const body = await answer.text();
    if (answer.status !== 200 || body.length !== BODY_BYTES || body !== body.charAt(0).repeat(BODY_BYTES)) {
      throw new Error(`${path} is no whole version: ${answer.status}, ${body.length} bytes`);
    }
    compared++;
    await wait(10);
  }
  return compared;
}

async function hitsWhile(folder: string): Promise<{ rate: number; compared: number }> {
  let isOver = false;
  const comparing = compare(() => isOver);
  const writing = writeAll(folder);
  const load = { url: `http://${ADDRESS}/hit`, connections: CONNECTIONS, seconds };
  const { requestsPerSecond, errors } = await runWrk(load, { cpu: cpus.client });
  await writing;
  isOver = true;
  if (errors > 0) throw new Error(`${errors} requests failed`);
  return { rate: requestsPerSecond, compared: await comparing };
}

/** CPU for each changed file where nobody asks for anything, µs. */
async function cpuOfFile(server: Service, folder: string): Promise<number> {
  await wait(SETTLED_MS);
  const before = new ProcessUsage(server.pid);
  await writeAll(folder);
  await wait(DONE_MS);
  const { user, system } = new ProcessUsage(server.pid).since(before);
  return (user + system) / files;
}

async function measure(server: Service, site: string, other: string): Promise<void> {
  const served = join(site, 'served');
  await hitsWhile(other);
  await hitsWhile(served); // V8 has compiled what it needs
  await wait(SETTLED_MS);
  const ratios: number[] = [];
  const beside: number[] = [];
  const alone: number[] = [];
  let compared = 0;
  for (let round = 0; round < rounds; round++) {
    const control = await hitsWhile(other);
    const changing = await hitsWhile(served);
    await wait(SETTLED_MS);
    compared += control.compared + changing.compared;
    alone.push(control.rate);
    beside.push(changing.rate);
    ratios.push(changing.rate / control.rate);
    console.log(`another folder ${control.rate.toFixed(0)}/s, served ${changing.rate.toFixed(0)}/s`);
  }
  const best = Math.max(...beside) / Math.max(...alone);
  console.log(
    `hits while ${files} files change: ${best.toFixed(2)} (best rounds), ${median(ratios).toFixed(2)} (pairs)`,
  );
  console.log(`${compared} answers were compared, each was one version`);
  console.log(`CPU of a changed file: ${(await cpuOfFile(server, served)).toFixed(0)} µs`);
}

async function serveAndMeasure(): Promise<void> {
  console.log(raisePriority());
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-changes-'));
  const [site, other] = [join(folder, 'site'), join(folder, 'other')];
  makeFiles(join(site, 'served'));
  makeFiles(other);
  writeFileSync(join(site, 'hit'), 'x'.repeat(100));
  spawnSync('chmod', ['-R', 'a+rX', folder]);
  const program = fileURLToPath(new URL('../../program/cli.js', import.meta.url));
  const argv = [process.execPath, program, 'serve', site, '--probe', 'off', ...options];
  const server = new Service(argv, { cpu: cpus.server }, { FASTPATH_RUNTIME_DIR: join(folder, 'run') });
  try {
    await waitUntil('the server', () => answers(server), 60_000);
    await measure(server, site, other);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

async function answers(server: Service): Promise<boolean> {
  if (server.failure !== undefined) throw new Error(server.failure);
  const answer = await fetch(`http://${ADDRESS}/hit`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
  return answer?.ok === true;
}

if (process.env[INSIDE] === '1') await serveAndMeasure();
else {
  // A session of its own: see priority.ts.
  const argv = ['--wait', 'unshare', '--net', process.execPath, fileURLToPath(import.meta.url), ...words];
  const { status } = spawnSync('setsid', argv, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
  process.exitCode = status ?? 1;
}
