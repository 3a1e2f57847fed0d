/**
 * `npm run profile`: where the data path's CPU time goes under one of the benchmark's workloads. Starts `fastpath serve`
 * in the benchmark's sandbox, loads it with wrk and prints the user and system time a request, the shares by whose
 * code it is, and the functions at the top.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { ProcessUsage } from '../bench/cpu.js';
import { chooseCpus } from '../bench/cpus.js';
import { Service } from '../bench/processes.js';
import { missingPrograms } from '../bench/requirements.js';
import { prepareSandbox, runInSandbox, sandboxFolder } from '../bench/sandbox.js';
import { FASTPATH_PORT, fastpathArguments, fastpathPlace } from '../bench/servers/fastpath.js';
import { connects } from '../bench/servers/ready.js';
import { chooseWorkloads, type Workload, writeSite } from '../bench/workloads.js';
import { runWrk, type WrkResult } from '../bench/wrk.js';
import { NODE_OPTIONS_FOR_PERF, profileWithPerf } from './perf.js';
import { type ProfiledFunction, sharesByOwner, topLines } from './sample.js';
import { readBusiestProfile } from './v8-profile.js';

interface Options {
  readonly workload: string;
  readonly seconds: string;
  readonly top: string;
  readonly v8?: boolean;
  readonly kernel?: boolean;
}

const WARM_UP_SECONDS = 2;

function parse(argv: readonly string[]): { options: Options; serve: string[] } {
  const command = new Command('profile')
    .description('Where the data path of "fastpath serve" spends its time.')
    .argument('[options for fastpath serve...]', 'after --, for example: -- --no-offload')
    .option('-w, --workload <name>', '100B, 1KiB, 16KiB, 128KiB, 1MiB or close', '100B')
    .option('-s, --seconds <n>', 'how long to sample', '3')
    .option('-t, --top <n>', 'how many functions to show', '30')
    .option('--kernel', "show the kernel's functions too")
    .option('--v8', "use V8's sampler, not perf: JavaScript only");
  command.parse([...argv]);
  return { options: command.opts<Options>(), serve: command.args };
}

/** Load during which the profiler looks; returns what wrk saw and the server's CPU time a request. */
async function underLoad(workload: Workload, seconds: number, pid: number, look: () => Promise<void>) {
  const { address } = fastpathPlace(0);
  const url = `http://${address}:${FASTPATH_PORT}${workload.path}`;
  const load = { url, connections: workload.connections, close: workload.close };
  const place = { cpu: chooseCpus().client };
  await runWrk({ ...load, seconds: WARM_UP_SECONDS }, place);
  const before = new ProcessUsage(pid);
  const [result] = await Promise.all([runWrk({ ...load, seconds: seconds + 1 }, place), look()]);
  const spent = new ProcessUsage(pid).since(before);
  return { result, user: spent.user / result.requests, system: spent.system / result.requests };
}

function print(result: WrkResult, user: number, system: number, functions: ProfiledFunction[], options: Options): void {
  console.log(`${Math.round(result.requestsPerSecond)} req/s while profiled (profiling costs some)`);
  console.log(`CPU a request: ${user.toFixed(2)} µs user, ${system.toFixed(2)} µs system\n`);
  for (const [owner, percent] of sharesByOwner(functions)) console.log(`${percent.toFixed(1).padStart(6)} %  ${owner}`);
  console.log('');
  const inUserSpace = topLines(functions, Number(options.top), (owner) => owner !== 'kernel');
  console.log(inUserSpace.join('\n'));
  if (options.kernel)
    console.log(`\n${topLines(functions, Number(options.top), (owner) => owner === 'kernel').join('\n')}`);
}

async function profile(folder: string, options: Options, serve: string[]): Promise<void> {
  const [workload] = chooseWorkloads(options.workload);
  const seconds = Number(options.seconds);
  const site = join(folder, 'site');
  mkdirSync(site);
  writeSite(site);
  const usePerf = !options.v8 && missingPrograms(['perf']) === undefined;
  const nodeOptions = usePerf ? NODE_OPTIONS_FOR_PERF : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  const argv = [process.execPath, ...nodeOptions, ...fastpathArguments(site, 0, ['--quiet', ...serve])];
  const server = new Service(argv, { cpu: chooseCpus().server }, { FASTPATH_RUNTIME_DIR: folder });
  await connects(server, fastpathPlace(0).address, FASTPATH_PORT);
  let functions: ProfiledFunction[] = [];
  const look = async () => {
    if (usePerf) functions = await profileWithPerf(server.pid, seconds, folder);
  };
  try {
    const { result, user, system } = await underLoad(workload!, seconds, server.pid, look);
    await server.stop();
    if (!usePerf) functions = readBusiestProfile(folder);
    print(result, user, system, functions, options);
  } finally {
    rmSync(`/tmp/perf-${server.pid}.map`, { force: true });
  }
}

async function main(): Promise<number> {
  const { options, serve } = parse(process.argv);
  const missing = missingPrograms(['wrk', 'ip', 'taskset', 'unshare']);
  if (missing) {
    console.error(`profile: ${missing}`);
    return 1;
  }
  const folder = sandboxFolder();
  if (folder === undefined) return runInSandbox();
  process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143));
  prepareSandbox();
  execFileSync('sysctl', ['-qw', 'net.ipv4.tcp_congestion_control=reno']); // a client that paces would blur the picture
  await profile(folder, options, serve);
  return 0;
}

process.exit(
  await main().catch((error: Error) => {
    console.error(`profile: ${error.message}`);
    return 1;
  }),
);
