/**
 * The benchmark runs in namespaces of its own, so that it changes nothing of the machine and leaves nothing behind:
 *
 *     npm run bench (outside)            makes the work folder, waits, removes the folder
 *       └─ unshare: net, pid, mount      in a session of its own (priority.ts); when its first process ends, the kernel ends all others and the devices with them
 *            └─ the benchmark itself     (process 1 of the pid namespace; its network is the client's)
 *                 └─ servers, clients
 *
 * An ordinary user gets a user namespace as well (root only inside), where the machine allows it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER_VARIABLE = 'FASTPATH_BENCH_FOLDER';

/** The work folder when this process is already inside the sandbox, else undefined. */
export function sandboxFolder(): string | undefined {
  return process.env[FOLDER_VARIABLE];
}

/** Runs this very program again inside the sandbox and resolves with its exit code. */
export function runInSandbox(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-bench-'));
  chmodSync(folder, 0o755); // as root, the server becomes nobody
  const userNamespace = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const child = spawn(
    'unshare',
    [
      ...userNamespace,
      ...['--net', '--pid', '--fork', '--kill-child=SIGTERM', '--mount-proc'],
      ...[process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    ],
    { stdio: 'inherit', env: { ...process.env, [FOLDER_VARIABLE]: folder }, detached: true },
  );
  // The session has no terminal: Ctrl-C reaches only this process.
  let endedBy: keyof typeof constants.signals | undefined;
  const forward = (signal: NodeJS.Signals) => {
    endedBy = signal;
    child.kill('SIGKILL'); // unshare itself blocks SIGTERM; its death sends SIGTERM inside
  };
  process.on('SIGINT', forward).on('SIGTERM', forward).on('SIGHUP', forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(endedBy === undefined ? (code ?? 1) : 128 + constants.signals[endedBy]));
  }).finally(() => rmSync(folder, { recursive: true, force: true })) as Promise<number>;
}

/** First thing inside: a /sys that shows this namespace's devices, and a loopback that is up. */
export function prepareSandbox(): void {
  try {
    execFileSync('mount', ['-t', 'sysfs', 'sysfs', '/sys'], { stdio: 'ignore' });
  } catch {
    // Only a convenience: without it /sys/class/net shows the machine's devices.
  }
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
}
