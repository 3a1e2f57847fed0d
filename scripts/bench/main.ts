/**
 * `npm run bench`: fastpath against nginx and Node, on one machine, in one run, in namespaces of its own.
 * What it measures and why so is in docs/benchmarks.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus as machineCpus, release } from 'node:os';
import { join } from 'node:path';
import { type Cpus, chooseCpus } from './cpus.js';
import { Network } from './network.js';
import { type BenchOptions, parseOptions } from './options.js';
import { report } from './report.js';
import { missingPrograms } from './requirements.js';
import type { Results } from './results.js';
import { Run } from './run.js';
import { prepareSandbox, runInSandbox, sandboxFolder } from './sandbox.js';
import { extraServer } from './servers/extra.js';
import { FASTPATH } from './servers/fastpath.js';
import { FLOOR } from './servers/floor.js';
import { NGINX, NGINX_BIG } from './servers/nginx.js';
import { NODE_HTTP, NODE_NET } from './servers/node.js';
import type { ServerKind } from './servers/server.js';
import { chooseWorkloads, writeSite } from './workloads.js';

const TOOLS = ['wrk', 'nginx', 'h2load', 'ethtool', 'ip', 'taskset', 'unshare', 'nsenter', 'sysctl'];

function chooseServers(options: BenchOptions, network: Network): ServerKind[] {
  const own = [...FASTPATH, FLOOR, ...NGINX, ...(network.bigTcp ? [NGINX_BIG] : []), NODE_HTTP, NODE_NET];
  const names = options.servers === '' ? own.map((kind) => kind.name) : options.servers.split(',');
  const chosen = names.map((name) => {
    const found = own.find((kind) => kind.name === name);
    if (found) return found;
    throw new RangeError(`no server "${name}"; there are ${own.map((kind) => kind.name).join(', ')}`);
  });
  return [...chosen, ...options.extra.map(extraServer)];
}

function describeMachine(network: Network, cpus: Cpus, options: BenchOptions): Results['machine'] {
  return {
    kernel: release(),
    processor: machineCpus()[0]?.model ?? 'unknown',
    node: process.version,
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

async function bench(folder: string, options: BenchOptions): Promise<Results> {
  const workloads = chooseWorkloads(options.workloads);
  const cpus = chooseCpus();
  const site = join(folder, 'site');
  mkdirSync(site);
  writeSite(site);
  const network = await Network.create();
  const kinds = chooseServers(options, network);
  const run = new Run({ folder, site, network, serverCpu: cpus.server }, cpus, options, workloads, showProgress);
  try {
    await run.start(kinds);
    const rows = await run.rounds();
    const openLoop = options.rate > 0 ? await run.openLoop() : [];
    const servers = Object.fromEntries(kinds.map((kind) => [kind.name, kind.note]));
    return { machine: describeMachine(network, cpus, options), servers, rows, openLoop, leftOut: run.leftOut };
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
