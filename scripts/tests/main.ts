/**
 * Runs the tests:
 *
 *     npm test                all of them
 *     npm run test:quick      those of a work-day: no TAP, no fuzzing, no whole runs; under half a minute
 *     npm run test:watch      builds at every change, and runs the test files that a change may concern
 *     npx mocha dist/test/net/tcp/sequence.test.js      one file
 *     npm test -- dist/test/net/tcp/sequence.test.js    files that begin so, as they run among all
 *
 * There are two queues, and both run at the same time.
 *
 * - Tests over a real TAP mostly wait, so several files run at once, each in a network of its own. Those that keep a
 *   core busy follow one by one. Each of these tests may be tried twice.
 * - Tests under virtual time need nothing of the machine but a core. They run with a low priority: they take what
 *   the first queue leaves, and hardly disturb a test that waits for real time.
 *
 * The long files of a queue come first, so that no core waits for the last one. When both queues are over, each file
 * with a failure runs once more, alone and in a process of its own: the machine may have had a bad moment, and a file
 * is the least that surely begins anew. `npx mocha` with a file is strict. At the end stand the failures once more,
 * what was slow, and each test that needed its second try.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, constants, setPriority, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closingLines, filesToRunAgain, sum, withSecondRun } from './closing.js';
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
  'lab/forgery',
  'lab/labs',
  'lab/page',
  'book/pages',
  'http/differential',
  'site/rules/',
  'http/request-fuzz',
  'http/smuggling',
  'http/sending/waiting',
  'cache/demand/supply',
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

/** Files that keep a core busy, or count what gets through in a time: one after another. */
const DEMANDING = ['tap/attacks', 'tap/cache-tests', 'inspector/page'];

/** Files that take the longest of their queue, the longest first. */
const BEGIN_WITH = [
  'tap/serve-networks',
  'tap/dhcp-start',
  'tap/serve-handover',
  'tap/serve-obstacles',
  'tap/serve-lifecycle',
  'tap/lookalike',
  'tap/examples',
  'tap/serve-watch',
  'tap/serve-handler',
  'tap/https',
  'tap/serve.test',
  'book/pages',
  'dissect/peers',
  'package/',
  'whole/',
  'net/expected/oracle',
  'net/tcp/congestion/',
  'fuzz/',
  'experiment/',
];

/** If more files than these have a failure, none runs once more. */
const MOST_RUN_AGAIN = 12;
/** No file begins once more when the others have taken so long, ms. */
const RUN_AGAIN_WITHIN_MS = 300_000;

const isDemanding = (file: string) => DEMANDING.some((name) => file === `dist/test/${name}.test.js`);

/** All test files, as built, relative to the repository. */
function testFiles(): string[] {
  const names = readdirSync(join(ROOT, 'dist/test'), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => `dist/test/${name}`)
    .sort();
}

/** The files in the order in which they are begun. */
function longestFirst(files: readonly string[]): string[] {
  const place = (file: string) => {
    const index = BEGIN_WITH.findIndex((name) => file.startsWith(`dist/test/${name}`));
    return index === -1 ? BEGIN_WITH.length : index;
  };
  return files.toSorted((a, b) => place(a) - place(b));
}

/** Waits for the end of a program, and gives its exit status. */
function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
}

/** What runs of mocha found. */
interface Found {
  results: RunResult[];
  /**
   * Something went wrong that is no failed test, such as a file that cannot be read: the exit status is another than
   * the number of failures. A second try helps nothing.
   */
  isBroken: boolean;
}

/** How mocha runs files. */
interface HowToRun {
  jobs?: number;
  /**
   * With a low priority, but not the lowest, which gets no fiftieth of a busy core. What is said is printed at the end,
   * if something else is printed meanwhile.
   */
  isBackground?: boolean;
  /** No test begins after one has failed. */
  stopsAtFailure?: boolean;
}

/** What mocha says with more failures, as its exit status. */
const MOST_STATUS = 255;

