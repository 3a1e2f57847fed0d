/**
 * `npm run bench`: fastpath against nginx and Node, on one machine, in one run, in namespaces of its own.
 * What it measures and why so is in docs/benchmarks.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus as machineCpus, release } from 'node:os';
import { join } from 'node:path';
import { chooseFrames, type FramesChoice } from '../../src/serve/worker/frames.js';
import { type Cpus, chooseCpus } from './cpus.js';
import { type GrowthRow, measureGrowth } from './growth/rounds.js';
import { Network } from './network.js';
import { type BenchOptions, parseOptions } from './options.js';
import { raisePriority } from './priority.js';
import { report } from './report.js';
import { missingPrograms } from './requirements.js';
import type { Results } from './results.js';
import { Run } from './run.js';
import { prepareSandbox, runInSandbox, sandboxFolder } from './sandbox.js';
import { extraServer } from './servers/extra.js';
import { fastpaths } from './servers/fastpath.js';
import { FLOORS } from './servers/floor.js';
import { NGINX, NGINX_BIG } from './servers/nginx.js';
import { NODE_HTTP, NODE_NET } from './servers/node.js';
import type { ServerKind } from './servers/server.js';
import { chooseWorkloads, writeSite } from './workloads.js';

const TOOLS = ['wrk', 'nginx', 'h2load', 'ethtool', 'ip', 'taskset', 'unshare', 'nsenter', 'sysctl'];

/** Connections and objects at both ends of growth. */
const CONNECTIONS = [32, 10_000];
const OBJECTS = [10, 100_000];

function chooseServers(options: BenchOptions, network: Network, frames: FramesChoice): ServerKind[] {
  const kernel = [...NGINX, ...(network.bigTcp ? [NGINX_BIG] : []), NODE_HTTP, NODE_NET];
  const own = [...fastpaths(frames.way), ...FLOORS, ...kernel];
  const wanted = options.quick ? own.filter(({ quick }) => quick?.length !== 0) : own;
  const names = options.servers === '' ? wanted.map((kind) => kind.name) : options.servers.split(',');
  const chosen = names.map((name) => {
    const found = own.find((kind) => kind.name === name);
    if (found) return found;
    throw new RangeError(`no server "${name}"; there are ${own.map((kind) => kind.name).join(', ')}`);
  });
  return [...chosen, ...options.extra.map(extraServer)];
}

interface Conditions {
  readonly network: Network;
  readonly cpus: Cpus;
  readonly frames: FramesChoice;
  readonly priority: string;
}

function describeMachine({ network, cpus, frames, priority }: Conditions, options: BenchOptions): Results['machine'] {
  return {
    kernel: release(),
    processor: machineCpus()[0]?.model ?? 'unknown',
    node: process.version,
    'a system call costs': `${(frames.callNanoseconds / 1000).toFixed(2)} µs`,
    frames: frames.text,
    priority,
    'congestion control': network.congestionControl,
    'server on cpu': cpus.server,
    'client on cpu': cpus.client,
    rounds: options.rounds,
    seconds: options.seconds,
  };
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Growth is measured when the other servers have ended: they would be in the caches, and in memory. */
async function growth(
  folder: string,
  { network, cpus }: Conditions,
  { rounds, seconds, growth: isWanted }: BenchOptions,
): Promise<GrowthRow[]> {
  if (!isWanted) return [];
  const options = { folder, network, cpus, rounds, seconds, progress: showProgress };
  const connections = await measureGrowth('connections', CONNECTIONS, options);
  return [...connections, ...(await measureGrowth('objects', OBJECTS, options))];
}

async function bench(folder: string, options: BenchOptions): Promise<Results> {
  const workloads = chooseWorkloads(options.workloads);
  const cpus = chooseCpus();
  const priority = raisePriority();
  const frames = chooseFrames('auto');
  const site = join(folder, 'site');
  mkdirSync(site);
  writeSite(site);
  const network = await Network.create();
  const conditions: Conditions = { network, cpus, frames, priority };
  const kinds = chooseServers(options, network, frames);
  const run = new Run({ folder, site, network, serverCpu: cpus.server }, cpus, options, workloads, showProgress);
  try {
    await run.start(kinds);
    const rows = await run.rounds();
    const openLoop = options.rate > 0 ? await run.openLoop() : [];
    const servers = Object.fromEntries(kinds.map((kind) => [kind.name, kind.note]));
    await run.stop();
    const grown = await growth(folder, conditions, options);
    const machine = describeMachine(conditions, options);
    const { callNanoseconds } = frames;
    return { machine, callNanoseconds, servers, rows, openLoop, growth: grown, leftOut: run.leftOut };
  } finally {
    showProgress('');
    await run.stop();
    await network.close();
  }
}

/** As process 1 of its namespace it would ignore these signals; its end takes servers and devices along. */
function endOnSignals(): void {
  process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143));
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv);
  const missing = missingPrograms(TOOLS);
  if (missing) {
    console.error(`bench: ${missing}`);
    return 1;
  }
  const folder = sandboxFolder();
  if (folder === undefined) return runInSandbox();
  endOnSignals();
  prepareSandbox();
  const results = await bench(folder, options);
  console.log(report(results));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  return results.rows.length > 0 ? 0 : 1;
}

// exit, rather than wait: the end of this process is what ends whatever still runs in the sandbox.
process.exit(
  await main().catch((error: Error) => {
    console.error(`bench: ${error.message}`);
    return 1;
  }),
);
