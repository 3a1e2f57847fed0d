/**
 * Records golden replays: starts `fastpath serve` in a network namespace of its own, lets a client talk to it, keeps
 * what crossed the TAP interface, and writes down what our stack answers when that is replayed.
 *
 *     npm run record-replay -- curl lossy             records these again (no name: all)
 *     npm run record-replay -- mine 'curl -s %URL%/'  a new one: name and shell command; %URL% stands for the server
 *     npm run record-replay -- --refresh              replays what is recorded, and writes the new answers down
 *     npm run record-replay -- --list                 what there is
 *
 * The test that replays them all is test/replay/golden.test.ts.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { GOLDEN_FOLDER, goldenNames, goldenPath, makeGoldenSite, replayGolden } from '../test/support/golden.js';
import { CASES, type RecordedCase } from './record-replay-cases.js';

const CLI = fileURLToPath(new URL('../program/cli.js', import.meta.url));
const SELF = fileURLToPath(import.meta.url);
const INTERFACE = 'fp0';
const READY_MS = 20_000;
const CLIENT_MS = 60_000;

/** Runs `action` with the golden site in a folder that is removed afterwards. */
async function withSite(action: (folder: string, site: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-record-'));
  chmodSync(folder, 0o755); // as root, the server becomes nobody
  try {
    const site = join(folder, 'site');
    mkdirSync(site);
    makeGoldenSite(site);
    await action(folder, site);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In the namespace: serves, runs the client, stops. The capture is at `capture`. */
async function recordInside(recorded: RecordedCase, site: string, capture: string): Promise<void> {
  spawnSync('ip', ['link', 'set', 'lo', 'up']);
  const args = [CLI, 'serve', site, '--json', '--no-offload', '--pcap', capture, '-i', INTERFACE, '--probe', 'off'];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await readyUrl(server);
    for (const line of recorded.link ?? []) await shell(line.replaceAll('DEVICE', INTERFACE), true);
    await shell(recorded.command.replaceAll('%URL%', url), recorded.mayFail !== true);
    await new Promise((resolve) => setTimeout(resolve, recorded.quietMs ?? 300));
  } finally {
    server.kill('SIGINT');
    await once(server, 'close');
  }
}

/** Waits for the server's line of JSON that names its URL. */
async function readyUrl(server: ChildProcess): Promise<string> {
  const timer = setTimeout(() => server.kill('SIGKILL'), READY_MS);
  for await (const line of createInterface({ input: server.stdout! })) {
    const event = JSON.parse(line) as { event: string; url?: string; urls?: string[] };
    const url = event.url ?? event.urls?.[0];
    if (url === undefined) continue;
    clearTimeout(timer);
    return url.replace(/\/$/, '');
  }
  throw new Error('the server did not come up');
}

async function shell(command: string, mustSucceed: boolean): Promise<void> {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), CLIENT_MS);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  if (code !== 0 && mustSucceed) throw new Error(`"${command}" ended with ${code}`);
}

/** Records one case in a namespace made for it, and keeps it with its answers. */
async function record(name: string, recorded: RecordedCase): Promise<void> {
  await withSite(async (folder, site) => {
    const capture = join(folder, 'capture.pcapng');
    const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
    const inside = [
      '--net',
      ...asUser,
      '--',
      process.execPath,
      SELF,
      '--inside',
      JSON.stringify(recorded),
      site,
      capture,
    ];
    const { status } = spawnSync('unshare', inside, { stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) throw new Error(`recording "${name}" failed`);
    mkdirSync(GOLDEN_FOLDER, { recursive: true });
    copyFileSync(capture, goldenPath(name, 'pcapng'));
    await refresh(name, site);
  });
}

async function refresh(name: string, site: string): Promise<void> {
  writeFileSync(goldenPath(name, 'txt'), await replayGolden(goldenPath(name, 'pcapng'), site));
  console.log(`${name}: recorded, with the answers of its replay`);
}

async function main(args: string[]): Promise<void> {
  if (args[0] === '--list') {
    for (const name of new Set([...Object.keys(CASES), ...goldenNames()]))
      console.log(`${name}: ${CASES[name]?.command ?? 'a capture'}`);
  } else if (args[0] === '--refresh') {
    await withSite(async (_folder, site) => {
      for (const name of goldenNames()) await refresh(name, site);
    });
  } else if (args.length === 2 && CASES[args[1]!] === undefined) {
    await record(args[0]!, { command: args[1]! });
  } else {
    for (const name of args.length === 0 ? Object.keys(CASES) : args) {
      const recorded = CASES[name];
      if (recorded === undefined) throw new Error(`no case is called "${name}"; see --list`);
      await record(name, recorded);
    }
  }
}

if (process.argv[2] === '--inside') {
  await recordInside(JSON.parse(process.argv[3]!) as RecordedCase, process.argv[4]!, process.argv[5]!);
} else {
  await main(process.argv.slice(2)).catch((error: Error) => {
    console.error(`record-replay: ${error.message}`);
    process.exitCode = 1;
  });
}
