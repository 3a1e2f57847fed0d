/**
 * CPU time a request as connections or objects grow, in interleaved rounds: each server with each amount is a process
 * of its own with a load of its own, all are there from the beginning, and every round measures one after the other.
 * So a machine that becomes slower in the meantime is slower for all of them.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessUsage, residentBytes } from '../cpu.js';
import type { Cpus } from '../cpus.js';
import type { Network } from '../network.js';
import { Service } from '../processes.js';
import { FASTPATH_PORT, fastpathArguments, fastpathPlace } from '../servers/fastpath.js';
import { running } from '../servers/kernel.js';
import { nginx } from '../servers/nginx.js';
import { connects } from '../servers/ready.js';
import type { RunningServer } from '../servers/server.js';
import { median, rotated, spreadPercent } from '../statistics.js';
import { Load } from './load.js';
import { writeObjects } from './objects.js';
import { StatusFeed } from './status-feed.js';

/** What grows. */
export type GrowthKind = 'connections' | 'objects';

/** One server with one amount: all its rounds. */
export interface GrowthRow {
  readonly kind: GrowthKind;
  readonly server: 'fastpath' | 'nginx';
  readonly count: number;
  /** CPU µs a request of the server: the median of the rounds, the best, and the spread (± percent). */
  readonly cpu: number;
  readonly best: number;
  readonly spread: number;
  /** The median in user space. */
  readonly user: number;
  readonly residentBytes: number;
}

export interface GrowthOptions {
  /** Scratch. */
  readonly folder: string;
  readonly network: Network;
  readonly cpus: Cpus;
  readonly rounds: number;
  readonly seconds: number;
  readonly progress: (text: string) => void;
}

/** Objects of the site while connections grow, and connections while objects do. */
const FEW_OBJECTS = 10;
const FEW_CONNECTIONS = 32;
const WARM_UP_SECONDS = 1.5;
/** Interfaces, networks and ports from here on are not those of the other servers of the benchmark. */
const FIRST_NETWORK = 20;
const FIRST_PORT = 8100;

let started = 0;

interface Case {
  readonly server: GrowthRow['server'];
  readonly count: number;
  readonly running: RunningServer;
  readonly load: Load;
  readonly cpu: number[];
  readonly user: number[];
}

/** A fresh fastpath with `site`, on an interface and a network of its own. */
export async function startFastpath(
  { folder, cpus }: Pick<GrowthOptions, 'folder' | 'cpus'>,
  site: string,
): Promise<{ server: RunningServer; service: Service }> {
  const network = FIRST_NETWORK + started++;
  const argv = [process.execPath, ...fastpathArguments(site, network, ['--json', '--backlog', '16384'])];
  const service = new Service(argv, { cpu: cpus.server }, { FASTPATH_RUNTIME_DIR: folder });
  const { address } = fastpathPlace(network);
  await connects(service, address, FASTPATH_PORT, 60_000);
  return { server: running(service, address, FASTPATH_PORT), service };
}

function startNginx({ folder, network, cpus }: GrowthOptions, site: string): Promise<RunningServer> {
  const number = started++;
  const name = `nginx-growth-${number}`;
  const kind = nginx({ name, note: '', link: 'plain', port: FIRST_PORT + number, sendfile: false });
  return kind.start({ folder, site, network, serverCpu: cpus.server });
}

/** A folder with that many objects; made once. */
export function siteOf(folder: string, count: number): string {
  const site = join(folder, `objects-${count}`);
  if (mkdirSync(site, { recursive: true }) !== undefined) writeObjects(site, count);
  return site;
}

/** Measures both servers with each amount. */
export async function measureGrowth(
  kind: GrowthKind,
  counts: readonly number[],
  options: GrowthOptions,
): Promise<GrowthRow[]> {
  const cases: Case[] = [];
  try {
    for (const count of counts) {
      for (const server of ['fastpath', 'nginx'] as const) cases.push(await start(kind, server, count, options));
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const each of rotated(cases, round)) {
        options.progress(`growth, round ${round + 1} of ${options.rounds}: ${each.count} ${kind} ${each.server}`);
        await measureOnce(each, options.seconds);
      }
    }
    return cases.map((each) => rowOf(kind, each));
  } finally {
    for (const { load } of cases) load.stop();
    await Promise.all(cases.map(({ running: server }) => server.stop()));
  }
}

async function start(
  kind: GrowthKind,
  server: GrowthRow['server'],
  count: number,
  options: GrowthOptions,
): Promise<Case> {
  options.progress(`growth: starting ${server} with ${count} ${kind}`);
  const objects = kind === 'objects' ? count : FEW_OBJECTS;
  const site = siteOf(options.folder, objects);
  const own = server === 'nginx' ? await startNginx(options, site) : await startWarm(options, site, objects);
  const load = new Load(own, objects, options.cpus.client);
  const made: Case = { server, count, running: own, load, cpu: [], user: [] };
  try {
    await load.open(kind === 'connections' ? count : FEW_CONNECTIONS);
    await load.run(WARM_UP_SECONDS);
    return made;
  } catch (error) {
    load.stop();
    await own.stop();
    throw error;
  }
}

/** A fastpath that has read the whole site, also what it reads in the background after its start. */
async function startWarm(options: GrowthOptions, site: string, objects: number): Promise<RunningServer> {
  const { server, service } = await startFastpath(options, site);
  await new StatusFeed(service).files(objects);
  return server;
}

async function measureOnce({ running: server, load, cpu, user }: Case, seconds: number): Promise<void> {
  const before = new ProcessUsage(server.pid);
  const answers = await load.run(seconds);
  const spent = new ProcessUsage(server.pid).since(before);
  cpu.push((spent.user + spent.system) / answers);
  user.push(spent.user / answers);
}

function rowOf(kind: GrowthKind, { server, count, running: own, cpu, user }: Case): GrowthRow {
  return {
    kind,
    server,
    count,
    cpu: median(cpu),
    best: Math.min(...cpu),
    spread: spreadPercent(cpu),
    user: median(user),
    residentBytes: residentBytes(own.pid),
  };
}
