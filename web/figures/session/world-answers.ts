/** What only a world can tell: its caches, the sums in them, and who sends which frame to whom. */
import type { Host } from '../../../src/browser/host.js';
import type { World } from '../../../src/browser/world.js';
import { explainSum, prefixTable } from '../../../src/inspect/prefix-sums.js';
import { arrowsOf, lanesOf } from '../../../src/inspect/trace/exchange.js';
import type { CacheObject, Calls, Exchange, SumView } from '../protocol.js';
import type { WorldSource } from './world-source.js';

/** The objects in the caches of its hosts. */
export function objectsOf(world: World): readonly CacheObject[] {
  return world.hosts.flatMap((host) => {
    const files = Object.keys(world.options.hosts[host.name]?.files ?? {});
    return files.flatMap((path) => {
      const payload = payloadOf(host, path);
      if (payload === undefined) return [];
      return [{ host: host.name, path, bytes: payload.length, hits: hitsOf(world, path) }];
    });
  });
}

/** Answers from the object: those that the clients of the world have got. */
function hitsOf(world: World, path: string): number {
  const names = path.endsWith('/index.html') ? [path, path.slice(0, -'index.html'.length)] : [path];
  const answers = world.fetches.flatMap((fetch) => fetch.answers);
  return answers.filter((answer) => names.includes(answer.path) && answer.status > 0).length;
}

function payloadOf(host: Host, path: string): Uint8Array | undefined {
  const entry = host.http?.library.find(new TextEncoder().encode(path));
  return entry?.bytes.bytes.subarray(entry.payloadFrom, entry.payloadFrom + entry.payloadLength);
}

/** The sum of an interval of an object in a cache of the world. */
export function sumIn(world: World, wish: Parameters<Calls['sum']>[0]): SumView {
  const found = world.hosts.find(({ name }) => name === wish.host);
  return sumOf(found === undefined ? undefined : payloadOf(found, wish.path), wish);
}

const ENTRIES_AROUND = 3;

/** The sum of an interval of `payload`. @throws {Error} if it is not known. */
export function sumOf(payload: Uint8Array | undefined, { from, to }: { from: number; to: number }): SumView {
  if (payload === undefined)
    throw new Error('The bytes of this object are not here: it is larger than 4 MiB, or gone.');
  const table = prefixTable(payload);
  const steps = explainSum(payload, table, from, to);
  const near = new Set<number>();
  for (const { entry } of [steps.lower, steps.upper]) {
    for (let i = entry - ENTRIES_AROUND; i <= entry + ENTRIES_AROUND; i++) if (i >= 0 && i < table.length) near.add(i);
  }
  const rows = [...near]
    .sort((a, b) => a - b)
    .map((entry) => {
      const at = entry === table.length - 1 ? payload.length : entry * 32;
      return { entry, at, sum: table[entry] ?? 0 };
    });
  return { steps, table: rows };
}

/** Who sends which frame to whom, with the session's number of each frame. */
export function exchangeOf(source: WorldSource, wish: Parameters<Calls['exchange']>[0]): Exchange {
  const { hosts, links, history } = source.world;
  const names = hosts.map(({ name }) => name);
  const shown = arrowsOf(history.events, wish.hides, wish.since);
  const arrows = shown.map((arrow) => ({ ...arrow, frame: source.numberOf(arrow.number) }));
  return {
    lanes: lanesOf(
      names,
      links.flatMap(({ ends }) => ends),
    ),
    arrows,
  };
}
