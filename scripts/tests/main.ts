/**
 * Runs the tests:
 *
 *     npm test                all of them
 *     npm run test:quick      those of a work-day: no TAP, no fuzzing, no whole runs; under half a minute
 *     npm run test:watch      builds at every change, and runs the test files that a change may concern
 *     npx mocha dist/test/net/tcp/sequence.test.js      one file
 *
 * Tests under virtual time need nothing of the machine but a core, so they run in parallel. So do most tests over a
 * real TAP: they mostly wait, each in a network of its own. Those that keep a core busy follow one by one. Only tests
 * over a TAP may be tried twice. A test that needed its second try is named at the end, and so is a slow one.
 */
import { type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closingLines, sum } from './closing.js';
import { RESULTS_FOLDER, type RunResult } from './reporter.js';
import { concerned } from './watch.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const REPORTER = join(ROOT, 'dist/scripts/tests/reporter.js');
const MOCHA = join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin', 'mocha.js');

/** Folders and files of test/ that take long: they start programs, or feed in many thousand frames. */
const LONG = [
  'tap/',
  'fuzz/',
  'whole/',
  'scripts/',
  'cli/',
  'examples/',
  'package/',
  'dhcp/hostile',
  'dissect/dns',
  'dissect/peers',
  'dns/allocation',
  'dns/differential',
  'proxy/',
  'dns/fuzz',
  'dns/stream',
  'ftp/fuzz',
  'ftp/session',
  'ldap/differential',
  'ldap/fuzz',
  'ldap/server',
  'dissect/cut-frames',
  'packetdrill/run/',
  'replay/fuzz',
  'replay/golden',
  'inspector/page.test',
  'experiment/experiments',
  'experiment/page',
  'lab/labs',
  'lab/page',
  'book/pages',
  'http/differential',
  'site/rules/',
  'http/request-fuzz',
  'http/smuggling',
  'http/waiting',
  'cache/supply',
  'cache/variants/loading',
  'net/expected/oracle',
  'net/ip/hostile-frames',
  'net/ip/reassembly',
  'net/tcp/congestion/',
  'net/tcp/conversation',
  'net/tcp/send/receive-window',
  'net/udp/hostile',
  'shared-cache/cache-tests',
  'shared-cache/collapsing',
  'socket/loop-hold',
  'socket/send-side',
];

/** Files that keep a core busy, or count what gets through in a time: each has the machine to itself. */
const DEMANDING = ['tap/attacks', 'tap/cache-tests', 'tap/client', 'tap/serve', 'tap/serve-workers', 'inspector/page'];

const isDemanding = (file: string) => DEMANDING.some((name) => file === `dist/test/${name}.test.js`);

/** All test files, as built, relative to the repository. */
function testFiles(): string[] {
  const names = readdirSync(join(ROOT, 'dist/test'), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => `dist/test/${name}`)
    .sort();
}

/** Runs a program to its end, with our output, and gives its exit status. */
function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', ...options });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
}

function mocha(files: readonly string[], flags: readonly string[], results: string): Promise<number> {
  if (files.length === 0) return Promise.resolve(0);
  const env = { ...process.env, [RESULTS_FOLDER]: results };
  return run(process.execPath, [MOCHA, '--reporter', REPORTER, ...flags, ...files], { env });
}

/** The flags for so many files at the same time. */
function atOnce(files: number): string[] {
  return ['--parallel', '--jobs', String(files)];
}

/** Runs the files, prints what there was, and gives the exit status. */
async function runTests(files: readonly string[]): Promise<number> {
  const results = mkdtempSync(join(tmpdir(), 'fastpath-tests-'));
  try {
    const real = files.filter((file) => file.startsWith('dist/test/tap/') || isDemanding(file));
    const demanding = real.filter(isDemanding);
    const virtual = files.filter((file) => !real.includes(file));
    const patient = real.filter((file) => !demanding.includes(file));
    const cores = availableParallelism();
    const statuses = [
      await mocha(virtual, atOnce(cores), results),
      await mocha(patient, atOnce(cores + 1), results), // they wait a good part of their time
      await mocha(demanding, [], results),
    ];
    const found = readdirSync(results).map(
      (name) => JSON.parse(readFileSync(join(results, name), 'utf8')) as RunResult,
    );
    for (const line of closingLines(sum(found))) console.log(line);
    return statuses.every((status) => status === 0) ? 0 : 1;
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

/** The compiler does not make it, and tests of the command line run it. */
const bundleProgram = () => run(process.execPath, [join(ROOT, 'dist/scripts/program.js')]);

/** Builds at each change, and runs what the change concerns, until Ctrl-C. */
function watchTests(): void {
  const compiler = spawn('npx', ['tsc', '-p', '.', '--watch', '--preserveWatchOutput', '--listEmittedFiles'], {
    cwd: ROOT,
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  let output = '';
  let running = Promise.resolve(0);
  compiler.stdout.on('data', (data: Buffer) => {
    process.stdout.write(data);
    output += data;
    const done = /Found (\d+) errors?\. Watching for file changes/.exec(output);
    if (done === null) return;
    const emitted = Array.from(output.matchAll(/^TSFILE: (.+\.js)$/gm), ([, file]) => relative(ROOT, file ?? ''));
    output = '';
    if (done[1] !== '0') return;
    const files = concerned(emitted, testFiles());
    if (files.length > 0) running = running.then(bundleProgram).then(() => runTests(files));
  });
}

const flags = process.argv.slice(2);
if (flags.includes('--watch')) watchTests();
else {
  const quick = flags.includes('--quick');
  const all = testFiles();
  const isLong = (file: string) => LONG.some((part) => file.startsWith(`dist/test/${part}`));
  const stale = LONG.filter((part) => !all.some((file) => file.startsWith(`dist/test/${part}`)));
  if (stale.length > 0)
    throw new Error(`no test file begins with ${stale.join(', ')}: mend LONG in scripts/tests/main.ts`);
  const files = all.filter((file) => !quick || !isLong(file));
  process.exitCode = await runTests(files);
}
