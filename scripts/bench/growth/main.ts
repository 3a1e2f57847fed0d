/**
 * `npm run bench:growth`: what grows when connections, objects and requests do. CPU time a request from 32 to 10,000
 * connections and from 10 to 100,000 objects, beside nginx; heap and garbage collections over a million requests;
 * memory over 300,000 connections one after another and with 5,000 at once.
 */
import { chooseFrames } from '../../../src/serve/worker/frames.js';
import { checkGrowth } from '../aims.js';
import { chooseCpus } from '../cpus.js';
import { Network } from '../network.js';
import { raisePriority } from '../priority.js';
import { aimsTable, alignColumns, growthTable } from '../report.js';
import { missingPrograms } from '../requirements.js';
import { prepareSandbox, runInSandbox, sandboxFolder } from '../sandbox.js';
import { type GrowthKind, measureGrowth, siteOf, startFastpath } from './rounds.js';
import { StatusFeed } from './status-feed.js';
import { manyAtOnce, memoryLines, overTime } from './steps.js';

const COUNTS: Readonly<Record<GrowthKind, readonly number[]>> = {
  connections: [32, 1000, 10_000],
  objects: [10, 1000, 100_000],
};
const ROUNDS = 3;
const SECONDS = 2;
const REQUESTS = 1_000_000;
const ONE_AFTER_ANOTHER = 300_000;
const AT_ONCE = 5000;
const AT_ONCE_ROUNDS = 4;

const cpus = chooseCpus();

function show(title: string, lines: string[][]): void {
  console.log(`${title}\n${alignColumns(lines)}\n`);
}

async function growthOf(kind: GrowthKind, folder: string, network: Network): Promise<void> {
  const options = { folder, network, cpus, rounds: ROUNDS, seconds: SECONDS, progress: () => {} };
  const rows = await measureGrowth(kind, COUNTS[kind], options);
  console.log(`Growth of ${kind}: 32 requests under way\n${growthTable(rows)}\n\n${aimsTable(checkGrowth(rows))}\n`);
}

async function memoryOverTime(folder: string): Promise<void> {
  const { server: fastpath, service } = await startFastpath({ folder, cpus }, siteOf(folder, 10));
  const feed = new StatusFeed(service);
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
  console.log(`priority: ${raisePriority()}; frames: ${chooseFrames('auto').text}\n`);
  const network = await Network.create();
  const parts: Record<string, () => Promise<void>> = {
    memory: () => memoryOverTime(folder),
    connections: () => growthOf('connections', folder, network),
    objects: () => growthOf('objects', folder, network),
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
