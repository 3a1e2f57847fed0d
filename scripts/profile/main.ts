/**
 * `npm run profile`: where the data path's CPU time goes under one of the benchmark's workloads. Starts `fastpath
 * serve` in the benchmark's sandbox, loads it with wrk and prints the user and system time a request, the shares by
 * whose code it is, and the functions at the top; or which functions allocate.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { ProcessUsage } from '../bench/cpu.js';
import { chooseCpus } from '../bench/cpus.js';
import { Load } from '../bench/growth/load.js';
import { writeObjects } from '../bench/growth/objects.js';
import { urlOf } from '../bench/measure.js';
import { Service } from '../bench/processes.js';
import { missingPrograms } from '../bench/requirements.js';
import { prepareSandbox, runInSandbox, sandboxFolder } from '../bench/sandbox.js';
import { CLI_BY_FILES, FASTPATH_PORT, fastpathArguments, fastpathPlace } from '../bench/servers/fastpath.js';
import { running } from '../bench/servers/kernel.js';
import { connects } from '../bench/servers/ready.js';
import type { RunningServer } from '../bench/servers/server.js';
import { chooseWorkloads, type Workload, writeSite } from '../bench/workloads.js';
import { runWrk } from '../bench/wrk.js';
import { perfMapOf } from './perf.js';
import { chooseProfiler, type Profiler } from './profilers.js';

interface Options {
  readonly workload: string;
  readonly seconds: string;
  readonly top: string;
  readonly v8?: boolean;
  readonly allocations?: boolean;
  readonly kernel?: boolean;
  readonly connections?: string;
  readonly objects?: string;
}

const WARM_UP_SECONDS = 2;
/** wrk runs a little longer than the profiler looks. */
const MARGIN_SECONDS = 1;

function parse(argv: readonly string[]): { options: Options; serve: string[] } {
  const command = new Command('profile')
    .description('Where the data path of "fastpath serve" spends its time, or what it allocates.')
    .argument('[options for fastpath serve...]', 'after --, for example: -- --no-offload')
    .option('-w, --workload <name>', '100B, 1KiB, 16KiB, 128KiB, 1MiB or close', '100B')
    .option('-s, --seconds <n>', 'how long to look', '3')
    .option('-t, --top <n>', 'how many functions to show', '30')
    .option('--kernel', "show the kernel's functions too")
    .option('--allocations', 'show bytes allocated, not time')
    .option('--connections <n>', "100 B over so many connections, from the growth benchmark's load generator")
    .option('--objects <n>', 'the same with so many objects, asked for at random')
    .option('--v8', "use V8's sampler, not perf: JavaScript only");
  command.parse([...argv]);
  return { options: command.opts<Options>(), serve: command.args };
}

/** Runs a load for so many seconds; resolves with the number of requests. */
type LoadFor = (seconds: number) => Promise<number>;

function wrkLoad(server: RunningServer, workload: Workload): LoadFor {
  const { connections, close, path } = workload;
  return async (seconds) => {
    const result = await runWrk(
      { url: urlOf(server, path), connections, close, seconds },
      { cpu: chooseCpus().client },
    );
    return result.requests;
  };
}

async function generatorLoad(server: RunningServer, connections: number, objects: number): Promise<LoadFor> {
  const load = new Load(server, objects, chooseCpus().client);
  await load.open(connections);
  return (seconds) => load.run(seconds);
}

/**
 * Load while the profiler looks. Prints rate and CPU time a request; returns the number of requests since the start.
 */
async function underLoad(load: LoadFor, seconds: number, pid: number, profiler: Profiler): Promise<number> {
  const warmUp = await load(WARM_UP_SECONDS);
  const before = new ProcessUsage(pid);
  const [requests] = await Promise.all([load(seconds + MARGIN_SECONDS), profiler.look(pid, seconds)]);
  const spent = new ProcessUsage(pid).since(before);
  const [user, system] = [spent.user, spent.system].map((us) => (us / requests).toFixed(2));
  console.log(`${Math.round(requests / (seconds + MARGIN_SECONDS))} req/s while profiled (which costs some)`);
  console.log(`CPU a request: ${user} µs user, ${system} µs system\n`);
  return warmUp + requests;
}

/** Starts fastpath under the profiler, with the chosen site. */
async function startServer(folder: string, site: string, profiler: Profiler, serve: string[]): Promise<RunningServer> {
  const words = fastpathArguments(site, 0, ['--quiet', ...serve], CLI_BY_FILES);
  const argv = [process.execPath, ...profiler.nodeOptions, ...words];
  const environment = { FASTPATH_RUNTIME_DIR: folder, ...profiler.environment };
  const service = new Service(argv, { cpu: chooseCpus().server }, environment);
  const { address } = fastpathPlace(0);
  await connects(service, address, FASTPATH_PORT, 60_000);
  return running(service, address, FASTPATH_PORT);
}

async function profile(folder: string, options: Options, serve: string[]): Promise<void> {
  const many = options.connections !== undefined || options.objects !== undefined;
  const objects = Number(options.objects ?? 10);
  const site = join(folder, 'site');
  mkdirSync(site);
  if (many) writeObjects(site, objects);
  else writeSite(site);
  const mode = options.allocations ? 'allocations' : options.v8 ? 'v8' : undefined;
  const profiler = chooseProfiler(mode, { folder, top: Number(options.top), kernel: options.kernel === true });
  const server = await startServer(folder, site, profiler, serve);
  try {
    const load = many
      ? await generatorLoad(server, Number(options.connections ?? 32), objects)
      : wrkLoad(server, chooseWorkloads(options.workload)[0]!);
    const requests = await underLoad(load, Number(options.seconds), server.pid, profiler);
    await server.stop();
    console.log(profiler.report(requests).join('\n'));
  } finally {
    rmSync(perfMapOf(server.pid), { force: true });
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
