/** The single experiments. Each loads a running server and returns rows of a table. */
import { residentBytes } from '../cpu.js';
import type { Cpus } from '../cpus.js';
import { urlOf } from '../measure.js';
import type { RunningServer } from '../servers/server.js';
import { runWrk } from '../wrk.js';
import { Load } from './load.js';
import { objectPath } from './objects.js';
import type { StatusFeed } from './status-feed.js';

const SECONDS = 2;
/** Rows of a table of memory over time, about. */
const MOST_ROWS = 10;

/** Memory of fastpath's process and of its data path's heap at one moment. */
export interface Memory {
  /** Requests or connections so far. */
  readonly count: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly collections: number;
  readonly openConnections: number;
}

async function memory(server: RunningServer, feed: StatusFeed, count: number): Promise<Memory> {
  const counters = await feed.next();
  return {
    count,
    residentBytes: residentBytes(server.pid),
    heapBytes: counters['heap.usedBytes'] ?? Number.NaN,
    collections: counters['heap.collections'] ?? Number.NaN,
    openConnections: counters['connections.open'] ?? Number.NaN,
  };
}

/**
 * Memory while `total` requests go by: keep-alive, or each with a connection of its own. The first run only warms up:
 * what the JIT compiler allocates there is not the data path's.
 */
export async function overTime(
  server: RunningServer,
  feed: StatusFeed,
  cpus: Cpus,
  total: number,
  close: boolean,
): Promise<Memory[]> {
  const load = { url: urlOf(server, objectPath(0)), connections: close ? 8 : 32, close, seconds: 2 };
  const place = { cpu: cpus.client };
  await runWrk(load, place);
  const rows = [await memory(server, feed, 0)];
  let done = 0;
  let nextRow = 0;
  while (done < total) {
    const { requests, errors } = await runWrk(load, place);
    if (errors > 0) throw new Error(`${errors} requests failed`);
    done += requests;
    if (done < nextRow && done < total) continue;
    rows.push(await memory(server, feed, done));
    nextRow = done + total / MOST_ROWS;
  }
  return rows;
}

/**
 * Memory without and with `count` keep-alive connections that have all asked something, opened and closed `rounds`
 * times.
 */
export async function manyAtOnce(
  server: RunningServer,
  feed: StatusFeed,
  cpus: Cpus,
  count: number,
  rounds: number,
): Promise<Memory[]> {
  const load = new Load(server, 1, cpus.client);
  try {
    const rows: Memory[] = [await memory(server, feed, 0)];
    for (let round = 0; round < rounds; round++) {
      await load.open(count);
      await load.run(SECONDS);
      rows.push(await memory(server, feed, count));
      await load.close();
      await feed.next();
      rows.push(await memory(server, feed, 0));
    }
    return rows;
  } finally {
    load.stop();
  }
}

/** Lines of cells for memory rows; with the heap's growth for each request since the first row, where no GC ran. */
export function memoryLines(what: string, rows: readonly Memory[]): string[][] {
  const first = rows[0]!;
  const lines = rows.map((row) => [
    Math.round(row.count).toLocaleString('en-US'),
    (row.residentBytes / 1e6).toFixed(1),
    (row.heapBytes / 1e6).toFixed(2),
    `${row.collections - first.collections}`,
    row.count === 0 || row.collections !== first.collections
      ? '–'
      : ((row.heapBytes - first.heapBytes) / row.count).toFixed(2),
    `${row.openConnections}`,
  ]);
  return [[what, 'RSS MB', 'heap MB', 'GCs', 'heap B each', 'open'], ...lines];
}
