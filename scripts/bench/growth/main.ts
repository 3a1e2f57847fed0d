/**
 * `npm run bench:growth`: what grows when connections, objects and requests do. CPU time a request from 10 to 10,000
 * connections and from 10 to 100,000 objects, beside nginx; heap and garbage collections over a million requests;
 * memory over 300,000 connections one after another and with 5,000 at once.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chooseCpus } from '../cpus.js';
import { Network } from '../network.js';
import { Service } from '../processes.js';
import { alignColumns } from '../report.js';
import { missingPrograms } from '../requirements.js';
import { prepareSandbox, runInSandbox, sandboxFolder } from '../sandbox.js';
import { FASTPATH_PORT, fastpathArguments, fastpathPlace } from '../servers/fastpath.js';
import { running } from '../servers/kernel.js';
import { NGINX } from '../servers/nginx.js';
import { connects } from '../servers/ready.js';
import type { Bench, RunningServer } from '../servers/server.js';
import { writeObjects } from './objects.js';
import { StatusFeed } from './status-feed.js';
import { byConnections, manyAtOnce, memoryLines, overTime, type Point, pointLines, withObjects } from './steps.js';

const CONNECTIONS = [10, 100, 1000, 10_000];
const OBJECTS = [10, 1000, 100_000];
const REQUESTS = 1_000_000;
const ONE_AFTER_ANOTHER = 300_000;
const AT_ONCE = 5000;
const AT_ONCE_ROUNDS = 4;
/** CPU time a request may be this much off the first figure, percent. */
const FLAT_PERCENT = 15;

interface Fastpath extends RunningServer {
  readonly feed: StatusFeed;
}

const cpus = chooseCpus();
let networks = 0;

/** A fresh fastpath with `site`; every one has another interface and network. */
async function startFastpath(folder: string, site: string): Promise<Fastpath> {
  const network = networks++;
  const options = ['--json', '--backlog', '16384'];
  const argv = [process.execPath, ...fastpathArguments(site, network, options)];
  const service = new Service(argv, { cpu: cpus.server }, { FASTPATH_RUNTIME_DIR: folder });
  const feed = new StatusFeed(service);
  const { address } = fastpathPlace(network);
  await connects(service, address, FASTPATH_PORT, 60_000);
  return Object.assign(running(service, address, FASTPATH_PORT), { feed });
}

/** A folder with that many objects. */
function makeSite(folder: string, count: number): string {
  const site = join(folder, `objects-${count}`);
  mkdirSync(site);
  writeObjects(site, count);
  return site;
}

function startNginx(folder: string, site: string, network: Network): Promise<RunningServer> {
  const own = join(folder, `nginx-${networks++}`);
  mkdirSync(own);
  const bench: Bench = { folder: own, site, network, serverCpu: cpus.server };
  return NGINX.find(({ name }) => name === 'nginx-writev')!.start(bench);
}

function show(title: string, lines: string[][]): void {
  console.log(`${title}\n${alignColumns(lines)}\n`);
}

function isFlat(points: readonly Point[]): boolean {
  return points.every(({ cpu }) => Math.abs(cpu / points[0]!.cpu - 1) * 100 <= FLAT_PERCENT);
}

function verdict(what: string, points: readonly Point[]): void {
  console.log(`${what}: ${isFlat(points) ? 'flat' : 'NOT flat'} (± ${FLAT_PERCENT} %)\n`);
}

async function growthOfConnections(folder: string, network: Network): Promise<void> {
  const site = join(folder, 'objects-10');
  const fastpath = await startFastpath(folder, site);
  const points = await byConnections(fastpath, cpus, CONNECTIONS, 10);
  show('fastpath: keep-alive connections, 32 requests under way', pointLines('connections', points));
  await fastpath.stop();
  const nginx = await startNginx(folder, site, network);
  const theirs = await byConnections(nginx, cpus, CONNECTIONS, 10);
  show('nginx: the same', pointLines('connections', theirs));
  await nginx.stop();
  verdict('fastpath from 10 to 10,000 connections', points);
}

async function growthOfObjects(folder: string, network: Network): Promise<void> {
  const ours: Point[] = [];
  const theirs: Point[] = [];
  for (const count of OBJECTS) {
    const site = count === 10 ? join(folder, 'objects-10') : makeSite(folder, count);
    const fastpath = await startFastpath(folder, site);
    ours.push(await withObjects(fastpath, cpus, count));
    await fastpath.stop();
    const nginx = await startNginx(folder, site, network);
    theirs.push(await withObjects(nginx, cpus, count));
    await nginx.stop();
  }
  show('fastpath: objects asked for at random, 32 connections', pointLines('objects', ours));
  show('nginx: the same', pointLines('objects', theirs));
  verdict('fastpath from 10 to 100,000 objects', ours);
}

async function memoryOverTime(folder: string): Promise<void> {
  const fastpath = await startFastpath(folder, join(folder, 'objects-10'));
  const { feed } = fastpath;
  show(
    'A million requests over 32 connections',
    memoryLines('requests', await overTime(fastpath, feed, cpus, REQUESTS, false)),
  );
  const oneByOne = await overTime(fastpath, feed, cpus, ONE_AFTER_ANOTHER, true);
  show('Connections one after another, 8 at a time', memoryLines('connections', oneByOne));
  const atOnce = await manyAtOnce(fastpath, feed, cpus, AT_ONCE, AT_ONCE_ROUNDS);
  show('Connections at once, opened and closed again and again', memoryLines('connections', atOnce));
  await fastpath.stop();
}

async function main(): Promise<number> {
  const missing = missingPrograms(['wrk', 'nginx', 'ethtool', 'ip', 'taskset', 'unshare', 'nsenter', 'sysctl']);
  if (missing) {
    console.error(`bench:growth: ${missing}`);
    return 1;
  }
  const folder = sandboxFolder();
  if (folder === undefined) return runInSandbox();
  process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143));
  prepareSandbox();
  makeSite(folder, 10);
  const network = await Network.create();
  const parts: Record<string, () => Promise<void>> = {
    memory: () => memoryOverTime(folder),
    connections: () => growthOfConnections(folder, network),
    objects: () => growthOfObjects(folder, network),
  };
  const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
  for (const name of chosen) {
    const part = parts[name];
    if (!part) throw new RangeError(`no part "${name}"; there are ${Object.keys(parts).join(', ')}`);
    await part();
  }
  return 0;
}

process.exit(
  await main().catch((error: Error) => {
    console.error(`bench:growth: ${error.message}`);
    return 1;
  }),
);