/** Runs files with mocha. */
async function mocha(files: readonly string[], how: HowToRun = {}): Promise<Found> {
  const { jobs = 1, isBackground = false, stopsAtFailure = false } = how;
  if (files.length === 0) return { results: [], isBroken: false };
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-tests-'));
  try {
    const flags = [
      ...['--reporter', REPORTER],
      ...(jobs === 1 ? [] : ['--parallel', '--jobs', String(jobs)]),
      ...(stopsAtFailure ? ['--bail'] : []),
    ];
    const child = spawn(process.execPath, [MOCHA, ...flags, ...longestFirst(files)], {
      cwd: ROOT,
      stdio: ['inherit', isBackground ? 'pipe' : 'inherit', 'inherit'],
      env: { ...process.env, [RESULTS_FOLDER]: folder },
    });
    const output: Buffer[] = [];
    child.stdout?.on('data', (data: Buffer) => output.push(data));
    if (isBackground && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const status = await ended(child);
    process.stdout.write(Buffer.concat(output));
    const results = readdirSync(folder).flatMap(
      (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as RunResult[],
    );
    return { results, isBroken: status !== Math.min(sum(results).failed, MOST_STATUS) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const together = (found: readonly Found[]): Found => ({
  results: found.flatMap(({ results }) => results),
  isBroken: found.some(({ isBroken }) => isBroken),
});

/** Runs the files in two queues. */
async function runQueues(files: readonly string[]): Promise<Found> {
  const real = files.filter((file) => file.startsWith('dist/test/tap/') || isDemanding(file));
  const demanding = real.filter(isDemanding);
  const virtual = files.filter((file) => !real.includes(file));
  const patient = real.filter((file) => !demanding.includes(file));
  const cores = availableParallelism();
  const overTap = async () => [
    await mocha(patient, { jobs: cores + 1 }), // they wait a good part of their time
    await mocha(demanding),
  ];
  const virtualTime = mocha(virtual, { jobs: cores, isBackground: real.length > 0 });
  const [first, second] = await Promise.all([overTap(), virtualTime]);
  return together([...first, second]);
}

/**
 * Runs the files with a failure once more, one after another, each up to its first failure: so a file that hangs costs
 * one time-out. Many files are no bad moment of the machine.
 */
async function runAgain(found: Found): Promise<Found> {
  const files = filesToRunAgain(found.results);
  if (files.length === 0 || files.length > MOST_RUN_AGAIN) return found;
  const again: Found[] = [];
  const end = performance.now() + RUN_AGAIN_WITHIN_MS;
  for (const file of files) {
    if (performance.now() > end) break;
    console.log(`A test failed, so ${relative(ROOT, file)} runs once more:`);
    again.push(await mocha([relative(ROOT, file)], { stopsAtFailure: true }));
  }
  const { results, isBroken } = together(again);
  return { results: withSecondRun(found.results, results), isBroken: found.isBroken || isBroken };
}

/** Runs the files, prints what there was, and gives the exit status. */
async function runTests(files: readonly string[], mayRunAgain = true): Promise<number> {
  const found = await runQueues(files);
  const { results, isBroken } = mayRunAgain ? await runAgain(found) : found;
  const result = sum(results);
  for (const line of closingLines(result)) console.log(line);
  return isBroken || result.failed > 0 ? 1 : 0;
}

/** The compiler does not make it, and tests of the command line run it. */
const bundleProgram = () =>
  ended(spawn(process.execPath, [join(ROOT, 'dist/scripts/program.js')], { cwd: ROOT, stdio: 'inherit' }));

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
    if (files.length > 0) running = running.then(bundleProgram).then(() => runTests(files, false));
  });
}

// Each Node process would read the machine's own certificates at its start: 60 ms of a processor, a thousand times. No
// test speaks with strangers.
delete process.env.NODE_EXTRA_CA_CERTS;

const flags = process.argv.slice(2);
if (flags.includes('--watch')) watchTests();
else {
  const quick = flags.includes('--quick');
  const all = testFiles();
  const isLong = (file: string) => LONG.some((part) => file.startsWith(`dist/test/${part}`));
  const stale = [...LONG, ...BEGIN_WITH].filter((part) => !all.some((file) => file.startsWith(`dist/test/${part}`)));
  if (stale.length > 0)
    throw new Error(`no test file begins with ${stale.join(', ')}: mend LONG or BEGIN_WITH in scripts/tests/main.ts`);
  const named = flags.filter((flag) => !flag.startsWith('--'));
  const isNamed = (file: string) => named.length === 0 || named.some((name) => file.startsWith(name));
  const files = all.filter((file) => isNamed(file) && !(quick && isLong(file)));
  if (files.length === 0) throw new Error(`no test file begins with ${named.join(' or ')}`);
  process.exitCode = await runTests(files);
}
