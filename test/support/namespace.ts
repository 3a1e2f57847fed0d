/**
 * Tests that need a network of their own: interfaces to make, addresses to set, packets to see.
 *
 * `describeInNamespace(import.meta.url, name, define)` runs the test file once more in a child process that has a
 * network namespace of its own (and a user namespace, if we are not root), and reports that run as one test here. So
 * nothing of the machine's network is touched, two files never share an interface name, and any way of starting mocha
 * works: `npm test`, `npx mocha dist/test/tap/tap-device.test.js`, the coverage run.
 *
 *     npm test ─ mocha ─┬─ describe(name): it('holds in a network namespace of its own') ── unshare --net … mocha FILE
 *                       └─ …                                                        there: describe(name, define)
 *
 * Where the machine allows no namespace, or has no usable /dev/net/tun, the test is skipped and its title says why.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INSIDE_NAMESPACE as INSIDE } from '../../scripts/tests/reporter.js';
import { HostInterface } from '../../src/net/device/host-interface.js';

/** The longest that one file's tests may take inside, ms. */
const FILE_TIMEOUT_MS = 400_000;

/** True in the child process: the network is ours alone. */
export function insideNamespace(): boolean {
  return process.env[INSIDE] === '1';
}

/** See the top of this file. `url` is the test file's `import.meta.url`. */
export function describeInNamespace(url: string, name: string, define: (this: Mocha.Suite) => void): void {
  if (insideNamespace()) {
    describe(name, function () {
      before('the loopback interface is up', () => new HostInterface('lo').up());
      define.call(this);
    });
    return;
  }
  const obstacle = namespaceObstacle();
  describe(name, () => {
    if (obstacle !== undefined) it.skip(`needs a network namespace: ${obstacle}`);
    else {
      it('holds in a network namespace of its own', async function () {
        this.timeout(FILE_TIMEOUT_MS + 10_000);
        const { status, output } = await runFile(url);
        if (status !== 0) throw new Error(`inside the namespace:\n${output}`);
        this.test!.title += summary(output);
      });
    }
  });
}

/** What mocha says inside, so that a test skipped there does not go unseen: ` (15 passed; skipped: …)`. */
function summary(output: string): string {
  const passed = /^ *(\d+) passing/m.exec(output)?.[1] ?? '0';
  const skipped = Array.from(output.matchAll(/^ +- (.+)$/gm), ([, title]) => title);
  return ` (${passed} passed${skipped.length === 0 ? '' : `; skipped: ${skipped.join('; ')}`})`;
}

const runs = new Map<string, Promise<NamespaceRun>>();

/** Runs the file's tests inside; once, however many suites it has. */
function runFile(url: string): Promise<NamespaceRun> {
  // Without the configuration file, whose `spec` would add all other tests; and ending even if a failed test has left
  // an interface open, since only then is its report shown.
  const command = [
    process.execPath,
    '--enable-source-maps',
    mochaProgram(),
    '--no-config',
    '--exit',
    '--timeout',
    '120000',
    // The machine may be busy and these tests wait in real time: a second try, which the closing lines name.
    '--retries',
    '1',
    '--reporter',
    fileURLToPath(new URL('../../scripts/tests/reporter.js', import.meta.url)),
  ];
  const run = runs.get(url) ?? runInNamespace([...command, fileURLToPath(url)]);
  runs.set(url, run);
  return run;
}

/** What a command in a namespace printed (both streams) and its exit status. */
export interface NamespaceRun {
  status: number;
  output: string;
}

/** Runs a command in a fresh network namespace and waits for its end, if that is not too far. */
export async function runInNamespace(command: readonly string[]): Promise<NamespaceRun> {
  const [program, ...rest] = [...unshareCommand(), ...command] as [string, ...string[]];
  const child = spawn(program, rest, {
    env: { ...process.env, [INSIDE]: '1', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data));
  child.stderr.on('data', (data: Buffer) => (output += data));
  const timer = setTimeout(() => {
    output += `\n(ended: not done after ${FILE_TIMEOUT_MS / 1000} s)`;
    child.kill('SIGKILL'); // what it started ends by itself, with nobody to read what it says
    child.stdout.destroy();
    child.stderr.destroy();
  }, FILE_TIMEOUT_MS);
  return new Promise<NamespaceRun>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  }).finally(() => clearTimeout(timer));
}

/** Why no test can have a namespace with a TAP on this machine; undefined if it can. */
export function namespaceObstacle(): string | undefined {
  const [program, ...rest] = unshareCommand() as [string, ...string[]];
  const probe = spawnSync(program, [...rest, 'true'], { encoding: 'utf8' });
  if (probe.error !== undefined) return 'the program unshare (package util-linux) is missing';
  if (probe.status !== 0) return `unshare says: ${probe.stderr.trim()}`;
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
    return undefined;
  } catch (error) {
    return `/dev/net/tun cannot be opened (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** As an ordinary user, a user namespace makes us root over a network that only we see. */
function unshareCommand(): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return ['unshare', ...user, '--net', '--'];
}

function mochaProgram(): string {
  return join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin', 'mocha.js');
}
